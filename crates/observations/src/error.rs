//! What can go wrong when recording or reading, and how to mend it.

use crate::history::FormatError;
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
    /// A file of the history cannot be written or read.
    #[error("the history cannot be read or written")]
    History(#[from] FormatError),
    /// The history has files, and nobody said where.
    #[error("nobody said where history is kept: set history.url to file:///FOLDER or s3://…")]
    NoPlace,
    /// The files of the history are not where they should be.
    #[error(
        "the history has the file {file}, and {place} has not: let history.url name the place \
         where the months are, the same for every program of this store, or restore the file from \
         a backup"
    )]
    OtherPlace {
        /// The file.
        file: String,
        /// The place that is named.
        place: String,
    },
    /// A file of the history is not what was written.
    #[error(
        "the file {file} is not what was written ({found}, wanted {wanted}); restore it from a \
             backup"
    )]
    Altered {
        /// The file.
        file: String,
        /// What it must be.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// Values cannot be given out.
    #[error("the values cannot be given out: {0}")]
    Export(String),
    /// Work on the history ended before it was done.
    #[error("work on the history was interrupted; it will be done again")]
    Interrupted(#[source] std::io::Error),
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
    /// True when a file of the history is gone: it was replaced, and the manifest knows by which.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::History(error) => error.is_missing(),
            Self::Store(error) => error.is_missing(),
            _ => false,
        }
    }

    /// True when what is stored is damaged, rather than out of reach.
    pub const fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Damaged(_)
                | Self::Altered { .. }
                | Self::History(FormatError::Parquet { .. } | FormatError::Damaged { .. })
        )
    }

    /// The stable code under which the error is documented.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "observations.store",
            Self::Database(_) => "observations.database",
            Self::Damaged(_) => "observations.damaged",
            Self::Block { .. } => "observations.block",
            Self::History(_) => "observations.history",
            Self::NoPlace => "observations.no_place",
            Self::Export(_) => "observations.export",
            Self::OtherPlace { .. } => "observations.other_place",
            Self::Altered { .. } => "observations.altered",
            Self::Interrupted(_) => "observations.interrupted",
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
