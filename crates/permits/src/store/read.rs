//! Permits come out.

use super::wrong;
use crate::PermitError;
use crate::background::{Background, EiaApproval, Quota};
use crate::model::{Ended, ManagementClass, Permit, PermitId, PermitVersion};
use crate::versions;
use ::store::{Store, Transaction};
use jiff::Timestamp;
use jiff::civil::Date;
use registry::EnterpriseId;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::HashMap;

const COLUMNS: &str = "SELECT p.id, p.number, p.enterprise, p.ended_on, p.end_reason, v.version, \
    v.content, v.entered_at, v.entered_by FROM discharge_permit p \
    JOIN discharge_permit_version v ON v.permit = p.id";
const ORDER: &str = "ORDER BY p.number, v.in_force_from, v.version";

/// The version that holds for an enterprise on a day. Of several permits of one holder it is the
/// one of the lowest number; [`all_in_force`] gives each.
///
/// # Errors
/// When the store fails.
pub async fn in_force(
    store: &Store,
    enterprise: EnterpriseId,
    on: Date,
) -> Result<Option<PermitVersion>, PermitError> {
    let all = of(store, enterprise).await?;
    Ok(versions::by_permit(&all).into_iter().find_map(|of| versions::on(of, on)).cloned())
}

/// All versions of all permits of an enterprise: by number, then by the day from which they hold.
///
/// # Errors
/// When the store fails.
pub async fn of(
    store: &Store,
    enterprise: EnterpriseId,
) -> Result<Vec<PermitVersion>, PermitError> {
    let text = format!("{COLUMNS} WHERE p.enterprise = $1 {ORDER}");
    let query = sqlx::query(AssertSqlSafe(text)).bind(enterprise.0);
    query.fetch_all(store.reader()).await?.iter().map(version).collect()
}

/// All versions of a permit by its number, in the order of the days from which they hold.
///
/// # Errors
/// When the store fails.
pub async fn by_number(store: &Store, number: &str) -> Result<Vec<PermitVersion>, PermitError> {
    let text = format!("{COLUMNS} WHERE p.number = $1 {ORDER}");
    let query = sqlx::query(AssertSqlSafe(text)).bind(number.to_owned());
    query.fetch_all(store.reader()).await?.iter().map(version).collect()
}

/// The same within a transaction that has locked the permit.
pub(super) async fn in_transaction(
    transaction: &mut Transaction,
    number: &str,
) -> Result<Vec<PermitVersion>, PermitError> {
    let text = format!("{COLUMNS} WHERE p.number = $1 {ORDER}");
    let query = sqlx::query(AssertSqlSafe(text)).bind(number.to_owned());
    query.fetch_all(&mut **transaction).await?.iter().map(version).collect()
}

/// All versions of all permits.
///
/// # Errors
/// When the store fails.
pub async fn all(store: &Store) -> Result<Vec<PermitVersion>, PermitError> {
    let text = format!("{COLUMNS} {ORDER}");
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    rows.iter().map(version).collect()
}

/// The version of each permit that holds on a day.
///
/// # Errors
/// When the store fails.
pub async fn all_in_force(store: &Store, on: Date) -> Result<Vec<PermitVersion>, PermitError> {
    let all = all(store).await?;
    let found = versions::by_permit(&all).into_iter().filter_map(|of| versions::on(of, on));
    Ok(found.cloned().collect())
}

/// The management class of each enterprise that has a permit on a day, without the rest of it: a
/// list of ten thousand reads no contents. Of several permits the lowest number tells.
///
/// # Errors
/// When the store fails.
pub async fn classes(
    store: &Store,
    on: Date,
) -> Result<HashMap<EnterpriseId, ManagementClass>, PermitError> {
    let rows = sqlx::query(
        "SELECT p.enterprise, v.class FROM discharge_permit p \
         JOIN discharge_permit_version v ON v.permit = p.id WHERE v.in_force_from <= $1 \
         AND (p.ended_on IS NULL OR p.ended_on >= $1 OR p.ended_on < v.in_force_from) \
         ORDER BY p.number DESC, v.in_force_from, v.version",
    )
    .bind(on.to_string())
    .fetch_all(store.reader())
    .await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        let class: String = row.try_get(1)?;
        if let Some(class) = ManagementClass::parse(&class) {
            found.insert(EnterpriseId(row.try_get(0)?), class);
        }
    }
    Ok(found)
}

