//! HJ 663: assessment of ambient air quality (环境空气质量评价技术规范).
//!
//! Editions: HJ 663-2013 (2013-10-01 to 2026-02-28), HJ 663-2026 (from 2026-03-01). Neither text
//! was obtained whole: each number is a row of `parameters.csv` with its confidence, and the
//! functions take [`Parameters`] that may be changed. Check values: `vectors.csv`.

mod day;
mod exceptional;
mod explain;
mod parameters;
mod period;
#[cfg(test)]
mod tests;
mod trend;

use jiff::civil::date;
use rulebook::Table;

pub use day::{city_value, daily_maximum_8_hours, daily_mean, eight_hour_mean};
pub use exceptional::{
    DayValue, ExceptionalDay, Exclusion, events_not_obtained, exclude, index_without,
};
pub use explain::explain;
pub use parameters::Parameters;
pub use period::{
    DaySeries, ItemEvaluation, Statistics, attainment_rate, check_month, evaluate_year, good_days,
    mean, percentile, statistics, three_year_mean,
};
pub use trend::{Direction, Trend, explain_trend, spearman_trend};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] = &[
    rulebook::Edition::new("HJ663-2013", "HJ 663-2013", date(2013, 10, 1), Some(date(2026, 2, 28))),
    rulebook::Edition::new("HJ663-2026", "HJ 663-2026", date(2026, 3, 1), None),
];

/// The dated tables of the standard, for browsing.
pub fn tables() -> Vec<&'static Table> {
    parameters::tables().into_iter().chain(trend::tables()).collect()
}
