//! Values with their revisions and source packets: packed rows, one recorder, one reading function.
//!
//! A packet comes in as a [`Delivery`], [`Recorder`] commits it together with whatever else is
//! waiting, [`series`] and [`Latest`] read, [`Follower`] hands every committed row to those who
//! judge, without a gap over a restart.

mod block;
mod carried;
mod error;
mod follow;
pub mod history;
mod latest;
mod merge;
mod model;
mod packing;
mod past;
mod prepare;
mod recorder;
mod store;
mod trace;
mod varint;

pub use carried::{is_of_later_release, pack_deliveries, unpack_deliveries};
pub use error::{ObservationError, PackingError, RecordError};
pub use follow::Follower;
pub use latest::Latest;
pub use model::{
    CommittedBatch, Delivery, FactorValue, Marks, NewRow, Origin, Outcome, RawPacket, Recorded,
    Revision, Row, RowKey, Source, StoredBlock, StreamPosition,
};
pub use packing::{pack, unpack};
pub use past::series_as_of;
pub use recorder::{Health, Recorder};
pub use store::positions::stream_position;
pub use store::soundness::{Flaw, examine_commits, examine_revisions, examine_rows};
pub use store::{
    committed_since, first_block_since, last_block, last_block_of, oldest, raw_block, raw_packet,
    revisions, rows_at, series, series_newest, stored_blocks, touched_since,
};
pub use trace::{TRACE, TracePlace};

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[
    ::store::Migration {
        version: 202_611_230_200,
        name: "observations",
        sql: include_str!("migrations/202611230200_observations.sql"),
    },
    ::store::Migration {
        version: 202_611_291_600,
        name: "history",
        sql: include_str!("migrations/202611291600_history.sql"),
    },
    ::store::Migration {
        version: 202_611_291_610,
        name: "intake_position",
        sql: include_str!("migrations/202611291610_intake_position.sql"),
    },
];
