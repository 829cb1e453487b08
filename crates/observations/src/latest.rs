//! The newest row of each point and period, in memory.

use crate::model::Row;
use registry::PointId;
use rulebook::Period;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

type Held = HashMap<(PointId, Period), Arc<Row>>;

/// The newest row of each point and period. Cheap to clone; all clones see the same.
#[derive(Clone, Debug, Default)]
pub struct Latest {
    rows: Arc<RwLock<Held>>,
}

impl Latest {
    /// The newest row of a point for a period.
    pub fn get(&self, point: PointId, period: Period) -> Option<Arc<Row>> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        rows.get(&(point, period)).cloned()
    }

    /// The newest rows for a period, in no order.
    pub fn of_period(&self, period: Period) -> Vec<Arc<Row>> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        rows.iter().filter(|((_, held), _)| *held == period).map(|(_, row)| row.clone()).collect()
    }

    /// Takes in rows; one that is older than what is held changes nothing.
    pub(crate) fn take(&self, arriving: &[Arc<Row>]) {
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        for row in arriving {
            match rows.entry((row.point, row.period)) {
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(row.clone());
                }
                std::collections::hash_map::Entry::Occupied(mut held) => {
                    let old = held.get();
                    if (row.observed_at, row.version) >= (old.observed_at, old.version) {
                        held.insert(row.clone());
                    }
                }
            }
        }
    }
}
