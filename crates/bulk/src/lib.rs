//! Whole files judged by the standards: CSV, XLSX and Parquet in, judged tables out.
//!
//! Files of any size are read in pieces, in parallel, and memory stays bounded.

mod air_day;
mod air_period;
pub mod column;
mod input;
mod method;
pub mod micro;
mod output;
mod parallel;
pub mod problem;
mod rows;
mod run;
mod time;

pub use method::{DayDecimals, Given, Method, PeriodKind, Settings};
pub use output::Gives;
pub use problem::Problem;
pub use run::{Progress, Refused, Summary, run};
pub use time::HourLabel;

/// Every method, in the order in which `lucid evaluate --list` names them.
pub const METHODS: &[Method] = &[air_day::METHOD, air_period::METHOD];
