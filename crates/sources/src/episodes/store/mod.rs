//! The SQL of episodes, decisions, packets.

mod decisions;
mod episodes;
mod packets;

pub(super) use decisions::{case_of, decide, decisions, tie, withdraw};
pub(super) use episodes::{
    EpisodeFilter, earlier, episode, episodes, fingerprint as fingerprint_of, insert, overlapping,
    supersede,
};
pub use packets::{Packet, kept_files};
pub(super) use packets::{
    keep_packet, next_number, packet_by_body, packet_by_code, packet_of, packets_of,
};

use jiff::Timestamp;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EpisodeError {
    /// The store failed.
    #[error("episodes cannot be read or written")]
    Store(#[from] ::store::StoreError),
    /// The database refused.
    #[error("episodes cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// Alerts cannot be read.
    #[error("alerts cannot be read")]
    Alerts(#[from] evaluation::EvaluationError),
    /// A month cannot be judged.
    #[error("a month of an outlet cannot be judged")]
    Validity(#[from] validity::ValidityError),
    /// Packets cannot be read.
    #[error("the packets behind an episode cannot be read")]
    Observations(#[from] observations::ObservationError),
    /// The audit cannot be written.
    #[error("the audit record cannot be written")]
    Audit(#[from] authority::AuthorityError),
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Log(#[from] transparency::LogError),
    /// A document cannot be made.
    #[error(transparent)]
    Document(#[from] documents::DocumentError),
    /// The file cannot be kept or read.
    #[error("the file of a packet cannot be kept or read")]
    File(#[from] evidence::EvidenceError),
    /// A stored row is not of the form written.
    #[error("stored {what} cannot be read: {found:?}")]
    Content {
        /// What was read.
        what: &'static str,
        /// What was found.
        found: String,
    },
    /// The program was put together without a part that packets need.
    #[error("packets cannot be issued here: {0} is missing")]
    Missing(&'static str),
}

impl EpisodeError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "episodes.store",
            Self::Alerts(_) => "episodes.alerts",
            Self::Validity(_) => "episodes.month",
            Self::Observations(_) => "episodes.packets",
            Self::Audit(_) => "episodes.audit",
            Self::Log(_) => "episodes.log",
            Self::Document(error) => error.code(),
            Self::File(_) => "episodes.file",
            Self::Content { .. } => "episodes.content",
            Self::Missing(_) => "episodes.missing",
        }
    }
}

fn wrong(what: &'static str, found: impl ToString) -> EpisodeError {
    EpisodeError::Content { what, found: found.to_string() }
}

fn moment(milliseconds: i64) -> Result<Timestamp, EpisodeError> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| wrong("time", milliseconds))
}
