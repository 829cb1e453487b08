//! Findings: kept, brought up to date, asked for in the order of the queue.

use super::{TriageError, factor_of, listed, millisecond, number_of, numbers, rows, wrong};
use crate::triage::model::{Finding, FindingId, Member, Origin, Score, State};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use registry::PointId;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::HashMap;

const COLUMNS: &str = "id, point, opened_at, last_at, is_active, state, merged_into, found_at, \
    score, likely, harm, clock, reasons, version";

/// In which order findings come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::triage) enum Order {
    /// The highest score first.
    #[default]
    Ranked,
    /// The newest first.
    Newest,
}

/// Which findings are wanted.
#[derive(Clone, Debug)]
pub(in crate::triage) struct Wanted {
    /// In this state.
    pub(in crate::triage) state: State,
    /// At these points; `None` = everywhere.
    pub(in crate::triage) points: Option<Vec<PointId>>,
    /// In which order.
    pub(in crate::triage) order: Order,
    /// Behind this one: its score or time, and its number.
    pub(in crate::triage) after: Option<(i64, i64)>,
    /// At most so many.
    pub(in crate::triage) limit: u32,
}

/// A page of findings with their members.
pub(in crate::triage) async fn queue(
    store: &Store,
    wanted: &Wanted,
) -> Result<Vec<Finding>, TriageError> {
    let column = match wanted.order {
        Order::Ranked => "score",
        Order::Newest => "last_at",
    };
    let mut conditions = vec![format!("state = '{}'", wanted.state.as_str())];
    if let Some(points) = &wanted.points {
        conditions.push(format!("point IN ({})", listed(points)));
    }
    if let Some((key, id)) = wanted.after {
        conditions.push(format!("({column} < {key} OR ({column} = {key} AND id < {id}))"));
    }
    let text = format!(
        "SELECT {COLUMNS} FROM finding WHERE {} ORDER BY {column} DESC, id DESC LIMIT {}",
        conditions.join(" AND "),
        wanted.limit
    );
    with_members(store, rows(store, text).await?).await
}

/// How many wait at these points.
pub(in crate::triage) async fn count(
    store: &Store,
    points: Option<&[PointId]>,
) -> Result<i64, TriageError> {
    let at = points.map_or_else(String::new, |at| format!(" AND point IN ({})", listed(at)));
    let text = format!("SELECT COUNT(*) FROM finding WHERE state = 'waiting'{at}");
    let found = rows(store, text).await?;
    Ok(found.first().map_or(Ok(0), |row| row.try_get(0))?)
}

/// At which place of the whole queue a waiting finding stands.
pub(in crate::triage) async fn place(
    store: &Store,
    finding: &Finding,
) -> Result<Option<i64>, TriageError> {
    if finding.state != State::Waiting {
        return Ok(None);
    }
    let (score, id) = (finding.score.value(), finding.id.0);
    let text = format!(
        "SELECT COUNT(*) FROM finding WHERE state = 'waiting' \
         AND (score > {score} OR (score = {score} AND id > {id}))"
    );
    let found = rows(store, text).await?;
    Ok(found.first().map(|row| row.try_get::<i64, _>(0)).transpose()?.map(|before| before + 1))
}

/// One finding.
pub(in crate::triage) async fn finding(
    store: &Store,
    id: i64,
) -> Result<Option<Finding>, TriageError> {
    let text = format!("SELECT {COLUMNS} FROM finding WHERE id = {id}");
    Ok(with_members(store, rows(store, text).await?).await?.pop())
}

/// Findings that were not merged and were seen since, at these points or everywhere.
pub(in crate::triage) async fn known(
    store: &Store,
    points: Option<&[PointId]>,
    since: Timestamp,
) -> Result<Vec<Finding>, TriageError> {
    let at = points.map_or_else(String::new, |at| format!(" AND point IN ({})", listed(at)));
    let text = format!(
        "SELECT {COLUMNS} FROM finding WHERE merged_into IS NULL \
         AND (last_at >= {} OR is_active = 1){at} ORDER BY id",
        since.as_millisecond()
    );
    with_members(store, rows(store, text).await?).await
}

/// The newest findings of an outlet, whatever became of them.
pub(in crate::triage) async fn newest_numbers(
    store: &Store,
    points: &[PointId],
    limit: u32,
) -> Result<Vec<Finding>, TriageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM finding WHERE merged_into IS NULL AND point IN ({}) \
         ORDER BY last_at DESC, id DESC LIMIT {limit}",
        listed(points)
    );
    with_members(store, rows(store, text).await?).await
}

