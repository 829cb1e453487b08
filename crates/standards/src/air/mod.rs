//! Ambient air (环境空气): limits, the air quality index and what is made of them.

pub mod city_air_ranking;
mod concentration;
pub mod dust_deduction;
pub mod gb3095_ambient_air_quality;
pub mod heavy_pollution_warning;
pub mod hj633_air_quality_index;
pub mod hj663_ambient_air_assessment;
mod pollutant;

pub use concentration::{Concentration, ConcentrationError, Mean};
pub use pollutant::{Pollutant, PollutantSet};
