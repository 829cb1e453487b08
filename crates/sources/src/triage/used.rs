//! How much of the permitted amounts of the year a unit has used, remembered for an hour: the sums
//! change once a day.

use super::store::TriageError;
use crate::data_quality::{Ground, year_of};
use jiff::{SignedDuration, Timestamp};
use registry::{EnterpriseId, FactorId, Snapshot};
use rulebook::Decimal;
use std::collections::HashMap;
use store::Store;

/// For how long a sum is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

/// What units have used, in per cent by factor.
#[derive(Clone, Debug, Default)]
pub(super) struct Used {
    known: HashMap<EnterpriseId, (Timestamp, Vec<(FactorId, Decimal)>)>,
}

impl Used {
    /// Makes sure that a unit is known.
    pub(super) async fn know(
        &mut self,
        store: &Store,
        snapshot: &Snapshot,
        unit: EnterpriseId,
        now: Timestamp,
    ) -> Result<(), TriageError> {
        let is_fresh = |at: &Timestamp| now.duration_since(*at) < REMEMBERED;
        if self.known.get(&unit).is_some_and(|(at, _)| is_fresh(at)) {
            return Ok(());
        }
        let Some(enterprise) = snapshot.enterprise(unit) else { return Ok(()) };
        let ground = Ground { store, snapshot, now };
        let year = year_of(&ground, enterprise).await?;
        let percent = year.iter().filter_map(|one| Some((one.factor, one.progress.percent()?)));
        self.known.insert(unit, (now, percent.collect()));
        Ok(())
    }

    /// What a unit has used; nothing where no amount is known.
    pub(super) fn of(&self, unit: EnterpriseId) -> &[(FactorId, Decimal)] {
        self.known.get(&unit).map_or(&[], |(_, percent)| percent)
    }
}
