//! What should have come and has not: devices that fall silent, values that are missing.
//!
//! Looked at by the clock, and again when a packet comes: a gap that was over before anybody
//! looked is told all the same.

use super::parameters::Values;
use super::rules::{Deaf, Due, Heard, Overdue, PERIODS, missing, offline};
use evaluation::alerts::{AlertKind, Seen, Severity, Signal, Subject, Wrong};
use evaluation::{Context, Judge, Judgement};
use jiff::{SignedDuration, Timestamp};
use observations::{Marks, Row, Source};
use registry::{PointId, Snapshot};
use rulebook::Period;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The smallest difference between two times.
const MOMENT: SignedDuration = SignedDuration::from_secs(1);
/// Packets that came longer ago than this and are new all the same are being replayed.
const OLD: SignedDuration = SignedDuration::from_secs(120);

/// Looks after every point for which a device speaks.
pub struct Timeliness {
    memory: Mutex<Memory>,
    values: Values,
}

impl Default for Timeliness {
    fn default() -> Self {
        Self { memory: Mutex::default(), values: Values::current() }
    }
}

#[derive(Default)]
struct Memory {
    /// What is due of each point; worked out anew at each look at the clock.
    due: Option<HashMap<PointId, Due>>,
    points: HashMap<PointId, Watched>,
    /// The time between the last run and this one.
    deaf: Option<Deaf>,
    /// The newest receipt of anybody at the last look at the clock.
    newest: Option<Timestamp>,
}

/// What is remembered of a point.
#[derive(Clone, Copy, Default)]
struct Watched {
    heard: Heard,
    offline: Told,
    missing: Told,
}

/// Whether an alert was told of, so that it is told again only when it has grown much.
#[derive(Clone, Copy, Default)]
enum Told {
    /// An alert may be open from an earlier run.
    #[default]
    Unknown,
    No,
    /// With this length.
    Yes(u32),
}

impl Judge for Timeliness {
    fn name(&self) -> &'static str {
        "timeliness"
    }

    fn judge(&self, context: &Context<'_>, row: &Row, judgement: &mut Judgement) {
        let Some(place) = PERIODS.iter().position(|period| *period == row.period) else { return };
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = &mut *memory;
        let deaf = memory.deaf_before(context, row);
        let Some(due) = memory.due(context).get(&row.point).copied() else { return };
        let watched = memory.points.entry(row.point).or_default();
        let now = row.received_at.as_second();
        let heard_before = watched.heard;
        if is_from_device(row) {
            watched.heard.note(place, now, row.observed_at.as_second());
        } else {
            // A file brings values but is no sign of life.
            let begun = Some(row.observed_at.as_second());
            watched.heard.newest[place] = watched.heard.newest[place].max(begun);
        }
        let mut look = Look {
            point: row.point,
            now: row.received_at,
            // What a packet ends held until just before it.
            held_until: row.received_at.saturating_sub(MOMENT).unwrap_or(row.received_at),
            source: Some(row.source),
            deaf,
            due,
            values: &self.values,
            judgement,
        };
        look.at_offline(&heard_before, &mut watched.offline, false);
        look.at_offline(&watched.heard, &mut watched.offline, true);
        look.at_missing(&heard_before, &mut watched.missing, false);
        look.at_missing(&watched.heard, &mut watched.missing, true);
    }

    fn tick(&self, context: &Context<'_>, judgement: &mut Judgement) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = &mut *memory;
        let deaf = memory.deaf(context);
        if memory.is_replaying(context) {
            return;
        }
        memory.due = None;
        let due = memory.due(context).clone();
        for (point, due) in due {
            let watched = memory.points.entry(point).or_default();
            // What is recorded but not judged yet has been heard too.
            let heard = watched.heard.and(&heard_of(context, point));
            let source = None;
            let values = &self.values;
            let now = context.now;
            let held_until = now;
            let mut look = Look { point, now, held_until, source, deaf, due, values, judgement };
            let has_spoken = matches!(watched.offline, Told::Yes(_));
            look.at_offline(&heard, &mut watched.offline, has_spoken);
            // Values of a silent device are missing too; they are told when it speaks again.
            if !matches!(watched.offline, Told::Yes(_)) {
                let have_come = matches!(watched.missing, Told::Yes(_));
                look.at_missing(&heard, &mut watched.missing, have_come);
            }
        }
    }
}

impl Memory {
    /// The time in which the platform did not listen before this run: from the last packet of
    /// anybody to the first look.
    fn deaf(&mut self, context: &Context<'_>) -> Deaf {
        *self.deaf.get_or_insert_with(|| {
            let now = context.now;
            let rows = PERIODS.into_iter().flat_map(|period| context.latest.of_period(period));
            let times = rows.filter(|row| is_from_device(row)).map(|row| row.received_at);
            let last = times.filter(|received_at| *received_at <= now).max().unwrap_or(now);
            Deaf { from: last.as_second(), to: now.as_second() }
        })
    }

