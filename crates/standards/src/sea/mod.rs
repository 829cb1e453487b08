//! Sea water (海水): limits, classes, eutrophication, evaluation of sea areas; sediment, biota.

pub mod eutrophication;
pub mod gb18421_marine_biota;
pub mod gb18668_marine_sediment;
pub mod gb3097_sea_water;
pub mod good_water_area;
mod marine_class;
pub mod nearshore_assessment;
