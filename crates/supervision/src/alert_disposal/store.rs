//! Which alert became which case.

use ::store::{Store, StoreError};
use cases::CaseId;
use jiff::Timestamp;
use sqlx::Row as _;

/// An alert that became a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tied {
    /// The alert.
    pub(super) alert: i64,
    /// The case.
    pub(super) case: CaseId,
    /// The rule by which it did; empty where an officer opened it.
    pub(super) rule: String,
}

fn tied(row: &sqlx::any::AnyRow) -> Result<Tied, sqlx::Error> {
    Ok(Tied {
        alert: row.try_get("alert")?,
        case: CaseId(row.try_get("case_id")?),
        rule: row.try_get("rule")?,
    })
}

/// The case of an alert.
pub(super) async fn of_alert(store: &Store, alert: i64) -> Result<Option<Tied>, StoreError> {
    let found =
        sqlx::query("SELECT alert, case_id, rule FROM supervision_alert_case WHERE alert = $1")
            .bind(alert)
            .fetch_optional(store.reader())
            .await?;
    Ok(found.as_ref().map(tied).transpose()?)
}

/// The alert from which a case came.
pub(super) async fn of_case(store: &Store, case: CaseId) -> Result<Option<Tied>, StoreError> {
    let found =
        sqlx::query("SELECT alert, case_id, rule FROM supervision_alert_case WHERE case_id = $1")
            .bind(case.0)
            .fetch_optional(store.reader())
            .await?;
    Ok(found.as_ref().map(tied).transpose()?)
}

/// Those of which the case does not know yet whether the alert has ended.
pub(super) async fn not_told(store: &Store) -> Result<Vec<Tied>, StoreError> {
    let found = sqlx::query(
        "SELECT alert, case_id, rule FROM supervision_alert_case WHERE end_told_at IS NULL ORDER BY alert",
    )
    .fetch_all(store.reader())
    .await?;
    Ok(found.iter().map(tied).collect::<Result<_, _>>()?)
}

/// Writes down that an alert became a case; what stands there stays.
pub(super) async fn tie(store: &Store, tied: &Tied, now: Timestamp) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO supervision_alert_case (alert, case_id, rule, opened_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (alert) DO NOTHING",
    )
    .bind(tied.alert)
    .bind(tied.case.0)
    .bind(tied.rule.clone())
    .bind(now.as_millisecond())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Writes down that the case was told of the end.
pub(super) async fn end_told(store: &Store, alert: i64, now: Timestamp) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    sqlx::query("UPDATE supervision_alert_case SET end_told_at = $1 WHERE alert = $2")
        .bind(now.as_millisecond())
        .bind(alert)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}
