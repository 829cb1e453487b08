//! Each time the signs were computed.

use super::{SignError, millisecond, second};
use crate::fraud_signs::model::Run;
use ::store::{Store, Transaction};
use detectors::Span;
use sqlx::Row as _;

/// Keeps a run, in the transaction of its signs.
pub(in crate::fraud_signs) async fn keep_run(
    transaction: &mut Transaction,
    run: &Run,
) -> Result<(), SignError> {
    sqlx::query(
        "INSERT INTO fraud_run (began_at, ended_at, window_from, window_to, outlets, signs, \
         edition) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(run.began_at.as_millisecond())
    .bind(run.ended_at.as_millisecond())
    .bind(run.window.from.as_second())
    .bind(run.window.to.as_second())
    .bind(run.outlets)
    .bind(run.signs)
    .bind(run.edition.clone())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The newest run.
pub(in crate::fraud_signs) async fn last_run(store: &Store) -> Result<Option<Run>, SignError> {
    let found = sqlx::query(
        "SELECT began_at, ended_at, window_from, window_to, outlets, signs, edition \
         FROM fraud_run ORDER BY id DESC LIMIT 1",
    )
    .fetch_optional(store.reader())
    .await?;
    let Some(row) = found else { return Ok(None) };
    Ok(Some(Run {
        began_at: millisecond(row.try_get(0)?)?,
        ended_at: millisecond(row.try_get(1)?)?,
        window: Span { from: second(row.try_get(2)?)?, to: second(row.try_get(3)?)? },
        outlets: row.try_get(4)?,
        signs: row.try_get(5)?,
        edition: row.try_get(6)?,
    }))
}
