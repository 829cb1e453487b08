//! Discharge permits (排污许可证) with their versions, limits, amounts and duties.

/// The schema of this crate.
pub const MIGRATIONS: &[store::Migration] = &[];
