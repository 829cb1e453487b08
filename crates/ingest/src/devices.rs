//! What is known of each device: online since when, last heard, clock, counts.

use crate::receivers::Place;
use crate::store::{device_states, keep_device_states};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::{Store, StoreError};
use tokio::sync::{Notify, broadcast};

/// What is known of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceState {
    /// Its MN.
    pub mn: Arc<str>,
    /// Whether a connection that it has spoken on is open.
    pub online: bool,
    /// Since when it is online or offline.
    pub since: Timestamp,
    /// The address from which it last spoke.
    pub peer: Arc<str>,
    /// The edition of the protocol that it last used, `2017`.
    pub edition: String,
    /// When its last packet came.
    pub last_packet_at: Option<Timestamp>,
    /// The newest time of data that it has sent.
    pub last_data_time: Option<Timestamp>,
    /// How far its clock is ahead of the platform's, by the last QN; resent packets lag.
    pub clock_offset_ms: Option<i64>,
    /// Packets accepted.
    pub packets: u64,
    /// Of those, the ones that brought nothing new.
    pub duplicates: u64,
    /// Packets refused.
    pub refused: u64,
    /// How often a second connection took its MN over (protocol.md 15, 13).
    pub takeovers: u64,
    /// The receiver that it speaks or last spoke to; empty: the server itself.
    pub receiver: Arc<str>,
    /// Since when it speaks to that one.
    pub held_at: Timestamp,
}

impl DeviceState {
    const fn counts(&self) -> Counts {
        Counts {
            packets: self.packets,
            duplicates: self.duplicates,
            refused: self.refused,
            takeovers: self.takeovers,
        }
    }
}

/// What a receiver has to write down of a device.
pub(crate) struct DeviceChange<'state> {
    pub(crate) state: &'state DeviceState,
    /// Whether the device speaks or last spoke here: else its counts alone are known better.
    pub(crate) is_own: bool,
    /// What was counted since the last time.
    pub(crate) added: Counts,
}

/// What is counted of a device, by several receivers at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) packets: u64,
    pub(crate) duplicates: u64,
    pub(crate) refused: u64,
    pub(crate) takeovers: u64,
}

impl Counts {
    const fn since(self, before: Self) -> Self {
        Self {
            packets: self.packets.saturating_sub(before.packets),
            duplicates: self.duplicates.saturating_sub(before.duplicates),
            refused: self.refused.saturating_sub(before.refused),
            takeovers: self.takeovers.saturating_sub(before.takeovers),
        }
    }
}

/// Something that happened to a device's connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// The device spoke for the first time on a new connection.
    Online {
        /// Its MN.
        mn: Arc<str>,
        /// When.
        at: Timestamp,
    },
    /// The device's connection ended.
    Offline {
        /// Its MN.
        mn: Arc<str>,
        /// When.
        at: Timestamp,
    },
    /// A second connection spoke for the same MN; the newest wins and the other is closed.
    TakenOver {
        /// The MN.
        mn: Arc<str>,
        /// When.
        at: Timestamp,
        /// The address that was closed.
        from: Arc<str>,
        /// The address that speaks now.
        to: Arc<str>,
    },
}

/// The devices that have ever spoken. Cheap to clone; all clones see the same.
#[derive(Clone, Debug)]
pub struct Devices {
    held: Arc<RwLock<HashMap<Arc<str>, Arc<Entry>>>>,
    events: broadcast::Sender<DeviceEvent>,
    sessions: Arc<AtomicU64>,
    /// The name of this receiver; empty: the server itself.
    receiver: Arc<str>,
}

/// One device, shared by the sessions that have spoken for it.
#[derive(Debug)]
pub(crate) struct Entry {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: DeviceState,
    changed: bool,
    /// The counts of the state that are written down already.
    written: Counts,
    /// The session that speaks for the device, and how to reach it.
    speaker: Option<(u64, Arc<Line>)>,
}

/// By which others reach a connection.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// Notified when another connection takes over a device of this one.
    pub(crate) end: Notify,
    /// Notified when a command waits for one of its devices.
    pub(crate) orders: Notify,
}

/// What one group of packets tells of a device.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    pub(crate) at: Timestamp,
    pub(crate) packets: u64,
    pub(crate) duplicates: u64,
    pub(crate) refused: u64,
    pub(crate) data_time: Option<Timestamp>,
    pub(crate) clock_offset_ms: Option<i64>,
    pub(crate) edition: &'static str,
}

