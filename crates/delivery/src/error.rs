//! Failures of the outbox itself; those of the other side are attempts, not errors.

use store::StoreError;

/// A failure of delivery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The store failed.
    #[error("the outbox cannot be read or written")]
    Store(#[from] StoreError),
    /// The database refused.
    #[error("the outbox cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// What is stored makes no sense.
    #[error("the outbox holds what this program does not know: {0}")]
    Stored(String),
    /// The body of a webhook or an exchange is no JSON.
    #[error("the body of a {0} has to be JSON: {1}")]
    Body(&'static str, String),
    /// A setting makes no sense: its name, and why.
    #[error("{key}: {why}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// Why it cannot be.
        why: String,
    },
}

impl DeliveryError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "delivery.store",
            Self::Stored(_) => "delivery.stored",
            Self::Body(..) => "delivery.body",
            Self::Setting { .. } => "delivery.setting",
        }
    }
}
