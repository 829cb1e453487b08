//! Rates of a month (传输有效率): how much came, how much counts, how much was marked away.

use crate::model::{Invalidity, MonthRecord, State, Steps};
use jiff::Timestamp;
use registry::Medium;
use rulebook::{Decimal, Period, round_half_even};
use std::collections::BTreeMap;

/// Counts and rates of one or many outlets. One unit is one factor of one period: of an hour for
/// gas, of a day for water.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Periods due: those in which the source ran.
    pub due: u32,
    /// Periods of which something came.
    pub received: u32,
    /// Periods that count.
    pub valid: u32,
    /// Periods in which the source stood still.
    pub stopped: u32,
    /// Periods under a mark of the enterprise that was not withdrawn.
    pub marked: u32,
    /// Marked periods whose number would be over the limit.
    pub marked_during_exceedance: u32,
    /// `received / due`, percent; `None` when nothing was due.
    pub transmission_rate: Option<Decimal>,
    /// `valid / received`, percent.
    pub validity_rate: Option<Decimal>,
    /// The product of both (传输有效率), percent.
    pub effective_rate: Option<Decimal>,
    /// Hours of exceedance.
    pub exceedance_hours: u32,
    /// Days of exceedance.
    pub exceedance_days: u32,
    /// Periods over the limit that are exempted.
    pub exempted: u32,
    /// Gaps of outlets: runs of due periods without data that no mark explains, however many
    /// factors lack at once.
    pub unmarked_gaps: u32,
    /// The hours (gas) or days (water) in those gaps.
    pub unmarked_gap_periods: u32,
}

/// The rates of these records together.
///
/// # Formula
/// Transmission rate = received / due, validity rate = valid / received, effective rate = the
/// product of both. Periods in which the source stood still are not due; days of water on which
/// nothing flowed are not counted either.
///
/// # Note
/// The facts speak of sets of data and do not say what a set of several factors is: each factor is
/// counted by itself here. pH is counted like the others and is no exceedance.
pub fn rates(records: &[&MonthRecord]) -> Rates {
    let mut total = Rates::default();
    for record in records {
        count(record, &mut total);
    }
    total.transmission_rate = percent(total.received, total.due);
    total.validity_rate = percent(total.valid, total.received);
    let product = share(total.received, total.due).zip(share(total.valid, total.received));
    total.effective_rate =
        product.map(|(one, other)| round_half_even(one * other * Decimal::ONE_HUNDRED, DECIMALS));
    total
}

/// Decimals of a rate in percent.
const DECIMALS: u32 = 2;

fn share(part: u32, whole: u32) -> Option<Decimal> {
    Decimal::from(part).checked_div(Decimal::from(whole))
}

fn percent(part: u32, whole: u32) -> Option<Decimal> {
    share(part, whole).map(|share| round_half_even(share * Decimal::ONE_HUNDRED, DECIMALS))
}

fn count(record: &MonthRecord, total: &mut Rates) {
    let counted = match record.inputs.setup.medium {
        Medium::Gas => Period::Hour,
        Medium::Water => Period::Day,
    };
    let mut missing: BTreeMap<Timestamp, Timestamp> = BTreeMap::new();
    for state in &record.periods {
        if state.is_exceedance() {
            match state.period {
                Period::Day => total.exceedance_days += 1,
                _ => total.exceedance_hours += 1,
            }
        }
        if state.is_valid() && state.exceeds() && state.exemption.is_some() {
            total.exempted += 1;
        }
        if state.period != counted || state.steps.contains(Steps::NOT_DUE) {
            continue;
        }
        let is_marked = state.layers.enterprise.is_some();
        total.marked += u32::from(is_marked);
        total.marked_during_exceedance += u32::from(is_marked && state.exceeds());
        match state.state {
            State::Stopped => {
                total.stopped += 1;
                continue;
            }
            State::Invalid(Invalidity::NoFlow) => continue,
            State::Valid => {
                total.received += 1;
                total.valid += 1;
            }
            State::Invalid(_) => total.received += 1,
            State::Missing => {}
        }
        total.due += 1;
        if state.state == State::Missing && !is_marked {
            missing.insert(state.start, state.end());
        }
    }
    // What several factors lack at the same time is one gap of the outlet.
    let mut before = None;
    for (start, end) in missing {
        total.unmarked_gap_periods += 1;
        total.unmarked_gaps += u32::from(before != Some(start));
        before = Some(end);
    }
}
