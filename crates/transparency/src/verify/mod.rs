//! Verification: everything is computed anew from the rows that stand in the database.

mod audit;
mod figures;
mod packets;
mod report;
mod tree;

pub use report::{Finding, Report};

use crate::note::VerifierKey;
use crate::store::{cursor, cursors, entries_after};
use crate::{Entry, LogError, Logged, Publications};
use ::store::Store;
use registry::Snapshot;

/// Entries looked at together.
const AT_ONCE: u64 = 512;

/// What is verified, against what.
struct Work<'a> {
    store: &'a Store,
    snapshot: &'a Snapshot,
    publications: &'a Publications,
    report: Report,
}

/// How many entries the newest checkpoint covers; 0 where nothing was signed yet.
///
/// # Errors
/// When the store cannot be read.
pub async fn head_size(store: &Store) -> Result<u64, LogError> {
    Ok(crate::store::latest_checkpoint(store).await?.map_or(0, |checkpoint| checkpoint.size))
}

/// Verifies the log against the database: every leaf from the rows as they stand now, the whole
/// tree, each checkpoint's root and signature, and that each checkpoint continues the one before.
///
/// Every checkpoint must be signed by one of `keys`. The server may go on appending meanwhile; what
/// it appends is not looked at. `progress` hears how many entries are done and how many there are.
///
/// # Errors
/// When the store fails; what is found in it is no error but part of the report.
pub async fn verify(
    store: &Store,
    snapshot: &Snapshot,
    publications: &Publications,
    keys: &[VerifierKey],
    mut progress: impl FnMut(u64, u64),
) -> Result<Report, LogError> {
    let mut work = Work { store, snapshot, publications, report: Report::default() };
    let mut tree = tree::Tree::begin(store, keys, &mut work.report).await?;
    // Read after the checkpoint: what it covers is at or before these.
    let cursors = cursors(store).await?;
    let mut packets = packets::Packets::default();
    let size = tree.size();
    let mut position = 0;
    while position < size {
        let end = size.min(position + AT_ONCE);
        let entries = entries_after(store, position..end).await?;
        tree.take(store, position..end, &entries, &mut work.report).await?;
        let read = work.read(entries);
        work.audit(&read).await?;
        packets.take(&mut work, &read).await?;
        work.figures(position..end, &read).await?;
        position = end;
        progress(position, size);
    }
    tree.end(store, &mut work.report).await?;
    work.unlogged_audit(cursors.get(cursor::AUDIT)).await?;
    work.unlogged_figures(cursors.get(&cursor::figures(publications))).await?;
    Ok(work.report)
}

impl Work<'_> {
    /// The entries that are entries, counted.
    fn read(&mut self, entries: Vec<Logged>) -> Vec<(Logged, Entry)> {
        let mut read = Vec::with_capacity(entries.len());
        for logged in entries {
            match logged.entry() {
                Ok(entry) => {
                    self.report.count(entry.kind());
                    let is_named = entry.name().to_string() == logged.name
                        && entry.version() == logged.version
                        && entry.kind() == logged.kind;
                    if !is_named {
                        self.report.found(Finding::entry_name(logged.position, &logged.name));
                    }
                    read.push((logged, entry));
                }
                Err(_) => self.report.found(Finding::entry_unreadable(logged.position)),
            }
        }
        read
    }
}
