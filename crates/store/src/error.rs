//! What can go wrong at the door, and how to mend it.

use std::error::Error;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The address names no engine that is known.
    #[error("database.url {url:?} is neither sqlite:FILE nor postgres://USER:PASSWORD@HOST/NAME")]
    Address {
        /// The address as configured, without its password.
        url: String,
    },
    /// The data folder cannot be made or entered.
    #[error("cannot use the data folder {folder}")]
    Folder {
        /// The folder.
        folder: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Less is free on the disk than is held back for what was accepted before.
    #[error(
        "the disk of the data folder has {} MB free and {} MB are held back: make room",
        free >> 20,
        reserve >> 20
    )]
    NoRoom {
        /// Bytes free.
        free: u64,
        /// Bytes held back.
        reserve: u64,
    },
    /// The database refused a statement or could not be reached.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
    /// A step of the schema failed; the steps before it are taken.
    #[error("cannot bring the store to this program's schema")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The store has a step that this program does not know.
    #[error(
        "the store is newer than this program: it has schema step {step}, this program knows the \
         steps up to {known}; start the version that used it last, or a later one"
    )]
    Newer {
        /// The first step that is unknown.
        step: i64,
        /// The last step that this program has.
        known: i64,
    },
    /// A step was taken with another text than this program has.
    #[error(
        "schema step {step} of the store was made by another text than this program has: the \
         store was used by a build that was never released"
    )]
    Changed {
        /// The step.
        step: i64,
    },
    /// The address of the objects' place is wrong.
    #[error("history.url {url:?} names no place for files: {what}")]
    ObjectsAddress {
        /// The address as configured.
        url: String,
        /// What is wrong with it.
        what: String,
    },
    /// An object cannot be written, read, listed or deleted.
    #[error("cannot reach {name} in {place}")]
    Object {
        /// The object.
        name: String,
        /// The folder or address.
        place: String,
        /// The cause.
        #[source]
        source: Box<object_store::Error>,
    },
    /// A backup file cannot be read or written.
    #[error("cannot read or write the backup {file}")]
    BackupFile {
        /// The file.
        file: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A backup file is damaged or of another form.
    #[error("line {line} of the backup: {what}")]
    BackupContent {
        /// The line, counted from one.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A backup was made by a newer program.
    #[error(
        "the backup is newer than this program: it has schema step {step}, this program knows the \
         steps up to {known}; restore it with the version that made it, or a later one"
    )]
    BackupNewer {
        /// The first step that is unknown.
        step: i64,
        /// The last step that this program has.
        known: i64,
    },
    /// A database refused a row of another.
    #[error("the database refused a row of table {table}")]
    Refused {
        /// The table.
        table: String,
        /// The cause.
        #[source]
        source: sqlx::Error,
    },
    /// What was read back from the target of a copy is not what was put in.
    #[error(
        "table {table} reads otherwise than it was written: {written} rows written, {found} read \
         back, or their digests differ; nothing was kept"
    )]
    CopyDiffers {
        /// The table.
        table: String,
        /// Rows written.
        written: u64,
        /// Rows read back.
        found: u64,
    },
    /// A backup or a store was made from another schema than the target.
    #[error(
        "the rows were written at schema step {}, the store is at {}: name a new data folder or \
         an empty database",
        last(file),
        last(store)
    )]
    BackupSchema {
        /// The steps of the schema that the file holds.
        file: Vec<i64>,
        /// Those of the store.
        store: Vec<i64>,
    },
    /// The store into which a backup is to go already holds data.
    #[error("the store is not empty: table {table} has rows; restore into a new data folder")]
    NotEmpty {
        /// The first table found with rows.
        table: String,
    },
}

impl StoreError {
    /// True when an object is not there, rather than out of reach.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Object { source, .. }
            if matches!(**source, object_store::Error::NotFound { .. }))
    }

    /// The stable code under which the error is documented.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "store.address",
            Self::Folder { .. } => "store.folder",
            Self::NoRoom { .. } => "store.no_room",
            Self::Database(_) => "store.database",
            Self::Migration(_) => "store.migration",
            Self::Newer { .. } => "store.newer",
            Self::Changed { .. } => "store.changed",
            Self::ObjectsAddress { .. } => "store.objects_address",
            Self::Object { .. } => "store.object",
            Self::BackupFile { .. } => "store.backup_file",
            Self::BackupContent { .. } => "store.backup_content",
            Self::BackupNewer { .. } => "store.backup_newer",
            Self::Refused { .. } => "store.refused",
            Self::CopyDiffers { .. } => "store.copy_differs",
            Self::BackupSchema { .. } => "store.backup_schema",
            Self::NotEmpty { .. } => "store.not_empty",
        }
    }
}

/// The last step of a schema, for messages.
fn last(steps: &[i64]) -> String {
    steps.last().map_or_else(|| "none".to_owned(), i64::to_string)
}

/// An error with its causes, in one line; a cause that has been told already is left out.
///
/// # Example
/// ```
/// # let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
/// let error = store::StoreError::Folder { folder: "/srv/lucid".to_owned(), source: full };
/// assert_eq!(store::with_causes(&error), "cannot use the data folder /srv/lucid: no storage space");
/// ```
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let line = inner.to_string();
        if !text.ends_with(&line) {
            text = format!("{text}: {line}");
        }
        cause = inner.source();
    }
    text
}
