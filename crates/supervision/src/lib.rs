//! Cases (事项): the officers' desk, complaints and reports from outside, patrols, and alerts that
//! become cases.

use web::Slice;

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    Vec::new()
}
