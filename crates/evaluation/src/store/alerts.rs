//! Alerts and their timelines.

use super::rows::{decimal, factor, json, number_of, time, wrong};
use crate::EvaluationError;
use crate::alerts::{Alert, AlertEvent, AlertKind, Severity, Subject};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use observations::Source;
use registry::PointId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

const COLUMNS: &str = "id, kind, point, factor, severity, opened_at, last_at, closed_at, count, \
    last_value, worst_value, bound, close_reason, evidence";

/// Which alerts are wanted.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// `Some(true)`: open ones; `Some(false)`: closed ones.
    pub open: Option<bool>,
    /// Of this kind.
    pub kind: Option<AlertKind>,
    /// At one of these points; `None` = everywhere.
    pub points: Option<Vec<PointId>>,
    /// Opened at or after.
    pub from: Option<Timestamp>,
    /// Opened before.
    pub to: Option<Timestamp>,
    /// Behind this one in the list: when it was opened, and its number.
    pub after: Option<(Timestamp, i64)>,
    /// At most so many.
    pub limit: u32,
}

/// Alerts, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn alerts(store: &Store, filter: &AlertFilter) -> Result<Vec<Alert>, EvaluationError> {
    let mut wanted = Wanted::default();
    match filter.open {
        Some(true) => wanted.plain("closed_at IS NULL"),
        Some(false) => wanted.plain("closed_at IS NOT NULL"),
        None => {}
    }
    if let Some(kind) = filter.kind {
        wanted.texts.push(kind.as_str().to_owned());
        wanted.plain("kind = $TEXT");
    }
    if let Some(points) = &filter.points {
        let ids: Vec<String> = points.iter().map(|point| point.0.to_string()).collect();
        let list = if ids.is_empty() { "-1".to_owned() } else { ids.join(", ") };
        wanted.plain(&format!("point IN ({list})"));
    }
    if let Some(from) = filter.from {
        wanted.plain(&format!("opened_at >= {}", from.as_second()));
    }
    if let Some(to) = filter.to {
        wanted.plain(&format!("opened_at < {}", to.as_second()));
    }
    if let Some((opened_at, id)) = filter.after {
        let opened_at = opened_at.as_second();
        wanted.plain(&format!(
            "(opened_at < {opened_at} OR (opened_at = {opened_at} AND id < {id}))"
        ));
    }
    let text = format!(
        "SELECT {COLUMNS} FROM alert {} ORDER BY opened_at DESC, id DESC LIMIT {}",
        wanted.clause(),
        filter.limit.clamp(1, 100_000)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(text));
    for text in &wanted.texts {
        query = query.bind(text.clone());
    }
    query.fetch_all(store.reader()).await?.iter().map(read).collect()
}

/// The conditions of a question; texts are bound, numbers stand in it.
#[derive(Default)]
struct Wanted {
    conditions: Vec<String>,
    texts: Vec<String>,
}

impl Wanted {
    fn plain(&mut self, condition: &str) {
        let place = format!("${}", self.texts.len());
        self.conditions.push(condition.replace("$TEXT", &place));
    }

    fn clause(&self) -> String {
        if self.conditions.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", self.conditions.join(" AND "))
        }
    }
}

/// One alert.
///
/// # Errors
/// When the store cannot be read.
pub async fn alert(store: &Store, id: i64) -> Result<Option<Alert>, EvaluationError> {
    let text = format!("SELECT {COLUMNS} FROM alert WHERE id = $1");
    let found =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(store.reader()).await?;
    found.as_ref().map(read).transpose()
}

/// What happened to an alert, in order.
///
/// # Errors
/// When the store cannot be read.
pub async fn alert_events(store: &Store, id: i64) -> Result<Vec<AlertEvent>, EvaluationError> {
    let found = sqlx::query(
        "SELECT sequence, happened_at, what, value, block, block_index, evidence \
         FROM alert_event WHERE alert = $1 ORDER BY sequence",
    )
    .bind(id)
    .fetch_all(store.reader())
    .await?;
    found.iter().map(read_event).collect()
}

/// How many alerts of each kind are open.
///
/// # Errors
/// When the store cannot be read.
pub async fn open_alert_counts(store: &Store) -> Result<Vec<(AlertKind, i64)>, EvaluationError> {
    let found = sqlx::query(
        "SELECT kind, COUNT(*) AS number FROM alert WHERE closed_at IS NULL GROUP BY kind",
    )
    .fetch_all(store.reader())
    .await?;
    found.iter().map(|row| Ok((kind(row)?, row.try_get("number")?))).collect()
}

