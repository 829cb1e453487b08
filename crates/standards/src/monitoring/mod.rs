//! Automatic monitoring of sources (自动监测): when data are valid and what stands in for them.

pub mod hj356_wastewater;
pub mod hj75_flue_gas;
