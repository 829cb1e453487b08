//! Decisions of the bureau.

use super::{factor_of, instant, list_of, number_of, wrong};
use crate::error::ValidityError;
use crate::model::{BureauVerdict, Decision, DecisionId, MarkId};
use ::store::{Store, Transaction};
use authority::audit::Actor;
use jiff::Timestamp;
use registry::{FactorId, PointId};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

const SELECT: &str = "SELECT id, mark, point, factor, from_at, to_at, verdict, reason, evidence, \
    author, made_at FROM validity_decision";

/// The decisions that bear on an outlet in a time, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn decisions(
    store: &Store,
    point: PointId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Decision>, ValidityError> {
    let text = format!("{SELECT} WHERE point = $1 AND to_at > $2 AND from_at < $3 ORDER BY id");
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(point.0)
        .bind(from.as_millisecond())
        .bind(until.as_millisecond())
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(read).collect()
}

/// All decisions on these marks, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn decisions_on(store: &Store, marks: &[MarkId]) -> Result<Vec<Decision>, ValidityError> {
    if marks.is_empty() {
        return Ok(Vec::new());
    }
    let list = list_of(marks.iter().map(|id| id.0));
    let text = format!("{SELECT} WHERE mark IN ({list}) ORDER BY id");
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    rows.iter().map(read).collect()
}

/// The decisions of these numbers.
pub(crate) async fn of_ids(
    store: &Store,
    ids: &[DecisionId],
) -> Result<Vec<Decision>, ValidityError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("{SELECT} WHERE id IN ({}) ORDER BY id", list_of(ids.iter().map(|id| id.0)));
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    rows.iter().map(read).collect()
}

/// A decision to be kept.
pub(crate) struct Insertion<'a> {
    pub(crate) mark: Option<MarkId>,
    pub(crate) point: PointId,
    pub(crate) factor: Option<FactorId>,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) verdict: BureauVerdict,
    pub(crate) reason: &'a str,
    pub(crate) evidence: Option<&'a str>,
    pub(crate) actor: &'a Actor,
    pub(crate) now: Timestamp,
}

/// Keeps a decision; gives its number.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    row: &Insertion<'_>,
) -> Result<DecisionId, ValidityError> {
    let kept = sqlx::query(
        "INSERT INTO validity_decision (mark, point, factor, from_at, to_at, verdict, reason, \
         evidence, author, user_id, made_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
    )
    .bind(row.mark.map(|mark| mark.0))
    .bind(row.point.0)
    .bind(number_of(row.factor))
    .bind(row.from.as_millisecond())
    .bind(row.to.as_millisecond())
    .bind(row.verdict.as_str())
    .bind(row.reason.to_owned())
    .bind(row.evidence.map(str::to_owned))
    .bind(row.actor.name.clone())
    .bind(row.actor.user.map(|user| user.0))
    .bind(row.now.as_millisecond())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(DecisionId(kept.try_get(0)?))
}

fn read(row: &AnyRow) -> Result<Decision, ValidityError> {
    let verdict: String = row.try_get(6)?;
    Ok(Decision {
        id: DecisionId(row.try_get(0)?),
        mark: row.try_get::<Option<i64>, _>(1)?.map(MarkId),
        point: PointId(row.try_get(2)?),
        factor: factor_of(row.try_get(3)?)?,
        from: instant(row.try_get(4)?)?,
        to: instant(row.try_get(5)?)?,
        verdict: BureauVerdict::parse(&verdict).ok_or_else(|| wrong("verdict", &verdict))?,
        reason: row.try_get(7)?,
        evidence: row.try_get(8)?,
        author: row.try_get(9)?,
        at: instant(row.try_get(10)?)?,
    })
}
