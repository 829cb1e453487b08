//! The SQL of the outbox.

use crate::answer::Answer;
use crate::recipient::in_short;
use crate::ways::Outgoing;
use crate::{Attempt, Channel, Count, DeadLetter, DeliveryError, Message, State};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// How many rows are forgotten at once.
const FORGOTTEN_AT_ONCE: i64 = 5000;

/// How the sending of a message ended, for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It was taken.
    Sent,
    /// It is tried again then.
    Again(Timestamp),
    /// It is given up.
    Dead,
}

fn instant(milliseconds: i64) -> Result<Timestamp, DeliveryError> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| DeliveryError::Stored(format!("the time {milliseconds}")))
}

fn channel(word: &str) -> Result<Channel, DeliveryError> {
    Channel::parse(word).ok_or_else(|| DeliveryError::Stored(format!("the word {word}")))
}

fn tries(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(crate) async fn insert(
    transaction: &mut Transaction,
    message: &Message,
    now: Timestamp,
) -> Result<i64, DeliveryError> {
    let new = sqlx::query(
        "INSERT INTO outbox_message \
         (key, channel, recipient, subject, body, state, attempts, created_at, due_at, series) \
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6, $7) \
         ON CONFLICT (key) DO NOTHING RETURNING id",
    )
    .bind(&message.key)
    .bind(message.channel.as_str())
    .bind(&message.to)
    .bind(&message.subject)
    .bind(&message.body)
    .bind(now.as_millisecond())
    .bind(message.series())
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

/// Whether a message of a channel is due: asked before the one writer of SQLite is.
pub(crate) async fn is_any_due(
    store: &Store,
    channel: Channel,
    now: Timestamp,
) -> Result<bool, DeliveryError> {
    let row = sqlx::query(
        "SELECT id FROM outbox_message \
         WHERE channel = $1 AND state = 'waiting' AND due_at <= $2 LIMIT 1",
    )
    .bind(channel.as_str())
    .bind(now.as_millisecond())
    .fetch_optional(store.reader())
    .await?;
    Ok(row.is_some())
}

/// Takes messages that are due, the longest due first, and of a series only the first; they
/// become due again at `until`, should nobody say how they ended.
pub(crate) async fn claim(
    transaction: &mut Transaction,
    channel: Channel,
    (now, until): (Timestamp, Timestamp),
    many: usize,
) -> Result<Vec<Outgoing>, DeliveryError> {
    let rows = sqlx::query(
        "UPDATE outbox_message SET attempts = attempts + 1, due_at = $3 \
         WHERE state = 'waiting' AND due_at <= $2 AND id IN \
         (SELECT id FROM outbox_message \
          WHERE channel = $1 AND state = 'waiting' AND due_at <= $2 AND NOT EXISTS \
          (SELECT 1 FROM outbox_message earlier WHERE earlier.series = outbox_message.series \
           AND earlier.id < outbox_message.id AND earlier.state = 'waiting') \
          ORDER BY due_at, id LIMIT $4) \
         RETURNING id, key, recipient, subject, body, attempts",
    )
    .bind(channel.as_str())
    .bind(now.as_millisecond())
    .bind(until.as_millisecond())
    .bind(i64::try_from(many).unwrap_or(i64::MAX))
    .fetch_all(&mut **transaction)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Outgoing {
                id: row.try_get(0)?,
                key: row.try_get(1)?,
                channel,
                to: row.try_get(2)?,
                subject: row.try_get(3)?,
                body: row.try_get(4)?,
                attempt: tries(row.try_get(5)?),
            })
        })
        .collect()
}

