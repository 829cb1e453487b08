//! What monitoring says about a report's period. It comes from the months that were judged valid;
//! where there are none the report says "not measured", and nothing is computed here instead.

use jiff::civil::Date;
use plausibility::Key;
use registry::{EnterpriseId, Snapshot};
use rulebook::Decimal;
use store::Store;

/// What was measured at one place: a factor at an outlet, or an outlet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MeasuredAt {
    pub(super) key: Key,
    /// Tonnes.
    pub(super) amount: Option<Decimal>,
    pub(super) concentration_min: Option<Decimal>,
    pub(super) concentration_mean: Option<Decimal>,
    pub(super) concentration_max: Option<Decimal>,
    pub(super) exceedance_hours: Option<Decimal>,
    /// Cubic metres.
    pub(super) flow: Option<Decimal>,
}

impl MeasuredAt {
    /// Field of the form and value, for all that is known.
    pub(super) fn values(&self) -> impl Iterator<Item = (&'static str, Decimal)> + use<> {
        [
            ("amount", self.amount),
            ("concentration_min", self.concentration_min),
            ("concentration_mean", self.concentration_mean),
            ("concentration_max", self.concentration_max),
            ("exceedance_hours", self.exceedance_hours),
            ("flow", self.flow),
        ]
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)))
    }
}

/// What was measured in a period; `None` where no month of it has been judged.
pub(super) async fn measured(
    _store: &Store,
    _snapshot: &Snapshot,
    _enterprise: EnterpriseId,
    _from: Date,
    _to: Date,
) -> Option<Vec<MeasuredAt>> {
    None
}
