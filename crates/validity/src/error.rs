//! What can go wrong, and how to mend it.

use crate::month::Month;
use registry::PointId;

/// A failure to mark, decide, judge or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValidityError {
    /// The store refused.
    #[error("marks and records cannot be read or written")]
    Store(#[from] store::StoreError),
    /// The database refused a statement.
    #[error("marks and records cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// Observations cannot be read.
    #[error("the values of the outlet cannot be read")]
    Observations(#[from] observations::ObservationError),
    /// The city's files cannot be read.
    #[error("the city's files cannot be read from the store")]
    Registry(#[from] registry::RegistryError),
    /// The audit cannot be written.
    #[error("the audit record cannot be written; nothing was changed")]
    Audit(#[from] authority::AuthorityError),
    /// No outlet of that number.
    #[error("point {} is no outlet of the registry", .0.0)]
    NoOutlet(PointId),
    /// No record of that version.
    #[error("no record of point {} for {month} has version {version}", .point.0)]
    NoRecord {
        /// The outlet.
        point: PointId,
        /// The month.
        month: Month,
        /// The version.
        version: u32,
    },
    /// A record that was stored is not of the form written.
    #[error("a stored record is damaged at offset {offset}: {what}; restore it from a backup")]
    Damaged {
        /// How far the reading came.
        offset: usize,
        /// What was found or missed there.
        what: &'static str,
    },
    /// A stored row is not of the form written.
    #[error("stored {what} cannot be read: {found:?}")]
    Content {
        /// What was read.
        what: &'static str,
        /// What was found.
        found: String,
    },
    /// A mark or a decision is refused.
    #[error("{en}")]
    Refused {
        /// The stable code.
        code: &'static str,
        /// What is wrong and how to mend it, in Chinese.
        zh: String,
        /// The same in English.
        en: String,
    },
    /// The computation broke down.
    #[error("the computation broke down")]
    Broken,
}

impl ValidityError {
    /// The stable code under which the error is documented.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "validity.store",
            Self::Observations(_) => "validity.observations",
            Self::Registry(_) => "validity.registry",
            Self::Audit(_) => "validity.audit",
            Self::NoOutlet(_) => "validity.no_outlet",
            Self::NoRecord { .. } => "validity.no_record",
            Self::Damaged { .. } => "validity.damaged",
            Self::Content { .. } => "validity.content",
            Self::Refused { code, .. } => code,
            Self::Broken => "validity.broken",
        }
    }
}
