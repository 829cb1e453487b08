//! Sea water (海水): limits, classes, eutrophication, evaluation of sea areas.

pub mod eutrophication;
pub mod gb3097_sea_water;
pub mod nearshore_assessment;
