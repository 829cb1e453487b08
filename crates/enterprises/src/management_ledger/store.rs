//! The SQL of the ledger. Versions are added and never changed, each with its audit record.

use super::facts::NewPage;
use super::model::LedgerPage;
use crate::entry::{Content, Explained, gravest};
use ::store::Store;
use authority::audit::{self, Actor};
use jiff::Timestamp;
use jiff::civil::Date;
use permits::PermitId;
use plausibility::Form;
use registry::EnterpriseId;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::BTreeMap;
use std::fmt::Display;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The store failed.
    #[error("the ledger cannot be read or written")]
    Store(#[from] ::store::StoreError),
    /// The database refused.
    #[error("the ledger cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// The audit cannot be written.
    #[error("the audit record cannot be written")]
    Audit(#[from] authority::AuthorityError),
    /// Valid data cannot be read.
    #[error("the valid data beside a page of the ledger cannot be read")]
    Validity(#[from] validity::ValidityError),
    /// A stored row is not of the form written.
    #[error("stored {what} cannot be read: {found:?}")]
    Content {
        /// What was read.
        what: &'static str,
        /// What was found.
        found: String,
    },
    /// Somebody else was faster.
    #[error("the page of {0} was recorded by somebody else meanwhile: read it again")]
    Changed(Date),
}

impl LedgerError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "management_ledger.store",
            Self::Audit(_) => "management_ledger.audit",
            Self::Validity(_) => "management_ledger.validity",
            Self::Content { .. } => "management_ledger.content",
            Self::Changed(_) => "management_ledger.changed",
        }
    }
}

const COLUMNS: &str = "SELECT id, enterprise, permit, permit_number, permit_version, day, version, \
     content, findings, recorded_at, recorded_name FROM management_ledger_entry e";
const IS_NEWEST: &str = "NOT EXISTS (SELECT 1 FROM management_ledger_entry n \
     WHERE n.permit = e.permit AND n.day = e.day AND n.version > e.version)";

