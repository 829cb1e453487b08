//! From outside to observations: HJ 212 sessions, files, publication feeds.

pub mod air_feed;
pub mod commands;
mod devices;
mod error;
pub mod files;
mod forward;
pub mod hj212;
mod keys;
mod receivers;
mod refusals;
mod sink;
mod store;
pub mod stream;
pub mod water_feed;

pub use devices::{DeviceEvent, DeviceState, Devices};
pub use error::IngestError;
pub use forward::{ForwardSettings, Standing, forward, forward_standings};
pub use keys::{DeviceKeys, KeyProblem, KeyStanding, read_key};
pub use receivers::{Place, ReceiverState, receivers};
pub use refusals::{RefusedCount, RefusedPacket};
pub use sink::{Kept, Sink};
pub use store::{refused_counts, refused_packet, refused_packets};

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[
    ::store::Migration {
        version: 202_611_230_300,
        name: "ingest",
        sql: include_str!("migrations/202611230300_ingest.sql"),
    },
    ::store::Migration {
        version: 202_611_290_700,
        name: "commands",
        sql: include_str!("migrations/202611290700_commands.sql"),
    },
    ::store::Migration {
        version: 202_611_290_701,
        name: "forward",
        sql: include_str!("migrations/202611290701_forward.sql"),
    },
    ::store::Migration {
        version: 202_611_290_702,
        name: "device_keys",
        sql: include_str!("migrations/202611290702_device_keys.sql"),
    },
    ::store::Migration {
        version: 202_611_291_611,
        name: "receivers",
        sql: include_str!("migrations/202611291611_receivers.sql"),
    },
];
