//! When a clock runs out (期限计算), and line by line how that was counted.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Span, Timestamp};
use rulebook::{Text, beijing_offset};

use crate::{Calendar, Known, Length, Unit, proof};

/// A clock that was started (计时).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// When what starts it happened.
    pub started_at: Timestamp,
    /// How long it runs.
    pub length: Length,
    /// What was added, in the order of the decisions (延期).
    pub extensions: Vec<Length>,
    /// From when to when it stood still (中止); `None` while it still does.
    pub suspensions: Vec<(Timestamp, Option<Timestamp>)>,
    /// Whether a last day on which offices are closed moves to the next working day (顺延).
    pub rolls_to_working_day: bool,
}

/// When a clock runs out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// It ends.
    Ends(Ending),
    /// It stands still, so nobody knows yet.
    Suspended {
        /// Since when.
        since: Timestamp,
        /// How far it was counted.
        proof: Vec<Text>,
    },
}

/// The end of a clock (届满).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The instant from which it is too late: for days, 24:00 of the last one.
    pub at: Timestamp,
    /// The last day, in Beijing: what a reader is shown.
    pub last_day: Date,
    /// Whether a day that was counted lies in a year without a notice of holidays (暂定).
    pub is_provisional: bool,
    /// How it was counted.
    pub proof: Vec<Text>,
}

impl Due {
    /// The end, where it is known.
    pub const fn ending(&self) -> Option<&Ending> {
        match self {
            Self::Ends(ending) => Some(ending),
            Self::Suspended { .. } => None,
        }
    }

    /// The instant from which it is too late; `None` while the clock stands still.
    pub fn at(&self) -> Option<Timestamp> {
        self.ending().map(|ending| ending.at)
    }

    /// How it was counted, line by line.
    pub fn proof(&self) -> &[Text] {
        match self {
            Self::Ends(Ending { proof, .. }) | Self::Suspended { proof, .. } => proof,
        }
    }
}

/// When a clock runs out.
///
/// The day of the event is not counted and the last day ends at 24:00 (Civil Code, articles
/// 201 to 203). A day counts when the clock runs at its end, so a suspension takes away the days
/// from the one on which it begins up to the one before it ends. An extension begins where the
/// period before it ends, before that end moves to a working day.
///
/// # Example
/// ```
/// use law::{Calendar, Length, Running, Unit, due};
/// let running = Running {
///     started_at: rulebook::parse_beijing("20260924153000").unwrap(),
///     length: Length::new(5, Unit::WorkingDay),
///     extensions: Vec::new(),
///     suspensions: Vec::new(),
///     rolls_to_working_day: false,
/// };
/// let ending = due(&running, Calendar::national()).ending().cloned().unwrap();
/// assert_eq!(ending.last_day.to_string(), "2026-10-09");
/// assert_eq!(ending.at, rulebook::parse_beijing("20261010000000").unwrap());
/// ```
pub fn due(running: &Running, calendar: &Calendar) -> Due {
    let mut count = Count::begin(running, calendar);
    match count.run(running) {
        Ok(()) => Due::Ends(count.end()),
        Err(Standstill { since }) => Due::Suspended { since, proof: count.proof },
    }
}

/// The end of a clock whose last day a person has set (指定期限): 24:00 of that day, or of the
/// next working day where it `rolls`.
pub fn until(day: Date, rolls: bool, calendar: &Calendar) -> Ending {
    let set = proof::set(day);
    let rolled =
        if rolls { calendar.next_working_day_on_or_after(day) } else { Known::Certain(day) };
    let (is_provisional, last_day) = (rolled.is_provisional(), rolled.value());
    let (at, moved) = (end_of(last_day), (last_day != day).then(|| proof::rolled(day, last_day)));
    let proof = std::iter::once(set).chain(moved);
    let proof = proof.chain([proof::ended(at, last_day, Unit::CalendarDay)]);
    let proof = proof.chain(is_provisional.then(proof::provisional)).collect();
    Ending { at, last_day, is_provisional, proof }
}

/// The instant so long before another: when to warn of an end.
///
/// Working days are counted back from the first day that is too late.
pub fn before(at: Timestamp, length: Length, calendar: &Calendar) -> Timestamp {
    let civil = beijing_offset().to_datetime(at);
    let day = match length.unit {
        Unit::Hour => return shifted(at, -i64::from(length.amount)),
        Unit::WorkingDay => calendar.working_days_before(civil.date(), length.amount).value(),
        unit => moved(civil.date(), unit, -i64::from(length.amount)),
    };
    instant(day.to_datetime(civil.time()))
}

