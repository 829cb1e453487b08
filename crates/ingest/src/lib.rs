//! From outside to observations: HJ 212 sessions, files, publication feeds.

pub mod air_feed;
mod devices;
mod error;
pub mod files;
pub mod hj212;
mod refusals;
mod store;
pub mod water_feed;

pub use devices::{DeviceEvent, DeviceState, Devices};
pub use error::IngestError;
pub use refusals::{RefusedCount, RefusedPacket};
pub use store::{refused_counts, refused_packet, refused_packets};

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[::store::Migration {
    version: 202_611_230_300,
    name: "ingest",
    sql: include_str!("migrations/202611230300_ingest.sql"),
}];
