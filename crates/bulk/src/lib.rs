//! Whole files judged by the standards: CSV, XLSX and Parquet in, judged tables out; and streams of
//! Arrow, by which engines of many machines hand their parts to it.
//!
//! Files of any size are read in pieces, in parallel, and memory stays bounded.

mod air_day;
mod air_period;
pub mod column;
mod input;
mod method;
mod methods;
pub mod micro;
mod output;
mod parallel;
pub mod problem;
mod rows;
mod run;
#[cfg(test)]
mod streams;
mod time;
mod unit;

pub use method::{DayDecimals, Given, Method, PeriodKind, Settings, Together};
pub use output::{Gives, Values};
pub use problem::Problem;
pub use run::{Measure, Progress, Refused, Summary, run, run_stream};
pub use time::HourLabel;

/// Every method, in the order in which `lucid evaluate --list` names them.
pub const METHODS: &[Method] = &[
    methods::air_index::METHOD,
    air_day::METHOD,
    air_period::METHOD,
    methods::air_rank::METHOD,
    methods::surface_water::METHOD,
    methods::cwqi::METHOD,
    methods::trophic_state::METHOD,
    methods::groundwater::METHOD,
    methods::seawater::METHOD,
    methods::soil::METHOD,
    methods::noise::METHOD,
    methods::discharge_day::METHOD,
    methods::ecological_flow::METHOD,
    methods::black_odorous::METHOD,
    methods::drinking_water::METHOD,
];