pub(crate) async fn open_alerts(store: &Store) -> Result<Vec<Alert>, EvaluationError> {
    let filter = AlertFilter { open: Some(true), limit: 100_000, ..AlertFilter::default() };
    alerts(store, &filter).await
}

pub(crate) async fn insert_alert(
    transaction: &mut Transaction,
    alert: &Alert,
) -> Result<i64, EvaluationError> {
    let row = sqlx::query(
        "INSERT INTO alert (kind, point, factor, severity, opened_at, last_at, count, last_value, \
         worst_value, bound, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         RETURNING id",
    )
    .bind(alert.subject.kind.as_str())
    .bind(alert.subject.point.0)
    .bind(number_of(alert.subject.factor))
    .bind(alert.severity.as_str())
    .bind(alert.opened_at.as_second())
    .bind(alert.last_at.as_second())
    .bind(alert.count)
    .bind(alert.last_value.map(|value| value.to_string()))
    .bind(alert.worst_value.map(|value| value.to_string()))
    .bind(alert.bound.clone())
    .bind(alert.evidence.to_string())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(row.try_get(0)?)
}

pub(crate) async fn update_alert(
    transaction: &mut Transaction,
    alert: &Alert,
) -> Result<(), EvaluationError> {
    sqlx::query(
        "UPDATE alert SET severity = $1, opened_at = $2, last_at = $3, closed_at = $4, count = $5, \
         last_value = $6, worst_value = $7, close_reason = $8 WHERE id = $9",
    )
    .bind(alert.severity.as_str())
    .bind(alert.opened_at.as_second())
    .bind(alert.last_at.as_second())
    .bind(alert.closed_at.map(Timestamp::as_second))
    .bind(alert.count)
    .bind(alert.last_value.map(|value| value.to_string()))
    .bind(alert.worst_value.map(|value| value.to_string()))
    .bind(alert.close_reason.clone())
    .bind(alert.id)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(crate) async fn insert_event(
    transaction: &mut Transaction,
    alert: i64,
    event: &AlertEvent,
) -> Result<(), EvaluationError> {
    sqlx::query(
        "INSERT INTO alert_event (alert, sequence, happened_at, what, value, block, block_index, \
         evidence) SELECT $1, COALESCE(MAX(sequence), 0) + 1, $2, $3, $4, $5, $6, $7 \
         FROM alert_event WHERE alert = $8",
    )
    .bind(alert)
    .bind(event.happened_at.as_second())
    .bind(event.what.clone())
    .bind(event.value.map(|value| value.to_string()))
    .bind(event.source.map(|source| source.block))
    .bind(event.source.map(|source| i64::from(source.index)))
    .bind(event.evidence.to_string())
    .bind(alert)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn kind(row: &AnyRow) -> Result<AlertKind, EvaluationError> {
    let word: String = row.try_get("kind")?;
    AlertKind::parse(&word).ok_or_else(|| wrong("kind of alert", &word))
}

fn read(row: &AnyRow) -> Result<Alert, EvaluationError> {
    let severity: String = row.try_get("severity")?;
    let closed_at: Option<i64> = row.try_get("closed_at")?;
    Ok(Alert {
        id: row.try_get("id")?,
        subject: Subject {
            kind: kind(row)?,
            point: PointId(row.try_get("point")?),
            factor: factor(row)?,
        },
        severity: Severity::parse(&severity).ok_or_else(|| wrong("severity", &severity))?,
        opened_at: time(row.try_get("opened_at")?)?,
        last_at: time(row.try_get("last_at")?)?,
        closed_at: closed_at.map(time).transpose()?,
        count: row.try_get("count")?,
        last_value: decimal(row, "last_value")?,
        worst_value: decimal(row, "worst_value")?,
        bound: row.try_get("bound")?,
        close_reason: row.try_get("close_reason")?,
        evidence: json(row, "evidence")?,
    })
}

fn read_event(row: &AnyRow) -> Result<AlertEvent, EvaluationError> {
    let block: Option<i64> = row.try_get("block")?;
    let index: Option<i64> = row.try_get("block_index")?;
    let source = block
        .zip(index)
        .map(|(block, index)| Source { block, index: u32::try_from(index).unwrap_or_default() });
    Ok(AlertEvent {
        sequence: row.try_get("sequence")?,
        happened_at: time(row.try_get("happened_at")?)?,
        what: row.try_get("what")?,
        value: decimal(row, "value")?,
        source,
        evidence: json(row, "evidence")?,
    })
}
