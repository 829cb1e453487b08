//! The chain of one month of one outlet, pure: the same inputs give the same record, in whatever
//! order they come.
//!
//! For each factor and hour: what came, whether it can be, what the three layers say, whether it
//! counts, its conversion, the limit of that day, the excess, the exemption, the amount. Then the
//! days. Amounts that are missing are substituted; concentrations never are.

mod amounts;
mod compare;
mod days;
mod grid;
mod hours;

use crate::inputs::{FactorSetup, History, MonthInputs};
use crate::model::{MonthRecord, PeriodState};
use grid::Grid;
use hours::Slots;
use rulebook::{Decimal, round_half_even};

/// Decimals that a computed number keeps in a record; it is compared with its limit before.
const DIGITS_KEPT: u32 = 6;

/// Judges a month of an outlet.
///
/// # Standard
/// Minutes and hours as HJ 212-2017 annex D, the substitution of amounts as HJ 75-2017 and HJ
/// 356-2019 (from memory), marks as announcement 2022 No. 21 as quoted; each number stands in
/// [`crate::Rules`] of the inputs, with the version of the tables.
pub fn judge_month(inputs: &MonthInputs) -> MonthRecord {
    let slots = Slots::new(inputs);
    let grid = Grid::new(inputs, slots.count());
    let mut periods = Vec::new();
    for factor in &inputs.inputs.setup.factors {
        judge_factor(inputs, &slots, &grid, factor, &mut periods);
    }
    periods.sort_by_key(|state: &PeriodState| (state.factor, state.period, state.start));
    MonthRecord {
        point: inputs.point,
        month: inputs.month,
        version: inputs.version,
        computed_at: inputs.computed_at,
        inputs: inputs.inputs.clone(),
        periods,
        digest: [0; 32],
    }
    .sealed()
}

fn judge_factor(
    inputs: &MonthInputs,
    slots: &Slots<'_>,
    grid: &Grid,
    factor: &FactorSetup,
    periods: &mut Vec<PeriodState>,
) {
    let none = History::none(factor.factor);
    let found = inputs.history.iter().find(|history| history.factor == factor.factor);
    let history = found.unwrap_or(&none);
    let mut hours = hours::judge(inputs, slots, grid, factor);
    amounts::of_hours(inputs, factor, history, &mut hours);
    let mut days = days::judge(inputs, slots, factor, &hours);
    amounts::of_days(inputs, factor, history, &mut days);
    periods.append(&mut hours.into_iter().map(|hour| hour.state).collect());
    periods.append(&mut days);
}

/// A computed number as a record keeps it.
fn kept(exact: Decimal) -> Decimal {
    round_half_even(exact, DIGITS_KEPT).normalize()
}

/// The mean of some numbers; `None` of none.
fn mean(values: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    let mut sum = Decimal::ZERO;
    let mut count = 0_u32;
    for value in values {
        sum = sum.checked_add(value)?;
        count += 1;
    }
    sum.checked_div(Decimal::from(count))
}

impl History {
    /// Nothing known.
    pub(crate) const fn none(factor: registry::FactorId) -> Self {
        Self { factor, amounts: Vec::new(), due: 0, valid: 0, trailing: 0 }
    }
}
