//! Sources of pollution: outlets, their automatic monitoring, alerts.

pub mod automatic_monitoring;