/// The instant so long after another: when to escalate what is overdue.
///
/// Working days are counted on from the last day that was in time.
pub fn after(at: Timestamp, length: Length, calendar: &Calendar) -> Timestamp {
    let civil = beijing_offset().to_datetime(at);
    let day = match length.unit {
        Unit::Hour => return shifted(at, i64::from(length.amount)),
        Unit::WorkingDay if civil.time() == Time::midnight() => {
            let end = calendar.working_days_after(previous(civil.date()), length.amount);
            next(end.value())
        }
        Unit::WorkingDay => calendar.working_days_after(civil.date(), length.amount).value(),
        unit => moved(civil.date(), unit, i64::from(length.amount)),
    };
    instant(day.to_datetime(civil.time()))
}

/// The clock stands still at a day that would have to be counted.
struct Standstill {
    since: Timestamp,
}

/// A span of time in which the clock stands still; `until` is open while it does.
#[derive(Clone, Copy)]
struct Pause {
    since: Timestamp,
    until: Option<Timestamp>,
}

struct Count<'calendar> {
    calendar: &'calendar Calendar,
    pauses: Vec<Pause>,
    /// The end so far.
    at: Timestamp,
    /// The last day counted so far.
    day: Date,
    is_provisional: bool,
    unit: Unit,
    proof: Vec<Text>,
}

impl<'calendar> Count<'calendar> {
    fn begin(running: &Running, calendar: &'calendar Calendar) -> Self {
        Self {
            calendar,
            pauses: pauses(running),
            at: running.started_at,
            day: day_of(running.started_at),
            is_provisional: false,
            unit: running.length.unit,
            proof: vec![proof::started(running)],
        }
    }

    fn run(&mut self, running: &Running) -> Result<(), Standstill> {
        let counted = self.segment(running.length, true)?;
        self.proof.push(proof::period(running.length, counted));
        self.explain_days(running.length.unit, counted);
        for extension in &running.extensions {
            let counted = self.segment(*extension, false)?;
            self.proof.push(proof::extended(*extension, counted));
            self.explain_days(extension.unit, counted);
        }
        for pause in &self.pauses {
            if let Some(until) = pause.until.filter(|_| pause.since < self.at) {
                self.proof.push(proof::paused(pause.since, until, self.unit));
            }
        }
        if running.rolls_to_working_day && self.unit != Unit::Hour {
            self.roll()?;
        }
        Ok(())
    }

    fn end(mut self) -> Ending {
        self.proof.push(proof::ended(self.at, self.day, self.unit));
        if self.is_provisional {
            self.proof.push(proof::provisional());
        }
        Ending {
            at: self.at,
            last_day: self.day,
            is_provisional: self.is_provisional,
            proof: self.proof,
        }
    }

    /// Counts one length from where the count stands; the day before its first and its last.
    fn segment(&mut self, length: Length, is_first: bool) -> Result<(Date, Date), Standstill> {
        self.unit = length.unit;
        if length.unit == Unit::Hour {
            let from = self.day;
            self.hours(length.amount)?;
            return Ok((from, self.day));
        }
        let nominal = match length.unit {
            Unit::Month | Unit::Year => moved(self.day, length.unit, i64::from(length.amount)),
            _ => moved(self.day, Unit::CalendarDay, i64::from(length.amount)),
        };
        let days = self.day.until(nominal).map_or(0, |span| span.get_days());
        if is_first {
            self.skip_pauses()?;
        }
        let from = self.day;
        if length.unit == Unit::WorkingDay {
            for _ in 0..length.amount {
                if self.day == Date::MAX {
                    break;
                }
                self.one_working_day()?;
            }
        } else {
            self.days(days)?;
        }
        self.at = end_of(self.day);
        Ok((from, self.day))
    }

