//! What can go wrong with the files of history, and how to mend it.

use std::sync::Arc;

/// A file of history that cannot be written or read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The place where history is kept did not give the file.
    #[error("the file {path} of history cannot be read from where it is kept")]
    Object {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: Arc<object_store::Error>,
    },
    /// The file is no Parquet or breaks off.
    #[error(
        "the file {path} of history is no sound Parquet; restore it from a backup, and run `lucid \
         history verify` to learn which other files are hurt"
    )]
    Parquet {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: Arc<parquet::errors::ParquetError>,
    },
    /// The file is Parquet and contradicts itself.
    #[error("the file {path} of history is damaged: {what}; restore it from a backup")]
    Damaged {
        /// The file.
        path: String,
        /// What does not hold.
        what: String,
    },
    /// A later release wrote the file.
    #[error(
        "the file {path} of history has the format {found} and this release reads up to {known}: \
         install the release that wrote it"
    )]
    Version {
        /// The file.
        path: String,
        /// Its format.
        found: String,
        /// The newest format known.
        known: i64,
    },
    /// Rows were given out of order.
    #[error("rows of history are written by point and time, each once: {what}")]
    Order {
        /// Which row came when.
        what: String,
    },
    /// A file could not be written.
    #[error("a file of history could not be made")]
    Write(#[source] Arc<parquet::errors::ParquetError>),
}

impl FormatError {
    /// Whether the file is gone: one that was replaced is deleted after a while, and who knows it
    /// only from before reads the manifest again.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Object { source, .. }
            if matches!(**source, object_store::Error::NotFound { .. }))
    }

    pub(super) fn object(path: &impl ToString, source: object_store::Error) -> Self {
        Self::Object { path: path.to_string(), source: Arc::new(source) }
    }

    pub(super) fn parquet(path: &impl ToString, source: parquet::errors::ParquetError) -> Self {
        Self::Parquet { path: path.to_string(), source: Arc::new(source) }
    }

    pub(super) fn damaged(path: &impl ToString, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_string(), what: what.into() }
    }
}

impl From<parquet::errors::ParquetError> for FormatError {
    fn from(source: parquet::errors::ParquetError) -> Self {
        Self::Write(Arc::new(source))
    }
}

impl From<arrow_schema::ArrowError> for FormatError {
    fn from(source: arrow_schema::ArrowError) -> Self {
        Self::Write(Arc::new(source.into()))
    }
}
