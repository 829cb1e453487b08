//! Reading entries and what is kept beside them.

use super::count;
use crate::{EntryName, LogError, Logged};
use ::store::Store;
use jiff::Timestamp;
use observations::RowKey;
use registry::PointId;
use rulebook::Period;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

const COLUMNS: &str = "position, kind, name, version, logged_at, entry";

fn logged(row: &AnyRow) -> Result<Logged, LogError> {
    let at: i64 = row.try_get(4)?;
    Ok(Logged {
        position: count(row.try_get(0)?)?,
        kind: row.try_get(1)?,
        name: row.try_get(2)?,
        version: row.try_get(3)?,
        logged_at: Timestamp::from_millisecond(at)
            .map_err(|_| LogError::Damaged(format!("an entry of the time {at}")))?,
        text: row.try_get(5)?,
    })
}

/// Entries of a kind, or of all, before a position, the newest first.
pub(crate) async fn entries_newest(
    store: &Store,
    kind: Option<&str>,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Logged>, LogError> {
    let before = before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
    // Without a kind nothing is bound to it, so that each question has its index.
    let of_kind = if kind.is_some() { "AND kind = $3" } else { "" };
    let text = format!(
        "SELECT {COLUMNS} FROM log_entry WHERE position < $1 {of_kind} \
         ORDER BY position DESC LIMIT $2"
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(before).bind(i64::from(limit));
    if let Some(kind) = kind {
        query = query.bind(kind.to_owned());
    }
    query.fetch_all(store.reader()).await?.iter().map(logged).collect()
}

/// Entries of these positions, in their order, as far as they are there.
pub(crate) async fn entries_after(
    store: &Store,
    positions: Range<u64>,
) -> Result<Vec<Logged>, LogError> {
    let text = format!(
        "SELECT {COLUMNS} FROM log_entry WHERE position >= $1 AND position < $2 ORDER BY position"
    );
    let (Ok(from), Ok(to)) = (i64::try_from(positions.start), i64::try_from(positions.end)) else {
        return Ok(Vec::new());
    };
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(from)
        .bind(to)
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(logged).collect()
}

/// The entry of this position.
pub(crate) async fn entry_at(store: &Store, position: u64) -> Result<Option<Logged>, LogError> {
    Ok(entries_after(store, position..position.saturating_add(1)).await?.pop())
}

/// Every version of an entry, the first one first.
pub(crate) async fn entries_of(store: &Store, name: &EntryName) -> Result<Vec<Logged>, LogError> {
    let text = format!("SELECT {COLUMNS} FROM log_entry WHERE name = $1 ORDER BY version");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(name.to_string())
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(logged).collect()
}

/// The last logged version of the figure of a row.
pub(crate) async fn figure_last(store: &Store, row: RowKey) -> Result<Option<Logged>, LogError> {
    let found = sqlx::query(
        "SELECT entry.position, entry.kind, entry.name, entry.version, entry.logged_at, \
         entry.entry FROM log_figure figure JOIN log_entry entry \
         ON entry.position = figure.position WHERE figure.point = $1 AND figure.period = $2 \
         AND figure.observed_at = $3 ORDER BY figure.version DESC LIMIT 1",
    )
    .bind(row.point.0)
    .bind(row.period.code())
    .bind(row.observed_at.as_second())
    .fetch_optional(store.reader())
    .await?;
    found.as_ref().map(logged).transpose()
}

/// The salt of an audit record.
#[derive(Clone, Debug)]
pub(crate) struct AuditSecret {
    pub(crate) salt: Vec<u8>,
}

/// The salts of the audit records of these numbers, both ends included.
pub(crate) async fn audit_secrets(
    store: &Store,
    first: i64,
    last: i64,
) -> Result<HashMap<i64, AuditSecret>, LogError> {
    let rows = sqlx::query("SELECT record, salt FROM log_audit WHERE record BETWEEN $1 AND $2")
        .bind(first)
        .bind(last)
        .fetch_all(store.reader())
        .await?;
    let secret = |row: &AnyRow| Ok((row.try_get(0)?, AuditSecret { salt: row.try_get(1)? }));
    rows.iter().map(secret).collect()
}

/// Which of the audit records of these numbers stand in the log, both ends included.
pub(crate) async fn logged_audit(
    store: &Store,
    first: i64,
    last: i64,
) -> Result<HashSet<i64>, LogError> {
    let rows = sqlx::query(
        "SELECT audit.record FROM log_audit audit JOIN log_entry entry \
         ON entry.position = audit.position AND entry.name = 'audit:' || audit.record \
         WHERE audit.record BETWEEN $1 AND $2",
    )
    .bind(first)
    .bind(last)
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Numbers of audit records that were passed over, with the time when that was noticed.
pub(crate) async fn gaps(store: &Store) -> Result<Vec<(i64, i64)>, LogError> {
    let rows = sqlx::query("SELECT record, seen_at FROM log_audit_gap ORDER BY record")
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// What is kept of the packets of an hour.
#[derive(Clone, Debug)]
pub(crate) struct PacketsSecret {
    pub(crate) salt: Vec<u8>,
    pub(crate) blocks: Vec<u8>,
}

/// What is kept of the packets of this hour.
pub(crate) async fn packets_secret(
    store: &Store,
    hour: Timestamp,
) -> Result<Option<PacketsSecret>, LogError> {
    let found = sqlx::query("SELECT salt, blocks FROM log_packets WHERE hour = $1")
        .bind(hour.as_second())
        .fetch_optional(store.reader())
        .await?;
    let secret = |row: AnyRow| Ok(PacketsSecret { salt: row.try_get(0)?, blocks: row.try_get(1)? });
    found.map(secret).transpose()
}

/// Of which state of row and verdict a figure was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FigureState {
    pub(crate) position: u64,
    pub(crate) row: RowKey,
    pub(crate) edition: i64,
    pub(crate) row_version: i64,
    pub(crate) verdict: Option<(i64, i64)>,
}

const STATE: &str = "position, point, period, observed_at, edition, row_version, verdict, \
    verdict_version";

fn state(row: &AnyRow) -> Result<FigureState, LogError> {
    let (period, at): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
    let damaged = || LogError::Damaged(format!("a figure of the period {period} at {at}"));
    let (verdict, version): (Option<i64>, Option<i64>) = (row.try_get(6)?, row.try_get(7)?);
    Ok(FigureState {
        position: count(row.try_get(0)?)?,
        row: RowKey {
            point: PointId(row.try_get(1)?),
            period: Period::from_code(period).ok_or_else(damaged)?,
            observed_at: Timestamp::from_second(at).map_err(|_| damaged())?,
        },
        edition: row.try_get(4)?,
        row_version: row.try_get(5)?,
        verdict: verdict.zip(version),
    })
}

/// The states of the figures among these positions.
pub(crate) async fn figure_states(
    store: &Store,
    positions: Range<u64>,
) -> Result<HashMap<u64, FigureState>, LogError> {
    let text = format!("SELECT {STATE} FROM log_figure WHERE position >= $1 AND position < $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(positions.start as i64)
        .bind(positions.end as i64)
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(|row| state(row).map(|state| (state.position, state))).collect()
}

/// The last logged version of each verdict of these numbers, both ends included.
pub(crate) async fn logged_verdicts(
    store: &Store,
    first: i64,
    last: i64,
) -> Result<HashMap<i64, i64>, LogError> {
    let rows = sqlx::query(
        "SELECT figure.verdict, MAX(figure.verdict_version) FROM log_figure figure \
         JOIN log_entry entry ON entry.position = figure.position \
         AND entry.version = figure.version WHERE figure.verdict BETWEEN $1 AND $2 \
         GROUP BY figure.verdict",
    )
    .bind(first)
    .bind(last)
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}
