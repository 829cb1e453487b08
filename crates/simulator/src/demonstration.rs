//! The demonstration of a city: its history first, then its devices live.

use crate::fleet::{Fleet, FleetOptions};
use crate::history::History;
use crate::scenario::Scenario;
use crate::signal::Signal;
use crate::site::Site;
use jiff::{SignedDuration, Timestamp};
use observations::Latest;
use registry::Snapshot;
use rulebook::Period;
use std::sync::Arc;

/// The seed of a demonstration for which nobody chose another.
pub const DEFAULT_SEED: u64 = 350_600;

const HISTORY: SignedDuration = SignedDuration::from_hours(30 * 24);
const MINUTES: SignedDuration = SignedDuration::from_hours(3 * 24);

/// A city with all its devices, about to begin.
///
/// ```text
/// let demonstration = Demonstration::new(DEFAULT_SEED, &registry.snapshot(), Timestamp::now());
/// demonstration.history(recorder.latest()).record(&recorder, |done, counts| …).await?;
/// let fleet = demonstration.fleet("127.0.0.1:9212");
/// … fleet.stop().await;
/// ```
#[derive(Clone, Debug)]
pub struct Demonstration {
    sites: Arc<[Site]>,
    signal: Signal,
    begins: Timestamp,
}

impl Demonstration {
    /// The demonstration that begins now; `seed` decides all values and lots.
    pub fn new(seed: u64, snapshot: &Snapshot, now: Timestamp) -> Self {
        let sites = Site::all(seed, snapshot);
        let scenario = Scenario::demo(seed, &sites, now);
        let signal = Signal::new(seed, Arc::new(scenario)).among(&sites);
        Self { signal, sites: sites.into(), begins: now }
    }

    /// The devices.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// What they measure, faults included.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// What they have sent in the last thirty days, minutes in the last three; where the store
    /// holds something already, only what came after it.
    pub fn history(&self, held: &Latest) -> History {
        let newest = [Period::Minute, Period::Hour, Period::Day]
            .into_iter()
            .flat_map(|period| held.of_period(period))
            .map(|row| row.received_at)
            .max();
        let back = |length| self.begins.saturating_sub(length).unwrap_or(Timestamp::MIN);
        let from = back(HISTORY).max(newest.unwrap_or(Timestamp::MIN)).min(self.begins);
        let minutes_from = from.max(back(MINUTES));
        History::new(self.sites.clone(), self.signal.clone(), from, minutes_from, self.begins)
    }

    /// Starts the devices; `target` is the receiver's `host:port`.
    pub fn fleet(&self, target: impl Into<String>) -> Fleet {
        Fleet::start(&self.sites, &self.signal, &FleetOptions::demo(target, self.begins))
    }
}
