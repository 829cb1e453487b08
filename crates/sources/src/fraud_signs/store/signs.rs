//! Signs: kept, brought up to date, withdrawn when they are no longer found.

use super::{NONE, SignError, factor_of, millisecond, number_of, second, wrong};
use crate::fraud_signs::model::{Evidence, StoredSign, StoredTwin};
use ::store::{Store, Transaction};
use detectors::{Detector, Span};
use jiff::Timestamp;
use registry::PointId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

const COLUMNS: &str = "id, detector, finding, point, factor, step, began_at, ended_at, twin_point, \
    twin_factor, twin_began_at, twin_ended_at, strength, evidence, edition, first_found_at, \
    last_found_at, withdrawn_at";

/// Which signs are wanted.
#[derive(Clone, Debug, Default)]
pub(in crate::fraud_signs) struct SignFilter {
    /// Those that lasted beyond this.
    pub(in crate::fraud_signs) ended_after: Option<Timestamp>,
    /// At one of these points, or like what is there; `None` = everywhere.
    pub(in crate::fraud_signs) points: Option<Vec<PointId>>,
    /// Also those that were withdrawn.
    pub(in crate::fraud_signs) with_withdrawn: bool,
}

/// Signs, the newest first.
pub(in crate::fraud_signs) async fn signs(
    store: &Store,
    filter: &SignFilter,
) -> Result<Vec<StoredSign>, SignError> {
    let mut conditions = vec!["1 = 1".to_owned()];
    if let Some(after) = filter.ended_after {
        conditions.push(format!("ended_at > {}", after.as_second()));
    }
    if !filter.with_withdrawn {
        conditions.push("withdrawn_at IS NULL".to_owned());
    }
    if let Some(points) = &filter.points {
        let ids: Vec<String> = points.iter().map(|point| point.0.to_string()).collect();
        let list = if ids.is_empty() { NONE.to_string() } else { ids.join(", ") };
        conditions.push(format!("(point IN ({list}) OR twin_point IN ({list}))"));
    }
    let text = format!(
        "SELECT {COLUMNS} FROM fraud_sign WHERE {} ORDER BY ended_at DESC, id DESC",
        conditions.join(" AND ")
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    rows.iter().map(read).collect()
}

/// One sign.
pub(in crate::fraud_signs) async fn sign(
    store: &Store,
    id: i64,
) -> Result<Option<StoredSign>, SignError> {
    let text = format!("SELECT {COLUMNS} FROM fraud_sign WHERE id = $1");
    let found =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(store.reader()).await?;
    found.as_ref().map(read).transpose()
}

/// Keeps a new sign; its number is given back.
pub(in crate::fraud_signs) async fn insert(
    transaction: &mut Transaction,
    sign: &StoredSign,
) -> Result<i64, SignError> {
    let twin = Twin::of(sign.twin);
    let row = sqlx::query(
        "INSERT INTO fraud_sign (detector, finding, point, factor, step, began_at, ended_at, \
         twin_point, twin_factor, twin_began_at, twin_ended_at, strength, evidence, edition, \
         first_found_at, last_found_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
         RETURNING id",
    )
    .bind(sign.detector.as_str())
    .bind(sign.finding.clone())
    .bind(sign.point.0)
    .bind(number_of(sign.factor))
    .bind(sign.step_s)
    .bind(sign.span.from.as_second())
    .bind(sign.span.to.as_second())
    .bind(twin.point)
    .bind(twin.factor)
    .bind(twin.began_at)
    .bind(twin.ended_at)
    .bind(sign.strength)
    .bind(sign.evidence.to_json().to_string())
    .bind(sign.edition.clone())
    .bind(sign.first_found_at.as_millisecond())
    .bind(sign.last_found_at.as_millisecond())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(row.try_get(0)?)
}

/// Brings a sign up to date: it was found again.
pub(in crate::fraud_signs) async fn update(
    transaction: &mut Transaction,
    sign: &StoredSign,
) -> Result<(), SignError> {
    let twin = Twin::of(sign.twin);
    sqlx::query(
        "UPDATE fraud_sign SET finding = $1, began_at = $2, ended_at = $3, twin_point = $4, \
         twin_factor = $5, twin_began_at = $6, twin_ended_at = $7, strength = $8, evidence = $9, \
         edition = $10, last_found_at = $11, withdrawn_at = NULL WHERE id = $12",
    )
    .bind(sign.finding.clone())
    .bind(sign.span.from.as_second())
    .bind(sign.span.to.as_second())
    .bind(twin.point)
    .bind(twin.factor)
    .bind(twin.began_at)
    .bind(twin.ended_at)
    .bind(sign.strength)
    .bind(sign.evidence.to_json().to_string())
    .bind(sign.edition.clone())
    .bind(sign.last_found_at.as_millisecond())
    .bind(sign.id)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Notes that a sign was no longer found.
pub(in crate::fraud_signs) async fn withdraw(
    transaction: &mut Transaction,
    id: i64,
    now: Timestamp,
) -> Result<(), SignError> {
    sqlx::query("UPDATE fraud_sign SET withdrawn_at = $1 WHERE id = $2 AND withdrawn_at IS NULL")
        .bind(now.as_millisecond())
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// The columns of a twin.
struct Twin {
    point: i64,
    factor: i64,
    began_at: i64,
    ended_at: i64,
}

impl Twin {
    fn of(twin: Option<StoredTwin>) -> Self {
        Self {
            point: twin.map_or(NONE, |twin| twin.point.0),
            factor: number_of(twin.and_then(|twin| twin.factor)),
            began_at: twin.map_or(0, |twin| twin.span.from.as_second()),
            ended_at: twin.map_or(0, |twin| twin.span.to.as_second()),
        }
    }
}

fn read(row: &AnyRow) -> Result<StoredSign, SignError> {
    let detector: String = row.try_get("detector")?;
    let evidence: String = row.try_get("evidence")?;
    let json = serde_json::from_str(&evidence).map_err(|_| wrong("evidence", &evidence))?;
    let span = |from: &str, to: &str| -> Result<Span, SignError> {
        Ok(Span { from: second(row.try_get(from)?)?, to: second(row.try_get(to)?)? })
    };
    let twin_point: i64 = row.try_get("twin_point")?;
    let twin = if twin_point == NONE {
        None
    } else {
        let factor = factor_of(row.try_get("twin_factor")?)?;
        let span = span("twin_began_at", "twin_ended_at")?;
        Some(StoredTwin { point: PointId(twin_point), factor, span })
    };
    let withdrawn_at: Option<i64> = row.try_get("withdrawn_at")?;
    Ok(StoredSign {
        id: row.try_get("id")?,
        detector: Detector::parse(&detector).ok_or_else(|| wrong("detector", &detector))?,
        finding: row.try_get("finding")?,
        point: PointId(row.try_get("point")?),
        factor: factor_of(row.try_get("factor")?)?,
        step_s: row.try_get("step")?,
        span: span("began_at", "ended_at")?,
        twin,
        strength: row.try_get("strength")?,
        evidence: Evidence::of_json(&json),
        edition: row.try_get("edition")?,
        first_found_at: millisecond(row.try_get("first_found_at")?)?,
        last_found_at: millisecond(row.try_get("last_found_at")?)?,
        withdrawn_at: withdrawn_at.map(millisecond).transpose()?,
    })
}
