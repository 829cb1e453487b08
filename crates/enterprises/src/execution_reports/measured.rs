//! What monitoring says about a report's period. It comes from the months that were judged valid;
//! where there are none the report says "not measured", and nothing is computed here instead.

use jiff::civil::Date;
use plausibility::Key;
use registry::{EnterpriseId, FactorId, PointDetail, PointId, Snapshot};
use rulebook::{Decimal, Period, round_half_even};
use std::collections::BTreeMap;
use store::Store;
use validity::{Month, MonthRecord, PeriodState, State, ValidityError};

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

/// What was measured in a period; `None` where no outlet has been judged for all of it. An outlet
/// of which a month is not judged, or was judged before it was over, is left out: a part of an
/// amount would be compared with the whole.
///
/// # Errors
/// When the store fails.
pub(super) async fn measured(
    store: &Store,
    snapshot: &Snapshot,
    enterprise: EnterpriseId,
    from: Date,
    to: Date,
) -> Result<Option<Vec<MeasuredAt>>, ValidityError> {
    let mut all = Vec::new();
    for point in snapshot.outlets_of(enterprise) {
        let PointDetail::Outlet(outlet) = &point.detail else { continue };
        let Some(records) = months(store, point.id, from, to).await? else { continue };
        all.extend(of_outlet(&outlet.permit_outlet_number, &records, snapshot));
    }
    Ok(Some(all).filter(|all| !all.is_empty()))
}

/// The records of all months of a period, each judged after its end.
async fn months(
    store: &Store,
    point: PointId,
    from: Date,
    to: Date,
) -> Result<Option<Vec<MonthRecord>>, ValidityError> {
    let mut records = Vec::new();
    let (mut month, last) = (Month::of(from), Month::of(to));
    while month <= last {
        let record = validity::stored(store, point, month).await?;
        let Some(record) = record.filter(|it| it.computed_at >= month.ends()) else {
            return Ok(None);
        };
        records.push(record);
        month = month.next();
    }
    Ok(Some(records))
}

/// Sums and extremes of one factor.
#[derive(Default)]
struct Sums {
    kilograms: Option<Decimal>,
    cubic_metres: Option<Decimal>,
    hours: Vec<Decimal>,
    exceeded: u32,
    has_hourly_limit: bool,
}

fn of_outlet(number: &str, records: &[MonthRecord], snapshot: &Snapshot) -> Vec<MeasuredAt> {
    let mut by_factor: BTreeMap<FactorId, Sums> = BTreeMap::new();
    for record in records {
        for state in &record.periods {
            let sums = by_factor.entry(state.factor).or_default();
            if state.period == Period::Day {
                sums.kilograms = added(sums.kilograms, state.amount_kg);
                sums.cubic_metres = added(sums.cubic_metres, state.flow);
            } else if state.period == Period::Hour {
                sums.hour(record, state);
            }
        }
    }
    // Each factor tells the flow of the hours in which it was due: the fullest of them counts.
    let flow = by_factor.values().filter_map(|sums| sums.cubic_metres).max();
    let mut all: Vec<MeasuredAt> = by_factor
        .iter()
        .filter_map(|(factor, sums)| {
            let factor = snapshot.factor(*factor)?;
            Some(sums.at(Key::factor(number, factor.code.clone()), factor.decimals))
        })
        .filter(|at| at.values().next().is_some())
        .collect();
    if flow.is_some() {
        let flow = flow.map(|flow| round_half_even(flow, 0));
        all.push(MeasuredAt { key: Key::outlet(number), flow, ..MeasuredAt::default() });
    }
    all
}

fn added(sum: Option<Decimal>, more: Option<Decimal>) -> Option<Decimal> {
    match (sum, more) {
        (Some(sum), Some(more)) => sum.checked_add(more),
        (one, other) => one.or(other),
    }
}

impl Sums {
    fn hour(&mut self, record: &MonthRecord, state: &PeriodState) {
        let limit = record.limit_of(state);
        self.has_hourly_limit |= limit.is_some();
        if state.state != State::Valid {
            return;
        }
        let is_converted = limit.is_some_and(|limit| limit.on_converted);
        self.hours.extend(if is_converted { state.converted } else { state.concentration });
        self.exceeded += u32::from(state.excess.is_some() && state.exemption.is_none());
    }

    fn at(&self, key: Key, decimals: u32) -> MeasuredAt {
        const TONNE: i64 = 1000;
        let amount = self.kilograms.and_then(|it| it.checked_div(Decimal::from(TONNE)));
        let sum = self.hours.iter().try_fold(Decimal::ZERO, |sum, one| sum.checked_add(*one));
        let mean = sum.and_then(|sum| sum.checked_div(Decimal::from(self.hours.len())));
        let shown = |value: Option<Decimal>| value.map(|it| round_half_even(it, decimals));
        MeasuredAt {
            key,
            amount: amount.map(|amount| round_half_even(amount, 4)),
            concentration_min: shown(self.hours.iter().min().copied()),
            concentration_mean: shown(mean),
            concentration_max: shown(self.hours.iter().max().copied()),
            // A limit of a day's mean says nothing about hours.
            exceedance_hours: self.has_hourly_limit.then(|| Decimal::from(self.exceeded)),
            flow: None,
        }
    }
}
