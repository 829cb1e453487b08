//! The clocks of a case (时限) as they are kept, and what they have come to at a time. Pure.

use crate::file::{Clock, ClockState};
use caseflow::{CaseKind, ClockLength, EscalateTo, Escalation, Owner};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use law::{Calendar, Due, Length, Running, Term, Unit};
use rulebook::{Confidence, Text, beijing_offset};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// No time: nothing is due.
pub(crate) const NEVER: i64 = i64::MAX;

/// A clock as kept, times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The id in the declaration.
    pub(crate) id: String,
    started: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped: Option<i64>,
    /// How long, by the law of the day on which the case was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<(u32, String)>,
    /// Or up to the end of this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    source: String,
    confidence: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    extensions: Vec<(u32, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    suspensions: Vec<(i64, Option<i64>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<i64>,
    #[serde(default)]
    provisional: bool,
    #[serde(default)]
    overdue: bool,
    /// How many of its warnings were told.
    #[serde(default)]
    warned: u32,
    /// How many steps up were told.
    #[serde(default)]
    escalated: u32,
}

/// Something that a look at a clock has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    /// Its warning began.
    Warned {
        /// The clock.
        clock: String,
        /// Whose it is.
        owner: Owner,
    },
    /// It ran out.
    Overdue {
        /// The clock.
        clock: String,
        /// Whose it is.
        owner: Owner,
    },
    /// Its running out goes further up.
    Escalated {
        /// The clock.
        clock: String,
        /// To whom.
        to: EscalateTo,
        /// The step, from 1.
        step: u32,
    },
}

impl Kept {
    /// Starts a clock: its length is that of the law in force on the day of the opening.
    pub(crate) fn start(
        declared: &caseflow::Clock,
        fields: &BTreeMap<String, String>,
        opened_on: Date,
        now: Timestamp,
    ) -> Self {
        let (length, until, source, confidence) =
            measured(&declared.length, fields, opened_on, now);
        let mut clock = Self {
            id: declared.id.clone(),
            started: now.as_millisecond(),
            stopped: None,
            length: length.map(words),
            until: until.map(|day| day.to_string()),
            source,
            confidence: confidence.as_str().to_owned(),
            extensions: Vec::new(),
            suspensions: Vec::new(),
            due: None,
            provisional: false,
            overdue: false,
            warned: 0,
            escalated: 0,
        };
        clock.count(declared);
        clock
    }

    pub(crate) fn state(&self) -> ClockState {
        if self.stopped.is_some() {
            ClockState::Stopped
        } else if self.suspensions.last().is_some_and(|(_, until)| until.is_none()) {
            ClockState::Suspended
        } else {
            ClockState::Running
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state() == ClockState::Running
    }

    /// Whether it runs or stands still.
    pub(crate) fn is_standing(&self) -> bool {
        self.state() != ClockState::Stopped
    }

    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        self.is_running() && self.due.is_some_and(|due| due <= now.as_millisecond())
    }

    /// Whether it has run out, now or before it was stopped.
    pub(crate) fn was_late(&self) -> bool {
        self.overdue
    }

    /// What a step of its kind asks of it.
    pub(crate) fn standing(&self, now: Timestamp) -> caseflow::ClockStanding {
        caseflow::ClockStanding {
            clock: self.id.clone(),
            is_suspended: self.state() == ClockState::Suspended,
            is_past_due: self.is_past(now),
            extensions: self.extensions.len() as u32,
        }
    }

    /// Stops it; what was too late stays so.
    pub(crate) fn stop(&mut self, declared: Option<&caseflow::Clock>, now: Timestamp) {
        if !self.is_standing() {
            return;
        }
        self.overdue |= self.is_past(now) && declared.is_some_and(|clock| !clock.is_right);
        self.stopped = Some(now.as_millisecond());
    }

    pub(crate) fn suspend(&mut self, declared: &caseflow::Clock, now: Timestamp) {
        if self.is_running() {
            self.overdue |= self.is_past(now) && !declared.is_right;
            self.suspensions.push((now.as_millisecond(), None));
            self.count(declared);
        }
    }

    pub(crate) fn resume(&mut self, declared: &caseflow::Clock, now: Timestamp) {
        if let Some((_, until @ None)) = self.suspensions.last_mut() {
            *until = Some(now.as_millisecond());
            self.count(declared);
        }
    }

    /// Makes it longer; false when nobody knows by how much.
    pub(crate) fn extend(
        &mut self,
        declared: &caseflow::Clock,
        by: &ClockLength,
        opened_on: Date,
        now: Timestamp,
    ) -> bool {
        let (length, ..) = measured(by, &BTreeMap::new(), opened_on, now);
        let Some(length) = length else { return false };
        self.extensions.push(words(length));
        self.warned = 0;
        self.count(declared);
        true
    }

