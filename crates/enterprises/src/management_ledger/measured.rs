//! What monitoring says about a day: valid daily means and what flowed out, where the month was
//! judged after the day's end. Nothing is computed here instead.

use crate::execution_reports::day_of;
use jiff::civil::Date;
use permits::{OutletMedium, PermitVersion};
use plausibility::{Key, Measured};
use registry::{PointDetail, Snapshot};
use rulebook::{Decimal, Period, round_half_even};
use store::Store;
use validity::{Month, State, ValidityError};

/// Puts what was measured on a day beside the fields.
pub(super) async fn put(
    known: &mut Measured,
    store: &Store,
    snapshot: &Snapshot,
    version: &PermitVersion,
    day: Date,
) -> Result<(), ValidityError> {
    let mut water: Option<Decimal> = None;
    for point in snapshot.outlets_of(version.permit.enterprise) {
        let PointDetail::Outlet(outlet) = &point.detail else { continue };
        let number = &outlet.permit_outlet_number;
        let record = validity::stored(store, point.id, Month::of(day)).await?;
        let Some(record) = record.filter(|it| day_of(it.computed_at) > day) else { continue };
        let of_day = record.periods.iter().filter(|it| {
            it.period == Period::Day && day_of(it.start) == day && it.state == State::Valid
        });
        let mut flow: Option<Decimal> = None;
        for period in of_day {
            flow = flow.max(period.flow);
            let factor = snapshot.factor(period.factor);
            if let Some((factor, mean)) = factor.zip(period.concentration) {
                let key = Key::factor(number.clone(), factor.code.clone());
                let mean = round_half_even(mean, factor.decimals);
                known.put(key, "measured.concentration_mean", mean);
            }
            // Of pH and its like a day has no mean, but a smallest and a largest value.
            if let Some((factor, (least, most))) = factor.zip(period.range) {
                let key = Key::factor(number.clone(), factor.code.clone());
                known.put(key.clone(), "measured.concentration_min", least);
                known.put(key, "measured.concentration_max", most);
            }
        }
        let listed = version.outlets.iter().find(|it| it.number == *number);
        if listed.is_some_and(|it| it.medium == OutletMedium::Water) {
            water = match (water, flow) {
                (Some(sum), Some(more)) => sum.checked_add(more),
                (one, other) => one.or(other),
            };
        }
    }
    if let Some(water) = water {
        known.put(Key::head(), "measured.flow", round_half_even(water, 0));
    }
    Ok(())
}
