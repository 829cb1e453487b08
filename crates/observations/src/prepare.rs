//! What can be done to a delivery before the recorder's turn: packing, in the sender's task.

use crate::block::Packet;
use crate::model::{Delivery, FactorValue, RowKey};
use crate::packing::pack;
use jiff::Timestamp;

/// A delivery ready to be written.
pub(crate) struct Prepared {
    pub(crate) packet: Packet,
    pub(crate) received_at: Timestamp,
    pub(crate) rows: Vec<PreparedRow>,
}

/// A row ready to be written.
pub(crate) struct PreparedRow {
    pub(crate) key: RowKey,
    pub(crate) values: Vec<FactorValue>,
    pub(crate) payload: Vec<u8>,
}

impl Prepared {
    pub(crate) fn of(delivery: Delivery) -> Self {
        let rows = delivery.rows.into_iter().map(|row| {
            let mut key = row.key();
            key.observed_at = whole_second(key.observed_at);
            PreparedRow { key, payload: pack(&row.values), values: row.values }
        });
        Self {
            rows: rows.collect(),
            received_at: delivery.received_at,
            packet: Packet {
                raw: delivery.raw,
                received_ms: delivery.received_at.as_millisecond(),
                origin: delivery.origin,
            },
        }
    }
}

/// Times of observation are kept in whole seconds.
pub(crate) fn whole_second(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_nanosecond().div_euclid(1_000_000_000) as i64)
        .unwrap_or(instant)
}
