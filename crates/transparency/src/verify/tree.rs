//! The tree: entries against tiles, tiles against checkpoints, checkpoints against each other.

use super::{Finding, Report};
use crate::note::{Checkpoint, Note, VerifierKey};
use crate::store::{StoredCheckpoint, checkpoints, cursor, cursors, tile, tiles};
use crate::tile::{Growing, TileId, WIDTH};
use crate::tree::{TreeHead, consistency, hash_of, nodes_of, proves_consistency};
use crate::{Hash, LogError, Logged};
use ::store::Store;
use std::collections::VecDeque;
use std::ops::Range;

/// The tree as it grows again from the entries.
pub(super) struct Tree {
    growing: Growing,
    size: u64,
    /// Checkpoints whose size is not reached yet.
    waiting: VecDeque<StoredCheckpoint>,
    /// Those that could be read, for comparing each with the next.
    heads: Vec<TreeHead>,
    keys: Vec<VerifierKey>,
    /// The tile of leaves that was read last.
    leaves: (Option<TileId>, Vec<Hash>),
}

impl Tree {
    pub(super) async fn begin(
        store: &Store,
        keys: &[VerifierKey],
        report: &mut Report,
    ) -> Result<Self, LogError> {
        let appended = cursors(store).await?.get(cursor::SIZE);
        let waiting: VecDeque<_> = checkpoints(store).await?.into();
        let size = waiting.back().map_or(0, |newest| newest.size);
        if waiting.is_empty() || size < appended as u64 {
            report.found(Finding::no_checkpoint(appended as u64));
        }
        let keys = keys.to_vec();
        let mut tree = Self {
            growing: Growing::default(),
            size,
            waiting,
            heads: Vec::new(),
            keys,
            leaves: (None, Vec::new()),
        };
        tree.reached(report);
        Ok(tree)
    }

    /// How many entries the newest checkpoint covers.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next entries.
    pub(super) async fn take(
        &mut self,
        store: &Store,
        positions: Range<u64>,
        entries: &[Logged],
        report: &mut Report,
    ) -> Result<(), LogError> {
        let mut entries = entries.iter().peekable();
        for position in positions {
            let entry = entries.next_if(|entry| entry.position == position);
            let stored = self.stored_leaf(store, position).await?;
            let leaf = entry.map(|entry| Hash::of_leaf(entry.text.as_bytes()));
            match (leaf, stored) {
                (None, _) => report.found(Finding::entry_missing(position)),
                (Some(leaf), Some(stored)) if leaf != stored => {
                    let name = entry.map(|entry| entry.name.as_str());
                    report.found(Finding::entry_changed(position, name));
                }
                _ => {}
            }
            // What was hashed at the time stands in the tile; an entry that was changed since is
            // told once, not again by every hash above it.
            let hash = stored.or(leaf).unwrap_or_else(Hash::of_nothing);
            self.growing.push(hash);
            self.reached(report);
            for (id, hashes) in self.growing.take_full() {
                self.compare(store, id, &hashes, report).await?;
            }
        }
        Ok(())
    }

    /// The leaf as the tile has it, read once a tile.
    async fn stored_leaf(
        &mut self,
        store: &Store,
        position: u64,
    ) -> Result<Option<Hash>, LogError> {
        let id = TileId { level: 0, number: position / WIDTH as u64 };
        if self.leaves.0 != Some(id) {
            self.leaves = (Some(id), tile(store, id).await?.unwrap_or_default());
        }
        Ok(self.leaves.1.get(position as usize % WIDTH).copied())
    }

    async fn compare(
        &self,
        store: &Store,
        id: TileId,
        hashes: &[Hash],
        report: &mut Report,
    ) -> Result<(), LogError> {
        let stored = tile(store, id).await?;
        // The last tiles may have grown since.
        if stored.as_deref().and_then(|stored| stored.get(..hashes.len())) != Some(hashes) {
            report.found(Finding::tile(id.level, id.number));
        }
        Ok(())
    }

    /// Checks the checkpoints of the size that is reached now.
    fn reached(&mut self, report: &mut Report) {
        while let Some(stored) =
            self.waiting.pop_front_if(|stored| stored.size <= self.growing.size())
        {
            report.checkpoints += 1;
            let read = stored.note.parse::<Note>().ok().and_then(|note| {
                let checkpoint = note.text.parse::<Checkpoint>().ok()?;
                (checkpoint.head.size == stored.size).then_some((note, checkpoint))
            });
            let Some((note, checkpoint)) = read else {
                report.found(Finding::checkpoint_unreadable(stored.size));
                continue;
            };
            let signed =
                |key: &VerifierKey| key.name() == checkpoint.origin && key.check(&note).is_ok();
            if !self.keys.iter().any(signed) {
                report.found(Finding::checkpoint_signature(stored.size));
            }
            if checkpoint.head.root != self.growing.root() {
                report.found(Finding::checkpoint_root(stored.size, self.growing.root()));
            }
            report.head = Some(checkpoint.head);
            self.heads.push(checkpoint.head);
        }
    }

    /// Checks the last tiles, and that each checkpoint continues the one before.
    pub(super) async fn end(self, store: &Store, report: &mut Report) -> Result<(), LogError> {
        for (id, hashes) in self.growing.partial() {
            self.compare(store, *id, hashes, report).await?;
        }
        for pair in self.heads.windows(2) {
            let (old, new) = (pair[0], pair[1]);
            let ranges = consistency(old.size, new.size);
            let wanted = ranges.iter().cloned().flat_map(nodes_of).map(TileId::of);
            let tiles = tiles(store, wanted).await?;
            let path: Option<Vec<Hash>> =
                ranges.into_iter().map(|range| hash_of(range, &tiles)).collect();
            if !path.is_some_and(|path| proves_consistency(old, new, &path)) {
                report.found(Finding::checkpoint_inconsistent(old.size, new.size));
            }
        }
        Ok(())
    }
}
