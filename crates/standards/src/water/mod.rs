//! Surface water and groundwater (地表水、地下水): limits, classes and what is made of them.

pub mod black_odorous_water;
pub mod city_water_quality_index;
pub mod drinking_water_sources;
pub mod gb3838_surface_water;
pub mod gbt14848_groundwater;
pub mod surface_water_assessment;
pub mod trophic_state;