    /// Follows the day in a field, where it runs up to one.
    pub(crate) fn follow_field(
        &mut self,
        declared: &caseflow::Clock,
        fields: &BTreeMap<String, String>,
    ) {
        let ClockLength::UntilField(field) = &declared.length else { return };
        let day = fields.get(field).and_then(|value| value.trim().parse::<Date>().ok());
        let day = day.map(|day| day.to_string());
        if self.is_standing() && day.is_some() && day != self.until {
            self.until = day;
            self.warned = 0;
            self.count(declared);
        }
    }

    /// Counts its end anew.
    fn count(&mut self, declared: &caseflow::Clock) {
        let due = self.counted(declared);
        (self.due, self.provisional) = match &due {
            Some(Due::Ends(ending)) => (Some(ending.at.as_millisecond()), ending.is_provisional),
            _ => (None, false),
        };
    }

    /// Its end with the proof; `None` where nobody knows how long it runs.
    fn counted(&self, declared: &caseflow::Clock) -> Option<Due> {
        let calendar = Calendar::national();
        if let Some(day) = self.until.as_ref().and_then(|day| day.parse().ok()) {
            return Some(until_the_end_of(day, &self.extensions, calendar));
        }
        let running = Running {
            started_at: instant(self.started),
            length: length_of(self.length.as_ref()?)?,
            extensions: self.extensions.iter().filter_map(length_of).collect(),
            suspensions: self
                .suspensions
                .iter()
                .map(|(since, until)| (instant(*since), until.map(instant)))
                .collect(),
            rolls_to_working_day: declared.rolls,
        };
        Some(law::due(&running, calendar))
    }

    /// When the next thing is to be told of it; [`NEVER`] where there is none.
    pub(crate) fn next_at(&self, declared: &caseflow::Clock) -> i64 {
        let Some(due) = self.due.filter(|_| self.is_running()) else { return NEVER };
        if self.overdue {
            return self.next_escalation(declared, due).map_or(NEVER, |(at, _)| at);
        }
        let warning = self.next_warning(declared, due).unwrap_or(NEVER);
        // A right that lapses has nothing to tell then.
        if declared.is_right { warning } else { warning.min(due) }
    }

    fn next_warning(&self, declared: &caseflow::Clock, due: i64) -> Option<i64> {
        let length = declared.warn.get(self.warned as usize)?;
        let at = law::before(instant(due), *length, Calendar::national()).as_millisecond();
        (at < due).then_some(at)
    }

    fn next_escalation<'clock>(
        &self,
        declared: &'clock caseflow::Clock,
        due: i64,
    ) -> Option<(i64, &'clock Escalation)> {
        let escalation = declared.escalate.get(self.escalated as usize)?;
        let at = law::after(instant(due), escalation.after, Calendar::national());
        Some((at.as_millisecond(), escalation))
    }

    /// What has come to pass up to now and was not told yet; each is told once.
    pub(crate) fn look(&mut self, declared: &caseflow::Clock, now: Timestamp) -> Vec<Passing> {
        let now = now.as_millisecond();
        let mut passings = Vec::new();
        let Some(due) = self.due.filter(|_| self.is_running()) else { return passings };
        let (clock, owner) = (&self.id.clone(), declared.owner);
        if !self.overdue && due > now {
            let before = self.warned;
            while self.next_warning(declared, due).is_some_and(|at| at <= now) {
                self.warned += 1;
            }
            if self.warned > before {
                passings.push(Passing::Warned { clock: clock.clone(), owner });
            }
        } else if !self.overdue && !declared.is_right {
            self.overdue = true;
            self.warned = declared.warn.len() as u32;
            passings.push(Passing::Overdue { clock: clock.clone(), owner });
        } else if declared.is_right {
            self.warned = declared.warn.len() as u32;
        }
        while self.overdue
            && let Some((_, escalation)) =
                self.next_escalation(declared, due).filter(|(at, _)| *at <= now)
        {
            self.escalated += 1;
            let step = self.escalated;
            passings.push(Passing::Escalated { clock: clock.clone(), to: escalation.to, step });
        }
        passings
    }

    /// The clock for a reader, with the proof of its end.
    pub(crate) fn shown(&self, kind: &CaseKind, now: Timestamp) -> Option<Clock> {
        let declared = kind.clock(&self.id)?;
        let state = self.state();
        let due = self.counted(declared);
        Some(Clock {
            id: self.id.clone(),
            name: declared.name.clone(),
            state,
            started_at: instant(self.started),
            stopped_at: self.stopped.map(instant),
            due_at: self.due.map(instant),
            is_provisional: self.provisional,
            proof: due.map(|due| due.proof().to_vec()).unwrap_or_default(),
            source: self.source.clone(),
            confidence: self.confidence.clone(),
            owner: declared.owner.as_str().to_owned(),
            is_right: declared.is_right,
            extensions: self.extensions.len() as u32,
            is_overdue: self.overdue || (self.is_past(now) && !declared.is_right),
            escalation: self.escalated,
        })
    }
}

