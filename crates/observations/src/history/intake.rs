//! Recording into months that have moved: the recorder sees the rows that are in files as if they
//! stood in its table.

use super::manifest::{Manifest, cached, manifest_now, manifest_of};
use super::{Month, reading, store};
use crate::error::ObservationError;
use crate::model::{Row, RowKey};
use ::store::{Store, Transaction};
use rulebook::Period;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What the history holds of some keys, as the manifest of one moment knew it.
pub(crate) struct Looked {
    manifest: Arc<Manifest>,
    held: HashMap<RowKey, Row>,
}

/// What is known in memory, no key being looked at.
pub(crate) fn known(store: &Store) -> Looked {
    Looked { manifest: cached(store), held: HashMap::new() }
}

impl Looked {
    /// Whether any of these rows may be in the history already.
    pub(crate) fn comes_late(&self, mut keys: impl Iterator<Item = RowKey>) -> bool {
        keys.any(|key| self.manifest.may_hold(key.period, key.point, key.observed_at))
    }
}

/// Reads what the history holds of some keys; no file is touched where none comes late.
pub(crate) async fn look(store: &Store, keys: &[RowKey]) -> Result<Looked, ObservationError> {
    let mut manifest = cached(store);
    loop {
        let may_hold = |key: &&RowKey| manifest.may_hold(key.period, key.point, key.observed_at);
        let doubtful: Vec<RowKey> = keys.iter().filter(may_hold).copied().collect();
        if doubtful.is_empty() {
            return Ok(Looked { manifest, held: HashMap::new() });
        }
        match reading::held_at(store, &manifest, &doubtful).await {
            Ok(held) => return Ok(Looked { manifest, held }),
            Err(error) if error.is_missing() => {
                let newer = manifest_now(store).await?;
                if newer.version == manifest.version {
                    return Err(error);
                }
                manifest = newer;
            }
            Err(error) => return Err(error),
        }
    }
}

/// A transaction that records, and what the history holds of the keys that it records.
pub(crate) struct Recording {
    pub(crate) transaction: Transaction,
    /// Rows of the history with these keys.
    pub(crate) held: HashMap<RowKey, Row>,
    manifest: Arc<Manifest>,
}

/// Begins a transaction that records rows with some keys, of which the history was looked at.
///
/// Files were read before it begins, for it must be short; should the manifest have changed by
/// then, they are read again. Until the transaction ends the manifest stays as it is.
pub(crate) async fn begin(
    store: &Store,
    mut looked: Looked,
    keys: &[RowKey],
) -> Result<Recording, ObservationError> {
    loop {
        let mut transaction = store.begin().await?;
        let version = store::version_held(&mut transaction, store.engine()).await?;
        if version == looked.manifest.version {
            let Looked { manifest, held } = looked;
            return Ok(Recording { transaction, held, manifest });
        }
        transaction.rollback().await?;
        // Read anew, it is in memory for the next look.
        manifest_of(store, version).await?;
        looked = look(store, keys).await?;
    }
}

impl Recording {
    /// Notes how many of these rows went into months that have moved: compaction is due there.
    pub(crate) async fn note_late(&mut self, touched: &[RowKey]) -> Result<(), ObservationError> {
        let mut late: BTreeMap<(i64, Month), u64> = BTreeMap::new();
        for key in touched {
            let moved = self.manifest.of(key.period);
            if moved.is_empty() {
                continue;
            }
            let month = Month::of(key.observed_at);
            if moved.contains_key(&month) {
                *late.entry((key.period.code(), month)).or_default() += 1;
            }
        }
        for ((period, month), rows) in late {
            let Some(period) = Period::from_code(period) else { continue };
            store::note_late(&mut self.transaction, (period, month), rows).await?;
            metrics::counter!("lucid_history_late_rows_total", "period" => period.as_str())
                .increment(rows);
        }
        Ok(())
    }
}
