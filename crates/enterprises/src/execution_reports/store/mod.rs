//! The SQL of reports.

mod read;
mod write;

pub(super) use read::{Filter, heads, newest, of_subject, public, report};
pub(super) use write::{NewReport, begin, decide, file, save};

use jiff::Timestamp;
use std::fmt::Display;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The store failed.
    #[error("reports cannot be read or written")]
    Store(#[from] ::store::StoreError),
    /// The database refused.
    #[error("reports cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// The audit cannot be written.
    #[error("the audit record cannot be written")]
    Audit(#[from] authority::AuthorityError),
    /// Permits cannot be read.
    #[error("the permit of a report cannot be read")]
    Permits(#[from] permits::PermitError),
    /// Valid data cannot be read.
    #[error("the valid data beside a report cannot be read")]
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
    #[error("the report was changed meanwhile: read it again")]
    Changed,
    /// The permit asks for no such report.
    #[error("the permit asks for no report of this period")]
    NotAsked,
}

impl ReportError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "execution_report.store",
            Self::Audit(_) => "execution_report.audit",
            Self::Permits(_) => "execution_report.permit",
            Self::Validity(_) => "execution_report.validity",
            Self::Content { .. } => "execution_report.content",
            Self::Changed => "execution_report.changed",
            Self::NotAsked => "execution_report.not_asked",
        }
    }
}

fn wrong(what: &'static str, found: impl Display) -> ReportError {
    ReportError::Content { what, found: found.to_string() }
}

fn millisecond(count: i64) -> Result<Timestamp, ReportError> {
    Timestamp::from_millisecond(count).map_err(|_| wrong("time", count))
}
