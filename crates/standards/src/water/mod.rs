//! Surface water and groundwater (地表水、地下水): limits, classes and what is made of them.

pub mod gb3838_surface_water;
pub mod surface_water_assessment;
pub mod trophic_state;
