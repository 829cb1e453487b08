//! A value against the limit of its day.

use crate::inputs::{LimitRow, MonthInputs};
use crate::model::{PeriodState, Steps};
use jiff::civil::Date;
use registry::LimitBound;
use rulebook::{Decimal, round_half_even};

/// Decimals of the multiple over the limit.
const MULTIPLE_DECIMALS: u32 = 2;

/// What comparing gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) value: Decimal,
    pub(super) exceeds: bool,
    pub(super) multiple: Option<Decimal>,
}

/// Compares a value with a bound, as `standards::discharge::permit_limit` does: rounded to the
/// decimals of an upper limit first, as it is with a range.
pub(super) fn compare(bound: &LimitBound, value: Decimal) -> Compared {
    match bound {
        LimitBound::AtMost(most) => {
            let value = round_half_even(value, most.scale());
            let exceeds = value > *most;
            let multiple = if exceeds && !most.is_zero() {
                value.checked_sub(*most).and_then(|over| over.checked_div(*most))
            } else {
                None
            };
            let multiple = multiple.map(|exact| round_half_even(exact, MULTIPLE_DECIMALS));
            Compared { value, exceeds, multiple }
        }
        LimitBound::Within(least, most) => {
            let exceeds = value < *least || *most < value;
            Compared { value, exceeds, multiple: None }
        }
    }
}

/// The limit for a period that lies on a day, with its place.
pub(super) fn limit_for<'inputs>(
    inputs: &'inputs MonthInputs,
    state: &PeriodState,
    on: Date,
) -> Option<(u16, &'inputs LimitRow)> {
    let binds = |limit: &LimitRow| {
        limit.factor == state.factor
            && limit.period == state.period
            && limit.valid_from <= on
            && limit.valid_to.is_none_or(|last| on <= last)
    };
    let limits = &inputs.inputs.limits;
    let place = limits.iter().position(binds)?;
    Some((u16::try_from(place).ok()?, limits.get(place)?))
}

/// Notes on a state what comparing gave.
pub(super) fn note(state: &mut PeriodState, compared: Compared) {
    state.compared = Some(compared.value.normalize());
    state.excess = compared.multiple;
    if compared.exceeds {
        state.steps = state.steps.with(Steps::EXCEEDS);
    }
}