/// What changes whenever a permit is kept or ended: whoever keeps something made of permits in
/// memory looks at it now and then.
///
/// # Errors
/// When the store fails.
pub async fn stamp(store: &Store) -> Result<String, PermitError> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM discharge_permit_version), \
         (SELECT COUNT(ended_on) FROM discharge_permit), \
         (SELECT COALESCE(MAX(ended_on), '') FROM discharge_permit)",
    )
    .fetch_one(store.reader())
    .await?;
    let (versions, ended): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let last: String = row.try_get(2)?;
    Ok(format!("{versions} {ended} {last}"))
}

/// The numbers of all permits.
///
/// # Errors
/// When the store fails.
pub async fn numbers(store: &Store) -> Result<Vec<String>, PermitError> {
    let query = sqlx::query_scalar("SELECT number FROM discharge_permit ORDER BY number");
    Ok(query.fetch_all(store.reader()).await?)
}

/// What stands beside a permit: approvals and quotas as last entered.
///
/// # Errors
/// When the store fails.
pub async fn background_of(store: &Store, permit: PermitId) -> Result<Background, PermitError> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT content FROM discharge_permit_background WHERE permit = $1 \
         ORDER BY edition DESC LIMIT 1",
    )
    .bind(permit.0)
    .fetch_optional(store.reader())
    .await?;
    found.map_or_else(|| Ok(Background::default()), |text| background(&text))
}

/// The approved environmental impact assessments of an enterprise (环评批复).
///
/// # Errors
/// When the store fails.
pub async fn approvals(
    store: &Store,
    enterprise: EnterpriseId,
) -> Result<Vec<EiaApproval>, PermitError> {
    let all = backgrounds(store, enterprise).await?;
    Ok(all.into_iter().flat_map(|one| one.approvals).collect())
}

/// The quotas of total amounts of an enterprise (总量控制指标).
///
/// # Errors
/// When the store fails.
pub async fn quotas(store: &Store, enterprise: EnterpriseId) -> Result<Vec<Quota>, PermitError> {
    let all = backgrounds(store, enterprise).await?;
    Ok(all.into_iter().flat_map(|one| one.quotas).collect())
}

async fn backgrounds(
    store: &Store,
    enterprise: EnterpriseId,
) -> Result<Vec<Background>, PermitError> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT b.content FROM discharge_permit_background b \
         JOIN discharge_permit p ON p.id = b.permit \
         WHERE p.enterprise = $1 AND b.edition = (SELECT MAX(o.edition) \
         FROM discharge_permit_background o WHERE o.permit = b.permit) ORDER BY p.number",
    )
    .bind(enterprise.0)
    .fetch_all(store.reader())
    .await?;
    found.iter().map(|text| background(text)).collect()
}

pub(super) fn background(text: &str) -> Result<Background, PermitError> {
    serde_json::from_str(text).map_err(|error| wrong("approvals and quotas", error))
}

fn version(row: &AnyRow) -> Result<PermitVersion, PermitError> {
    let content: String = row.try_get("content")?;
    let content: crate::PermitContent =
        serde_json::from_str(&content).map_err(|error| wrong("version of a permit", error))?;
    let number: i64 = row.try_get("version")?;
    let entered_at: i64 = row.try_get("entered_at")?;
    let ended_on: Option<String> = row.try_get("ended_on")?;
    let reason: Option<String> = row.try_get("end_reason")?;
    let ended = ended_on
        .map(|day| {
            let last_day = day.parse().map_err(|_| wrong("last day of a permit", &day))?;
            Ok::<_, PermitError>(Ended { last_day, reason: reason.unwrap_or_default() })
        })
        .transpose()?;
    Ok(PermitVersion {
        permit: Permit {
            id: PermitId(row.try_get("id")?),
            number: row.try_get("number")?,
            enterprise: EnterpriseId(row.try_get("enterprise")?),
            class: content.class,
            ended,
        },
        version: u32::try_from(number).map_err(|_| wrong("number of a version", number))?,
        content,
        entered_at: Timestamp::from_millisecond(entered_at)
            .map_err(|_| wrong("time of entry", entered_at))?,
        entered_by: row.try_get("entered_by")?,
    })
}