pub(crate) async fn note_attempt(
    transaction: &mut Transaction,
    message: i64,
    answer: &Answer,
    now: Timestamp,
) -> Result<(), DeliveryError> {
    sqlx::query(
        "INSERT INTO delivery_attempt (message, at, outcome, answer) VALUES ($1, $2, $3, $4)",
    )
    .bind(message)
    .bind(now.as_millisecond())
    .bind(answer.outcome())
    .bind(answer.said())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Notes how an attempt ended. Whoever came too late with a failure changes nothing; that a
/// message was taken holds whoever says so.
pub(crate) async fn end(
    transaction: &mut Transaction,
    outgoing: &Outgoing,
    end: End,
    now: Timestamp,
) -> Result<(), DeliveryError> {
    if end == End::Sent {
        return empty(transaction, outgoing, State::Sent, now).await;
    }
    let (state, due, finished) = match end {
        End::Again(at) => (State::Waiting, at, None),
        _ => (State::Dead, now, Some(now)),
    };
    sqlx::query(
        "UPDATE outbox_message SET state = $3, due_at = $4, finished_at = $5 \
         WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
    )
    .bind(outgoing.id)
    .bind(i64::from(outgoing.attempt))
    .bind(state.as_str())
    .bind(due.as_millisecond())
    .bind(finished.map(Timestamp::as_millisecond))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Ends a message for good: its text goes, its recipient stays in short.
async fn empty(
    transaction: &mut Transaction,
    outgoing: &Outgoing,
    state: State,
    now: Timestamp,
) -> Result<(), DeliveryError> {
    sqlx::query(
        "UPDATE outbox_message SET state = $2, recipient = $3, body = '', finished_at = $4 \
         WHERE id = $1 AND state IN ('waiting', 'dead')",
    )
    .bind(outgoing.id)
    .bind(state.as_str())
    .bind(in_short(outgoing.channel, &outgoing.to))
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
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

/// Gives a dead message up for good; `false` when there is no such dead letter.
pub(crate) async fn discard(
    transaction: &mut Transaction,
    id: i64,
    now: Timestamp,
) -> Result<bool, DeliveryError> {
    let row = sqlx::query(
        "SELECT channel, recipient FROM outbox_message WHERE id = $1 AND state = 'dead'",
    )
    .bind(id)
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let (word, to): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    sqlx::query(
        "UPDATE outbox_message SET state = 'discarded', recipient = $2, body = '', \
         finished_at = $3 WHERE id = $1",
    )
    .bind(id)
    .bind(in_short(channel(&word)?, &to))
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(true)
}

pub(crate) async fn dead(
    store: &Store,
    before: i64,
    limit: u16,
) -> Result<Vec<DeadLetter>, DeliveryError> {
    let rows = sqlx::query(
        "SELECT id, channel, recipient, subject, key, created_at, finished_at, attempts, \
         COALESCE((SELECT answer FROM delivery_attempt WHERE message = outbox_message.id \
         ORDER BY id DESC LIMIT 1), '') FROM outbox_message \
         WHERE state = 'dead' AND id < $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(dead_letter).collect()
}

fn dead_letter(row: &AnyRow) -> Result<DeadLetter, DeliveryError> {
    let channel = channel(&row.try_get::<String, _>(1)?)?;
    Ok(DeadLetter {
        id: row.try_get(0)?,
        channel,
        to: in_short(channel, &row.try_get::<String, _>(2)?),
        subject: row.try_get(3)?,
        key: row.try_get(4)?,
        created_at: instant(row.try_get(5)?)?,
        given_up_at: instant(row.try_get(6)?)?,
        attempts: tries(row.try_get(7)?),
        answer: row.try_get(8)?,
    })
}

pub(crate) async fn attempts(store: &Store, id: i64) -> Result<Vec<Attempt>, DeliveryError> {
    let rows = sqlx::query(
        "SELECT at, outcome, answer FROM delivery_attempt WHERE message = $1 ORDER BY id",
    )
    .bind(id)
    .fetch_all(store.reader())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Attempt {
                at: instant(row.try_get(0)?)?,
                outcome: row.try_get(1)?,
                answer: row.try_get(2)?,
            })
        })
        .collect()
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
        let (word, state): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let (many, oldest): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
        let channel = channel(&word)?;
        let Some(count) = counts.iter_mut().find(|count| count.channel == channel) else {
            continue;
        };
        let many = many.unsigned_abs();
        match State::parse(&state) {
            Some(State::Waiting) => {
                (count.waiting, count.oldest_waiting) = (many, Some(instant(oldest)?));
            }
            Some(State::Sent) => count.sent = many,
            Some(State::Dead) => count.dead = many,
            Some(State::Discarded) => {}
            None => return Err(DeliveryError::Stored(format!("the word {state}"))),
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

/// Forgets messages that ended long ago, some at a time, and says how many.
pub(crate) async fn forget_sent(
    transaction: &mut Transaction,
    before: Timestamp,
) -> Result<u64, DeliveryError> {
    let done = sqlx::query(
        "DELETE FROM outbox_message WHERE id IN (SELECT id FROM outbox_message \
         WHERE state IN ('sent', 'discarded') AND finished_at < $1 LIMIT $2)",
    )
    .bind(before.as_millisecond())
    .bind(FORGOTTEN_AT_ONCE)
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected())
}

pub(crate) async fn forget_nonces(
    transaction: &mut Transaction,
    before: Timestamp,
) -> Result<(), DeliveryError> {
    sqlx::query("DELETE FROM delivery_nonce WHERE seen_at < $1")
        .bind(before.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
