//! From outside to observations: HJ 212 sessions, files, publication feeds.

pub mod air_feed;
pub mod files;
pub mod water_feed;
