//! The SQL of ingest: refused packets, their counts, the state of devices.

use crate::devices::{DeviceChange, DeviceState};
use crate::refusals::{Refused, RefusedCount, RefusedPacket};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::HashMap;
use store::{Store, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

/// Keeps refused packets and adds to the counts; the oldest beyond `keep` go.
pub(crate) async fn keep_refused(
    store: &Store,
    packets: &[Refused],
    counts: &HashMap<String, (u64, Timestamp)>,
    keep: i64,
) -> Result<()> {
    let mut transaction = store.begin().await?;
    for packet in packets {
        sqlx::query(
            "INSERT INTO refused_packet (received_at, peer, mn, reason, explanation, size, raw) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(packet.received_at.as_millisecond())
        .bind(packet.peer.to_string())
        .bind(packet.mn.clone().unwrap_or_default())
        .bind(packet.reason.clone())
        .bind(packet.explanation.clone())
        .bind(packet.size as i64)
        .bind(packet.raw.clone())
        .execute(&mut *transaction)
        .await?;
    }
    for (reason, (count, last_at)) in counts {
        sqlx::query(
            "INSERT INTO refused_count (reason, packets, last_at) VALUES ($1, $2, $3) \
             ON CONFLICT (reason) DO UPDATE SET packets = refused_count.packets + \
             excluded.packets, last_at = excluded.last_at",
        )
        .bind(reason.clone())
        .bind(*count as i64)
        .bind(last_at.as_millisecond())
        .execute(&mut *transaction)
        .await?;
    }
    if !packets.is_empty() {
        sqlx::query(
            "DELETE FROM refused_packet WHERE id <= (SELECT MAX(id) FROM refused_packet) - $1",
        )
        .bind(keep)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// The refused packets before a number (or the newest of all), newest first, at most `limit`.
///
/// # Errors
/// When the store cannot be read.
pub async fn refused_packets(
    store: &Store,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<RefusedPacket>> {
    let rows = sqlx::query(
        "SELECT id, received_at, peer, mn, reason, explanation, size, raw FROM refused_packet \
         WHERE id < $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(before.unwrap_or(i64::MAX))
    .bind(i64::from(limit))
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(refused_packet_of).collect()
}

/// The refused packet of this number, if it is still kept.
///
/// # Errors
/// When the store cannot be read.
pub async fn refused_packet(store: &Store, id: i64) -> Result<Option<RefusedPacket>> {
    let row = sqlx::query(
        "SELECT id, received_at, peer, mn, reason, explanation, size, raw FROM refused_packet \
         WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(store.reader())
    .await?;
    row.as_ref().map(refused_packet_of).transpose()
}

fn refused_packet_of(row: &AnyRow) -> Result<RefusedPacket> {
    let mn: String = row.try_get(3)?;
    let size: i64 = row.try_get(6)?;
    Ok(RefusedPacket {
        id: row.try_get(0)?,
        received_at: instant(row.try_get(1)?),
        peer: row.try_get(2)?,
        mn: (!mn.is_empty()).then_some(mn),
        reason: row.try_get(4)?,
        explanation: row.try_get(5)?,
        size: size as u64,
        raw: row.try_get(7)?,
    })
}

/// How many packets were refused for each reason, the most frequent first.
///
/// # Errors
/// When the store cannot be read.
pub async fn refused_counts(store: &Store) -> Result<Vec<RefusedCount>> {
    let rows =
        sqlx::query("SELECT reason, packets, last_at FROM refused_count ORDER BY packets DESC")
            .fetch_all(store.reader())
            .await?;
    let count = |row: &AnyRow| {
        let packets: i64 = row.try_get(1)?;
        Ok(RefusedCount {
            reason: row.try_get(0)?,
            packets: packets as u64,
            last_at: instant(row.try_get(2)?),
        })
    };
    rows.iter().map(count).collect()
}

/// The devices as they were last written down.
pub(crate) async fn device_states(store: &Store) -> Result<Vec<DeviceState>> {
    let rows = sqlx::query(
        "SELECT mn, online, since, peer, edition, last_packet_at, last_data_time, \
         clock_offset_ms, packets, duplicates, refused, takeovers, receiver, held_at \
         FROM device_state",
    )
    .fetch_all(store.reader())
    .await?;
    let state = |row: &AnyRow| {
        let mn: String = row.try_get(0)?;
        let (packets, duplicates): (i64, i64) = (row.try_get(8)?, row.try_get(9)?);
        let (refused, takeovers): (i64, i64) = (row.try_get(10)?, row.try_get(11)?);
        let peer: String = row.try_get(3)?;
        Ok(DeviceState {
            mn: mn.into(),
            online: row.try_get::<i64, _>(1)? != 0,
            since: instant(row.try_get(2)?),
            peer: peer.into(),
            edition: row.try_get(4)?,
            last_packet_at: row.try_get::<Option<i64>, _>(5)?.map(instant),
            last_data_time: row.try_get::<Option<i64>, _>(6)?.map(instant),
            clock_offset_ms: row.try_get(7)?,
            packets: packets as u64,
            duplicates: duplicates as u64,
            refused: refused as u64,
            takeovers: takeovers as u64,
            receiver: row.try_get::<String, _>(12)?.into(),
            held_at: instant(row.try_get(13)?),
        })
    };
    rows.iter().map(state).collect()
}

/// Writes down the state of devices, each with what was counted since the last time. What a
/// receiver knows of a device that has gone over to another one meanwhile is old: only its counts
/// are added then.
pub(crate) async fn keep_device_states(store: &Store, changes: &[DeviceChange<'_>]) -> Result<()> {
    let newer = |column: &str| {
        format!(
            "{column} = CASE WHEN excluded.held_at >= device_state.held_at \
             THEN excluded.{column} ELSE device_state.{column} END"
        )
    };
    let columns = [
        "online",
        "since",
        "peer",
        "edition",
        "last_packet_at",
        "last_data_time",
        "clock_offset_ms",
        "receiver",
        "held_at",
    ];
    let text = format!(
        "INSERT INTO device_state (mn, online, since, peer, edition, last_packet_at, \
         last_data_time, clock_offset_ms, packets, duplicates, refused, takeovers, receiver, \
         held_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (mn) DO UPDATE SET {}, packets = device_state.packets + excluded.packets, \
         duplicates = device_state.duplicates + excluded.duplicates, \
         refused = device_state.refused + excluded.refused, \
         takeovers = device_state.takeovers + excluded.takeovers",
        columns.map(newer).join(", ")
    );
    let mut transaction = store.begin().await?;
    for DeviceChange { state, is_own, added } in changes {
        sqlx::query(sqlx::AssertSqlSafe(text.clone()))
            .bind(state.mn.to_string())
            .bind(i64::from(state.online))
            .bind(state.since.as_millisecond())
            .bind(state.peer.to_string())
            .bind(state.edition.clone())
            .bind(state.last_packet_at.map(Timestamp::as_millisecond))
            .bind(state.last_data_time.map(Timestamp::as_millisecond))
            .bind(state.clock_offset_ms)
            .bind(added.packets as i64)
            .bind(added.duplicates as i64)
            .bind(added.refused as i64)
            .bind(added.takeovers as i64)
            .bind(state.receiver.to_string())
            .bind(if *is_own { state.held_at.as_millisecond() } else { i64::MIN })
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn instant(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}
