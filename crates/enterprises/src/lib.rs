//! Enterprises: permits, execution reports, one page for each, their own desk.

pub mod checks;
pub mod enterprise;
pub mod execution_reports;
pub mod own_desk;
pub mod permits;

use web::Slice;

/// The schema of this area.
pub const MIGRATIONS: &[store::Migration] = &[store::Migration {
    version: 202_611_291_020,
    name: "execution reports",
    sql: include_str!("migrations/202611291020_execution_reports.sql"),
}];

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![
        permits::slice(),
        enterprise::slice(),
        own_desk::slice(),
        execution_reports::slice(),
        checks::slice(),
    ]
}
