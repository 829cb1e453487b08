//! Several receivers of one installation: each says now and then that it runs, learns what the
//! others have written down, and looks for commands that wait for its devices.

mod store;

pub use store::receivers;

use crate::commands;
use crate::hj212::Shared;
use ::store::{Store, StoreError};
use jiff::Timestamp;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Every so many beats it is read what others have written down.
const FOLLOW_EVERY: u32 = 2;
/// Every so many beats the registry is read again: a city's files may have been loaded.
const RELOAD_EVERY: u32 = 30;
/// A receiver that has said nothing for so long is gone.
const GONE: Duration = Duration::from_secs(20);

/// Which one of several receivers a process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name, which no other has; empty: the server that records.
    pub name: String,
    /// Whether there are others, on the same store.
    pub is_one_of_many: bool,
}

impl Place {
    /// The only one: the server receives by itself.
    pub const fn alone() -> Self {
        Self { name: String::new(), is_one_of_many: false }
    }

    /// The server that records what others receive.
    pub const fn server() -> Self {
        Self { name: String::new(), is_one_of_many: true }
    }

    /// A receiver of this name.
    pub const fn receiver(name: String) -> Self {
        Self { name, is_one_of_many: true }
    }
}

/// A receiver as it has last said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverState {
    /// Its name.
    pub name: String,
    /// Where devices deliver to it.
    pub address: String,
    /// The edition of the program.
    pub version: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it last said that it runs, by its own clock.
    pub seen_at: Timestamp,
    /// Its open connections.
    pub connections: u64,
    /// The packets that it has passed on since it was started.
    pub packets: u64,
}

/// The regular work of one of several receivers.
pub(crate) struct Beat {
    place: Place,
    /// What no other start of a receiver ever had.
    instance: String,
    /// Of the others: what they said last, and when this process learnt of it. Their clocks do
    /// not count.
    others: HashMap<String, (Timestamp, Instant)>,
    is_displaced: bool,
    is_failing: bool,
}

impl Beat {
    /// Writes down that the receiver runs.
    pub(crate) async fn begin(
        store: &Store,
        place: &Place,
        address: SocketAddr,
    ) -> Result<Self, StoreError> {
        let now = Timestamp::now();
        let instance = format!("{}-{}", std::process::id(), now.as_nanosecond());
        if place.is_one_of_many && !place.name.is_empty() {
            store::begin(store, &place.name, &instance, &address.to_string(), now).await?;
        }
        let others = HashMap::new();
        let place = place.clone();
        Ok(Self { place, instance, others, is_displaced: false, is_failing: false })
    }

    /// Says that the receiver runs, and learns from the others.
    pub(crate) async fn go(
        &mut self,
        store: &Store,
        shared: &Shared,
        connections: usize,
        round: u32,
    ) {
        let done = self.work(store, shared, connections, round).await;
        let was_failing = std::mem::replace(&mut self.is_failing, done.is_err());
        match done {
            Err(problem) if !was_failing => {
                tracing::error!(code = problem.code(), %problem,
                    "the store does not answer; receivers do not hear of each other");
            }
            Ok(()) if was_failing => tracing::info!("the store answers again"),
            _ => {}
        }
    }

    async fn work(
        &mut self,
        store: &Store,
        shared: &Shared,
        connections: usize,
        round: u32,
    ) -> Result<(), StoreError> {
        let now = Timestamp::now();
        if self.place.name.is_empty() {
            self.end_those_gone(store, now).await?;
        } else {
            let packets = shared.sink.passed_on();
            let is_ours =
                store::beat(store, &self.place.name, &self.instance, connections, packets, now)
                    .await?;
            if !is_ours && !std::mem::replace(&mut self.is_displaced, true) {
                tracing::error!(
                    name = self.place.name,
                    "another receiver was started under the name of this one: give each a name \
                     of its own (intake.receiver)"
                );
            }
        }
        for mn in commands::store::waiting(store).await? {
            shared.devices.poke(&mn);
        }
        if round.is_multiple_of(FOLLOW_EVERY) {
            shared.devices.follow(store, now).await?;
        }
        // The server reads it again when it hears of what it does not know.
        if !self.place.name.is_empty()
            && round.is_multiple_of(RELOAD_EVERY)
            && let Err(problem) = shared.registry.reload().await
        {
            tracing::warn!(code = problem.code(), %problem, "the registry cannot be read again");
        }
        Ok(())
    }

    /// What receivers had under way that are gone, has ended.
    async fn end_those_gone(&mut self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let mut open = 0;
        for other in receivers(store).await? {
            let learnt = (other.seen_at, Instant::now());
            let known = self.others.entry(other.name.clone()).or_insert(learnt);
            if known.0 != other.seen_at {
                *known = learnt;
            }
            if known.1.elapsed() < GONE {
                open += 1;
                continue;
            }
            store::end(store, &other.name, other.seen_at).await?;
            commands::store::end_interrupted(store, &other.name, now).await?;
            self.others.remove(&other.name);
            tracing::error!(receiver = other.name, last_seen = %other.seen_at,
                "a receiver is gone; its devices are offline until they speak to another one");
        }
        metrics::gauge!("lucid_receivers").set(f64::from(open));
        Ok(())
    }

    /// Says that the receiver has ended in order.
    pub(crate) async fn end(&self, store: &Store) {
        if self.place.name.is_empty() || self.is_displaced {
            return;
        }
        if let Err(problem) = store::end(store, &self.place.name, Timestamp::now()).await {
            tracing::warn!(code = problem.code(), %problem, "the others learn of the end later");
        }
    }
}