/// The scores that a finding has had, the newest first: version, when, score.
pub(in crate::triage) async fn scores(
    store: &Store,
    id: FindingId,
) -> Result<Vec<(i64, Timestamp, Score)>, TriageError> {
    let text = format!(
        "SELECT version, scored_at, likely, harm, clock, reasons FROM finding_score \
         WHERE finding = {} ORDER BY version DESC LIMIT 50",
        id.0
    );
    let found = rows(store, text).await?;
    let read = |row: &AnyRow| -> Result<_, TriageError> {
        Ok((row.try_get("version")?, millisecond(row.try_get("scored_at")?)?, score(row)?))
    };
    found.iter().map(read).collect()
}

/// Keeps a new finding with its first score; its number is given back.
pub(in crate::triage) async fn insert(
    transaction: &mut Transaction,
    finding: &Finding,
    now: Timestamp,
) -> Result<FindingId, TriageError> {
    let row = sqlx::query(
        "INSERT INTO finding (point, opened_at, last_at, is_active, state, found_at, score, \
         likely, harm, clock, reasons, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1) RETURNING id",
    )
    .bind(finding.point.0)
    .bind(finding.opened_at.as_millisecond())
    .bind(finding.last_at.as_millisecond())
    .bind(i64::from(finding.is_active))
    .bind(finding.state.as_str())
    .bind(finding.found_at.as_millisecond())
    .bind(finding.score.value())
    .bind(finding.score.likely)
    .bind(finding.score.harm)
    .bind(finding.score.clock)
    .bind(finding.score.reasons_json().to_string())
    .fetch_one(&mut **transaction)
    .await?;
    let id = FindingId(row.try_get(0)?);
    let kept = Finding { id, version: 1, ..finding.clone() };
    put_score(transaction, &kept, now).await?;
    put_members(transaction, id, &kept.members).await?;
    Ok(id)
}

