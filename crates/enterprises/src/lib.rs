//! Enterprises: permits, execution reports, one page for each, their own desk.

pub mod enterprise;
pub mod own_desk;

use web::Slice;

/// The schema of this area.
pub const MIGRATIONS: &[store::Migration] = &[];

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![enterprise::slice(), own_desk::slice()]
}
