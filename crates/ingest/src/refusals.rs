//! Refused packets: counted all, kept the newest, never more than the store can bear.

use crate::store::keep_refused;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Store, StoreError};

/// The newest refused packets that the store keeps.
const KEEP: i64 = 10_000;
/// The bytes kept of one packet.
const RAW_MAX: usize = 4096;
/// Kept between two writings; what is beyond is only counted.
const WAITING_MAX: usize = 512;
/// Of those, from one peer: a noisy device does not hide the others.
const WAITING_OF_PEER_MAX: usize = 64;

/// A packet that was refused, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPacket {
    /// Its number; they rise with time.
    pub id: i64,
    /// When it came.
    pub received_at: Timestamp,
    /// From where.
    pub peer: String,
    /// The MN that it names, if it could be read.
    pub mn: Option<String>,
    /// The reason's stable code, `hj212.crc`.
    pub reason: String,
    /// The reason in words, for the operator.
    pub explanation: String,
    /// How many bytes came.
    pub size: u64,
    /// The first 4,096 of them.
    pub raw: Vec<u8>,
}

/// How often a reason was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedCount {
    /// The reason's stable code.
    pub reason: String,
    /// The number of packets.
    pub packets: u64,
    /// The last time.
    pub last_at: Timestamp,
}

/// A packet to be refused.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) received_at: Timestamp,
    pub(crate) peer: Arc<str>,
    pub(crate) mn: Option<String>,
    pub(crate) reason: String,
    pub(crate) explanation: String,
    pub(crate) size: usize,
    pub(crate) raw: Vec<u8>,
}

/// Where refused packets wait for being written. All clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals {
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    packets: Vec<Refused>,
    of_peer: HashMap<Arc<str>, usize>,
    counts: HashMap<String, (u64, Timestamp)>,
}

impl Refusals {
    /// Counts a refusal and keeps its bytes if there is room.
    pub(crate) fn refuse(&self, mut packet: Refused) {
        metrics::counter!("lucid_ingest_refused_total", "reason" => packet.reason.clone())
            .increment(1);
        tracing::debug!(peer = %packet.peer, reason = packet.reason, "refused a packet");
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.counts.entry(packet.reason.clone()).or_insert((0, packet.received_at));
        *count = (count.0 + 1, packet.received_at);
        if waiting.packets.len() >= WAITING_MAX {
            return;
        }
        let address = packet.peer.rsplit_once(':').map_or(&*packet.peer, |(address, _)| address);
        let of_peer = waiting.of_peer.entry(address.into()).or_default();
        *of_peer += 1;
        if *of_peer <= WAITING_OF_PEER_MAX {
            packet.raw.truncate(RAW_MAX);
            waiting.packets.push(packet);
        }
    }

    /// Writes what waits; what cannot be written waits on.
    pub(crate) async fn write(&self, store: &Store) -> Result<(), StoreError> {
        let taken =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if taken.counts.is_empty() {
            return Ok(());
        }
        let written = keep_refused(store, &taken.packets, &taken.counts, KEEP).await;
        if written.is_err() {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.give_back(taken);
        }
        written
    }
}

impl Waiting {
    fn give_back(&mut self, mut taken: Self) {
        for (reason, (count, last_at)) in taken.counts {
            let held = self.counts.entry(reason).or_insert((0, last_at));
            *held = (held.0 + count, held.1.max(last_at));
        }
        let room = WAITING_MAX.saturating_sub(self.packets.len());
        taken.packets.truncate(room);
        taken.packets.append(&mut self.packets);
        self.packets = taken.packets;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MIGRATIONS;
    use crate::store::{refused_counts, refused_packets};

    fn packet(peer: &str, reason: &str, size: usize) -> Refused {
        Refused {
            received_at: Timestamp::from_second(1_767_225_600).expect("a time"),
            peer: peer.into(),
            mn: None,
            reason: reason.to_owned(),
            explanation: "why".to_owned(),
            size,
            raw: vec![7; size],
        }
    }

    #[tokio::test]
    async fn a_noisy_peer_is_counted_but_does_not_fill_the_store() {
        testkit::on_both(MIGRATIONS, |store| async move {
            let refusals = Refusals::default();
            for _ in 0..1000 {
                refusals.refuse(packet("noisy", "hj212.crc_mismatch", 9000));
            }
            refusals.refuse(packet("other", "hj212.password", 5));
            refusals.write(&store).await.expect("written");
            refusals.write(&store).await.expect("nothing to write");
            let kept = refused_packets(&store, None, 2000).await.expect("readable");
            assert_eq!(kept.len(), WAITING_OF_PEER_MAX + 1);
            assert_eq!((kept[0].peer.as_str(), kept[0].raw.len()), ("other", 5));
            assert_eq!((kept[1].size, kept[1].raw.len()), (9000, RAW_MAX));
            let older = refused_packets(&store, Some(kept[0].id), 3).await.expect("readable");
            assert_eq!(older, kept[1..4]);
            let counts = refused_counts(&store).await.expect("readable");
            let counts: Vec<_> =
                counts.into_iter().map(|count| (count.reason, count.packets)).collect();
            let expected = [("hj212.crc_mismatch", 1000), ("hj212.password", 1)];
            assert_eq!(counts, expected.map(|(reason, count)| (reason.to_owned(), count)));
        })
        .await;
    }

    #[tokio::test]
    async fn only_the_newest_are_kept() {
        testkit::on_both(MIGRATIONS, |store| async move {
            let counts = HashMap::new();
            for number in 0..7 {
                let packets = [packet("peer", "hj212.password", number)];
                keep_refused(&store, &packets, &counts, 3).await.expect("written");
            }
            let kept = refused_packets(&store, None, 100).await.expect("readable");
            assert_eq!(kept.iter().map(|packet| packet.size).collect::<Vec<_>>(), [6, 5, 4]);
        })
        .await;
    }

    #[tokio::test]
    async fn what_cannot_be_written_waits() {
        let test = testkit::sqlite(MIGRATIONS).await;
        let refusals = Refusals::default();
        refusals.refuse(packet("peer", "hj212.password", 1));
        let closed = testkit::sqlite(MIGRATIONS).await;
        closed.store.close().await;
        assert!(refusals.write(&closed.store).await.is_err());
        refusals.refuse(packet("peer", "hj212.password", 2));
        refusals.write(&test.store).await.expect("written");
        let kept = refused_packets(&test.store, None, 9).await.expect("readable");
        assert_eq!(kept.iter().map(|packet| packet.size).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(refused_counts(&test.store).await.expect("readable")[0].packets, 2);
    }
}
