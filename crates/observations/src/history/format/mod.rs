//! The files of history: Parquet that any engine reads and that gives every [`crate::Row`] back
//! exactly.
//!
//! A part of a month is two files. `values` has a line for each factor of each row, sorted by
//! point, factor and time, so that a series lies in one piece; `rows` has a line for each row:
//! where it came from, when, and in which order its factors stood. Both carry a directory in their
//! footer that says where each series begins. Described in `docs/reference/history-files.md`.

mod assemble;
mod columns;
mod directory;
mod error;
mod file;
mod part;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use columns::{Numbers, moments, worded};
pub use directory::Series;
pub use error::FormatError;
pub use file::Span;
pub use part::{OpenPart, PartFiles, open};
pub(crate) use part::{VALUES, joined_spans, lines_within, seconds, times_of};
pub use writer::{FACTOR_ROWS_A_PART, Part, Writer};

/// The version of the format, in the footer of every file.
pub const VERSION: i64 = 1;

/// The keys of what the footers say.
mod keys {
    pub(super) const VERSION: &str = "lucid.history.version";
    pub(super) const KIND: &str = "lucid.history.kind";
    pub(super) const PERIOD: &str = "lucid.history.period";
    pub(super) const MONTH: &str = "lucid.history.month";
    pub(super) const DIRECTORY: &str = "lucid.history.directory";
    pub(super) const READ_AS: &str = "lucid.history.read_as";
}
