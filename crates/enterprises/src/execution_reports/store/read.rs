//! Reports are read.

use super::{ReportError, millisecond, wrong};
use crate::execution_reports::model::{
    Content, Done, Explained, Head, Report, ReportSubject, State, severity_of,
};
use ::store::Store;
use authority::UserId;
use jiff::civil::Date;
use permits::{PermitId, ReportCycle};
use plausibility::Form;
use registry::EnterpriseId;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

const COLUMNS: &str = "SELECT id, enterprise, permit, permit_number, permit_version, cycle, \
     period_from, period_to, version, state, revision, content, findings, due_on, begun_at, \
     begun_by, begun_name, filed_at, filed_by, filed_name, decided_at, decided_by, decided_name, \
     decision_note FROM execution_report";

/// One version of a report.
pub(in crate::execution_reports) async fn report(
    store: &Store,
    id: i64,
) -> Result<Option<Report>, ReportError> {
    let text = format!("{COLUMNS} WHERE id = $1");
    let row = sqlx::query(AssertSqlSafe(text)).bind(id).fetch_optional(store.reader()).await?;
    row.as_ref().map(read).transpose()
}

/// All versions of the report of a permit and period, the oldest first.
pub(in crate::execution_reports) async fn of_subject(
    store: &Store,
    subject: &ReportSubject,
) -> Result<Vec<Report>, ReportError> {
    let text =
        format!("{COLUMNS} WHERE permit = $1 AND cycle = $2 AND period_from = $3 ORDER BY version");
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(subject.permit.0)
        .bind(subject.cycle.as_str())
        .bind(subject.from.to_string())
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(read).collect()
}

/// Which reports are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::execution_reports) struct Filter {
    /// Of an enterprise.
    pub(in crate::execution_reports) enterprise: Option<EnterpriseId>,
    /// Of a permit.
    pub(in crate::execution_reports) permit: Option<PermitId>,
    /// With a period that ends on this day or later.
    pub(in crate::execution_reports) ended_from: Option<Date>,
}

