//! How much time is left, as a lamp with words: colour never stands alone.

use cases::{CaseRow, Clock, ClockState};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use law::{Calendar, Length};
use maud::{Markup, html};
use rulebook::beijing_offset;
use web::components::status_badge;
use web::{Reader, duration, local_minute};

/// A lamp: its tone and its words.
pub(crate) struct Lamp {
    tone: &'static str,
    words: String,
}

impl Lamp {
    fn new(tone: &'static str, words: impl Into<String>) -> Self {
        Self { tone, words: words.into() }
    }

    /// What it says.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    /// The class of a row that it stands in.
    pub(crate) fn row_class(&self) -> Option<&'static str> {
        Some(self.tone).filter(|tone| ["bad", "warning"].contains(tone))
    }

    /// The lamp as it is shown.
    pub(crate) fn render(&self) -> Markup {
        status_badge(self.tone, &self.words)
    }
}

/// The lamp of a case in a list.
pub(crate) fn of_row(reader: &Reader, row: &CaseRow, now: Timestamp) -> Lamp {
    if row.closed_at.is_some() {
        return Lamp::new("quiet", reader.pick("已办结", "closed"));
    }
    let Some(due_at) = row.due_at else {
        return Lamp::new("quiet", reader.pick("无时限", "no clock runs"));
    };
    let tone = match (row.is_overdue || now >= due_at, row.is_due_soon) {
        (true, _) => "bad",
        (false, true) => "warning",
        (false, false) => "good",
    };
    Lamp::new(tone, left(reader, due_at, now))
}

/// The lamp of a clock; `warn`: how long before its end its warning begins.
pub(crate) fn of_clock(reader: &Reader, clock: &Clock, warn: &[Length], now: Timestamp) -> Lamp {
    match (clock.state, clock.due_at) {
        (ClockState::Stopped, _) if clock.is_overdue => {
            Lamp::new("warning", reader.pick("超期完成", "done late"))
        }
        (ClockState::Stopped, _) => Lamp::new("quiet", reader.pick("按时完成", "done in time")),
        (ClockState::Suspended, _) | (ClockState::Running, None) => {
            Lamp::new("quiet", reader.pick("中止计时", "held"))
        }
        (ClockState::Running, Some(due_at)) if now >= due_at => {
            Lamp::new("bad", left(reader, due_at, now))
        }
        (ClockState::Running, Some(due_at)) => {
            let begins = warn.iter().map(|each| law::before(due_at, *each, Calendar::national()));
            let is_warned = begins.min().is_some_and(|begin| now >= begin);
            Lamp::new(if is_warned { "warning" } else { "good" }, left(reader, due_at, now))
        }
    }
}

fn left(reader: &Reader, due_at: Timestamp, now: Timestamp) -> String {
    let span = due_at.duration_since(now);
    let words = duration(span.abs(), reader.language);
    match (now >= due_at, reader.language) {
        (true, web::Language::Chinese) => format!("已超期 {words}"),
        (true, web::Language::English) => format!("overdue by {words}"),
        (false, web::Language::Chinese) => format!("剩余 {words}"),
        (false, web::Language::English) => format!("{words} left"),
    }
}

/// The end of a period as it is written: a period of days ends at 24:00 of its last day.
pub(crate) fn end(at: Timestamp) -> String {
    let civil = beijing_offset().to_datetime(at);
    let is_midnight = civil.time() == Time::midnight();
    match civil.date().yesterday() {
        Ok(day) if is_midnight => format!("{day} 24:00"),
        _ => local_minute(at),
    }
}

/// The same as a time of a page; `is_provisional` says that it may still move.
pub(crate) fn end_time(reader: &Reader, at: Timestamp, is_provisional: bool) -> Markup {
    html! {
        time datetime=(at.to_string()) { (end(at)) }
        @if is_provisional {
            " " span class="muted" { (reader.pick("(暂定)", "(provisional)")) }
        }
    }
}

/// How long something has lasted, in words.
pub(crate) fn lasted(reader: &Reader, since: Timestamp, now: Timestamp) -> String {
    duration(now.duration_since(since).max(SignedDuration::ZERO), reader.language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_of_days_ends_at_24_of_its_last_day() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        for (given, wanted) in [
            ("2026-11-25T16:00:00Z", "2026-11-25 24:00"),
            ("2026-11-25T15:59:00Z", "2026-11-25 23:59"),
            ("2026-12-31T16:00:00Z", "2026-12-31 24:00"),
        ] {
            assert_eq!(end(at(given)), wanted);
        }
    }
}
