//! Surface water and groundwater (地表水、地下水): limits, classes and what is made of them.

pub mod gb3838_surface_water;
