//! All that a packet tells of: judged periods, raw packets, proofs of the log.

use crate::episodes::model::{Basis, Episode, length_ms};
use crate::episodes::store::EpisodeError;
use ::store::Store;
use jiff::{SignedDuration, Timestamp};
use observations::{RawPacket, Source};
use registry::Snapshot;
use rulebook::Period;
use std::collections::{BTreeMap, BTreeSet};
use transparency::{EntryName, Hash, Opening, Proof};
use validity::{Decision, DecisionId, EnterpriseMark, MarkId, Month, MonthRecord, PeriodState};

/// So many periods before and after the episode are shown.
const AROUND: i64 = 12;
/// The packets of a block are logged with an hour; those that came while it closed with the next.
const HOURS_LOOKED_AT: i64 = 3;
/// So often proofs are made until they are of one checkpoint.
const TRIES: usize = 4;
const HOUR_MS: i64 = 3_600_000;

/// A raw packet behind an episode.
pub(super) struct Behind {
    /// Where it stands.
    pub(super) source: Source,
    /// As it came.
    pub(super) packet: RawPacket,
    /// SHA-256 over its bytes.
    pub(super) digest: Hash,
}

/// A block of raw packets and the entry of the log that vouches for it.
pub(super) struct Vouched {
    /// The digest of the block; `None` as long as its hour is not logged.
    pub(super) digest: Option<Hash>,
    /// Its entry in the log.
    pub(super) entry: Option<EntryName>,
}

/// What an episode rests on.
pub(super) struct Gathered {
    /// The records that it was computed from, judged again.
    pub(super) records: Vec<MonthRecord>,
    /// Whether each record came out with the digest that the episode names.
    pub(super) is_same: Vec<bool>,
    /// The judged periods of the episode and around it, with the place of their record.
    pub(super) states: Vec<(usize, PeriodState)>,
    /// The raw packets behind the episode.
    pub(super) packets: Vec<Behind>,
    /// Their blocks.
    pub(super) blocks: BTreeMap<i64, Vouched>,
    /// The marks of the enterprise that bear on the shown periods.
    pub(super) marks: Vec<EnterpriseMark>,
    /// The decisions of the bureau that bear on them.
    pub(super) decisions: Vec<Decision>,
    /// Proofs of the entries that vouch for the blocks.
    pub(super) proofs: Vec<Proof>,
}

impl Gathered {
    /// Whether a period of the list lies in the episode.
    pub(super) fn is_in(episode: &Episode, state: &PeriodState) -> bool {
        let computed = &episode.computed;
        state.start >= computed.began_at() && state.start < computed.ended_at()
    }
}

/// Gathers what an episode rests on.
///
/// # Errors
/// When the store fails, or a record that is named is gone.
pub(super) async fn gather(
    store: &Store,
    snapshot: &Snapshot,
    episode: &Episode,
    now: Timestamp,
) -> Result<Gathered, EpisodeError> {
    let computed = &episode.computed;
    let mut records = Vec::new();
    let mut is_same = Vec::new();
    for basis in &computed.basis {
        let record = record(store, snapshot, episode, basis, now).await?;
        is_same.push(
            basis.version > 0 && base16ct::lower::encode_string(&record.digest) == basis.digest,
        );
        records.push(record);
    }
    let room = AROUND * length_ms(computed.period);
    let from = computed.began_at().as_millisecond() - room;
    let to = computed.ended_at().as_millisecond() + room;
    let mut states: Vec<(usize, PeriodState)> = Vec::new();
    for (place, record) in records.iter().enumerate() {
        for state in record.of(computed.factor, computed.period) {
            // The hours of today are told by a record that also holds the days before.
            let is_told = states.last().is_some_and(|(_, last)| state.start <= last.start);
            if !is_told && (from..to).contains(&state.start.as_millisecond()) {
                states.push((place, state.clone()));
            }
        }
    }
    let packets = packets(store, episode, &records).await?;
    let mut blocks = BTreeMap::new();
    for block in packets.iter().map(|behind| behind.source.block).collect::<BTreeSet<_>>() {
        blocks.insert(block, vouched(store, block).await?);
    }
    let proofs = proofs(store, &blocks).await?;
    let marks = marks(store, &states).await?;
    let decisions = decisions(store, episode, &states).await?;
    Ok(Gathered { records, is_same, states, packets, blocks, marks, decisions, proofs })
}

