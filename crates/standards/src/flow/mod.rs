//! Ecological flow of rivers (生态流量).

pub mod guaranteed_flow;
pub mod tennant;
