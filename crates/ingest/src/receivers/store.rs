//! The SQL of receivers.

use super::ReceiverState;
use ::store::{Store, StoreError};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

type Result<T> = std::result::Result<T, StoreError>;

/// The receivers that run, or were killed a moment ago.
///
/// # Errors
/// When the store cannot be read.
pub async fn receivers(store: &Store) -> Result<Vec<ReceiverState>> {
    let rows = sqlx::query(
        "SELECT name, address, version, started_at, seen_at, connections, packets FROM receiver \
         ORDER BY name",
    )
    .fetch_all(store.reader())
    .await?;
    let state = |row: &AnyRow| {
        Ok(ReceiverState {
            name: row.try_get(0)?,
            address: row.try_get(1)?,
            version: row.try_get(2)?,
            started_at: instant(row.try_get(3)?),
            seen_at: instant(row.try_get(4)?),
            connections: row.try_get::<i64, _>(5)?.cast_unsigned(),
            packets: row.try_get::<i64, _>(6)?.cast_unsigned(),
        })
    };
    rows.iter().map(state).collect()
}

/// A receiver begins; one of the same name before it has ended.
pub(super) async fn begin(
    store: &Store,
    name: &str,
    instance: &str,
    address: &str,
    now: Timestamp,
) -> Result<()> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO receiver (name, instance, address, version, started_at, seen_at, \
         connections, packets) VALUES ($1, $2, $3, $4, $5, $5, 0, 0) \
         ON CONFLICT (name) DO UPDATE SET instance = excluded.instance, \
         address = excluded.address, version = excluded.version, \
         started_at = excluded.started_at, seen_at = excluded.seen_at, connections = 0, \
         packets = 0",
    )
    .bind(name.to_owned())
    .bind(instance.to_owned())
    .bind(address.to_owned())
    .bind(env!("CARGO_PKG_VERSION"))
    .bind(now.as_millisecond())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// A receiver runs; false when another has taken its name.
pub(super) async fn beat(
    store: &Store,
    name: &str,
    instance: &str,
    connections: usize,
    packets: u64,
    now: Timestamp,
) -> Result<bool> {
    let mut transaction = store.begin().await?;
    let written = sqlx::query(
        "UPDATE receiver SET seen_at = $3, connections = $4, packets = $5 \
         WHERE name = $1 AND instance = $2",
    )
    .bind(name.to_owned())
    .bind(instance.to_owned())
    .bind(now.as_millisecond())
    .bind(connections as i64)
    .bind(packets.cast_signed())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(written.rows_affected() == 1)
}

/// A receiver has ended; no device speaks to it any more.
pub(super) async fn end(store: &Store, name: &str, at: Timestamp) -> Result<()> {
    let mut transaction = store.begin().await?;
    sqlx::query("DELETE FROM receiver WHERE name = $1")
        .bind(name.to_owned())
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "UPDATE device_state SET online = 0, since = $2 WHERE receiver = $1 AND online = 1",
    )
    .bind(name.to_owned())
    .bind(at.as_millisecond())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

fn instant(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}
