//! The registry that everybody reads: a snapshot that is replaced as a whole when it changes.

use crate::model::FactorId;
use crate::{RegistryError, Snapshot, is_factor_code, store as tables};
use ::store::Store;
use arc_swap::ArcSwap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The city's nouns, in memory; cheap to clone, all clones see the same.
#[derive(Clone, Debug)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    current: ArcSwap<Snapshot>,
    changing: Mutex<()>,
}

impl Registry {
    /// Reads the city that the store holds.
    ///
    /// # Errors
    /// When the store holds none or cannot be read.
    pub async fn open(store: &Store) -> Result<Self, RegistryError> {
        let snapshot = tables::read(store).await?;
        let inner = Inner {
            store: store.clone(),
            current: ArcSwap::from_pointee(snapshot),
            changing: Mutex::new(()),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The nouns as they are now. Keep it for one task, not for longer.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.current.load_full()
    }

    /// Reads the store again, after a city's files were installed.
    ///
    /// # Errors
    /// When the store cannot be read; the old nouns then stay.
    pub async fn reload(&self) -> Result<(), RegistryError> {
        let _changing = self.inner.changing.lock().await;
        let snapshot = tables::read(&self.inner.store).await?;
        self.inner.current.store(Arc::new(snapshot));
        Ok(())
    }

    /// The number of the factor of this code; a code never seen is registered under its own name,
    /// so that nothing that a device sends is lost.
    ///
    /// Never call it while the same task holds a write transaction: it takes one of its own.
    ///
    /// # Errors
    /// When the text can be no code, too many are registered, or the store refuses.
    pub async fn factor_or_new(&self, code: &str) -> Result<FactorId, RegistryError> {
        if let Some(factor) = self.inner.current.load().factor_by_code(code) {
            return Ok(factor.id);
        }
        if !is_factor_code(code) {
            return Err(RegistryError::FactorCode { code: code.to_owned() });
        }
        let _changing = self.inner.changing.lock().await;
        let current = self.inner.current.load_full();
        if let Some(factor) = current.factor_by_code(code) {
            return Ok(factor.id);
        }
        let factor = tables::register_factor(&self.inner.store, code).await?;
        let id = factor.id;
        let mut next = Snapshot::clone(&current);
        next.add_factor(factor);
        self.inner.current.store(Arc::new(next));
        tracing::info!(code, "a factor that no city file lists was registered");
        Ok(id)
    }
}
