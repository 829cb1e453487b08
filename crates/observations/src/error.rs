//! What can go wrong when recording or reading, and how to mend it.

use std::sync::Arc;

/// A packed payload or block that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("packed bytes are damaged at offset {offset}: {what}")]
pub struct PackingError {
    /// How far the reading came.
    pub offset: usize,
    /// What was found or missed there.
    pub what: &'static str,
}

/// A failure to read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObservationError {
    /// The store refused.
    #[error("the store cannot be read")]
    Store(#[from] store::StoreError),
    /// The database refused a statement.
    #[error("the database refused to read observations")]
    Database(#[from] sqlx::Error),
    /// What is stored cannot be unpacked.
    #[error("stored observations are damaged; restore the store from a backup")]
    Damaged(#[from] PackingError),
    /// A block cannot be decompressed.
    #[error("block {block} of raw packets cannot be decompressed; restore it from a backup")]
    Block {
        /// The block.
        block: i64,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Somebody else has recorded messages of a stream.
    #[error(
        "the stream {stream} is no longer recorded up to message {before}, as this server left \
         it: another server records it into the same store; let one of them do it"
    )]
    Position {
        /// The stream.
        stream: String,
        /// Where this server thought it was.
        before: u64,
    },
}

impl ObservationError {
    /// The stable code under which the error is documented.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "observations.store",
            Self::Database(_) => "observations.database",
            Self::Damaged(_) => "observations.damaged",
            Self::Block { .. } => "observations.block",
            Self::Position { .. } => "observations.position",
        }
    }
}

/// Why a delivery was not recorded. Nothing of it is in the store: it may be sent again.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The commit failed: disk full, database gone.
    #[error("the commit failed; nothing was stored and nothing must be acknowledged")]
    NotStored(#[source] Arc<ObservationError>),
    /// The recorder has stopped.
    #[error("the recorder has stopped; nothing was stored")]
    Stopped,
}

impl RecordError {
    /// The stable code under which the error is documented.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotStored(_) => "observations.not_stored",
            Self::Stopped => "observations.stopped",
        }
    }
}