/// All versions that fit, by period, the newest period first, then by version.
pub(in crate::execution_reports) async fn newest(
    store: &Store,
    filter: Filter,
) -> Result<Vec<Report>, ReportError> {
    let text = format!(
        "{COLUMNS} WHERE (enterprise = $1 OR $1 = -1) AND (permit = $2 OR $2 = -1) \
         AND period_to >= $3 ORDER BY period_to DESC, id"
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(filter.enterprise.map_or(-1, |it| it.0))
        .bind(filter.permit.map_or(-1, |it| it.0))
        .bind(filter.ended_from.map_or_else(String::new, |day| day.to_string()))
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(read).collect()
}

/// The same as [`newest`] without what was filled in and found: for long lists.
pub(in crate::execution_reports) async fn heads(
    store: &Store,
    filter: Filter,
) -> Result<Vec<Head>, ReportError> {
    let rows = sqlx::query(
        "SELECT id, permit, permit_number, cycle, period_from, period_to, version, state, \
         gravest, filed_at FROM execution_report WHERE (enterprise = $1 OR $1 = -1) \
         AND (permit = $2 OR $2 = -1) AND period_to >= $3 ORDER BY period_to DESC, id",
    )
    .bind(filter.enterprise.map_or(-1, |it| it.0))
    .bind(filter.permit.map_or(-1, |it| it.0))
    .bind(filter.ended_from.map_or_else(String::new, |day| day.to_string()))
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(head).collect()
}

fn head(row: &AnyRow) -> Result<Head, ReportError> {
    let (version, state): (i64, String) = (row.try_get("version")?, row.try_get("state")?);
    let filed_at: Option<i64> = row.try_get("filed_at")?;
    Ok(Head {
        id: row.try_get("id")?,
        subject: subject(row)?,
        version: u32::try_from(version).map_err(|_| wrong("version", version))?,
        state: State::parse(&state).ok_or_else(|| wrong("state", &state))?,
        gravest: severity_of(row.try_get("gravest")?),
        filed_at: filed_at.map(millisecond).transpose()?,
    })
}

fn subject(row: &AnyRow) -> Result<ReportSubject, ReportError> {
    let word = |name: &str| row.try_get::<String, _>(name);
    let day = |text: &str| text.parse::<Date>().map_err(|_| wrong("day", text));
    let cycle = word("cycle")?;
    Ok(ReportSubject {
        permit: PermitId(row.try_get("permit")?),
        permit_number: word("permit_number")?,
        cycle: ReportCycle::parse(&cycle).ok_or_else(|| wrong("cycle", &cycle))?,
        from: day(&word("period_from")?)?,
        to: day(&word("period_to")?)?,
    })
}

/// The newest accepted version of each report, the newest first: what everybody may read.
pub(in crate::execution_reports) async fn public(
    store: &Store,
    enterprises: Option<&[EnterpriseId]>,
    cycle: Option<ReportCycle>,
    before: i64,
    count: i64,
) -> Result<Vec<Report>, ReportError> {
    let of = enterprises.map_or_else(String::new, |ids| {
        let ids: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        format!("AND enterprise IN ({})", if ids.is_empty() { "-1".into() } else { ids.join(", ") })
    });
    let text = format!(
        "{COLUMNS} r WHERE state = 'accepted' AND id < $1 {of} AND (cycle = $2 OR $2 = '') \
         AND NOT EXISTS (SELECT 1 FROM execution_report n WHERE n.state = 'accepted' \
         AND n.permit = r.permit AND n.cycle = r.cycle AND n.period_from = r.period_from \
         AND n.version > r.version) ORDER BY id DESC LIMIT $3"
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(before)
        .bind(cycle.map_or("", ReportCycle::as_str))
        .bind(count)
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Report, ReportError> {
    let word = |name: &str| row.try_get::<String, _>(name);
    let day = |text: &str| text.parse::<Date>().map_err(|_| wrong("day", text));
    let small = |name: &'static str| {
        let count: i64 = row.try_get(name)?;
        u32::try_from(count).map_err(|_| wrong(name, count))
    };
    let (state, content, findings) = (word("state")?, word("content")?, word("findings")?);
    let json: Value = serde_json::from_str(&content).map_err(|_| wrong("content", &content))?;
    let found: Vec<Value> =
        serde_json::from_str(&findings).map_err(|_| wrong("findings", &findings))?;
    let found: Option<Vec<_>> =
        found.iter().map(|one| Explained::of_json(Form::ExecutionReport, one)).collect();
    let due_on: Option<String> = row.try_get("due_on")?;
    let note: Option<String> = row.try_get("decision_note")?;
    Ok(Report {
        id: row.try_get("id")?,
        enterprise: EnterpriseId(row.try_get("enterprise")?),
        subject: subject(row)?,
        permit_version: small("permit_version")?,
        version: small("version")?,
        state: State::parse(&state).ok_or_else(|| wrong("state", &state))?,
        revision: row.try_get("revision")?,
        content: Content::of_json(&json).ok_or_else(|| wrong("content", &content))?,
        findings: found.ok_or_else(|| wrong("findings", &findings))?,
        due_on: due_on.as_deref().map(day).transpose()?,
        begun: done(row, ["begun_at", "begun_by", "begun_name"])?
            .ok_or_else(|| wrong("beginning", "nothing"))?,
        filed: done(row, ["filed_at", "filed_by", "filed_name"])?,
        decided: done(row, ["decided_at", "decided_by", "decided_name"])?,
        decision_note: note.unwrap_or_default(),
    })
}

fn done(row: &AnyRow, [at, by, name]: [&str; 3]) -> Result<Option<Done>, ReportError> {
    let Some(at) = row.try_get::<Option<i64>, _>(at)? else { return Ok(None) };
    Ok(Some(Done {
        at: millisecond(at)?,
        by: row.try_get::<Option<i64>, _>(by)?.map(UserId),
        name: row.try_get::<Option<String>, _>(name)?.unwrap_or_default(),
    }))
}
