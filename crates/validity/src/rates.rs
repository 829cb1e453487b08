//! Rates of a month (传输有效率): how much came, how much counts, how much was marked away.

use crate::model::MonthRecord;
use rulebook::Decimal;

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
    /// Gaps: runs of due periods without data that no mark explains.
    pub unmarked_gaps: u32,
    /// The periods in those gaps.
    pub unmarked_gap_periods: u32,
}

/// The rates of these records together.
pub fn rates(records: &[&MonthRecord]) -> Rates {
    let _ = records;
    Rates::default()
}