    /// Moves on by days of the calendar, leaving out those on which the clock stands still.
    fn days(&mut self, days: i32) -> Result<(), Standstill> {
        let first = next(self.day);
        self.day = moved(self.day, Unit::CalendarDay, i64::from(days));
        for pause in &self.pauses {
            let begins = day_of(pause.since).max(first);
            if begins > self.day {
                break;
            }
            let Some(until) = pause.until else {
                return Err(Standstill { since: pause.since });
            };
            let lost = begins.until(day_of(until)).map_or(0, |span| span.get_days());
            self.day = moved(self.day, Unit::CalendarDay, i64::from(lost.max(0)));
        }
        Ok(())
    }

    /// Moves to the next working day on which the clock runs.
    fn one_working_day(&mut self) -> Result<(), Standstill> {
        loop {
            self.day = next(self.day);
            self.skip_pauses()?;
            self.is_provisional |= !self.calendar.knows(self.day);
            if self.calendar.works(self.day) || self.day == Date::MAX {
                return Ok(());
            }
        }
    }

    /// Moves to the first day, this one included, at whose end the clock runs.
    fn skip_pauses(&mut self) -> Result<(), Standstill> {
        for pause in &self.pauses {
            let end = end_of(self.day);
            if pause.since >= end {
                break;
            }
            match pause.until {
                None => return Err(Standstill { since: pause.since }),
                Some(until) if until >= end => self.day = day_of(until),
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn hours(&mut self, amount: u32) -> Result<(), Standstill> {
        let from = self.at;
        self.at = shifted(from, i64::from(amount));
        for pause in &self.pauses {
            if pause.since >= self.at {
                break;
            }
            let Some(until) = pause.until else {
                return Err(Standstill { since: pause.since });
            };
            if until > from {
                let lost = until.duration_since(pause.since.max(from));
                self.at = self.at.checked_add(lost).unwrap_or(Timestamp::MAX);
            }
        }
        self.day = day_of(self.at);
        Ok(())
    }

    fn roll(&mut self) -> Result<(), Standstill> {
        let last = self.day;
        self.is_provisional |= !self.calendar.knows(last);
        if !self.calendar.works(last) {
            self.one_working_day()?;
            self.at = end_of(self.day);
            self.proof.push(proof::rolled(last, self.day));
        }
        Ok(())
    }

    /// Names the days off and the days made working between two days.
    fn explain_days(&mut self, unit: Unit, (from, to): (Date, Date)) {
        if unit == Unit::WorkingDay {
            self.proof.extend(proof::notices(self.calendar, from, to));
        }
    }
}

/// The pauses in order, those that touch made one, none before the start.
fn pauses(running: &Running) -> Vec<Pause> {
    let mut pauses: Vec<Pause> = running
        .suspensions
        .iter()
        .map(|(since, until)| Pause { since: (*since).max(running.started_at), until: *until })
        .filter(|pause| pause.until.is_none_or(|until| until > pause.since))
        .collect();
    pauses.sort_by_key(|pause| pause.since);
    let mut joined: Vec<Pause> = Vec::new();
    for pause in pauses {
        match joined.last_mut() {
            Some(last) if last.until.is_none_or(|until| until >= pause.since) => {
                last.until = last.until.zip(pause.until).map(|(one, other)| one.max(other));
            }
            _ => joined.push(pause),
        }
    }
    joined
}

fn shifted(at: Timestamp, hours: i64) -> Timestamp {
    let limit = if hours < 0 { Timestamp::MIN } else { Timestamp::MAX };
    at.checked_add(SignedDuration::from_hours(hours)).unwrap_or(limit)
}

fn moved(day: Date, unit: Unit, amount: i64) -> Date {
    let span = match unit {
        Unit::Month => Span::new().try_months(amount),
        Unit::Year => Span::new().try_years(amount),
        _ => Span::new().try_days(amount),
    };
    let limit = if amount < 0 { Date::MIN } else { Date::MAX };
    span.and_then(|span| day.checked_add(span)).unwrap_or(limit)
}

fn next(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

fn previous(day: Date) -> Date {
    day.yesterday().unwrap_or(Date::MIN)
}

fn day_of(at: Timestamp) -> Date {
    beijing_offset().to_datetime(at).date()
}

fn instant(civil: DateTime) -> Timestamp {
    beijing_offset().to_timestamp(civil).unwrap_or(Timestamp::MAX)
}

/// 24:00 of a day.
fn end_of(day: Date) -> Timestamp {
    day.tomorrow().map_or(Timestamp::MAX, |next| instant(next.to_datetime(Time::midnight())))
}
