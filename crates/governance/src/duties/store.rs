//! Which duty of which unit in which period became which case.

use super::model::DutyRow;
use crate::GovernanceError;
use ::store::Store;
use cases::CaseId;
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row as _;
use sqlx::any::AnyRow;

fn day(text: Option<String>) -> Option<Date> {
    text.and_then(|text| text.parse().ok())
}

fn duty(row: &AnyRow) -> Result<DutyRow, GovernanceError> {
    let opened_at: i64 = row.try_get("opened_at")?;
    Ok(DutyRow {
        duty: row.try_get("duty")?,
        unit: row.try_get("unit")?,
        period: row.try_get("period")?,
        case: CaseId(row.try_get("case_id")?),
        opened_at: Timestamp::from_millisecond(opened_at)
            .map_err(|_| GovernanceError::Kept(format!("the time {opened_at}")))?,
        due_on: day(row.try_get("due_on")?),
        state: row.try_get("state")?,
        done_on: day(row.try_get("done_on")?),
    })
}

/// Every duty of every unit, by its day, those without one last.
pub(crate) async fn all(store: &Store) -> Result<Vec<DutyRow>, GovernanceError> {
    let rows = sqlx::query(
        "SELECT duty, unit, period, case_id, opened_at, due_on, state, done_on FROM plan_duty \
         ORDER BY COALESCE(due_on, '9999'), duty, unit, period",
    )
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(duty).collect()
}

/// Writes down that a duty became a case; what stands there stays.
pub(super) async fn tie(store: &Store, row: &DutyRow) -> Result<(), GovernanceError> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO plan_duty (duty, unit, period, case_id, opened_at, due_on, state, done_on) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (duty, unit, period) DO NOTHING",
    )
    .bind(row.duty.clone())
    .bind(row.unit.clone())
    .bind(row.period.clone())
    .bind(row.case.0)
    .bind(row.opened_at.as_millisecond())
    .bind(row.due_on.map(|day| day.to_string()))
    .bind(row.state.clone())
    .bind(row.done_on.map(|day| day.to_string()))
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Writes down how its case stands.
pub(super) async fn follow(store: &Store, row: &DutyRow) -> Result<(), GovernanceError> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "UPDATE plan_duty SET state = $1, due_on = $2, done_on = $3 \
         WHERE duty = $4 AND unit = $5 AND period = $6",
    )
    .bind(row.state.clone())
    .bind(row.due_on.map(|day| day.to_string()))
    .bind(row.done_on.map(|day| day.to_string()))
    .bind(row.duty.clone())
    .bind(row.unit.clone())
    .bind(row.period.clone())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}
