//! The packets of each hour against their salted digest, and block by block against the list.

use super::{Finding, Work};
use crate::sequencer::{block_pairs, digest_of_block, pairs_as_bytes};
use crate::store::packets_secret;
use crate::{Entry, Hash, LogError, Logged};
use ::store::Store;
use std::collections::BTreeMap;

/// Blocks hashed at once: they can be large.
const AT_ONCE: u32 = 16;

/// How far the blocks are verified.
pub(super) struct Packets {
    block: i64,
}

impl Default for Packets {
    fn default() -> Self {
        Self { block: i64::MIN }
    }
}

impl Packets {
    /// Computes the digests of the hours among these entries.
    pub(super) async fn take(
        &mut self,
        work: &mut Work<'_>,
        entries: &[(Logged, Entry)],
    ) -> Result<(), LogError> {
        for (_, entry) in entries {
            let Entry::Packets { hour, digest, .. } = entry else { continue };
            let name = hour.to_string();
            let Some(secret) = packets_secret(work.store, *hour).await? else {
                work.report.found(Finding::hour_changed(&name));
                continue;
            };
            let pairs = block_pairs(&secret.blocks);
            if Hash::of(&[&secret.salt, &pairs_as_bytes(&pairs)]) != *digest {
                work.report.found(Finding::hour_changed(&name));
            }
            let Some((last, _)) = pairs.last().copied() else { continue };
            let mut found = digests(work.store, self.block, last).await?;
            for (block, digest) in pairs {
                match found.remove(&block) {
                    None => work.report.found(Finding::block_missing(block, &name)),
                    Some(other) if other != digest => {
                        work.report.found(Finding::block_changed(block, &name));
                    }
                    Some(_) => {}
                }
            }
            for block in found.into_keys() {
                work.report.found(Finding::block_added(block));
            }
            self.block = last;
        }
        Ok(())
    }
}

/// The digests of the blocks behind `after`, up to `last`.
async fn digests(store: &Store, after: i64, last: i64) -> Result<BTreeMap<i64, Hash>, LogError> {
    let mut digests = BTreeMap::new();
    let mut after = after;
    while after < last {
        let found = observations::stored_blocks(store, after, AT_ONCE).await?;
        let Some(end) = found.last() else { break };
        after = end.id;
        let wanted = found.iter().filter(|block| block.id <= last);
        digests.extend(wanted.map(|block| (block.id, digest_of_block(block))));
    }
    Ok(digests)
}
