//! Decisions on how episodes are counted, and the cases that episodes became.

use super::{EpisodeError, moment, wrong};
use crate::episodes::model::{Choice, Computed, Decision};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use registry::{FactorId, PointId};
use rulebook::Period;
use sqlx::Row as _;

/// The decisions on a factor at an outlet, the oldest first.
pub(in crate::episodes) async fn decisions(
    store: &Store,
    point: PointId,
    factor: FactorId,
    period: Period,
) -> Result<Vec<Decision>, EpisodeError> {
    let rows = sqlx::query(
        "SELECT id, choice, from_at, to_at, reason, who, made_at, withdrawn_at \
         FROM exceedance_decision WHERE point = $1 AND factor = $2 AND period = $3 ORDER BY id",
    )
    .bind(point.0)
    .bind(i64::from(factor.0))
    .bind(period.as_str())
    .fetch_all(store.reader())
    .await?;
    rows.iter()
        .map(|row| {
            let choice: String = row.try_get(1)?;
            let withdrawn: Option<i64> = row.try_get(7)?;
            Ok(Decision {
                id: row.try_get(0)?,
                choice: Choice::parse(&choice).ok_or_else(|| wrong("decision", &choice))?,
                from: moment(row.try_get(2)?)?,
                to: moment(row.try_get(3)?)?,
                reason: row.try_get(4)?,
                who: row.try_get(5)?,
                made_at: moment(row.try_get(6)?)?,
                withdrawn_at: withdrawn.map(moment).transpose()?,
            })
        })
        .collect()
}

/// Keeps a decision.
pub(in crate::episodes) async fn decide(
    transaction: &mut Transaction,
    about: &Computed,
    decision: &Decision,
) -> Result<i64, EpisodeError> {
    let row = sqlx::query(
        "INSERT INTO exceedance_decision (point, factor, period, choice, from_at, to_at, reason, \
         who, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
    )
    .bind(about.point.0)
    .bind(i64::from(about.factor.0))
    .bind(about.period.as_str())
    .bind(decision.choice.as_str())
    .bind(decision.from.as_millisecond())
    .bind(decision.to.as_millisecond())
    .bind(decision.reason.clone())
    .bind(decision.who.clone())
    .bind(decision.made_at.as_millisecond())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(row.try_get(0)?)
}

/// Takes a decision back; says whether there was one to take back.
pub(in crate::episodes) async fn withdraw(
    transaction: &mut Transaction,
    id: i64,
    now: Timestamp,
) -> Result<bool, EpisodeError> {
    let done = sqlx::query(
        "UPDATE exceedance_decision SET withdrawn_at = $1 WHERE id = $2 AND withdrawn_at IS NULL",
    )
    .bind(now.as_millisecond())
    .bind(id)
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The case that an episode became, or one that it superseded.
pub(in crate::episodes) async fn case_of(
    store: &Store,
    episode: i64,
) -> Result<Option<i64>, EpisodeError> {
    let found = sqlx::query(
        "WITH RECURSIVE same (id) AS (SELECT CAST($1 AS BIGINT) UNION \
         SELECT earlier.id FROM exceedance_episode earlier JOIN same \
         ON earlier.superseded_by = same.id) \
         SELECT case_id FROM exceedance_case WHERE episode IN (SELECT id FROM same) \
         ORDER BY tied_at, episode LIMIT 1",
    )
    .bind(episode)
    .fetch_optional(store.reader())
    .await?;
    found.map(|row| Ok(row.try_get(0)?)).transpose()
}

/// Notes which case an episode became; the first one stays.
pub(in crate::episodes) async fn tie(
    store: &Store,
    episode: i64,
    case: i64,
    now: Timestamp,
) -> Result<(), EpisodeError> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO exceedance_case (episode, case_id, tied_at) VALUES ($1, $2, $3) \
         ON CONFLICT (episode) DO NOTHING",
    )
    .bind(episode)
    .bind(case)
    .bind(now.as_millisecond())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}