impl Devices {
    /// Reads what was last written down by all receivers; none is online at this one, nor at any
    /// where it is the only one.
    pub(crate) async fn open(store: &Store, place: &Place) -> Result<Self, StoreError> {
        let receiver: Arc<str> = place.name.as_str().into();
        let entry = |mut state: DeviceState| {
            if !place.is_one_of_many {
                state.receiver = receiver.clone();
            }
            let changed = state.online && state.receiver == receiver;
            if changed {
                state.online = false;
                state.since = state.last_packet_at.unwrap_or(state.since);
            }
            let written = state.counts();
            let inner = Mutex::new(Inner { changed, written, speaker: None, state });
            Arc::new(Entry { inner })
        };
        let states = device_states(store).await?;
        let held = states.into_iter().map(|state| (state.mn.clone(), entry(state))).collect();
        Ok(Self {
            held: Arc::new(RwLock::new(held)),
            events: broadcast::channel(1024).0,
            sessions: Arc::default(),
            receiver,
        })
    }

    /// What is known of all devices that have ever spoken, by MN.
    pub fn states(&self) -> Vec<DeviceState> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let mut states: Vec<_> = held.values().map(|entry| entry.lock().state.clone()).collect();
        drop(held);
        states.sort_unstable_by(|left, right| left.mn.cmp(&right.mn));
        states
    }

    /// What is known of one device; `None` if it has never spoken.
    pub fn state(&self, mn: &str) -> Option<DeviceState> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.get(mn).map(|entry| entry.lock().state.clone())
    }

    /// What happens to devices from now on; a slow reader loses the oldest events.
    pub fn events(&self) -> broadcast::Receiver<DeviceEvent> {
        self.events.subscribe()
    }

    /// A number for a new session.
    pub(crate) fn new_session(&self) -> u64 {
        self.sessions.fetch_add(1, Ordering::Relaxed)
    }

    /// Says that a session speaks for a device; the one that did so before is told to end.
    pub(crate) fn speak(
        &self,
        mn: &str,
        session: u64,
        line: &Arc<Line>,
        peer: &Arc<str>,
        at: Timestamp,
    ) -> Arc<Entry> {
        let entry = self.entry(mn, peer, at);
        let mut inner = entry.lock();
        let mn = inner.state.mn.clone();
        let before = inner.speaker.replace((session, line.clone()));
        let from = std::mem::replace(&mut inner.state.peer, peer.clone());
        inner.state.receiver = self.receiver.clone();
        inner.state.held_at = at;
        let was_online = std::mem::replace(&mut inner.state.online, true);
        inner.changed = true;
        match before {
            Some((other, other_line)) if other != session => {
                inner.state.takeovers += 1;
                other_line.end.notify_one();
                metrics::counter!("lucid_ingest_takeovers_total").increment(1);
                tracing::warn!(%mn, %from, to = %peer, "one MN on two connections");
                let _nobody =
                    self.events.send(DeviceEvent::TakenOver { mn, at, from, to: peer.clone() });
            }
            _ if !was_online => {
                inner.state.since = at;
                let _nobody = self.events.send(DeviceEvent::Online { mn, at });
            }
            _ => {}
        }
        drop(inner);
        entry
    }

    /// Tells the session that speaks for a device, if there is one, that a command waits.
    pub(crate) fn poke(&self, mn: &str) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, line)) = held.get(mn).and_then(|entry| entry.lock().speaker.clone()) {
            line.orders.notify_one();
        }
    }

    fn entry(&self, mn: &str, peer: &Arc<str>, at: Timestamp) -> Arc<Entry> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = held.get(mn) {
            return entry.clone();
        }
        drop(held);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let name: Arc<str> = mn.into();
        let entry = held.entry(name.clone()).or_insert_with(|| {
            let state = DeviceState {
                mn: name,
                online: false,
                since: at,
                peer: peer.clone(),
                edition: String::new(),
                last_packet_at: None,
                last_data_time: None,
                clock_offset_ms: None,
                packets: 0,
                duplicates: 0,
                refused: 0,
                takeovers: 0,
                receiver: self.receiver.clone(),
                held_at: at,
            };
            let written = Counts::default();
            let inner = Inner { state, changed: true, written, speaker: None };
            Arc::new(Entry { inner: Mutex::new(inner) })
        });
        entry.clone()
    }

    /// Says that a session has ended; its device is offline unless another speaks for it.
    pub(crate) fn end(&self, entry: &Entry, session: u64, at: Timestamp) {
        let mut inner = entry.lock();
        if inner.speaker.as_ref().is_some_and(|(speaker, _)| *speaker == session) {
            inner.speaker = None;
            inner.state.online = false;
            inner.state.since = at;
            inner.changed = true;
            let mn = inner.state.mn.clone();
            let _nobody = self.events.send(DeviceEvent::Offline { mn, at });
        }
    }

    /// Writes down what has changed; what cannot be written is written the next time.
    pub(crate) async fn write(&self, store: &Store) -> Result<(), StoreError> {
        let entries: Vec<_> = {
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            held.values().cloned().collect()
        };
        let changed: Vec<_> = entries
            .into_iter()
            .filter_map(|entry| {
                let mut inner = entry.lock();
                let is_changed = std::mem::take(&mut inner.changed);
                let counts = inner.state.counts();
                let before = std::mem::replace(&mut inner.written, counts);
                let state = inner.state.clone();
                drop(inner);
                is_changed.then_some((entry, (state, before)))
            })
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        let (entries, states): (Vec<_>, Vec<_>) = changed.into_iter().unzip();
        let changes = states.iter().map(|(state, before)| DeviceChange {
            state,
            is_own: state.receiver == self.receiver,
            added: state.counts().since(*before),
        });
        let written = keep_device_states(store, &changes.collect::<Vec<_>>()).await;
        if written.is_err() {
            for (entry, (_, before)) in entries.into_iter().zip(states) {
                let mut inner = entry.lock();
                (inner.changed, inner.written) = (true, before);
            }
        }
        written
    }

    /// Takes note that packets of a device, received elsewhere, brought nothing new.
    pub(crate) fn knew(&self, mn: &str, packets: u64) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = held.get(mn) {
            let mut inner = entry.lock();
            inner.state.duplicates += packets;
            inner.changed = true;
        }
    }

    /// Reads what other receivers have written down. A device that has begun to speak to another
    /// one no longer speaks here: its connection is told to end.
    pub(crate) async fn follow(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        for state in device_states(store).await? {
            let is_elsewhere = state.receiver != self.receiver;
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            let found = held.get(&state.mn).cloned();
            drop(held);
            if let Some(entry) = found {
                self.learn(&entry, state, is_elsewhere, now);
            } else {
                let event = DeviceEvent::Online { mn: state.mn.clone(), at: state.since };
                let is_new_here = state.online.then_some(event);
                let written = state.counts();
                let name = state.mn.clone();
                let inner = Inner { state, changed: false, written, speaker: None };
                let entry = Arc::new(Entry { inner: Mutex::new(inner) });
                let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
                held.entry(name).or_insert(entry);
                drop(held);
                if let Some(event) = is_new_here {
                    let _nobody = self.events.send(event);
                }
            }
        }
        Ok(())
    }

    fn learn(&self, entry: &Entry, read: DeviceState, is_elsewhere: bool, now: Timestamp) {
        let mut inner = entry.lock();
        let unwritten = inner.state.counts().since(inner.written);
        inner.written = read.counts();
        let is_taken_over = is_elsewhere && read.held_at > inner.state.held_at;
        let line = inner.speaker.take_if(|_| is_taken_over).map(|(_, line)| line);
        if inner.speaker.is_some() || (!is_elsewhere && inner.changed) {
            // What this receiver knows is newer; only the counts are everybody's.
            inner.state.packets = read.packets;
            inner.state.duplicates = read.duplicates;
            inner.state.refused = read.refused;
            inner.state.takeovers = read.takeovers;
        } else {
            let from = inner.state.peer.clone();
            let was_online = std::mem::replace(&mut inner.state, read).online;
            self.tell(&inner.state, was_online, line.is_some().then_some(from), now);
        }
        inner.state.packets += unwritten.packets;
        inner.state.duplicates += unwritten.duplicates;
        inner.state.refused += unwritten.refused;
        inner.state.takeovers += unwritten.takeovers;
        if let Some(line) = line {
            inner.state.takeovers += 1;
            inner.changed = true;
            line.end.notify_one();
            metrics::counter!("lucid_ingest_takeovers_total").increment(1);
        }
    }

    /// Tells what was learnt of a device.
    fn tell(&self, state: &DeviceState, was_online: bool, from: Option<Arc<str>>, at: Timestamp) {
        let mn = state.mn.clone();
        let event = match (from, was_online, state.online) {
            (Some(from), ..) => {
                tracing::warn!(%mn, %from, to = %state.peer, receiver = %state.receiver,
                    "one MN on two connections");
                DeviceEvent::TakenOver { mn, at, from, to: state.peer.clone() }
            }
            (None, false, true) => DeviceEvent::Online { mn, at: state.since },
            (None, true, false) => DeviceEvent::Offline { mn, at: state.since },
            _ => return,
        };
        let _nobody = self.events.send(event);
    }
}

impl Entry {
    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a group of packets.
    pub(crate) fn hear(&self, heard: &Heard) {
        let mut inner = self.lock();
        inner.changed = true;
        let state = &mut inner.state;
        state.packets += heard.packets;
        state.duplicates += heard.duplicates;
        state.refused += heard.refused;
        state.last_packet_at = Some(heard.at);
        state.last_data_time = state.last_data_time.max(heard.data_time);
        state.clock_offset_ms = heard.clock_offset_ms.or(state.clock_offset_ms);
        if state.edition != heard.edition {
            heard.edition.clone_into(&mut state.edition);
        }
    }
}
