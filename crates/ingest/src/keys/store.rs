//! The SQL of the keys of devices.

use ::store::{Store, StoreError, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;

type Result<T> = std::result::Result<T, StoreError>;

/// A row as it is kept.
pub(super) struct SealedRow {
    pub(super) mn: String,
    pub(super) sealed: Vec<u8>,
    pub(super) pending: Option<Vec<u8>>,
    pub(super) set_by: String,
    pub(super) set_at: Timestamp,
}

/// By what it is seen that something changed: how many rows, and the sum of their times.
pub(super) async fn mark(store: &Store) -> Result<(i64, i64)> {
    let row = sqlx::query(
        "SELECT COUNT(*), CAST(COALESCE(SUM(changed_at), 0) AS BIGINT) FROM device_key",
    )
    .fetch_one(store.reader())
    .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

pub(super) async fn all(store: &Store) -> Result<Vec<SealedRow>> {
    let rows = sqlx::query("SELECT mn, sealed, pending, set_by, set_at FROM device_key")
        .fetch_all(store.reader())
        .await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(SealedRow {
            mn: row.try_get(0)?,
            sealed: row.try_get(1)?,
            pending: row.try_get(2)?,
            set_by: row.try_get(3)?,
            set_at: Timestamp::from_millisecond(row.try_get(4)?).unwrap_or_default(),
        })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn put(
    transaction: &mut Transaction,
    mn: &str,
    sealed: Vec<u8>,
    set_by: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO device_key (mn, sealed, set_by, set_at, changed_at) \
         VALUES ($1, $2, $3, $4, $4) ON CONFLICT (mn) DO UPDATE SET sealed = excluded.sealed, \
         pending = NULL, set_by = excluded.set_by, set_at = excluded.set_at, \
         changed_at = excluded.changed_at",
    )
    .bind(mn.to_owned())
    .bind(sealed)
    .bind(set_by.to_owned())
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn propose(
    transaction: &mut Transaction,
    mn: &str,
    pending: Vec<u8>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE device_key SET pending = $2, changed_at = $3 WHERE mn = $1")
        .bind(mn.to_owned())
        .bind(pending)
        .bind(now.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Removes a key; false where there was none.
pub(super) async fn remove(transaction: &mut Transaction, mn: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM device_key WHERE mn = $1")
        .bind(mn.to_owned())
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}
