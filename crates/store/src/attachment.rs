//! What crates keep in memory beside an open store: one value a type, shared by all its clones.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// Values by their type.
#[derive(Default)]
pub(crate) struct Attachments {
    held: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Attachments {
    /// The value of a type, made when it is first asked for.
    pub(crate) fn of<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let kind = TypeId::of::<T>();
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).get(&kind).cloned();
        let value = held.unwrap_or_else(|| {
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            held.entry(kind).or_insert_with(|| Arc::new(T::default())).clone()
        });
        // The key is the type, so the value is of it.
        value.downcast().unwrap_or_else(|_| Arc::new(T::default()))
    }
}

impl fmt::Debug for Attachments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.held.read().unwrap_or_else(PoisonError::into_inner).len();
        formatter.debug_struct("Attachments").field("count", &count).finish()
    }
}
