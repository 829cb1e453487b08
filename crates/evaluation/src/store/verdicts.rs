//! Verdicts: the one that holds now, and those it superseded.

use super::rows::{decimal, factor, milliseconds, number_of, source, time, wrong};
use crate::{EvaluationError, Outcome, StoredVerdict, Verdict, VerdictHead, reasons};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use observations::RowKey;
use registry::PointId;
use rulebook::Period;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::ops::Range;

const COLUMNS: &str = "id, point, rule, factor, period, observed_at, version, judged_at, block, \
    block_index, edition, outcome, value, level, reasons";

/// Keeps a verdict; one that says the same as before leaves everything as it is. Returns what is
/// kept now when that has changed.
pub(crate) async fn put(
    transaction: &mut Transaction,
    verdict: &Verdict,
    judged_at: Timestamp,
) -> Result<Option<StoredVerdict>, EvaluationError> {
    // Nearly always the first verdict on its value: one statement then says it all.
    if let Some(stored) = insert(transaction, verdict, judged_at).await? {
        return Ok(Some(stored));
    }
    let text = format!(
        "SELECT {COLUMNS} FROM verdict WHERE point = $1 AND rule = $2 AND factor = $3 \
         AND period = $4 AND observed_at = $5"
    );
    let before = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(verdict.point.0)
        .bind(verdict.rule.clone())
        .bind(number_of(verdict.factor))
        .bind(verdict.period.code())
        .bind(verdict.observed_at.as_second())
        .fetch_one(&mut **transaction)
        .await?;
    let before = read(&before)?;
    if same(&before.verdict, verdict) {
        return Ok(None);
    }
    supersede(transaction, &before).await?;
    let version = before.version + 1;
    sqlx::query(
        "UPDATE verdict SET version = $1, judged_at = $2, block = $3, block_index = $4, \
         edition = $5, outcome = $6, value = $7, level = $8, reasons = $9 WHERE id = $10",
    )
    .bind(version)
    .bind(judged_at.as_millisecond())
    .bind(verdict.source.block)
    .bind(i64::from(verdict.source.index))
    .bind(verdict.edition.clone())
    .bind(verdict.outcome.as_str())
    .bind(verdict.value.map(|value| value.to_string()))
    .bind(verdict.level.map(i64::from))
    .bind(packed(verdict)?)
    .bind(before.id)
    .execute(&mut **transaction)
    .await?;
    Ok(Some(StoredVerdict { id: before.id, version, judged_at, verdict: verdict.clone() }))
}

/// Whether two verdicts say the same for the same reasons; where the value came from may differ.
fn same(before: &Verdict, now: &Verdict) -> bool {
    before.outcome == now.outcome
        && before.value == now.value
        && before.level == now.level
        && before.edition == now.edition
        && before.reasons == now.reasons
}

async fn insert(
    transaction: &mut Transaction,
    verdict: &Verdict,
    judged_at: Timestamp,
) -> Result<Option<StoredVerdict>, EvaluationError> {
    let row = sqlx::query(
        "INSERT INTO verdict (point, rule, factor, period, observed_at, version, judged_at, block, \
         block_index, edition, outcome, value, level, reasons) \
         VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (point, rule, factor, period, observed_at) DO NOTHING RETURNING id",
    )
    .bind(verdict.point.0)
    .bind(verdict.rule.clone())
    .bind(number_of(verdict.factor))
    .bind(verdict.period.code())
    .bind(verdict.observed_at.as_second())
    .bind(judged_at.as_millisecond())
    .bind(verdict.source.block)
    .bind(i64::from(verdict.source.index))
    .bind(verdict.edition.clone())
    .bind(verdict.outcome.as_str())
    .bind(verdict.value.map(|value| value.to_string()))
    .bind(verdict.level.map(i64::from))
    .bind(packed(verdict)?)
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id = row.try_get(0)?;
    Ok(Some(StoredVerdict { id, version: 1, judged_at, verdict: verdict.clone() }))
}

