//! Discharge (污染物排放): limits of permits and emission standards, conversion of stack gas.

pub mod db35_1869_rural_sewage;
pub mod gb13223_thermal_power;
pub mod gb13271_boilers;
pub mod gb16297_integrated_air;
pub mod gb18918_town_sewage_plants;
pub mod gb8978_integrated_wastewater;
mod limit_table;
pub mod permit_limit;
pub mod reference_oxygen;

pub use limit_table::{EmissionBound, EmissionLimit};
