//! Appends what was committed and is not yet logged: gathered by cursor, written in one
//! transaction.
//!
//! A stop between any two steps loses nothing and repeats nothing, because entries, secrets, tiles,
//! cursors and checkpoint are committed together.

mod audit;
mod figures;
mod packets;

pub(crate) use audit::audit_text;
pub(crate) use figures::{rows_of, verdict_of};
pub(crate) use packets::{block_pairs, digest_of_block, pairs_as_bytes};

use crate::note::Signer;
use crate::store::{Batch, append, cursors};
use crate::{LogError, Publications};
use ::store::Store;
use jiff::Timestamp;
use registry::Registry;
use std::time::Duration;
use tokio::sync::watch;

/// How long to wait when there is nothing to append: so long a figure may be published before it is
/// in the log.
const PAUSE: Duration = Duration::from_secs(1);
/// How long to wait when the store fails.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(15);

/// What one step appended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequenced {
    /// Audit records.
    pub audit: usize,
    /// Hours of packets.
    pub packets: usize,
    /// Published figures.
    pub figures: usize,
    /// Whether there may be more to do at once.
    pub has_more: bool,
}

/// Appends to a log. One a log.
pub struct Sequencer {
    store: Store,
    signer: Signer,
    publications: Publications,
    registry: Registry,
}

impl Sequencer {
    pub(crate) const fn new(
        store: Store,
        signer: Signer,
        publications: Publications,
        registry: Registry,
    ) -> Self {
        Self { store, signer, publications, registry }
    }

    /// Appends until `stop` says so; a failing store is tried again.
    pub async fn run(self, clock: fn() -> Timestamp, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let pause = match self.sequence_once(clock()).await {
                Ok(done) if done.has_more => Duration::ZERO,
                Ok(_) => PAUSE,
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::error!(code = error.code(), %error, cause, "the log does not grow");
                    PAUSE_AFTER_FAILURE
                }
            };
            // The sender gone means the same as a stop.
            if let Ok(Err(_)) = tokio::time::timeout(pause, stop.changed()).await {
                return;
            }
        }
    }

    /// Appends what there is, at most some hundred entries.
    ///
    /// # Errors
    /// When the store fails: nothing is appended then.
    pub async fn sequence_once(&self, now: Timestamp) -> Result<Sequenced, LogError> {
        let cursors = cursors(&self.store).await?;
        let mut batch = Batch::default();
        let mut done = Sequenced::default();
        done.has_more |= audit::gather(&self.store, &cursors, now, &mut batch).await?;
        done.audit = batch.entries.len();
        done.has_more |= packets::gather(&self.store, &cursors, now, &mut batch).await?;
        done.packets = batch.entries.len() - done.audit;
        done.has_more |= self.gather_figures(&cursors, &mut batch).await?;
        done.figures = batch.entries.len() - done.audit - done.packets;
        if !batch.is_empty() {
            let size = append(&self.store, &self.signer, batch, now).await?;
            metrics::gauge!("lucid_log_entries").set(size as f64);
        }
        Ok(done)
    }

    /// Appends until nothing is left; gives how many entries were appended.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sequence_all(&self, now: Timestamp) -> Result<usize, LogError> {
        let mut entries = 0;
        loop {
            let done = self.sequence_once(now).await?;
            entries += done.audit + done.packets + done.figures;
            if !done.has_more {
                return Ok(entries);
            }
        }
    }
}
