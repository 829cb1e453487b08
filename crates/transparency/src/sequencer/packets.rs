//! The packets of an hour as an entry.

use crate::store::{Batch, Cursors, Move, NewEntry, Secret, cursor};
use crate::{Entry, Hash, LogError, secret};
use ::store::Store;
use jiff::Timestamp;
use observations::StoredBlock;

const HOUR: i64 = 3600;
/// An hour is closed so long after its end, in seconds: packets that came in its last moment are
/// committed then.
const GRACE: i64 = 60;
/// Blocks hashed at once: they can be large.
const BLOCKS_AT_ONCE: u32 = 16;

/// The digest over every byte of a stored block.
pub(crate) fn digest_of_block(block: &StoredBlock) -> Hash {
    let numbers = [
        block.id,
        block.first_received_at_ms,
        block.last_received_at_ms,
        block.packets,
        block.size,
        block.codec,
        block.touched.len() as i64,
    ];
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    Hash::of(&[&numbers, &block.touched, &block.bytes])
}

/// Numbers and digests of blocks as they enter the digest of their hour.
pub(crate) fn pairs_as_bytes(pairs: &[(i64, Hash)]) -> Vec<u8> {
    pairs
        .iter()
        .flat_map(|(block, digest)| block.to_be_bytes().into_iter().chain(digest.0))
        .collect()
}

/// Reads what [`pairs_as_bytes`] wrote; what is cut short at the end is left out.
pub(crate) fn block_pairs(bytes: &[u8]) -> Vec<(i64, Hash)> {
    let (pairs, _) = bytes.as_chunks::<40>();
    pairs
        .iter()
        .filter_map(|pair| {
            let (block, digest) = pair.split_first_chunk::<8>()?;
            Some((i64::from_be_bytes(*block), Hash(digest.try_into().ok()?)))
        })
        .collect()
}

/// Gathers the next hour that has ended; says whether there may be another.
pub(super) async fn gather(
    store: &Store,
    cursors: &Cursors,
    now: Timestamp,
    batch: &mut Batch,
) -> Result<bool, LogError> {
    let from = cursors.get(cursor::BLOCKS);
    let next = observations::first_block_since(store, from, Timestamp::MIN).await?;
    let Some((first, received_ms)) = next else { return Ok(false) };
    let before = cursors.get(cursor::HOUR);
    let hour_of = |second: i64| second.div_euclid(HOUR) * HOUR;
    // What a clock that ran ahead for a moment has stamped must not hold up all that follows.
    let (received, last_ended) = (hour_of(received_ms / 1000), hour_of(now.as_second()) - HOUR);
    let came = if received > last_ended + HOUR { last_ended } else { received };
    let hour = came.max(next_hour(before));
    let ended = Timestamp::from_second(hour + HOUR).map_err(|_| beyond(hour))?;
    if now.as_second() < hour + HOUR + GRACE {
        return Ok(false);
    }
    // What comes behind a block of a later hour belongs to that one.
    let behind = observations::first_block_since(store, first, ended).await?;
    let pairs = pairs(store, from, behind.map(|(block, _)| block)).await?;
    let (Some((last, _)), blocks) = (pairs.last(), pairs_as_bytes(&pairs)) else {
        return Ok(false);
    };
    let salt = secret()?;
    let entry = Entry::Packets {
        hour: Timestamp::from_second(hour).map_err(|_| beyond(hour))?,
        blocks: pairs.len() as u64,
        digest: Hash::of(&[&salt, &blocks]),
    };
    batch.entries.push(NewEntry { entry, secret: Secret::Packets { salt, blocks } });
    batch.moves.push(Move { name: cursor::BLOCKS.to_owned(), from, to: *last });
    batch.moves.push(Move { name: cursor::HOUR.to_owned(), from: before, to: hour });
    Ok(true)
}

/// No hour is logged twice: late packets belong to the next one.
fn next_hour(before: i64) -> i64 {
    if before == 0 { i64::MIN } else { before + HOUR }
}

fn beyond(hour: i64) -> LogError {
    LogError::Damaged(format!("a block of packets of the time {hour}"))
}

/// Number and digest of each block behind `from` and before `behind`.
async fn pairs(
    store: &Store,
    from: i64,
    behind: Option<i64>,
) -> Result<Vec<(i64, Hash)>, LogError> {
    let mut pairs: Vec<(i64, Hash)> = Vec::new();
    loop {
        let after = pairs.last().map_or(from, |(last, _)| *last);
        let found = observations::stored_blocks(store, after, BLOCKS_AT_ONCE).await?;
        let wanted = found.iter().take_while(|block| behind.is_none_or(|end| block.id < end));
        let count = pairs.len();
        pairs.extend(wanted.map(|block| (block.id, digest_of_block(block))));
        if pairs.len() - count < BLOCKS_AT_ONCE as usize {
            return Ok(pairs);
        }
    }
}
