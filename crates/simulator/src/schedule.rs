//! When a device owes which report.

use crate::scenario::{Event, Fault, Scenario};
use crate::site::Site;
use jiff::{SignedDuration, Timestamp};
use rulebook::Period;

/// Periods that are kept and sent later when they could not be sent at once.
pub(crate) const KEPT: [Period; 3] = [Period::Minute, Period::Hour, Period::Day];

const BEIJING_S: i64 = 8 * 3600;

/// A report that is due at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    /// When it is ready to be sent.
    pub(crate) at: Timestamp,
    pub(crate) period: Period,
    /// Start of the period.
    pub(crate) start: Timestamp,
}

/// Seconds that a report of this period covers.
pub(crate) fn length_s(site: &Site, period: Period) -> i64 {
    match period {
        Period::RealTime => 0,
        Period::Minute => site.interval_s(period).unwrap_or(600),
        // Where hours are reported every fourth hour, each is still one hour.
        Period::Hour => 3600,
        Period::Day => 86_400,
    }
}

/// How long after the end of a period a device has its report ready: a little different for
/// each, so that not all knock at once.
fn delay_s(site: &Site, period: Period) -> i64 {
    let lot = site.noise.child(period.as_str()).unit(0);
    let (least, most) = match period {
        Period::RealTime => (0.0, 0.0),
        Period::Minute => (4.0, 25.0),
        Period::Hour => (20.0, 75.0),
        Period::Day => (120.0, 260.0),
    };
    (least + (most - least) * lot) as i64
}

/// The start of the first period at or after `from`, on the clock of Beijing.
fn first_start(from: i64, interval: i64) -> i64 {
    let local = from + BEIJING_S;
    local + (interval - local.rem_euclid(interval)) % interval - BEIJING_S
}

/// The reports of one period that become due in `from..to`, in order.
pub(crate) fn due_between(
    site: &Site,
    period: Period,
    from: Timestamp,
    to: Timestamp,
) -> impl Iterator<Item = Due> + use<> {
    let interval = site.interval_s(period);
    let after_start = length_s(site, period) + delay_s(site, period);
    let first = interval.map(|interval| first_start(from.as_second() - after_start, interval));
    let starts = std::iter::successors(first, move |start| Some(start + interval?));
    starts
        .filter_map(move |start| {
            let at = Timestamp::from_second(start + after_start).ok()?;
            Some(Due { at, period, start: Timestamp::from_second(start).ok()? })
        })
        .skip_while(move |due| due.at < from)
        .take_while(move |due| due.at < to)
}

/// The next report of a period at or after `from`.
pub(crate) fn next_due(site: &Site, period: Period, from: Timestamp) -> Option<Due> {
    due_between(site, period, from, Timestamp::MAX).next()
}

/// From when on a device that starts at `now` still owes reports: from the beginning of the
/// backlog in which it is, else from `now`.
pub(crate) fn owed_from(scenario: &Scenario, mn: &str, now: Timestamp) -> Timestamp {
    match scenario.silence_at(mn, now) {
        Some(Event { from, fault: Fault::Backlog, .. }) => *from,
        _ => now,
    }
}

/// The instant so many seconds later, held within what time can express.
pub(crate) fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
