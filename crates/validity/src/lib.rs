//! Which monitoring data count: marks, decisions, valid hours and days, amounts.

/// The schema of this crate.
pub const MIGRATIONS: &[store::Migration] = &[];
