//! What a device has still to send, in what order, and what is on the way.

use crate::device::DeviceOptions;
use crate::packet::Reply;
use crate::scenario::{Event, Fault, Scenario};
use crate::schedule::{Due, KEPT, due_between, later, next_due};
use crate::site::Site;
use jiff::Timestamp;
use rulebook::Period;
use std::collections::VecDeque;
use tokio::time::Instant;

/// A packet ready for the line.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) qn: String,
    pub(crate) bytes: Vec<u8>,
    /// Whether it is kept when the line breaks before the answer.
    pub(crate) is_kept: bool,
}

/// Something to be sent when its turn comes.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// A report of a period that has ended.
    Report { period: Period, start: Timestamp },
    /// The packet itself: parts of a report, repeats after a broken line.
    Packet(Packet),
    /// An answer to a request, after what was asked for.
    Reply(Reply),
}

/// A packet on the way.
#[derive(Clone, Debug)]
pub(crate) struct InFlight {
    pub(crate) packet: Packet,
    pub(crate) deadline: Instant,
    pub(crate) repeated: u32,
}

/// What is to be sent.
#[derive(Debug)]
pub(crate) struct Outbox {
    pub(crate) tasks: VecDeque<Task>,
    pub(crate) in_flight: Option<InFlight>,
    /// The last packet that was answered.
    pub(crate) answered: Option<Packet>,
    /// How often a kept packet has been given up before it was answered.
    pub(crate) given_up: u32,
    next: Vec<Due>,
    pub(crate) next_realtime: Option<Timestamp>,
    pub(crate) realtime_interval_s: Option<i64>,
    /// Seconds by which the device's clock is wrong.
    pub(crate) clock_error_s: i64,
    pub(crate) password: String,
    mishaps: VecDeque<Event>,
}

impl Outbox {
    /// What is owed from `owed` on.
    pub(crate) fn new(
        site: &Site,
        scenario: &Scenario,
        options: &DeviceOptions,
        owed: Timestamp,
    ) -> Self {
        let now = options.clock.now();
        let interval = site.interval_s(Period::RealTime).filter(|_| options.sends_realtime);
        // What was to go wrong while a history was being loaded goes wrong at once.
        let mishaps = scenario.events_of(&site.mn).iter().filter(|event| {
            let is_own = event.fault.is_momentary() && !event.fault.is_strangers();
            is_own && event.from >= options.sent_until.min(now)
        });
        let mut outbox = Self {
            tasks: VecDeque::new(),
            in_flight: None,
            answered: None,
            given_up: 0,
            next: Vec::new(),
            next_realtime: interval.map(|_| now),
            realtime_interval_s: interval,
            clock_error_s: clock_error_s(site),
            password: site.password.clone(),
            mishaps: mishaps.cloned().collect(),
        };
        let mut due: Vec<_> =
            KEPT.into_iter().flat_map(|period| due_between(site, period, owed, now)).collect();
        due.sort();
        for due in due {
            outbox.take_up(site, scenario, due);
        }
        outbox.next = KEPT.into_iter().filter_map(|period| next_due(site, period, now)).collect();
        outbox
    }

    /// Takes up what has become due.
    pub(crate) fn collect(&mut self, site: &Site, scenario: &Scenario, now: Timestamp) {
        loop {
            let Some(place) = self.next.iter().position(|due| due.at <= now) else { return };
            let due = self.next.swap_remove(place);
            self.take_up(site, scenario, due);
            self.next.extend(next_due(site, due.period, later(due.at, 1)));
        }
    }

    /// What falls into a silence is lost.
    fn take_up(&mut self, site: &Site, scenario: &Scenario, due: Due) {
        let silence = scenario.silence_at(&site.mn, due.at);
        if silence.is_none_or(|event| event.fault == Fault::Backlog) {
            self.tasks.push_back(Task::Report { period: due.period, start: due.start });
        }
    }

    /// When something next becomes due.
    pub(crate) fn next_due_at(&self) -> Option<Timestamp> {
        self.next.iter().map(|due| due.at).min()
    }

    /// The fault of a packet whose time has come.
    pub(crate) fn mishap(&mut self, now: Timestamp) -> Option<Fault> {
        self.mishaps.pop_front_if(|event| event.from <= now).map(|event| event.fault)
    }

    /// When the next packet goes wrong.
    pub(crate) fn next_mishap_at(&self) -> Option<Timestamp> {
        self.mishaps.front().map(|event| event.from)
    }

    /// The line broke: what is kept goes first when it is back.
    pub(crate) fn line_broke(&mut self) {
        self.tasks.retain(|task| !matches!(task, Task::Reply(_)));
        let Some(in_flight) = self.in_flight.take() else { return };
        if in_flight.packet.is_kept {
            self.tasks.push_front(Task::Packet(in_flight.packet));
        }
    }

    /// True when nothing is owed and nothing on the way.
    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.in_flight.is_none()
    }
}

/// Most clocks are some seconds wrong, a few by minutes.
fn clock_error_s(site: &Site) -> i64 {
    let lot = site.noise.child("clock").unit(0);
    match lot {
        lot if lot < 0.04 => 190,
        lot if lot < 0.07 => -75,
        lot => (lot * 10.0) as i64 - 5,
    }
}
