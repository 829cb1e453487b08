//! Enterprises: permits, execution reports, one page for each, their own desk.

pub mod enterprise;

use web::Slice;

/// The schema of this area.
pub const MIGRATIONS: &[store::Migration] = &[];

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![enterprise::slice()]
}
