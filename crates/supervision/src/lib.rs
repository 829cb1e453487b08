//! Cases (事项): the officers' desk, complaints and reports from outside, patrols, and alerts that
//! become cases.

pub mod alert_disposal;
pub mod cases;
mod citizen;
mod complaints;
mod engine;
pub mod exchange;
mod form;
pub mod kinds;
mod open311;
mod patrol;
mod place;

pub use patrol::kept_photos;

use web::Slice;

/// The schema of this crate.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration {
        version: 202_611_290_500,
        name: "alert_disposal",
        sql: include_str!("migrations/202611290500_alert_disposal.sql"),
    },
    store::Migration {
        version: 202_611_290_550,
        name: "from_outside",
        sql: include_str!("migrations/202611290550_from_outside.sql"),
    },
];

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![
        cases::slice(),
        alert_disposal::slice(),
        complaints::slice(),
        open311::slice(),
        exchange::slice(),
        patrol::slice(),
    ]
}