/// The newest version of each day, the first day first.
pub(super) async fn newest(
    store: &Store,
    permit: PermitId,
    from: Date,
    to: Date,
) -> Result<Vec<LedgerPage>, LedgerError> {
    let text = format!(
        "{COLUMNS} WHERE permit = $1 AND day >= $2 AND day <= $3 AND {IS_NEWEST} ORDER BY day"
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(permit.0)
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(read).collect()
}

/// All versions of a day, the newest first.
pub(super) async fn versions(
    store: &Store,
    permit: PermitId,
    day: Date,
) -> Result<Vec<LedgerPage>, LedgerError> {
    let text = format!("{COLUMNS} WHERE permit = $1 AND day = $2 ORDER BY version DESC");
    let query = sqlx::query(AssertSqlSafe(text)).bind(permit.0).bind(day.to_string());
    query.fetch_all(store.reader()).await?.iter().map(read).collect()
}

/// The days with a page of each permit, with how grave the gravest finding of the newest is.
pub(super) async fn days(
    store: &Store,
    from: Date,
    to: Date,
) -> Result<BTreeMap<PermitId, BTreeMap<Date, i64>>, LedgerError> {
    let text = format!(
        "SELECT permit, day, gravest FROM management_ledger_entry e \
         WHERE day >= $1 AND day <= $2 AND {IS_NEWEST}"
    );
    let query = sqlx::query(AssertSqlSafe(text)).bind(from.to_string()).bind(to.to_string());
    let mut found: BTreeMap<PermitId, BTreeMap<Date, i64>> = BTreeMap::new();
    for row in query.fetch_all(store.reader()).await? {
        let days = found.entry(PermitId(row.try_get("permit")?)).or_default();
        days.insert(day_of(&row)?, row.try_get("gravest")?);
    }
    Ok(found)
}

/// The newest versions of enterprises, those last recorded first.
pub(super) async fn of_enterprises(
    store: &Store,
    enterprises: &[EnterpriseId],
    (from, to): (Date, Date),
    before: i64,
    count: i64,
) -> Result<Vec<LedgerPage>, LedgerError> {
    let ids: Vec<String> = enterprises.iter().map(|id| id.0.to_string()).collect();
    let ids = if ids.is_empty() { "-1".to_owned() } else { ids.join(", ") };
    let text = format!(
        "{COLUMNS} WHERE id < $1 AND day >= $2 AND day <= $3 AND enterprise IN ({ids}) \
         AND {IS_NEWEST} ORDER BY id DESC LIMIT $4"
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(before)
        .bind(from.to_string())
        .bind(to.to_string())
        .bind(count)
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(read).collect()
}

/// Records pages, all or none, each as the version after the one that its author saw.
pub(super) async fn record(
    store: &Store,
    actor: &Actor,
    pages: &[NewPage],
    now: Timestamp,
) -> Result<(), LedgerError> {
    let mut transaction = store.begin().await?;
    for page in pages {
        let permit = &page.version.permit;
        let version = i64::from(page.seen) + 1;
        let findings = page.findings.iter().map(Explained::to_json).collect();
        let findings = Value::Array(findings);
        let done = sqlx::query(
            "INSERT INTO management_ledger_entry (enterprise, permit, permit_number, \
             permit_version, day, version, content, findings, gravest, recorded_at, recorded_by, \
             recorded_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT (permit, day, version) DO NOTHING",
        )
        .bind(permit.enterprise.0)
        .bind(permit.id.0)
        .bind(permit.number.clone())
        .bind(i64::from(page.version.version))
        .bind(page.day.to_string())
        .bind(version)
        .bind(page.content.to_json().to_string())
        .bind(findings.to_string())
        .bind(gravest(&page.findings))
        .bind(now.as_millisecond())
        .bind(actor.user.map(|user| user.0))
        .bind(actor.name.clone())
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() != 1 {
            return Err(LedgerError::Changed(page.day));
        }
        let after = json!({ "permit": permit.number, "day": page.day.to_string(),
            "version": version, "content": page.content.to_json(), "findings": findings });
        let record = audit::Record {
            at: now,
            actor,
            action: "management_ledger.record",
            subject: format!("management ledger {} {}", permit.number, page.day),
            before: (page.seen > 0).then(|| json!({ "version": page.seen }).to_string()),
            after: Some(after.to_string()),
        };
        audit::record(&mut transaction, record).await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn wrong(what: &'static str, found: impl Display) -> LedgerError {
    LedgerError::Content { what, found: found.to_string() }
}

fn day_of(row: &AnyRow) -> Result<Date, LedgerError> {
    let text: String = row.try_get("day")?;
    text.parse().map_err(|_| wrong("day", &text))
}

fn read(row: &AnyRow) -> Result<LedgerPage, LedgerError> {
    let small = |name: &'static str| {
        let count: i64 = row.try_get(name)?;
        u32::try_from(count).map_err(|_| wrong(name, count))
    };
    let (content, findings): (String, String) = (row.try_get("content")?, row.try_get("findings")?);
    let json: Value = serde_json::from_str(&content).map_err(|_| wrong("content", &content))?;
    let found: Vec<Value> =
        serde_json::from_str(&findings).map_err(|_| wrong("findings", &findings))?;
    let found: Option<Vec<_>> =
        found.iter().map(|one| Explained::of_json(Form::Ledger, one)).collect();
    let at: i64 = row.try_get("recorded_at")?;
    Ok(LedgerPage {
        id: row.try_get("id")?,
        enterprise: EnterpriseId(row.try_get("enterprise")?),
        permit: PermitId(row.try_get("permit")?),
        permit_number: row.try_get("permit_number")?,
        permit_version: small("permit_version")?,
        day: day_of(row)?,
        version: small("version")?,
        content: Content::of_json(&json).ok_or_else(|| wrong("content", &content))?,
        findings: found.ok_or_else(|| wrong("findings", &findings))?,
        recorded_at: Timestamp::from_millisecond(at).map_err(|_| wrong("time", at))?,
        recorded_name: row.try_get("recorded_name")?,
    })
}
