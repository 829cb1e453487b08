//! The SQL of signs, verdicts and runs.

mod runs;
mod signs;
mod verdicts;

pub(super) use runs::{keep_run, last_run};
pub(super) use signs::{SignFilter, insert, sign, signs, update, withdraw};
pub(super) use verdicts::{Given, give, newest_verdicts, records, verdicts_of, visits};

use jiff::Timestamp;
use registry::FactorId;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The store failed.
    #[error("signs cannot be read or written")]
    Store(#[from] ::store::StoreError),
    /// The database refused.
    #[error("signs cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// The hours cannot be read.
    #[error("the hours of an outlet cannot be read")]
    Observations(#[from] observations::ObservationError),
    /// The audit cannot be written.
    #[error("the audit record cannot be written")]
    Audit(#[from] authority::AuthorityError),
    /// A stored row is not of the form written.
    #[error("stored {what} cannot be read: {found:?}")]
    Content {
        /// What was read.
        what: &'static str,
        /// What was found.
        found: String,
    },
    /// The computation broke down.
    #[error("the computation of signs broke down")]
    Broken,
}

impl SignError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "fraud_signs.store",
            Self::Observations(_) => "fraud_signs.hours",
            Self::Audit(_) => "fraud_signs.audit",
            Self::Content { .. } => "fraud_signs.content",
            Self::Broken => "fraud_signs.broken",
        }
    }
}

/// No factor, no twin.
const NONE: i64 = -1;

fn wrong(what: &'static str, found: impl ToString) -> SignError {
    SignError::Content { what, found: found.to_string() }
}

fn second(seconds: i64) -> Result<Timestamp, SignError> {
    Timestamp::from_second(seconds).map_err(|_| wrong("time", seconds))
}

fn millisecond(count: i64) -> Result<Timestamp, SignError> {
    Timestamp::from_millisecond(count).map_err(|_| wrong("time", count))
}

fn factor_of(number: i64) -> Result<Option<FactorId>, SignError> {
    if number == NONE {
        return Ok(None);
    }
    u16::try_from(number).map(|id| Some(FactorId(id))).map_err(|_| wrong("factor", number))
}

fn number_of(factor: Option<FactorId>) -> i64 {
    factor.map_or(NONE, |factor| i64::from(factor.0))
}
