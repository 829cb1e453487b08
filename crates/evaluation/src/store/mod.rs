//! All SQL of verdicts, alerts and the cursor.

mod alerts;
mod rows;
mod verdicts;

pub use alerts::{AlertFilter, alert, alert_events, alerts, open_alert_counts};
pub use verdicts::{
    VerdictFilter, verdict, verdict_heads, verdict_on, verdict_page, verdict_versions, verdicts,
};

pub(crate) use alerts::{insert_alert, insert_event, open_alerts, update_alert};
pub(crate) use verdicts::{newest, put};

use crate::EvaluationError;
use ::store::{Store, Transaction};
use sqlx::Row as _;

const CURSOR: &str = "judges";

/// The last commit whose rows are all judged, as far as it is written down: what was judged since
/// has said nothing new.
///
/// # Errors
/// When the store cannot be read.
pub async fn judged_until(store: &Store) -> Result<i64, EvaluationError> {
    cursor(store).await
}

/// The last commit whose rows are all judged.
pub(crate) async fn cursor(store: &Store) -> Result<i64, EvaluationError> {
    let found = sqlx::query("SELECT block FROM evaluation_cursor WHERE name = $1")
        .bind(CURSOR)
        .fetch_optional(store.reader())
        .await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?.unwrap_or(0))
}

/// Moves the cursor.
pub(crate) async fn move_cursor(
    transaction: &mut Transaction,
    block: i64,
) -> Result<(), EvaluationError> {
    sqlx::query(
        "INSERT INTO evaluation_cursor (name, block) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET block = excluded.block",
    )
    .bind(CURSOR)
    .bind(block)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
