//! What can go wrong with the log, and how to mend it.

use crate::note::NoteError;
use std::path::PathBuf;

/// A failure of the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The store failed.
    #[error("the log cannot be read or written")]
    Store(#[from] store::StoreError),
    /// The database refused.
    #[error("the log cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// The audit cannot be read.
    #[error("the audit cannot be read")]
    Authority(#[from] authority::AuthorityError),
    /// The commit log cannot be read.
    #[error("the commit log cannot be read")]
    Observations(#[from] observations::ObservationError),
    /// The verdicts cannot be read.
    #[error("the verdicts cannot be read")]
    Evaluation(#[from] evaluation::EvaluationError),
    /// A file of the log cannot be used.
    #[error("cannot use {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The key file is of another form.
    #[error("{} holds no private key of a log: {cause}", path.display())]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: NoteError,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(String),
    /// What is stored of the log itself makes no sense.
    #[error("the stored log is damaged: {0}; `lucid log verify` says more")]
    Damaged(String),
    /// Somebody else has appended meanwhile.
    #[error("another program appends to this log; only one may")]
    Contended,
}

impl LogError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "log.store",
            Self::Authority(_) => "log.audit",
            Self::Observations(_) => "log.packets",
            Self::Evaluation(_) => "log.verdicts",
            Self::File { .. } => "log.file",
            Self::Key { .. } => "log.key",
            Self::Random(_) => "log.random",
            Self::Damaged(_) => "log.damaged",
            Self::Contended => "log.contended",
        }
    }
}