/// Proofs of all entries that vouch for blocks, of one checkpoint where that can be had: it moves
/// on while they are made.
async fn proofs(
    store: &Store,
    blocks: &BTreeMap<i64, Vouched>,
) -> Result<Vec<Proof>, EpisodeError> {
    let names: BTreeMap<String, &EntryName> = blocks
        .values()
        .filter_map(|block| block.entry.as_ref())
        .map(|entry| (entry.to_string(), entry))
        .collect();
    let mut proofs: Vec<Proof> = Vec::new();
    for _ in 0..TRIES {
        proofs.clear();
        for entry in names.values() {
            proofs.extend(transparency::prove(store, entry, None).await?);
        }
        if proofs.windows(2).all(|pair| pair[0].checkpoint == pair[1].checkpoint) {
            break;
        }
    }
    Ok(proofs)
}

async fn marks(
    store: &Store,
    states: &[(usize, PeriodState)],
) -> Result<Vec<EnterpriseMark>, EpisodeError> {
    let named: BTreeSet<MarkId> =
        states.iter().filter_map(|(_, state)| state.layers.enterprise).collect();
    let mut marks = Vec::new();
    for id in named {
        marks.extend(validity::find_mark(store, id).await?);
    }
    Ok(marks)
}

async fn decisions(
    store: &Store,
    episode: &Episode,
    states: &[(usize, PeriodState)],
) -> Result<Vec<Decision>, EpisodeError> {
    let named: BTreeSet<DecisionId> =
        states.iter().filter_map(|(_, state)| state.layers.bureau).collect();
    let (Some((_, first)), Some((_, last))) = (states.first(), states.last()) else {
        return Ok(Vec::new());
    };
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let point = episode.computed.point;
    let mut found = validity::decisions(store, point, first.start, last.end()).await?;
    found.retain(|decision| named.contains(&decision.id));
    Ok(found)
}

async fn record(
    store: &Store,
    snapshot: &Snapshot,
    episode: &Episode,
    basis: &Basis,
    now: Timestamp,
) -> Result<MonthRecord, EpisodeError> {
    let wrong = || EpisodeError::Content { what: "month", found: basis.month.clone() };
    let month = Month::parse(&basis.month).ok_or_else(wrong)?;
    let point = episode.computed.point;
    Ok(if basis.version > 0 {
        validity::recompute(store, point, month, basis.version).await?
    } else {
        validity::provisional(store, snapshot, point, month, now).await?
    })
}

/// The packets from which the numbers of the episode came: of its hours, also where days are
/// judged.
async fn packets(
    store: &Store,
    episode: &Episode,
    records: &[MonthRecord],
) -> Result<Vec<Behind>, EpisodeError> {
    let computed = &episode.computed;
    let mut sources = BTreeSet::new();
    for record in records {
        for period in [Period::Hour, Period::Day] {
            let states = record.of(computed.factor, period);
            let states = states.filter(|state| Gathered::is_in(episode, state));
            sources.extend(
                states.filter_map(|state| state.source).map(|source| (source.block, source.index)),
            );
        }
    }
    let mut packets = Vec::new();
    for (block, index) in sources {
        let source = Source { block, index };
        if let Some(packet) = observations::raw_packet(store, source).await? {
            let digest = Hash::of(&[&packet.bytes]);
            packets.push(Behind { source, packet, digest });
        }
    }
    packets.sort_by_key(|behind| (behind.packet.received_at, behind.source.block));
    Ok(packets)
}

/// The entry of the log that vouches for a block, with the digest that it gives the block.
async fn vouched(store: &Store, block: i64) -> Result<Vouched, EpisodeError> {
    let none = Vouched { digest: None, entry: None };
    let stored = observations::stored_blocks(store, block - 1, 1).await?;
    let Some(stored) = stored.into_iter().find(|stored| stored.id == block) else {
        return Ok(none);
    };
    let first = stored.first_received_at_ms.div_euclid(HOUR_MS) * HOUR_MS;
    for later in 0..HOURS_LOOKED_AT {
        let Ok(hour) = Timestamp::from_millisecond(first + later * HOUR_MS) else { continue };
        let entry = EntryName::Packets(hour);
        if let Some(Opening::Packets { blocks, .. }) = transparency::opening(store, &entry).await?
            && let Some((_, digest)) = blocks.iter().find(|(number, _)| *number == block)
        {
            return Ok(Vouched { digest: Some(*digest), entry: Some(entry) });
        }
    }
    Ok(none)
}

/// How long an episode is, for its title.
pub(super) fn lasted(episode: &Episode) -> SignedDuration {
    episode.computed.ended_at().duration_since(episode.computed.began_at())
}
