//! A month of duties: which days it has, and what is due on each.

use crate::enterprise::date_of;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use maud::{Markup, html};
use std::collections::BTreeMap;
use web::{Duty, Reader};

/// A month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Month {
    first: Date,
}

impl Month {
    /// The month that holds a day.
    pub(super) fn of(day: Date) -> Self {
        Self { first: day.first_of_month() }
    }

    /// A month as addresses write it, `2026-11`; `None` where it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let first: Date = format!("{text}-01").parse().ok()?;
        (2000..=2100).contains(&first.year()).then_some(Self { first })
    }

    /// As addresses write it.
    pub(super) fn as_text(self) -> String {
        self.first.strftime("%Y-%m").to_string()
    }

    fn moved(self, months: i64) -> Self {
        let moved = self.first.checked_add(months.months());
        Self { first: moved.unwrap_or(self.first) }
    }

    /// The weeks that hold its days, from Monday.
    fn weeks(self) -> Vec<[Date; 7]> {
        let last = self.first.last_of_month();
        let back = i64::from(self.first.weekday().to_monday_zero_offset());
        let mut day = self.first.saturating_sub(back.days());
        let mut weeks = Vec::with_capacity(6);
        while day <= last {
            let start = day;
            weeks.push(std::array::from_fn(|index| start.saturating_add((index as i64).days())));
            day = day.saturating_add(7.days());
        }
        weeks
    }
}

/// The last day before an end: what ends at midnight is due on the day before.
pub(super) fn last_day(end: Timestamp) -> Date {
    date_of(end.saturating_sub(SignedDuration::from_millis(1)).unwrap_or(end))
}

/// An end as it is written: a period of days ends at 24:00 of its last day.
pub(super) fn end_text(end: Timestamp) -> String {
    let day = last_day(end);
    if date_of(end) == day { web::local_minute(end) } else { format!("{day} 24:00") }
}

/// The duties by the day on which they end.
pub(super) fn by_day(duties: &[Duty]) -> BTreeMap<Date, Vec<&Duty>> {
    let mut days: BTreeMap<Date, Vec<&Duty>> = BTreeMap::new();
    for duty in duties {
        if let Some(at) = duty.due_at {
            days.entry(last_day(at)).or_default().push(duty);
        }
    }
    days
}

/// The month as a table; each day with duties leads to its place in the list below.
pub(super) fn grid(
    reader: &Reader,
    month: Month,
    today: Date,
    days: &BTreeMap<Date, Vec<&Duty>>,
) -> Markup {
    let link = |month: Month| reader.with("month", &month.as_text());
    html! {
        nav class="month-steps" aria-label=(reader.pick("月份", "Month")) {
            a class="button" href={ (link(month.moved(-1))) "#calendar" } {
                (reader.pick("上月", "Month before"))
            }
            strong { (month.as_text()) }
            a class="button" href={ (link(month.moved(1))) "#calendar" } {
                (reader.pick("下月", "Month after"))
            }
        }
        table class="month-grid" {
            caption class="visually-hidden" { (reader.pick("本月待办", "Duties of this month")) }
            thead { tr { @for day in WEEK { th scope="col" { (weekday(reader, day)) } } } }
            tbody {
                @for week in month.weeks() {
                    tr {
                        @for day in week { (cell(reader, month, today, day, days.get(&day))) }
                    }
                }
            }
        }
    }
}

fn cell(
    reader: &Reader,
    month: Month,
    today: Date,
    day: Date,
    duties: Option<&Vec<&Duty>>,
) -> Markup {
    let is_other = day.month() != month.first.month();
    let class = if is_other {
        "other"
    } else if day == today {
        "today"
    } else {
        ""
    };
    html! {
        td class=(class) {
            span class="day" { (day.day()) }
            @if let Some(duties) = duties.filter(|_| !is_other) {
                " " a class="count" href={ "#day-" (day) } {
                    (duties.len()) " "
                    span class="visually-hidden" { (reader.pick("项", "due")) }
                }
            }
        }
    }
}

const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

fn weekday<'a>(reader: &Reader, day: Weekday) -> &'a str {
    let (zh, en) = match day {
        Weekday::Monday => ("一", "Mo"),
        Weekday::Tuesday => ("二", "Tu"),
        Weekday::Wednesday => ("三", "We"),
        Weekday::Thursday => ("四", "Th"),
        Weekday::Friday => ("五", "Fr"),
        Weekday::Saturday => ("六", "Sa"),
        Weekday::Sunday => ("日", "Su"),
    };
    match reader.language {
        web::Language::Chinese => zh,
        web::Language::English => en,
    }
}

/// The days of the month that have duties, as a list.
pub(super) fn list(
    reader: &Reader,
    month: Month,
    days: &BTreeMap<Date, Vec<&Duty>>,
    show: impl Fn(&Duty) -> Markup,
) -> Markup {
    let shown: Vec<_> = days.iter().filter(|(day, _)| Month::of(**day) == month).collect();
    html! {
        @if shown.is_empty() {
            p class="hint" { (reader.pick("本月没有到期的待办。", "Nothing is due in this month.")) }
        }
        @for (day, duties) in shown {
            h3 id={ "day-" (day) } { (day) }
            ul class="duties" { @for duty in duties { li { (show(duty)) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_at_midnight_is_due_on_the_day_before() {
        for (end, day, text) in [
            ("2026-12-01T00:00:00+08:00", "2026-11-30", "2026-11-30 24:00"),
            ("2026-12-01T09:30:00+08:00", "2026-12-01", "2026-12-01 09:30"),
        ] {
            let at: Timestamp = end.parse().expect(end);
            assert_eq!((last_day(at).to_string().as_str(), end_text(at).as_str()), (day, text));
        }
    }

    #[test]
    fn a_month_has_whole_weeks_from_monday() {
        for (text, weeks, first, last) in [
            ("2026-11", 6, "2026-10-26", "2026-12-06"),
            ("2027-02", 4, "2027-02-01", "2027-02-28"),
            ("2028-02", 5, "2028-01-31", "2028-03-05"),
        ] {
            let month = Month::parse(text).expect(text);
            let found = month.weeks();
            assert_eq!(found.len(), weeks, "{text}");
            assert_eq!(found[0][0].to_string(), first);
            assert_eq!(found[weeks - 1][6].to_string(), last);
            assert_eq!(month.as_text(), text);
        }
        assert_eq!(
            Month::parse("2026-12").map(|month| month.moved(1).as_text()),
            Some("2027-01".to_owned())
        );
        for wrong in ["", "2026", "2026-13", "1999-01", "x"] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }
}
