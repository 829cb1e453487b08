//! What can go wrong with permits.

/// A failure of permits.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PermitError {
    /// The store failed.
    #[error("permits cannot be read or written")]
    Store(#[from] ::store::StoreError),
    /// The database refused.
    #[error("permits cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// The audit cannot be written.
    #[error("the audit record cannot be written")]
    Audit(#[from] authority::AuthorityError),
    /// The limits cannot be installed.
    #[error("the limits of the permit cannot be installed")]
    Registry(#[from] registry::RegistryError),
    /// A workbook cannot be written.
    #[error("the workbook cannot be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// A stored row is not of the form written.
    #[error("stored {what} cannot be read: {found}")]
    Content {
        /// What was read.
        what: &'static str,
        /// What was found.
        found: String,
    },
    /// The number belongs to the permit of another enterprise.
    #[error(
        "permit {number} belongs to {holder}: correct the number, or the code of the enterprise"
    )]
    OtherHolder {
        /// The number.
        number: String,
        /// The code of the enterprise that holds it.
        holder: String,
    },
    /// No permit has this number.
    #[error("there is no permit {0:?}: `lucid permit list` names all")]
    Unknown(String),
}

impl PermitError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "permits.store",
            Self::Audit(_) => "permits.audit",
            Self::Registry(_) => "permits.limits",
            Self::Workbook(_) => "permits.workbook",
            Self::Content { .. } => "permits.content",
            Self::OtherHolder { .. } => "permits.other_holder",
            Self::Unknown(_) => "permits.unknown",
        }
    }
}