/// Brings a finding up to date; a new version of the score is kept beside the earlier ones.
pub(in crate::triage) async fn save(
    transaction: &mut Transaction,
    before: &Finding,
    after: &Finding,
    now: Timestamp,
) -> Result<(), TriageError> {
    sqlx::query(
        "UPDATE finding SET opened_at = $1, last_at = $2, is_active = $3, state = $4, \
         merged_into = $5, score = $6, likely = $7, harm = $8, clock = $9, reasons = $10, \
         version = $11 WHERE id = $12",
    )
    .bind(after.opened_at.as_millisecond())
    .bind(after.last_at.as_millisecond())
    .bind(i64::from(after.is_active))
    .bind(after.state.as_str())
    .bind(after.merged_into.map(|id| id.0))
    .bind(after.score.value())
    .bind(after.score.likely)
    .bind(after.score.harm)
    .bind(after.score.clock)
    .bind(after.score.reasons_json().to_string())
    .bind(after.version)
    .bind(after.id.0)
    .execute(&mut **transaction)
    .await?;
    if after.version != before.version {
        put_score(transaction, after, now).await?;
    }
    let changed: Vec<Member> =
        after.members.iter().filter(|one| !before.members.contains(one)).cloned().collect();
    put_members(transaction, after.id, &changed).await?;
    let is_gone = |one: &&Member| after.members.iter().all(|other| other.key() != one.key());
    for gone in before.members.iter().filter(is_gone) {
        // A sign that was withdrawn: no alarm of the finding any more.
        sqlx::query(
            "DELETE FROM finding_member WHERE origin = $1 AND reference = $2 AND finding = $3",
        )
        .bind(gone.origin.as_str())
        .bind(gone.reference)
        .bind(after.id.0)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

async fn put_score(
    transaction: &mut Transaction,
    finding: &Finding,
    now: Timestamp,
) -> Result<(), TriageError> {
    sqlx::query(
        "INSERT INTO finding_score (finding, version, scored_at, score, likely, harm, clock, \
         reasons) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(finding.id.0)
    .bind(finding.version)
    .bind(now.as_millisecond())
    .bind(finding.score.value())
    .bind(finding.score.likely)
    .bind(finding.score.harm)
    .bind(finding.score.clock)
    .bind(finding.score.reasons_json().to_string())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_members(
    transaction: &mut Transaction,
    finding: FindingId,
    members: &[Member],
) -> Result<(), TriageError> {
    for member in members {
        sqlx::query(
            "INSERT INTO finding_member (origin, reference, finding, what, point, factor, \
             began_at, ended_at, is_open, times, count, found_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT (origin, reference) DO UPDATE SET finding = excluded.finding, \
             what = excluded.what, began_at = excluded.began_at, ended_at = excluded.ended_at, \
             is_open = excluded.is_open, times = excluded.times, count = excluded.count",
        )
        .bind(member.origin.as_str())
        .bind(member.reference)
        .bind(finding.0)
        .bind(member.what.clone())
        .bind(member.point.0)
        .bind(number_of(member.factor))
        .bind(member.began_at.as_millisecond())
        .bind(member.ended_at.as_millisecond())
        .bind(i64::from(member.is_open))
        .bind(member.times.map(|times| times.to_string()))
        .bind(member.count)
        .bind(member.found_at.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// The finding that an alert belongs to.
pub(in crate::triage) async fn of_alert(
    store: &Store,
    alert: i64,
) -> Result<Option<i64>, TriageError> {
    let found =
        sqlx::query("SELECT finding FROM finding_member WHERE origin = $1 AND reference = $2")
            .bind(Origin::Alert.as_str())
            .bind(alert)
            .fetch_optional(store.reader())
            .await?;
    found.map(|row| Ok(row.try_get(0)?)).transpose()
}

/// Members are asked for by so many findings at once.
const AT_ONCE: usize = 500;

async fn with_members(store: &Store, found: Vec<AnyRow>) -> Result<Vec<Finding>, TriageError> {
    let mut findings: Vec<Finding> = found.iter().map(read).collect::<Result<_, _>>()?;
    let mut members: HashMap<i64, Vec<Member>> = HashMap::new();
    for part in findings.chunks(AT_ONCE) {
        let text = format!(
            "SELECT finding, origin, reference, what, point, factor, began_at, ended_at, is_open, \
             times, count, found_at FROM finding_member WHERE finding IN ({}) \
             ORDER BY began_at, origin, reference",
            numbers(part.iter().map(|finding| finding.id.0))
        );
        for row in rows(store, text).await? {
            members.entry(row.try_get("finding")?).or_default().push(member(&row)?);
        }
    }
    for finding in &mut findings {
        finding.members = members.remove(&finding.id.0).unwrap_or_default();
    }
    Ok(findings)
}

fn member(row: &AnyRow) -> Result<Member, TriageError> {
    let origin: String = row.try_get("origin")?;
    let times: Option<String> = row.try_get("times")?;
    let number = |text: String| text.parse().map_err(|_| wrong("multiple", &text));
    Ok(Member {
        origin: Origin::parse(&origin).ok_or_else(|| wrong("origin", &origin))?,
        reference: row.try_get("reference")?,
        what: row.try_get("what")?,
        point: PointId(row.try_get("point")?),
        factor: factor_of(row.try_get("factor")?)?,
        began_at: millisecond(row.try_get("began_at")?)?,
        ended_at: millisecond(row.try_get("ended_at")?)?,
        found_at: millisecond(row.try_get("found_at")?)?,
        is_open: row.try_get::<i64, _>("is_open")? != 0,
        times: times.map(number).transpose()?,
        count: row.try_get("count")?,
    })
}

fn score(row: &AnyRow) -> Result<Score, TriageError> {
    let reasons: String = row.try_get("reasons")?;
    let json = serde_json::from_str(&reasons).map_err(|_| wrong("reasons", &reasons))?;
    Ok(Score {
        likely: row.try_get("likely")?,
        harm: row.try_get("harm")?,
        clock: row.try_get("clock")?,
        reasons: Score::reasons_of_json(&json),
    })
}

fn read(row: &AnyRow) -> Result<Finding, TriageError> {
    let state: String = row.try_get("state")?;
    Ok(Finding {
        id: FindingId(row.try_get("id")?),
        point: PointId(row.try_get("point")?),
        opened_at: millisecond(row.try_get("opened_at")?)?,
        last_at: millisecond(row.try_get("last_at")?)?,
        is_active: row.try_get::<i64, _>("is_active")? != 0,
        state: State::parse(&state).ok_or_else(|| wrong("state", &state))?,
        merged_into: row.try_get::<Option<i64>, _>("merged_into")?.map(FindingId),
        found_at: millisecond(row.try_get("found_at")?)?,
        score: score(row)?,
        version: row.try_get("version")?,
        members: Vec::new(),
    })
}
