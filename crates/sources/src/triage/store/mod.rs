//! The SQL of findings, verdicts and orders.

mod findings;
mod orders;
mod verdicts;

pub(super) use findings::{
    Order, Wanted, count, finding, insert, known, newest_numbers, of_alert, place, queue, save,
    scores,
};
pub(super) use orders::{Ordered, end, of_findings, running, tie};
pub(super) use verdicts::{
    Given, decisions, give, judged_places, newest, of_finding, past, verdicts_between,
};

use ::store::{Store, StoreError};
use jiff::Timestamp;
use registry::{FactorId, PointId};

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TriageError {
    /// The store failed.
    #[error("findings cannot be read or written")]
    Store(#[from] StoreError),
    /// The database refused.
    #[error("findings cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// The audit cannot be written.
    #[error("the audit record cannot be written")]
    Audit(#[from] authority::AuthorityError),
    /// Alerts cannot be read.
    #[error("alerts cannot be read")]
    Alerts(#[from] evaluation::EvaluationError),
    /// Signs of fraud cannot be read.
    #[error("signs of fraud cannot be read")]
    Signs(#[from] crate::fraud_signs::SignError),
    /// Permits cannot be read.
    #[error("permits cannot be read")]
    Permits(#[from] permits::PermitError),
    /// Amounts cannot be read.
    #[error("amounts discharged cannot be read")]
    Amounts(#[from] crate::data_quality::QualityError),
    /// Marks and decisions cannot be read.
    #[error("marks of the data cannot be read")]
    Marks(#[from] validity::ValidityError),
    /// The hours cannot be read.
    #[error("the hours of an outlet cannot be read")]
    Observations(#[from] observations::ObservationError),
    /// Orders cannot be read.
    #[error("the cases of orders cannot be read")]
    Cases(#[from] cases::CaseError),
    /// A stored row is not of the form written.
    #[error("stored {what} cannot be read: {found:?}")]
    Content {
        /// What was read.
        what: &'static str,
        /// What was found.
        found: String,
    },
}

impl TriageError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "triage.store",
            Self::Audit(_) => "triage.audit",
            Self::Alerts(_) => "triage.alerts",
            Self::Signs(_) => "triage.signs",
            Self::Permits(_) => "triage.permits",
            Self::Amounts(_) => "triage.amounts",
            Self::Marks(_) => "triage.marks",
            Self::Observations(_) => "triage.hours",
            Self::Cases(_) => "triage.cases",
            Self::Content { .. } => "triage.content",
        }
    }
}

/// No factor.
const NONE: i64 = -1;

fn wrong(what: &'static str, found: impl ToString) -> TriageError {
    TriageError::Content { what, found: found.to_string() }
}

fn millisecond(count: i64) -> Result<Timestamp, TriageError> {
    Timestamp::from_millisecond(count).map_err(|_| wrong("time", count))
}

fn factor_of(number: i64) -> Result<Option<FactorId>, TriageError> {
    if number == NONE {
        return Ok(None);
    }
    u16::try_from(number).map(|id| Some(FactorId(id))).map_err(|_| wrong("factor", number))
}

fn number_of(factor: Option<FactorId>) -> i64 {
    factor.map_or(NONE, |factor| i64::from(factor.0))
}

/// Points as a list of numbers; one that no point has where there are none.
fn listed(points: &[PointId]) -> String {
    numbers(points.iter().map(|point| point.0))
}

fn numbers(all: impl Iterator<Item = i64>) -> String {
    let ids: Vec<String> = all.map(|id| id.to_string()).collect();
    if ids.is_empty() { NONE.to_string() } else { ids.join(", ") }
}

/// Reads rows of a text made here.
async fn rows(store: &Store, text: String) -> Result<Vec<sqlx::any::AnyRow>, TriageError> {
    Ok(sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(store.reader()).await?)
}