/// What the clocks of a case come to together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    /// The earliest end of those that run and are no rights.
    pub(crate) due: i64,
    /// When the first warning of one of them begins or began.
    pub(crate) warn: i64,
    /// Whether the earliest end may still move.
    pub(crate) is_provisional: bool,
    /// When the next thing is to be told.
    pub(crate) next: i64,
    /// Whether one has run out, now or once.
    pub(crate) is_late: bool,
    /// Whether one that runs was warned of and has not run out.
    pub(crate) is_warned: bool,
}

/// Sums up clocks, those of one owner where one is named.
pub(crate) fn sum(clocks: &[Kept], kind: &CaseKind, owner: Option<Owner>) -> Sum {
    let mut sum = Sum {
        due: NEVER,
        warn: NEVER,
        is_provisional: false,
        next: NEVER,
        is_late: false,
        is_warned: false,
    };
    for clock in clocks {
        sum.is_late |= clock.overdue;
        let Some(declared) = kind.clock(&clock.id) else { continue };
        if owner.is_some_and(|owner| owner != declared.owner) {
            continue;
        }
        sum.next = sum.next.min(clock.next_at(declared));
        let Some(due) = clock.due.filter(|_| clock.is_running() && !declared.is_right) else {
            continue;
        };
        sum.is_warned |= clock.warned > 0 && !clock.overdue;
        if due < sum.due {
            (sum.due, sum.is_provisional) = (due, clock.provisional);
        }
        if let Some(first) = declared.warn.first() {
            let warn = law::before(instant(due), *first, Calendar::national());
            sum.warn = sum.warn.min(warn.as_millisecond());
        }
    }
    sum
}

/// A stored time; the ends of time where the store holds nonsense.
pub(crate) fn instant(milliseconds: i64) -> Timestamp {
    let limit = if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(milliseconds).unwrap_or(limit)
}

/// A day of Beijing.
pub(crate) fn day_of(at: Timestamp) -> Date {
    beijing_offset().to_datetime(at).date()
}

type Measured = (Option<Length>, Option<Date>, String, Confidence);

/// How long a clock runs, up to which day, and who says so.
fn measured(
    length: &ClockLength,
    fields: &BTreeMap<String, String>,
    opened_on: Date,
    now: Timestamp,
) -> Measured {
    match length {
        ClockLength::Stated { length, source, confidence } => {
            (Some(*length), None, source.clone(), *confidence)
        }
        ClockLength::UntilField(field) => {
            let day = fields.get(field).and_then(|value| value.trim().parse().ok());
            (None, day, String::new(), Confidence::Certain)
        }
        ClockLength::Deadline(id) => match law::deadline(id, opened_on) {
            None => (None, None, format!("{id}: not known on {opened_on}"), Confidence::Unknown),
            Some(row) => {
                let (length, until) = match row.term {
                    Term::Length(length) => (Some(length), None),
                    Term::EachYearBy { month, day } => (None, next_yearly(day_of(now), month, day)),
                };
                (length, until, row.source.clone(), row.confidence)
            }
        },
    }
}

/// The next day of a month and number that is not before a day.
fn next_yearly(from: Date, month: i8, day: i8) -> Option<Date> {
    let of = |year| Date::new(year, month, day).ok();
    of(from.year()).filter(|found| *found >= from).or_else(|| of(from.year() + 1))
}

fn until_the_end_of(day: Date, extensions: &[(u32, String)], calendar: &Calendar) -> Due {
    let next = day.tomorrow().unwrap_or(Date::MAX).to_datetime(Time::midnight());
    let mut at = beijing_offset().to_timestamp(next).unwrap_or(Timestamp::MAX);
    let mut proof =
        vec![Text::new(format!("截止日期为 {day},当日 24:00 届满"), format!("ends with {day}"))];
    let mut last_day = day;
    for length in extensions.iter().filter_map(length_of) {
        at = law::after(at, length, calendar);
        last_day = day_of(at).yesterday().unwrap_or(Date::MIN);
        let text = length.text();
        proof.push(Text::new(
            format!("延长{},至 {last_day}", text.zh),
            format!("extended by {}, to {last_day}", text.en),
        ));
    }
    Due::Ends(law::Ending { at, last_day, is_provisional: false, proof })
}

fn words(length: Length) -> (u32, String) {
    (length.amount, length.unit.as_str().to_owned())
}

fn length_of((amount, unit): &(u32, String)) -> Option<Length> {
    Unit::parse(unit).map(|unit| Length::new(*amount, unit))
}
