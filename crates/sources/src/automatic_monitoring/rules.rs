//! What counts as what: pure functions over values, times and intervals.

use super::parameters::Values;
use jiff::{SignedDuration, Timestamp};
use observations::FactorValue;
use registry::{Limit, LimitBound};
use rulebook::{Decimal, Period, Text};
use standards::discharge::permit_limit::Bound;

/// Whether a device's mark lets a value be used: `N`, or none at all.
pub fn is_usable_flag(flag: Option<u8>) -> bool {
    matches!(flag, None | Some(b'N'))
}

/// Why a value with this mark may not be used; `None` for a usable one.
///
/// # Standard
/// HJ 212-2017 table 8; marks of 2005 among them. A mark that is not known is not usable.
///
/// # Note
/// A mark only keeps a value from being judged; that the source really stood still or the
/// instrument was really serviced is for the bureau to accept.
pub fn unusable(flag: Option<u8>) -> Option<Text> {
    let text = match flag? {
        b'N' => return None,
        b'F' => Text::fixed("标记 F：停运", "mark F: stopped"),
        b'M' => Text::fixed("标记 M：维护期间", "mark M: in maintenance"),
        b'S' => Text::fixed("标记 S：手工输入的设定值", "mark S: set by hand"),
        b'D' => Text::fixed("标记 D：仪器故障或数据异常", "mark D: instrument fault"),
        b'C' => Text::fixed("标记 C：校准", "mark C: calibration"),
        b'T' => Text::fixed("标记 T：超出测量上限", "mark T: over the measuring range"),
        b'B' => Text::fixed("标记 B：通讯异常", "mark B: the link to the instrument is broken"),
        b'P' => Text::fixed("标记 P：电源故障", "mark P: power failure"),
        other => {
            let letter = char::from(other);
            Text::new(format!("标记 {letter}"), format!("mark {letter}"))
        }
    };
    Some(text)
}

/// The value that a limit judges: converted to the reference oxygen content where it says so.
pub(super) fn judged_value(limit: &Limit, value: &FactorValue) -> Option<Decimal> {
    if limit.on_converted { value.converted } else { value.value }
}

/// The bound of a limit in the words of the standard.
pub(super) fn bound_of(limit: &Limit) -> Bound {
    match &limit.bound {
        LimitBound::AtMost(most) => Bound::AtMost(*most),
        LimitBound::Within(least, most) => Bound::Within(*least, *most),
    }
}

/// When a period ends that began at `start`.
pub(super) fn end_of(period: Period, start: Timestamp) -> Timestamp {
    let length = match period {
        Period::RealTime | Period::Minute => SignedDuration::ZERO,
        Period::Hour => SignedDuration::from_hours(1),
        Period::Day => SignedDuration::from_hours(24),
    };
    start.saturating_add(length).unwrap_or(start)
}

/// What a point's devices are to send, in seconds; `None` = nothing of that period is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) realtime: Option<i64>,
    pub(super) minute: Option<i64>,
    pub(super) hour: Option<i64>,
}

impl Due {
    pub(super) const fn of(self, period: Period) -> Option<i64> {
        match period {
            Period::RealTime => self.realtime,
            Period::Minute => self.minute,
            Period::Hour => self.hour,
            Period::Day => None,
        }
    }

    /// The shorter interval of each period: a point may have several devices.
    pub(super) fn and(self, other: Self) -> Self {
        let shorter = |one: Option<i64>, other: Option<i64>| match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self {
            realtime: shorter(self.realtime, other.realtime),
            minute: shorter(self.minute, other.minute),
            hour: shorter(self.hour, other.hour),
        }
    }
}

/// The periods that are looked after, and the place of each in [`Heard`].
pub(super) const PERIODS: [Period; 3] = [Period::RealTime, Period::Minute, Period::Hour];

/// What has been heard of a point: seconds of the clock for each of [`PERIODS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// When the last packet came with values of the period.
    pub(super) received: [Option<i64>; 3],
    /// The newest period begun.
    pub(super) newest: [Option<i64>; 3],
}

impl Heard {
    /// When anything came last.
    pub(super) fn last(&self) -> Option<i64> {
        self.received.into_iter().flatten().max()
    }

    /// Takes note of a row.
    pub(super) fn note(&mut self, place: usize, received: i64, begun: i64) {
        self.received[place] = self.received[place].max(Some(received));
        self.newest[place] = self.newest[place].max(Some(begun));
    }

    /// The same with what another has heard.
    pub(super) fn and(mut self, other: &Self) -> Self {
        for place in 0..PERIODS.len() {
            self.received[place] = self.received[place].max(other.received[place]);
            self.newest[place] = self.newest[place].max(other.newest[place]);
        }
        self
    }
}

/// A time in which the platform itself did not listen; silence in it says nothing of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Deaf {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Deaf {
    /// How much of `from..to` the platform did listen to.
    pub(super) fn listened(self, from: i64, to: i64) -> i64 {
        let deaf = (self.to.min(to) - self.from.max(from)).max(0);
        (to - from - deaf).max(0)
    }
}

/// Something overdue: since when, and how many intervals long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overdue {
    pub(super) period: Period,
    pub(super) since: i64,
    pub(super) intervals: u32,
    /// How long it may last before it counts, in seconds.
    pub(super) allowed: i64,
}

/// Whether a device counts as offline (离线): nothing at all came for several of the shortest
/// intervals in which it had spoken until then.
///
/// A device that last sent only hours (a backlog, a history) is measured by hours: what it did not
/// send before is not missed. One that has never reported is not silent, it has not begun.
pub(super) fn offline(
    due: Due,
    heard: &Heard,
    now: i64,
    deaf: Deaf,
    values: &Values,
) -> Option<Overdue> {
    let last = heard.last()?;
    let counts = [values.offline_realtime, values.offline_minute, values.offline_hour];
    let spoke_lately = |place: usize| {
        let interval = due.of(PERIODS[place])?;
        let received = heard.received[place]?;
        (last - received <= interval * counts[place]).then_some((PERIODS[place], interval))
    };
    let place = (0..PERIODS.len()).find(|place| spoke_lately(*place).is_some())?;
    let (period, interval) = spoke_lately(place)?;
    let allowed = (interval * counts[place]).max(values.offline_at_least_s);
    let silent = deaf.listened(last, now);
    (silent > allowed).then(|| Overdue {
        period,
        since: last,
        intervals: u32::try_from(silent / interval.max(1)).unwrap_or(u32::MAX),
        allowed,
    })
}

/// Whether minute or hour values are overdue (缺失): the next period has ended, the grace is over,
/// and it has not come. A period of which nothing ever came is not missed.
pub(super) fn missing(
    due: Due,
    heard: &Heard,
    now: i64,
    deaf: Deaf,
    values: &Values,
) -> Option<Overdue> {
    [(1, values.minute_grace_s), (2, values.hour_grace_s)].into_iter().find_map(|(place, grace)| {
        let period = PERIODS[place];
        let (interval, newest) = (due.of(period)?, heard.newest[place]?);
        let length = if period == Period::Hour { 3600 } else { interval };
        // The next one begins an interval later and is due when it has ended.
        let due_at = newest + interval + length;
        if now <= due_at + grace {
            return None;
        }
        let waited = deaf.listened(due_at, now);
        let intervals = u32::try_from((now - due_at) / interval.max(1) + 1).unwrap_or(u32::MAX);
        let since = newest + interval;
        (waited > grace).then_some(Overdue { period, since, intervals, allowed: grace })
    })
}
