//! Reports are begun, saved, filed and decided on, each with its audit record in one transaction.

use super::{ReportError, of_subject};
use crate::execution_reports::model::{Content, Explained, Report, ReportSubject, State, gravest};
use ::store::Store;
use authority::audit::{self, Actor};
use jiff::Timestamp;
use jiff::civil::Date;
use registry::EnterpriseId;
use serde_json::{Value, json};
use sqlx::Row as _;

/// A version that is about to be begun.
pub(in crate::execution_reports) struct NewReport<'new> {
    pub(in crate::execution_reports) enterprise: EnterpriseId,
    pub(in crate::execution_reports) subject: &'new ReportSubject,
    pub(in crate::execution_reports) permit_version: u32,
    pub(in crate::execution_reports) content: &'new Content,
    pub(in crate::execution_reports) due_on: Option<Date>,
}

/// Begins the next version of a report; gives its number. One that is a draft already, or waits for
/// an officer, is given as it is.
pub(in crate::execution_reports) async fn begin(
    store: &Store,
    actor: &Actor,
    new: &NewReport<'_>,
    now: Timestamp,
) -> Result<i64, ReportError> {
    let known = of_subject(store, new.subject).await?;
    let last = known.last();
    if let Some(open) = last.filter(|it| matches!(it.state, State::Draft | State::Filed)) {
        return Ok(open.id);
    }
    let version = last.map_or(1, |it| i64::from(it.version) + 1);
    let mut transaction = store.begin().await?;
    let row = sqlx::query(
        "INSERT INTO execution_report (enterprise, permit, permit_number, permit_version, cycle, \
         period_from, period_to, version, state, revision, content, findings, gravest, due_on, \
         begun_at, begun_by, begun_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', 0, $9, \
         '[]', 0, $10, $11, $12, $13) RETURNING id",
    )
    .bind(new.enterprise.0)
    .bind(new.subject.permit.0)
    .bind(new.subject.permit_number.clone())
    .bind(i64::from(new.permit_version))
    .bind(new.subject.cycle.as_str())
    .bind(new.subject.from.to_string())
    .bind(new.subject.to.to_string())
    .bind(version)
    .bind(new.content.to_json().to_string())
    .bind(new.due_on.map(|day| day.to_string()))
    .bind(now.as_millisecond())
    .bind(actor.user.map(|user| user.0))
    .bind(actor.name.clone())
    .fetch_one(&mut *transaction)
    .await?;
    let id: i64 = row.try_get(0)?;
    let after = json!({ "permit": new.subject.permit_number, "cycle": new.subject.cycle.as_str(),
        "from": new.subject.from.to_string(), "version": version });
    let record = record(actor, "execution_report.begin", id, None, &after, now);
    audit::record(&mut transaction, record).await?;
    transaction.commit().await?;
    Ok(id)
}

/// Saves a draft over the revision that its author saw.
pub(in crate::execution_reports) async fn save(
    store: &Store,
    report: &Report,
    content: &Content,
    findings: &[Explained],
) -> Result<(), ReportError> {
    let mut transaction = store.begin().await?;
    let done = sqlx::query(
        "UPDATE execution_report SET content = $1, findings = $2, gravest = $3, \
         revision = revision + 1 WHERE id = $4 AND state = 'draft' AND revision = $5",
    )
    .bind(content.to_json().to_string())
    .bind(list(findings).to_string())
    .bind(gravest(findings))
    .bind(report.id)
    .bind(report.revision)
    .execute(&mut *transaction)
    .await?;
    changed(done.rows_affected())?;
    transaction.commit().await?;
    Ok(())
}

/// Files a draft with what was found in it and the reasons given.
pub(in crate::execution_reports) async fn file(
    store: &Store,
    actor: &Actor,
    report: &Report,
    content: &Content,
    findings: &[Explained],
    now: Timestamp,
) -> Result<(), ReportError> {
    let mut transaction = store.begin().await?;
    let done = sqlx::query(
        "UPDATE execution_report SET state = 'filed', content = $1, findings = $2, gravest = $3, \
         revision = revision + 1, filed_at = $4, filed_by = $5, filed_name = $6 \
         WHERE id = $7 AND state = 'draft' AND revision = $8",
    )
    .bind(content.to_json().to_string())
    .bind(list(findings).to_string())
    .bind(gravest(findings))
    .bind(now.as_millisecond())
    .bind(actor.user.map(|user| user.0))
    .bind(actor.name.clone())
    .bind(report.id)
    .bind(report.revision)
    .execute(&mut *transaction)
    .await?;
    changed(done.rows_affected())?;
    let before = json!({ "state": report.state.as_str() });
    let after = json!({ "state": "filed", "content": content.to_json(),
        "findings": list(findings) });
    let record = record(actor, "execution_report.file", report.id, Some(&before), &after, now);
    audit::record(&mut transaction, record).await?;
    transaction.commit().await?;
    Ok(())
}

/// Accepts or returns what was filed.
pub(in crate::execution_reports) async fn decide(
    store: &Store,
    actor: &Actor,
    report: &Report,
    state: State,
    note: &str,
    now: Timestamp,
) -> Result<(), ReportError> {
    let mut transaction = store.begin().await?;
    let done = sqlx::query(
        "UPDATE execution_report SET state = $1, decided_at = $2, decided_by = $3, \
         decided_name = $4, decision_note = $5 WHERE id = $6 AND state = 'filed'",
    )
    .bind(state.as_str())
    .bind(now.as_millisecond())
    .bind(actor.user.map(|user| user.0))
    .bind(actor.name.clone())
    .bind(note.to_owned())
    .bind(report.id)
    .execute(&mut *transaction)
    .await?;
    changed(done.rows_affected())?;
    let before = json!({ "state": report.state.as_str() });
    let after = json!({ "state": state.as_str(), "note": note });
    let record = record(actor, "execution_report.decide", report.id, Some(&before), &after, now);
    audit::record(&mut transaction, record).await?;
    transaction.commit().await?;
    Ok(())
}

fn changed(rows: u64) -> Result<(), ReportError> {
    if rows == 1 { Ok(()) } else { Err(ReportError::Changed) }
}

fn list(findings: &[Explained]) -> Value {
    Value::Array(findings.iter().map(Explained::to_json).collect())
}

fn record<'a>(
    actor: &'a Actor,
    action: &'a str,
    id: i64,
    before: Option<&Value>,
    after: &Value,
    now: Timestamp,
) -> audit::Record<'a> {
    audit::Record {
        at: now,
        actor,
        action,
        subject: format!("execution report {id}"),
        before: before.map(Value::to_string),
        after: Some(after.to_string()),
    }
}
