//! A plan as data: measures, targets, duties, indicators, score sheets.
//!
//! Pure: no I/O, no clock. A plan is one or more TOML files of a city; the schema stands in
//! `docs/reference/plan.md`. [`Plan::parse`] reads the shape, [`Plan::check`] finds contradictions
//! and tells what the document leaves open, [`indicator::evaluate`] computes a value from its
//! inputs.

mod calendar;
#[cfg(test)]
mod calendar_tests;
mod check;
pub mod indicator;
mod model;
mod read;
mod standing;
mod words;

pub use calendar::{DueDay, DutyPeriod};
pub use check::Units;
pub use declaration::{Level, Problem};
pub use model::{Chapter, Due, Duty, Everyone, Head, Measure, Module, Plan, SetClock, Target};
pub use standing::{MeasureState, TargetState, Trend, judge};
pub use words::{Binding, Direction, Operator, Proof, Rhythm};
