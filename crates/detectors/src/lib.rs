//! Signs of fraud in automatic monitoring (自动监测数据造假线索): a small set of explained detectors
//! over the history of outlets, each with a published definition, and their ranking.
//!
//! A sign says where to look first. It is no proof, and nothing is decided by it.
//!
//! Pure: series and parameters in, signs out; no clock, no store.
//! What the detectors find and what they cry over for nothing is measured in `docs/fraud.md`.

mod calibration;
mod clipped;
mod clock;
mod copied;
mod detector;
mod digits;
mod inspection;
mod narrow;
mod outlet;
mod parameters;
mod ranking;
mod relation;
mod repeated;
mod role;
mod series;
mod sign;
mod silence;
mod statistics;
mod stuck;
mod view;

pub use detector::{Definition, Detector};
pub use outlet::{Event, EventKind, Outlet, OutletId, Receipt};
pub use parameters::{Parameter, Parameters, parameters, table};
pub use ranking::{Ranked, Standing, rank};
pub use role::{PARTS, Role};
pub use series::{CELLS_AT_MOST, Sample, Series, State};
pub use sign::{Sign, Span, Twin};

/// The edition of the formulas; with the day of the parameters it says how a sign came about.
pub const EDITION: &str = "Lucid signs 1";

/// The signs that one outlet shows by itself.
pub fn examine(outlet: &Outlet, parameters: &Parameters) -> Vec<Sign> {
    let mut signs = Vec::new();
    for series in &outlet.series {
        signs.extend(stuck::signs(outlet, series, parameters));
        signs.extend(narrow::signs(outlet, series, parameters));
        signs.extend(repeated::signs(outlet, series, parameters));
        signs.extend(calibration::signs(outlet, series, parameters));
        signs.extend(digits::signs(outlet, series, parameters));
        signs.extend(inspection::signs(outlet, series, parameters));
    }
    signs.extend(clipped::signs(outlet, parameters));
    signs.extend(relation::signs(outlet, parameters));
    signs.extend(silence::signs(outlet, parameters));
    signs.extend(clock::signs(outlet, parameters));
    signs
}

/// The signs that outlets show beside each other: values that two of them have.
pub fn compare(outlets: &[Outlet], parameters: &Parameters) -> Vec<Sign> {
    copied::signs(outlets, parameters)
}

/// All signs in a group of outlets: [`examine`] for each, [`compare`] for all.
pub fn examine_all(outlets: &[Outlet], parameters: &Parameters) -> Vec<Sign> {
    let mut signs: Vec<Sign> =
        outlets.iter().flat_map(|outlet| examine(outlet, parameters)).collect();
    signs.extend(compare(outlets, parameters));
    signs
}
