//! The plan at work: cockpit, indicators, duties, targets, assessment, reports.

use web::Slice;

/// The schema of this area.
pub const MIGRATIONS: &[store::Migration] = &[];

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![]
}
