//! The SQL of sessions and of wrong attempts.

use crate::secret::Digest;
use crate::sessions::{Device, SessionId};
use crate::store::instant;
use crate::{AuthorityError, UserId};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;

pub(crate) struct NewSession<'a> {
    pub(crate) digest: Digest,
    pub(crate) user: UserId,
    pub(crate) now: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) address: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) how: &'a str,
}

pub(crate) async fn insert(
    transaction: &mut Transaction,
    session: NewSession<'_>,
) -> Result<SessionId, AuthorityError> {
    let row = sqlx::query(
        "INSERT INTO authority_session \
         (digest, user_id, created_at, seen_at, ends_at, address, agent, how) \
         VALUES ($1, $2, $3, $3, $4, $5, $6, $7) RETURNING id",
    )
    .bind(session.digest)
    .bind(session.user.0)
    .bind(session.now.as_millisecond())
    .bind(session.ends_at.as_millisecond())
    .bind(session.address)
    .bind(session.agent)
    .bind(session.how)
    .fetch_one(&mut **transaction)
    .await?;
    Ok(SessionId(row.try_get(0)?))
}

/// A living session: its number, whose, when last seen.
pub(crate) async fn living(
    store: &Store,
    digest: Digest,
    now: Timestamp,
    seen_after: Timestamp,
) -> Result<Option<(SessionId, UserId, Timestamp)>, AuthorityError> {
    let row = sqlx::query(
        "SELECT id, user_id, seen_at FROM authority_session \
         WHERE digest = $1 AND ends_at > $2 AND seen_at > $3",
    )
    .bind(digest)
    .bind(now.as_millisecond())
    .bind(seen_after.as_millisecond())
    .fetch_optional(store.reader())
    .await?;
    row.map(|row| {
        Ok((SessionId(row.try_get(0)?), UserId(row.try_get(1)?), instant(row.try_get(2)?)?))
    })
    .transpose()
}

pub(crate) async fn seen(
    transaction: &mut Transaction,
    session: SessionId,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    sqlx::query("UPDATE authority_session SET seen_at = $2 WHERE id = $1")
        .bind(session.0)
        .bind(now.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

pub(crate) async fn of_user(
    store: &Store,
    user: UserId,
    now: Timestamp,
    seen_after: Timestamp,
) -> Result<Vec<Device>, AuthorityError> {
    let rows = sqlx::query(
        "SELECT id, created_at, seen_at, address, agent, how FROM authority_session \
         WHERE user_id = $1 AND ends_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, id DESC",
    )
    .bind(user.0)
    .bind(now.as_millisecond())
    .bind(seen_after.as_millisecond())
    .fetch_all(store.reader())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Device {
                id: SessionId(row.try_get(0)?),
                created_at: instant(row.try_get(1)?)?,
                seen_at: instant(row.try_get(2)?)?,
                address: row.try_get(3)?,
                agent: row.try_get(4)?,
                how: row.try_get(5)?,
            })
        })
        .collect()
}

pub(crate) async fn delete(
    transaction: &mut Transaction,
    user: UserId,
    session: SessionId,
) -> Result<bool, AuthorityError> {
    let done = sqlx::query("DELETE FROM authority_session WHERE id = $1 AND user_id = $2")
        .bind(session.0)
        .bind(user.0)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends all sessions of a user but one, and forgets those that have ended by themselves.
pub(crate) async fn delete_others(
    transaction: &mut Transaction,
    user: UserId,
    but: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, AuthorityError> {
    sqlx::query("DELETE FROM authority_session WHERE ends_at <= $1")
        .bind(now.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    let done = sqlx::query("DELETE FROM authority_session WHERE user_id = $1 AND id <> $2")
        .bind(user.0)
        .bind(but.map_or(-1, |session| session.0))
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected())
}

/// Wrong attempts under a name, and until when it is locked.
pub(crate) async fn attempts(
    store: &Store,
    digest: Digest,
) -> Result<Option<(i64, Timestamp)>, AuthorityError> {
    let row = sqlx::query("SELECT failures, locked_until FROM authority_attempt WHERE digest = $1")
        .bind(digest)
        .fetch_optional(store.reader())
        .await?;
    row.map(|row| Ok((row.try_get(0)?, instant(row.try_get(1)?)?))).transpose()
}

/// Counts one more wrong attempt and gives how many there are.
pub(crate) async fn fail(
    transaction: &mut Transaction,
    digest: Digest,
    now: Timestamp,
    forget_before: Timestamp,
) -> Result<i64, AuthorityError> {
    sqlx::query("DELETE FROM authority_attempt WHERE failed_at < $1 AND locked_until < $2")
        .bind(forget_before.as_millisecond())
        .bind(now.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    let row = sqlx::query(
        "INSERT INTO authority_attempt (digest, failures, failed_at, locked_until) \
         VALUES ($1, 1, $2, 0) ON CONFLICT (digest) \
         DO UPDATE SET failures = authority_attempt.failures + 1, failed_at = excluded.failed_at \
         RETURNING failures",
    )
    .bind(digest)
    .bind(now.as_millisecond())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(row.try_get(0)?)
}

pub(crate) async fn lock(
    transaction: &mut Transaction,
    digest: Digest,
    until: Timestamp,
) -> Result<(), AuthorityError> {
    sqlx::query("UPDATE authority_attempt SET locked_until = $2 WHERE digest = $1")
        .bind(digest)
        .bind(until.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

pub(crate) async fn forgive(
    transaction: &mut Transaction,
    digest: Digest,
) -> Result<(), AuthorityError> {
    sqlx::query("DELETE FROM authority_attempt WHERE digest = $1")
        .bind(digest)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
