//! What can go wrong while judging: never the data, only the store.

/// A failure of evaluation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// The store failed.
    #[error("verdicts cannot be read or written")]
    Store(#[from] store::StoreError),
    /// The database refused.
    #[error("verdicts cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// The commit log cannot be read.
    #[error("the commit log cannot be read")]
    Observations(#[from] observations::ObservationError),
    /// Verdicts are not taken for so long that nobody is kept waiting.
    #[error(
        "commits after {block} are recorded but not judged: {cause}. They are judged as soon as \
         the store takes verdicts again; is the disk full?"
    )]
    Refused {
        /// The last commit judged.
        block: i64,
        /// What the store said.
        cause: std::sync::Arc<str>,
    },
    /// The worker has ended before.
    #[error("judging has stopped after commit {block}; it goes on at the next start")]
    Stopped {
        /// The last commit judged.
        block: i64,
    },
    /// A stored row is not of the form written.
    #[error("stored {what} cannot be read: {found:?}")]
    Content {
        /// What was read.
        what: &'static str,
        /// What was found.
        found: String,
    },
}

impl EvaluationError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "evaluation.store",
            Self::Observations(_) => "evaluation.commit_log",
            Self::Content { .. } => "evaluation.content",
            Self::Refused { .. } => "evaluation.refused",
            Self::Stopped { .. } => "evaluation.stopped",
        }
    }
}
