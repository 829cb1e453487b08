//! Sources of pollution: outlets, their automatic monitoring, alerts, and the reasons of verdicts.

pub mod alerts;
pub mod automatic_monitoring;
pub mod outlets;
pub mod points;
pub mod verdicts;
mod words;

use web::Slice;

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![outlets::slice(), alerts::slice(), verdicts::slice(), points::slice()]
}
