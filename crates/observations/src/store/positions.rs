//! The SQL of positions: how far a stream of deliveries is recorded.

use super::Result;
use crate::error::ObservationError;
use crate::model::StreamPosition;
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;

/// The number of the last message of a stream that is recorded; 0 before the first.
pub async fn stream_position(store: &Store, stream: &str) -> Result<u64> {
    let row = sqlx::query("SELECT sequence FROM intake_position WHERE stream = $1")
        .bind(stream.to_owned())
        .fetch_optional(store.reader())
        .await?;
    let sequence = row.map(|row| row.try_get::<i64, _>(0)).transpose()?;
    Ok(sequence.map_or(0, i64::cast_unsigned))
}

/// Writes down how far a stream is recorded, unless somebody else has done so meanwhile.
pub(crate) async fn advance(
    transaction: &mut Transaction,
    position: &StreamPosition,
    now: Timestamp,
) -> Result<()> {
    let written = sqlx::query(
        "INSERT INTO intake_position (stream, sequence, recorded_at) VALUES ($1, $2, $3) \
         ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, \
         recorded_at = excluded.recorded_at WHERE intake_position.sequence = $4",
    )
    .bind(position.stream.to_string())
    .bind(position.sequence.cast_signed())
    .bind(now.as_millisecond())
    .bind(position.before.cast_signed())
    .execute(&mut **transaction)
    .await?;
    if written.rows_affected() == 1 {
        return Ok(());
    }
    let stream = position.stream.to_string();
    Err(ObservationError::Position { stream, before: position.before })
}
