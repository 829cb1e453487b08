//! Verdicts of officers: given with their audit record, never overwritten, counted.

use super::{TriageError, factor_of, listed, millisecond, rows, wrong};
use crate::triage::model::{Conclusion, Finding, FindingId, State, Verdict};
use crate::triage::ranking::{Judged, Past};
use ::store::Store;
use authority::UserId;
use authority::audit::{self, Actor};
use jiff::Timestamp;
use registry::PointId;
use serde_json::json;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::HashMap;

const COLUMNS: &str = "v.id, v.finding, v.conclusion, v.reason, v.rank, v.score, v.given_at, \
    v.user_id, v.who";
/// The verdict that holds of each finding.
const HOLDS: &str = "v.id IN (SELECT MAX(id) FROM finding_verdict GROUP BY finding)";

/// What an officer gives.
pub(in crate::triage) struct Given<'given> {
    pub(in crate::triage) finding: &'given Finding,
    pub(in crate::triage) conclusion: Conclusion,
    pub(in crate::triage) reason: &'given str,
    pub(in crate::triage) rank: Option<i64>,
}

/// Keeps a verdict and who gave it; the finding waits no more.
pub(in crate::triage) async fn give(
    store: &Store,
    actor: &Actor,
    given: &Given<'_>,
    now: Timestamp,
) -> Result<(), TriageError> {
    let before = of_finding(store, given.finding.id).await?.pop();
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO finding_verdict (finding, conclusion, reason, rank, score, given_at, \
         user_id, who) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(given.finding.id.0)
    .bind(given.conclusion.as_str())
    .bind(given.reason.to_owned())
    .bind(given.rank)
    .bind(given.finding.score.value())
    .bind(now.as_millisecond())
    .bind(actor.user.map(|user| user.0))
    .bind(actor.name.clone())
    .execute(&mut *transaction)
    .await?;
    sqlx::query("UPDATE finding SET state = $1 WHERE id = $2 AND merged_into IS NULL")
        .bind(State::Decided.as_str())
        .bind(given.finding.id.0)
        .execute(&mut *transaction)
        .await?;
    let after = json!({ "conclusion": given.conclusion.as_str(), "reason": given.reason,
        "rank": given.rank, "score": given.finding.score.value() });
    let record = audit::Record {
        at: now,
        actor,
        action: "finding.verdict",
        subject: format!("finding {}", given.finding.id.0),
        before: before
            .map(|verdict| json!({ "conclusion": verdict.conclusion.as_str() }).to_string()),
        after: Some(after.to_string()),
    };
    audit::record(&mut transaction, record).await?;
    transaction.commit().await?;
    Ok(())
}

/// All verdicts on a finding, the oldest first.
pub(in crate::triage) async fn of_finding(
    store: &Store,
    finding: FindingId,
) -> Result<Vec<Verdict>, TriageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM finding_verdict v WHERE v.finding = {} ORDER BY v.id",
        finding.0
    );
    rows(store, text).await?.iter().map(read).collect()
}

/// The verdict that holds for each finding seen since that has one.
pub(in crate::triage) async fn newest(
    store: &Store,
    since: Timestamp,
) -> Result<HashMap<FindingId, Verdict>, TriageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM finding_verdict v JOIN finding f ON f.id = v.finding \
         WHERE {HOLDS} AND (f.last_at >= {} OR f.is_active = 1)",
        since.as_millisecond()
    );
    let found = rows(store, text).await?;
    let verdicts: Vec<Verdict> = found.iter().map(read).collect::<Result<_, _>>()?;
    Ok(verdicts.into_iter().map(|verdict| (verdict.finding, verdict)).collect())
}

/// The last verdicts at an outlet, the newest first, with the finding's beginning.
pub(in crate::triage) async fn decisions(
    store: &Store,
    point: PointId,
    limit: u32,
) -> Result<Vec<Verdict>, TriageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM finding_verdict v JOIN finding f ON f.id = v.finding \
         WHERE f.point = {} ORDER BY v.id DESC LIMIT {limit}",
        point.0
    );
    rows(store, text).await?.iter().map(read).collect()
}

/// How findings of each kind of alarm were judged, by the verdict that holds.
pub(in crate::triage) async fn past(store: &Store) -> Result<Past, TriageError> {
    let text = format!(
        "SELECT m.what, m.point, m.factor, COUNT(DISTINCT v.finding), \
         COUNT(DISTINCT CASE WHEN v.conclusion = 'real' THEN v.finding END) \
         FROM finding_verdict v JOIN finding_member m ON m.finding = v.finding \
         WHERE {HOLDS} GROUP BY m.what, m.point, m.factor"
    );
    let mut past = Past::default();
    for row in rows(store, text).await? {
        let factor = factor_of(row.try_get(2)?)?;
        let judged = Judged { all: row.try_get(3)?, real: row.try_get(4)? };
        past.add((row.try_get(0)?, PointId(row.try_get(1)?), factor), judged);
    }
    Ok(past)
}

/// The place at which each judged finding stood and what was concluded, by the verdict that holds.
pub(in crate::triage) async fn judged_places(
    store: &Store,
) -> Result<Vec<(Option<i64>, Conclusion)>, TriageError> {
    let text = format!("SELECT v.rank, v.conclusion FROM finding_verdict v WHERE {HOLDS}");
    let found = rows(store, text).await?;
    let read = |row: &AnyRow| -> Result<_, TriageError> {
        Ok((row.try_get(0)?, conclusion(row.try_get(1)?)?))
    };
    found.iter().map(read).collect()
}

/// The verdicts of a stretch of time at these points, the oldest first.
pub(in crate::triage) async fn verdicts_between(
    store: &Store,
    (from, to): (Timestamp, Timestamp),
    points: Option<&[PointId]>,
) -> Result<Vec<Verdict>, TriageError> {
    let at = points.map_or_else(String::new, |at| format!(" AND f.point IN ({})", listed(at)));
    let text = format!(
        "SELECT {COLUMNS} FROM finding_verdict v JOIN finding f ON f.id = v.finding \
         WHERE v.given_at >= {} AND v.given_at < {}{at} ORDER BY v.id",
        from.as_millisecond(),
        to.as_millisecond()
    );
    rows(store, text).await?.iter().map(read).collect()
}

fn conclusion(word: String) -> Result<Conclusion, TriageError> {
    Conclusion::parse(&word).ok_or_else(|| wrong("conclusion", word))
}

fn read(row: &AnyRow) -> Result<Verdict, TriageError> {
    Ok(Verdict {
        id: row.try_get("id")?,
        finding: FindingId(row.try_get("finding")?),
        conclusion: conclusion(row.try_get("conclusion")?)?,
        reason: row.try_get("reason")?,
        rank: row.try_get("rank")?,
        score: row.try_get("score")?,
        given_at: millisecond(row.try_get("given_at")?)?,
        user: row.try_get::<Option<i64>, _>("user_id")?.map(UserId),
        who: row.try_get("who")?,
    })
}
