//! The SQL of the outbox.

use crate::{Channel, Count, DeliveryError, Message};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;

fn instant(milliseconds: i64) -> Result<Timestamp, DeliveryError> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| DeliveryError::Stored(format!("the time {milliseconds}")))
}

pub(crate) async fn insert(
    transaction: &mut Transaction,
    message: &Message,
    now: Timestamp,
) -> Result<i64, DeliveryError> {
    let new = sqlx::query(
        "INSERT INTO outbox_message \
         (key, channel, recipient, subject, body, state, attempts, created_at, due_at) \
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6) \
         ON CONFLICT (key) DO NOTHING RETURNING id",
    )
    .bind(&message.key)
    .bind(message.channel.as_str())
    .bind(&message.to)
    .bind(&message.subject)
    .bind(&message.body)
    .bind(now.as_millisecond())
    .fetch_optional(&mut **transaction)
    .await?;
    if let Some(row) = new {
        return Ok(row.try_get(0)?);
    }
    let known = sqlx::query("SELECT id FROM outbox_message WHERE key = $1")
        .bind(&message.key)
        .fetch_one(&mut **transaction)
        .await?;
    Ok(known.try_get(0)?)
}

/// Gives a dead message another life.
pub(crate) async fn revive(
    transaction: &mut Transaction,
    id: i64,
    now: Timestamp,
) -> Result<bool, DeliveryError> {
    let done = sqlx::query(
        "UPDATE outbox_message SET state = 'waiting', attempts = 0, due_at = $2, \
         finished_at = NULL WHERE id = $1 AND state = 'dead'",
    )
    .bind(id)
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn counts(store: &Store) -> Result<Vec<Count>, DeliveryError> {
    let rows = sqlx::query(
        "SELECT channel, state, COUNT(*), MIN(created_at) FROM outbox_message \
         GROUP BY channel, state",
    )
    .fetch_all(store.reader())
    .await?;
    let none = |channel| Count { channel, waiting: 0, sent: 0, dead: 0, oldest_waiting: None };
    let mut counts = Channel::ALL.map(none);
    for row in rows {
        let (channel, state): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let (many, oldest): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
        let count = counts.iter_mut().find(|count| count.channel.as_str() == channel);
        let count = count.ok_or_else(|| DeliveryError::Stored(format!("the word {channel}")))?;
        let many = many.unsigned_abs();
        match state.as_str() {
            "waiting" => (count.waiting, count.oldest_waiting) = (many, Some(instant(oldest)?)),
            "sent" => count.sent = many,
            "dead" => count.dead = many,
            other => return Err(DeliveryError::Stored(format!("the word {other}"))),
        }
    }
    Ok(counts.to_vec())
}

/// Notes a nonce; `false` when it was noted before.
pub(crate) async fn insert_nonce(
    transaction: &mut Transaction,
    partner: &str,
    nonce: &str,
    now: Timestamp,
) -> Result<bool, DeliveryError> {
    let done = sqlx::query(
        "INSERT INTO delivery_nonce (partner, nonce, seen_at) VALUES ($1, $2, $3) \
         ON CONFLICT (partner, nonce) DO NOTHING",
    )
    .bind(partner)
    .bind(nonce)
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}
