//! The SQL of forwarding: one cursor a target.

use super::Standing;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use store::{Store, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

/// The standing of a target; one that is new begins at the end of the log as it is now.
pub(super) async fn open(store: &Store, target: &str, block: i64) -> Result<Standing> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO forward_cursor (target, block, packet, forwarded, problem) \
         VALUES ($1, $2, 2147483647, 0, '') ON CONFLICT (target) DO NOTHING",
    )
    .bind(target.to_owned())
    .bind(block)
    .execute(&mut *transaction)
    .await?;
    let row = sqlx::query(
        "SELECT target, block, packet, forwarded, answered_at, failing_since, problem \
         FROM forward_cursor WHERE target = $1",
    )
    .bind(target.to_owned())
    .fetch_one(&mut *transaction)
    .await?;
    let found = standing_of(&row)?;
    transaction.commit().await?;
    Ok(found)
}

pub(super) async fn keep(store: &Store, standing: &Standing) -> Result<()> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "UPDATE forward_cursor SET block = $2, packet = $3, forwarded = $4, answered_at = $5, \
         failing_since = $6, problem = $7 WHERE target = $1",
    )
    .bind(standing.target.clone())
    .bind(standing.block)
    .bind(standing.packet)
    .bind(standing.forwarded)
    .bind(standing.answered_at.map(Timestamp::as_millisecond))
    .bind(standing.failing_since.map(Timestamp::as_millisecond))
    .bind(standing.problem.clone())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// How every target stands.
///
/// # Errors
/// When the store cannot be read.
pub async fn forward_standings(store: &Store) -> Result<Vec<Standing>> {
    let rows = sqlx::query(
        "SELECT target, block, packet, forwarded, answered_at, failing_since, problem \
         FROM forward_cursor ORDER BY target",
    )
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(standing_of).collect()
}

fn standing_of(row: &AnyRow) -> Result<Standing> {
    let instant = |at: Option<i64>| at.and_then(|at| Timestamp::from_millisecond(at).ok());
    Ok(Standing {
        target: row.try_get(0)?,
        block: row.try_get(1)?,
        packet: row.try_get(2)?,
        forwarded: row.try_get(3)?,
        answered_at: instant(row.try_get(4)?),
        failing_since: instant(row.try_get(5)?),
        problem: row.try_get(6)?,
    })
}
