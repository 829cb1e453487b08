//! The city's air and surface water: rules, queries, pages and interface.

pub mod air;
mod sheet;
pub mod surface_water;

use evaluation::Judge;
use std::sync::Arc;
use transparency::Publications;
use web::Slice;

/// The judges of this area.
pub fn judges() -> Vec<Arc<dyn Judge>> {
    vec![Arc::new(air::HourIndex), Arc::new(surface_water::SectionClass)]
}

/// What this area publishes hour by hour.
pub fn publications() -> Publications {
    Publications::new(vec![Arc::new(air::StationHour), Arc::new(surface_water::SectionSample)])
}

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![air::slice(), surface_water::slice()]
}
