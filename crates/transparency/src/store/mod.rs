//! All SQL of the log.

mod append;
mod entries;
mod tree;

pub(crate) use append::{Batch, Confirmed, Move, NewEntry, Secret, append, begin_log};
pub(crate) use entries::{
    FigureState, audit_secrets, entries_after, entries_newest, entries_of, entry_at, figure_last,
    figure_states, gaps, logged_audit, logged_verdicts, packets_secret,
};
pub(crate) use tree::{StoredCheckpoint, checkpoints, latest_checkpoint, tile, tiles};

use crate::LogError;
use ::store::Store;
use sqlx::Row as _;
use std::collections::HashMap;

/// The names of the cursors.
pub(crate) mod cursor {
    /// How many entries there are.
    pub(crate) const SIZE: &str = "size";
    /// The last audit record that was looked at.
    pub(crate) const AUDIT: &str = "audit";
    /// The last block of packets that is logged.
    pub(crate) const BLOCKS: &str = "blocks";
    /// The last hour of packets that is logged, in seconds since 1970.
    pub(crate) const HOUR: &str = "hour";

    /// The last commit whose figures are logged, in these editions: with another edition all are
    /// looked at again.
    pub(crate) fn figures(publications: &crate::Publications) -> String {
        format!("figures {}", publications.editions())
    }
}

/// How far the log has come; 0 where it has not begun.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cursors(HashMap<String, i64>);

impl Cursors {
    pub(crate) fn get(&self, name: &str) -> i64 {
        self.0.get(name).copied().unwrap_or(0)
    }
}

pub(crate) async fn cursors(store: &Store) -> Result<Cursors, LogError> {
    let rows = sqlx::query("SELECT name, value FROM log_cursor").fetch_all(store.reader()).await?;
    let cursors = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    cursors.collect::<Result<_, LogError>>().map(Cursors)
}

/// A count as the database keeps it.
pub(crate) fn count(number: i64) -> Result<u64, LogError> {
    u64::try_from(number).map_err(|_| LogError::Damaged(format!("the negative count {number}")))
}
