//! What the devices have sent before the start, in the order in which it came, each delivery with
//! the bytes of the packet.

use crate::packet::{self, Stamp};
use crate::schedule::{Due, KEPT, due_between, later, length_s};
use crate::signal::Signal;
use crate::site::Site;
use jiff::Timestamp;
use observations::{Delivery, Marks, Origin, RecordError, Recorder};
use rulebook::Period;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::mpsc;

const SLOT_S: i64 = 3600;
/// No backlog is older when it is sent.
const LONGEST_BACKLOG_S: i64 = 24 * 3600;
/// Packets of one commit.
const BATCH: usize = 1024;

/// The deliveries of the past, drawn one batch after the other.
#[derive(Clone, Debug)]
pub struct History {
    sites: Arc<[Site]>,
    signal: Signal,
    to: Timestamp,
    minutes_from: Timestamp,
    slot: Timestamp,
    from: Timestamp,
    /// Reports by the time at which they are sent, with the place of their site.
    waiting: BTreeSet<(Timestamp, usize, Due)>,
}

/// How much has been recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryCounts {
    /// Packets.
    pub packets: u64,
    /// Rows.
    pub rows: u64,
    /// Values.
    pub values: u64,
}

impl History {
    /// What the sites have sent in `from..to`; minutes only those sent from `minutes_from` on.
    pub fn new(
        sites: Arc<[Site]>,
        signal: Signal,
        from: Timestamp,
        minutes_from: Timestamp,
        to: Timestamp,
    ) -> Self {
        let waiting = BTreeSet::new();
        let mut this = Self { sites, signal, to, minutes_from, slot: from, from, waiting };
        // A backlog from before may arrive within.
        this.draw(later(from, -LONGEST_BACKLOG_S), from);
        this
    }

    /// From when on it is drawn.
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The share that has been drawn, from 0 to 1.
    pub fn done(&self) -> f64 {
        let whole = self.to.duration_since(self.from).as_secs_f64();
        let passed = self.slot.duration_since(self.from).as_secs_f64();
        if whole > 0.0 { (passed / whole).clamp(0.0, 1.0) } else { 1.0 }
    }

    /// The next deliveries in the order in which they came; `None` after the last.
    pub fn next_batch(&mut self) -> Option<Vec<Delivery>> {
        loop {
            let mut batch = Vec::new();
            while batch.len() < BATCH
                && self.waiting.first().is_some_and(|(sent_at, ..)| *sent_at < self.slot)
            {
                if let Some((sent_at, place, due)) = self.waiting.pop_first() {
                    self.deliver(sent_at, place, due, &mut batch);
                }
            }
            if !batch.is_empty() {
                return Some(batch);
            }
            if self.slot >= self.to {
                return None;
            }
            self.draw_slot();
        }
    }

    /// Puts what becomes due within the next hour among the waiting.
    fn draw_slot(&mut self) {
        let from = self.slot;
        self.slot = later(from, SLOT_S).min(self.to);
        self.draw(from, self.slot);
    }

    /// Puts what becomes due in `from..to` and is sent within the history among the waiting.
    fn draw(&mut self, from: Timestamp, to: Timestamp) {
        for (place, site) in self.sites.iter().enumerate() {
            for due in KEPT.into_iter().flat_map(|period| due_between(site, period, from, to)) {
                let sent_at = self.signal.scenario().sent_at(&site.mn, due.at);
                let first =
                    if due.period == Period::Minute { self.minutes_from } else { self.from };
                // What is sent after the end is owed: the live device sends it.
                if let Some(sent_at) = sent_at.filter(|at| first <= *at && *at < self.to) {
                    self.waiting.insert((sent_at, place, due));
                }
            }
        }
    }

    fn deliver(&self, sent_at: Timestamp, place: usize, due: Due, batch: &mut Vec<Delivery>) {
        let site = &self.sites[place];
        let report = self.signal.report(site, due.period, due.start, length_s(site, due.period));
        let late = if sent_at > due.at { Marks::LATE } else { Marks::NONE };
        let marks = Marks::DEMO | late;
        let peer: Arc<str> = format!("10.35.{}.{}:5017", place / 250, place % 250 + 1).into();
        let device: Arc<str> = site.mn.as_str().into();
        let stamp = Stamp::new(site, sent_at, due.start);
        for mut packet in packet::upload(site, &report, &stamp) {
            // The receiver keeps a frame without its line end.
            packet.bytes.truncate(packet.bytes.trim_ascii_end().len());
            batch.push(Delivery {
                rows: vec![report.part(packet.readings).row(site.point, marks)],
                raw: packet.bytes,
                received_at: sent_at,
                origin: Origin { device: Some(device.clone()), peer: peer.clone() },
            });
        }
    }

    /// Records everything, drawing the next batch while one is being committed.
    ///
    /// # Errors
    /// When a commit fails; what was committed before stays.
    pub async fn record(
        mut self,
        recorder: &Recorder,
        mut progress: impl FnMut(f64, HistoryCounts),
    ) -> Result<HistoryCounts, RecordError> {
        let (sender, mut batches) = mpsc::channel(2);
        let drawing = tokio::task::spawn_blocking(move || {
            while let Some(batch) = self.next_batch() {
                if sender.blocking_send((self.done(), batch)).is_err() {
                    return;
                }
            }
        });
        let mut counts = HistoryCounts::default();
        while let Some((done, batch)) = batches.recv().await {
            let rows = || batch.iter().flat_map(|delivery| &delivery.rows);
            counts.packets += batch.len() as u64;
            counts.rows += rows().count() as u64;
            counts.values += rows().map(|row| row.values.len() as u64).sum::<u64>();
            recorder.submit_all(batch).await?;
            progress(done, counts);
        }
        drop(batches);
        if drawing.await.is_err() {
            tracing::error!("drawing the history ended before its end");
        }
        Ok(counts)
    }
}
