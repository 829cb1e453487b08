//! Which finding became which order.

use super::{TriageError, millisecond, numbers, rows};
use crate::triage::model::FindingId;
use ::store::Store;
use authority::audit::{self, Actor};
use cases::CaseId;
use jiff::Timestamp;
use serde_json::json;
use sqlx::Row as _;
use sqlx::any::AnyRow;

const COLUMNS: &str = "finding, case_id, number, ordered_at, who, ended_at";

/// An order made from a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::triage) struct Ordered {
    pub(in crate::triage) finding: FindingId,
    pub(in crate::triage) case: CaseId,
    pub(in crate::triage) number: String,
    pub(in crate::triage) at: Timestamp,
    pub(in crate::triage) who: String,
    pub(in crate::triage) ended_at: Option<Timestamp>,
}

/// The orders of these findings, the newest first.
pub(in crate::triage) async fn of_findings(
    store: &Store,
    findings: impl Iterator<Item = FindingId>,
) -> Result<Vec<Ordered>, TriageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM finding_order WHERE finding IN ({}) \
         ORDER BY ordered_at DESC, case_id DESC",
        numbers(findings.map(|finding| finding.0))
    );
    rows(store, text).await?.iter().map(read).collect()
}

/// The orders that are under way.
pub(in crate::triage) async fn running(store: &Store) -> Result<Vec<Ordered>, TriageError> {
    let text =
        format!("SELECT {COLUMNS} FROM finding_order WHERE ended_at IS NULL ORDER BY ordered_at");
    rows(store, text).await?.iter().map(read).collect()
}

/// Writes down that a finding became an order; what stands there stays.
pub(in crate::triage) async fn tie(
    store: &Store,
    actor: &Actor,
    ordered: &Ordered,
) -> Result<(), TriageError> {
    let mut transaction = store.begin().await?;
    let written = sqlx::query(
        "INSERT INTO finding_order (finding, case_id, number, ordered_at, who) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(ordered.finding.0)
    .bind(ordered.case.0)
    .bind(ordered.number.clone())
    .bind(ordered.at.as_millisecond())
    .bind(ordered.who.clone())
    .execute(&mut *transaction)
    .await?;
    if written.rows_affected() > 0 {
        let record = audit::Record {
            at: ordered.at,
            actor,
            action: "finding.order",
            subject: format!("finding {}", ordered.finding.0),
            before: None,
            after: Some(json!({ "case": ordered.number }).to_string()),
        };
        audit::record(&mut transaction, record).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Writes down that an order is over: another one may be made.
pub(in crate::triage) async fn end(
    store: &Store,
    ordered: &Ordered,
    at: Timestamp,
) -> Result<(), TriageError> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "UPDATE finding_order SET ended_at = $1 \
         WHERE finding = $2 AND case_id = $3 AND ended_at IS NULL",
    )
    .bind(at.as_millisecond())
    .bind(ordered.finding.0)
    .bind(ordered.case.0)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Ordered, TriageError> {
    Ok(Ordered {
        finding: FindingId(row.try_get("finding")?),
        case: CaseId(row.try_get("case_id")?),
        number: row.try_get("number")?,
        at: millisecond(row.try_get("ordered_at")?)?,
        who: row.try_get("who")?,
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(millisecond).transpose()?,
    })
}
