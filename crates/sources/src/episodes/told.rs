//! Episodes for the command line: listed, and their records judged again.

use super::model::Episode;
use super::store::{self, EpisodeError, EpisodeFilter};
use super::words;
use ::store::Store;
use registry::Snapshot;
use rulebook::Text;
use validity::Month;

/// An episode in a line.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its number.
    pub id: i64,
    /// The outlet.
    pub outlet: Text,
    /// The factor.
    pub factor: Text,
    /// From when to when, Beijing time.
    pub span: String,
    /// How many periods are over the limit.
    pub periods: usize,
    /// The highest multiple, as it is printed.
    pub multiple: String,
    /// The numbers of the packets that were issued, `2026-1`.
    pub packets: Vec<String>,
}

/// The newest episodes, at most `limit`.
///
/// # Errors
/// When the store fails.
pub async fn newest(
    store: &Store,
    snapshot: &Snapshot,
    limit: u32,
) -> Result<Vec<Told>, EpisodeError> {
    let filter = EpisodeFilter { limit, ..EpisodeFilter::default() };
    let mut told = Vec::new();
    for episode in store::episodes(store, &filter).await? {
        let packets = store::packets_of(store, episode.id).await?;
        told.push(line(snapshot, &episode, packets));
    }
    Ok(told)
}

fn line(snapshot: &Snapshot, episode: &Episode, packets: Vec<store::Packet>) -> Told {
    let computed = &episode.computed;
    Told {
        id: episode.id,
        outlet: words::outlet(snapshot, computed),
        factor: words::factor(snapshot, computed),
        span: words::span(computed),
        periods: computed.over.len(),
        multiple: words::multiple(&computed.figures()),
        packets: packets
            .iter()
            .map(|packet| format!("{}-{}", packet.year, packet.number))
            .collect(),
    }
}

/// A record judged again (复算).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recomputed {
    /// The month.
    pub month: String,
    /// The version that the episode names; 0 where it was not stored yet.
    pub version: u32,
    /// The digest that the episode names.
    pub digest: String,
    /// The digest that came out; `None` where the version was not stored.
    pub again: Option<String>,
}

/// Judges the records of an episode again; `None` where there is no such episode.
///
/// # Errors
/// When the store fails or a record is gone.
pub async fn recompute(store: &Store, id: i64) -> Result<Option<Vec<Recomputed>>, EpisodeError> {
    let Some(episode) = store::episode(store, id).await? else { return Ok(None) };
    let mut found = Vec::new();
    for basis in episode.computed.basis {
        let again = match Month::parse(&basis.month).filter(|_| basis.version > 0) {
            None => None,
            Some(month) => {
                let point = episode.computed.point;
                let record = validity::recompute(store, point, month, basis.version).await?;
                Some(base16ct::lower::encode_string(&record.digest))
            }
        };
        let (month, version, digest) = (basis.month, basis.version, basis.digest);
        found.push(Recomputed { month, version, digest, again });
    }
    Ok(Some(found))
}
