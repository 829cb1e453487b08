//! What a fleet has done so far.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters shared by all devices of a fleet.
#[derive(Debug, Default)]
pub struct Statistics {
    pub(crate) connected: AtomicU64,
    pub(crate) connections: AtomicU64,
    pub(crate) connections_failed: AtomicU64,
    pub(crate) packets_sent: AtomicU64,
    pub(crate) packets_repeated: AtomicU64,
    pub(crate) packets_damaged: AtomicU64,
    pub(crate) answers: AtomicU64,
    pub(crate) unanswered: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) strangers: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Devices connected now.
    pub connected: u64,
    /// Connections made.
    pub connections: u64,
    /// Attempts to connect that failed.
    pub connections_failed: u64,
    /// Packets sent, answers to requests included.
    pub packets_sent: u64,
    /// Packets sent again, for want of an answer or as a fault.
    pub packets_repeated: u64,
    /// Packets sent with a wrong check sum.
    pub packets_damaged: u64,
    /// Uploads that the platform has answered.
    pub answers: u64,
    /// Uploads given up without an answer.
    pub unanswered: u64,
    /// Requests of the platform that were answered.
    pub requests: u64,
    /// Packets sent by strangers: wrong password, unknown number.
    pub strangers: u64,
}

impl Statistics {
    /// The counters now.
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            connected: read(&self.connected),
            connections: read(&self.connections),
            connections_failed: read(&self.connections_failed),
            packets_sent: read(&self.packets_sent),
            packets_repeated: read(&self.packets_repeated),
            packets_damaged: read(&self.packets_damaged),
            answers: read(&self.answers),
            unanswered: read(&self.unanswered),
            requests: read(&self.requests),
            strangers: read(&self.strangers),
        }
    }
}

/// Counts one more.
pub(crate) fn more(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// A connection that is counted while it lasts.
pub(crate) struct Connected<'statistics>(&'statistics Statistics);

impl<'statistics> Connected<'statistics> {
    pub(crate) fn new(statistics: &'statistics Statistics) -> Self {
        more(&statistics.connections);
        more(&statistics.connected);
        Self(statistics)
    }
}

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        self.0.connected.fetch_sub(1, Ordering::Relaxed);
    }
}