async fn supersede(
    transaction: &mut Transaction,
    before: &StoredVerdict,
) -> Result<(), EvaluationError> {
    let verdict = &before.verdict;
    sqlx::query(
        "INSERT INTO verdict_superseded (verdict, version, judged_at, block, block_index, edition, \
         outcome, value, level, reasons) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(before.id)
    .bind(before.version)
    .bind(before.judged_at.as_millisecond())
    .bind(verdict.source.block)
    .bind(i64::from(verdict.source.index))
    .bind(verdict.edition.clone())
    .bind(verdict.outcome.as_str())
    .bind(verdict.value.map(|value| value.to_string()))
    .bind(verdict.level.map(i64::from))
    .bind(packed(verdict)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The verdict with this number.
///
/// # Errors
/// When the store cannot be read.
pub async fn verdict(store: &Store, id: i64) -> Result<Option<StoredVerdict>, EvaluationError> {
    let text = format!("SELECT {COLUMNS} FROM verdict WHERE id = $1");
    let found =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(store.reader()).await?;
    found.as_ref().map(read).transpose()
}

/// What a verdict said before, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn verdict_versions(
    store: &Store,
    id: i64,
) -> Result<Vec<StoredVerdict>, EvaluationError> {
    let found = sqlx::query(
        "SELECT v.id, v.point, v.rule, v.factor, v.period, v.observed_at, s.version, s.judged_at, \
         s.block, s.block_index, s.edition, s.outcome, s.value, s.level, s.reasons \
         FROM verdict_superseded s JOIN verdict v ON v.id = s.verdict \
         WHERE s.verdict = $1 ORDER BY s.version",
    )
    .bind(id)
    .fetch_all(store.reader())
    .await?;
    found.iter().map(read).collect()
}

/// The verdicts of a rule at a point in a span of time, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn verdicts(
    store: &Store,
    point: PointId,
    rule: &str,
    range: Range<Timestamp>,
) -> Result<Vec<StoredVerdict>, EvaluationError> {
    let text = format!(
        "SELECT {COLUMNS} FROM verdict WHERE point = $1 AND rule = $2 AND observed_at >= $3 \
         AND observed_at < $4 ORDER BY observed_at, factor"
    );
    let found = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(point.0)
        .bind(rule.to_owned())
        .bind(range.start.as_second())
        .bind(range.end.as_second())
        .fetch_all(store.reader())
        .await?;
    found.iter().map(read).collect()
}

/// The verdict of a rule on a whole row, if there is one.
///
/// # Errors
/// When the store cannot be read.
pub async fn verdict_on(
    store: &Store,
    rule: &str,
    row: RowKey,
) -> Result<Option<StoredVerdict>, EvaluationError> {
    let text = format!(
        "SELECT {COLUMNS} FROM verdict WHERE point = $1 AND rule = $2 AND factor = $3 \
         AND period = $4 AND observed_at = $5"
    );
    let found = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(row.point.0)
        .bind(rule.to_owned())
        .bind(crate::NO_FACTOR)
        .bind(row.period.code())
        .bind(row.observed_at.as_second())
        .fetch_optional(store.reader())
        .await?;
    found.as_ref().map(read).transpose()
}

/// Which verdicts there are after this number, the lowest first, at most `limit`, without what they
/// say.
///
/// # Errors
/// When the store cannot be read.
pub async fn verdict_heads(
    store: &Store,
    after: i64,
    limit: u32,
) -> Result<Vec<VerdictHead>, EvaluationError> {
    let found = sqlx::query(
        "SELECT id, point, rule, factor, period, observed_at, version, block FROM verdict \
         WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(store.reader())
    .await?;
    let head = |row: &AnyRow| {
        let period: i64 = row.try_get("period")?;
        Ok(VerdictHead {
            id: row.try_get("id")?,
            version: row.try_get("version")?,
            rule: row.try_get("rule")?,
            factor: factor(row)?,
            row: RowKey {
                point: PointId(row.try_get("point")?),
                period: Period::from_code(period).ok_or_else(|| wrong("period", period))?,
                observed_at: time(row.try_get("observed_at")?)?,
            },
            block: row.try_get("block")?,
        })
    };
    found.iter().map(head).collect()
}

/// Which verdicts are wanted, page by page.
#[derive(Clone, Debug, Default)]
pub struct VerdictFilter {
    /// At these points; `None` = everywhere.
    pub points: Option<Vec<PointId>>,
    /// On values from this time.
    pub from: Option<Timestamp>,
    /// On values before this time.
    pub to: Option<Timestamp>,
}

/// The verdicts after this number, the lowest first, at most `limit`: for whoever reads many.
///
/// # Errors
/// When the store cannot be read.
pub async fn verdict_page(
    store: &Store,
    filter: &VerdictFilter,
    after: i64,
    limit: u32,
) -> Result<Vec<StoredVerdict>, EvaluationError> {
    let mut conditions = vec![format!("id > {after}")];
    if let Some(points) = &filter.points {
        let ids: Vec<String> = points.iter().map(|point| point.0.to_string()).collect();
        let list = if ids.is_empty() { "-1".to_owned() } else { ids.join(", ") };
        conditions.push(format!("point IN ({list})"));
    }
    conditions.extend(filter.from.map(|from| format!("observed_at >= {}", from.as_second())));
    conditions.extend(filter.to.map(|to| format!("observed_at < {}", to.as_second())));
    let text = format!(
        "SELECT {COLUMNS} FROM verdict WHERE {} ORDER BY id LIMIT {limit}",
        conditions.join(" AND ")
    );
    let found = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    found.iter().map(read).collect()
}

/// The newest verdict of each point, rule and factor, by leaps through the key: the time it takes
/// does not grow with the history.
pub(crate) async fn newest(store: &Store) -> Result<Vec<StoredVerdict>, EvaluationError> {
    let text = format!(
        "SELECT {COLUMNS} FROM verdict WHERE point = $1 AND rule = $2 AND factor = $3 \
         ORDER BY period DESC, observed_at DESC LIMIT 1"
    );
    let mut newest = Vec::new();
    let mut place = (i64::MIN, String::new(), i64::MIN);
    while let Some(row) = sqlx::query(
        "SELECT point, rule, factor FROM verdict WHERE (point, rule, factor) > ($1, $2, $3) \
         ORDER BY point, rule, factor LIMIT 1",
    )
    .bind(place.0)
    .bind(place.1.clone())
    .bind(place.2)
    .fetch_optional(store.reader())
    .await?
    {
        place = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let row = sqlx::query(sqlx::AssertSqlSafe(text.clone()))
            .bind(place.0)
            .bind(place.1.clone())
            .bind(place.2)
            .fetch_one(store.reader())
            .await?;
        newest.push(read(&row)?);
    }
    Ok(newest)
}

fn read(row: &AnyRow) -> Result<StoredVerdict, EvaluationError> {
    let period: i64 = row.try_get("period")?;
    let outcome: String = row.try_get("outcome")?;
    let level: Option<i64> = row.try_get("level")?;
    Ok(StoredVerdict {
        id: row.try_get("id")?,
        version: row.try_get("version")?,
        judged_at: milliseconds(row.try_get("judged_at")?)?,
        verdict: Verdict {
            point: PointId(row.try_get("point")?),
            rule: row.try_get("rule")?,
            factor: factor(row)?,
            period: Period::from_code(period).ok_or_else(|| wrong("period", period))?,
            observed_at: time(row.try_get("observed_at")?)?,
            source: source(row)?,
            edition: row.try_get("edition")?,
            outcome: Outcome::parse(&outcome).ok_or_else(|| wrong("outcome", &outcome))?,
            value: decimal(row, "value")?,
            level: level.and_then(|level| u8::try_from(level).ok()),
            reasons: unpacked(row)?,
        },
    })
}

fn packed(verdict: &Verdict) -> Result<Vec<u8>, EvaluationError> {
    reasons::pack(&verdict.reasons).map_err(|error| wrong("reasons", error))
}

fn unpacked(row: &AnyRow) -> Result<serde_json::Value, EvaluationError> {
    let bytes: Vec<u8> = row.try_get("reasons")?;
    reasons::unpack(&bytes).ok_or_else(|| wrong("reasons", format!("{} bytes", bytes.len())))
}
