//! The newest verdict of each point, rule and factor, in memory.

use crate::StoredVerdict;
use registry::{FactorId, PointId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

type Key = (PointId, String, Option<FactorId>);

/// The newest verdicts. Cheap to clone; all clones see the same.
#[derive(Clone, Debug, Default)]
pub struct Newest {
    held: Arc<RwLock<HashMap<Key, Arc<StoredVerdict>>>>,
}

impl Newest {
    /// The newest verdict of a rule at a point.
    pub fn get(
        &self,
        point: PointId,
        rule: &str,
        factor: Option<FactorId>,
    ) -> Option<Arc<StoredVerdict>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.get(&(point, rule.to_owned(), factor)).cloned()
    }

    /// The newest verdicts of a rule, in no order.
    pub fn of_rule(&self, rule: &str) -> Vec<Arc<StoredVerdict>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.iter().filter(|((_, of, _), _)| of == rule).map(|(_, found)| found.clone()).collect()
    }

    pub(crate) fn take(&self, arriving: impl IntoIterator<Item = StoredVerdict>) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        for stored in arriving {
            let verdict = &stored.verdict;
            let key = (verdict.point, verdict.rule.clone(), verdict.factor);
            let is_newer = held.get(&key).is_none_or(|known| {
                (known.verdict.observed_at, known.version) <= (verdict.observed_at, stored.version)
            });
            if is_newer {
                held.insert(key, Arc::new(stored));
            }
        }
    }
}
