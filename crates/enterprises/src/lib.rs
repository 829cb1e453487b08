//! Enterprises: permits, execution reports, one page for each, their own desk.

pub mod checks;
pub mod enterprise;
mod entry;
pub mod execution_reports;
pub mod management_ledger;
pub mod own_desk;
pub mod permits;
mod sheets;

use web::Slice;

/// The schema of this area.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration {
        version: 202_611_291_010,
        name: "management ledger",
        sql: include_str!("migrations/202611291010_management_ledger.sql"),
    },
    store::Migration {
        version: 202_611_291_020,
        name: "execution reports",
        sql: include_str!("migrations/202611291020_execution_reports.sql"),
    },
];

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![
        permits::slice(),
        enterprise::slice(),
        own_desk::slice(),
        execution_reports::slice(),
        management_ledger::slice(),
        checks::slice(),
    ]
}