    /// The same, when a row comes. What was received in that time proves that the platform did
    /// listen until then: a history is being loaded.
    fn deaf_before(&mut self, context: &Context<'_>, row: &Row) -> Deaf {
        let mut deaf = self.deaf(context);
        let received = row.received_at.as_second();
        if is_from_device(row) && received > deaf.from && received <= deaf.to {
            deaf.from = received;
            self.deaf = Some(deaf);
        }
        deaf
    }

    /// Whether old packets are coming in, a history or a backlog being loaded: then the clock says
    /// nothing of who is silent.
    fn is_replaying(&mut self, context: &Context<'_>) -> bool {
        let rows = PERIODS.into_iter().flat_map(|period| context.latest.of_period(period));
        let newest = rows.map(|row| row.received_at).max();
        let before = std::mem::replace(&mut self.newest, newest);
        let is_old = newest.is_some_and(|newest| context.now.duration_since(newest) > OLD);
        is_old && newest != before
    }

    fn due(&mut self, context: &Context<'_>) -> &HashMap<PointId, Due> {
        self.due.get_or_insert_with(|| due_of(context.snapshot))
    }
}

fn due_of(snapshot: &Snapshot) -> HashMap<PointId, Due> {
    let mut all: HashMap<PointId, Due> = HashMap::new();
    for device in snapshot.devices() {
        let due = Due {
            realtime: device.realtime_interval_s.map(i64::from),
            minute: device.minute_interval_min.map(|minutes| i64::from(minutes) * 60),
            hour: device.hour_interval_h.map(|hours| i64::from(hours) * 3600),
        };
        let known = all.entry(device.point).or_default();
        *known = known.and(due);
    }
    all
}

fn is_from_device(row: &Row) -> bool {
    let foreign =
        |marks: Marks| marks.contains(Marks::FROM_FILE) || marks.contains(Marks::FROM_FEED);
    !row.values.first().is_some_and(|value| foreign(value.marks))
}

fn heard_of(context: &Context<'_>, point: PointId) -> Heard {
    let mut heard = Heard::default();
    for (place, period) in PERIODS.into_iter().enumerate() {
        if let Some(row) = context.latest.get(point, period).filter(|row| is_from_device(row)) {
            heard.note(place, row.received_at.as_second(), row.observed_at.as_second());
        }
    }
    heard
}

/// One look at one point.
struct Look<'look> {
    point: PointId,
    now: Timestamp,
    /// Up to when what is overdue has held.
    held_until: Timestamp,
    source: Option<Source>,
    deaf: Deaf,
    due: Due,
    values: &'look Values,
    judgement: &'look mut Judgement,
}

impl Look<'_> {
    fn at_offline(&mut self, heard: &Heard, told: &mut Told, has_spoken: bool) {
        let overdue = offline(self.due, heard, self.now.as_second(), self.deaf, self.values);
        self.tell(AlertKind::DeviceOffline, overdue, told, has_spoken);
    }

    fn at_missing(&mut self, heard: &Heard, told: &mut Told, has_spoken: bool) {
        let overdue = missing(self.due, heard, self.now.as_second(), self.deaf, self.values);
        self.tell(AlertKind::MissingData, overdue, told, has_spoken);
    }

    /// Tells what is overdue when it is new or twice as long as when it was last told; and, when
    /// the device has spoken, that nothing is.
    fn tell(
        &mut self,
        kind: AlertKind,
        overdue: Option<Overdue>,
        told: &mut Told,
        has_spoken: bool,
    ) {
        let (at, seen) = match overdue {
            Some(overdue) => {
                let is_known = match *told {
                    Told::Yes(length) => overdue.intervals < length.saturating_mul(2),
                    Told::No | Told::Unknown => false,
                };
                if is_known {
                    return;
                }
                *told = Told::Yes(overdue.intervals);
                (self.held_until, wrong(&overdue, self.source))
            }
            None if has_spoken && !matches!(told, Told::No) => {
                *told = Told::No;
                let reason = "data_resumed";
                (self.now, Seen::Right { reason, value: None, source: self.source })
            }
            None => return,
        };
        self.judgement.signals.push(Signal {
            subject: Subject { kind, point: self.point, factor: None },
            at,
            seen,
        });
    }
}

fn wrong(overdue: &Overdue, source: Option<Source>) -> Seen {
    let period = match overdue.period {
        Period::RealTime => "realtime",
        other => other.as_str(),
    };
    let since = Timestamp::from_second(overdue.since).unwrap_or(Timestamp::UNIX_EPOCH);
    Seen::Wrong(Wrong {
        severity: Severity::Warning,
        value: None,
        worse_is_higher: true,
        bound: None,
        since: Some(since),
        source,
        evidence: json!({
            "rule": "timeliness",
            "period": period,
            "since": since.to_string(),
            "intervals": overdue.intervals,
            "allowed_seconds": overdue.allowed,
            "source": "Lucid default, not a standard",
        }),
    })
}
