//! Which days are working days (工作日历): weekends, and the State Council's notices that take
//! days off and make others working.
//!
//! A year whose notice is not out is counted by its weekends, and what comes of it is
//! [`Known::Provisional`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::sync::OnceLock;

use jiff::civil::{Date, Weekday};

const HOLIDAYS: &str = include_str!("holidays.csv");
static NATIONAL: OnceLock<Calendar> = OnceLock::new();
const COLUMNS: [&str; 5] = ["date", "name", "is_off_day", "notice_year", "notice_url"];

/// Something counted on the calendar, and whether the notices for it are out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// Every day that was counted lies in a year with a notice.
    Certain(T),
    /// Some day that was counted lies in a year without a notice (暂定): it may still change.
    Provisional(T),
}

impl<T> Known<T> {
    /// What was counted.
    pub fn value(self) -> T {
        match self {
            Self::Certain(value) | Self::Provisional(value) => value,
        }
    }

    /// Whether it may still change.
    pub const fn is_provisional(&self) -> bool {
        matches!(self, Self::Provisional(_))
    }

    fn new(value: T, is_provisional: bool) -> Self {
        if is_provisional { Self::Provisional(value) } else { Self::Certain(value) }
    }
}

/// A day that a notice names (节假日安排).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The festival: `国庆节`.
    pub festival: String,
    /// Whether offices are closed; `false` is a day made working (调休上班).
    pub is_off: bool,
    /// The year that the notice arranges.
    pub year: i16,
    /// Where the notice stands.
    pub source: String,
}

/// The working days of the country, as far as they are known (工作日历).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<Date, Notice>,
    years: BTreeSet<i16>,
}

/// A list of holidays that cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarError {
    /// The line in the text, from 1.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

impl CalendarError {
    /// The stable code of the error.
    pub const fn code(&self) -> &'static str {
        "calendar.unreadable"
    }
}

impl fmt::Display for CalendarError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = COLUMNS.join(",");
        write!(formatter, "list of holidays, line {}: {}; ", self.line, self.what)?;
        write!(formatter, "a list has the columns {columns}, dates as 2027-01-01, true or false")
    }
}

impl std::error::Error for CalendarError {}

impl Calendar {
    /// The calendar by the notices that came with the program, 2007 to 2026.
    pub fn shipped() -> Self {
        Self::default().and(HOLIDAYS).expect("the list shipped with this crate is sound")
    }

    /// Makes this the calendar of the country, once, before anything was counted: the notice of a
    /// new year comes long after a program was installed. `false` when another is in use already.
    #[must_use = "a calendar that comes too late is not used"]
    pub fn install(self) -> bool {
        NATIONAL.set(self).is_ok()
    }

    /// The calendar of the country: the one installed, else the one shipped.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use law::{Calendar, Known};
    /// let calendar = Calendar::national();
    /// assert_eq!(calendar.is_working_day(date(2026, 10, 1)), Known::Certain(false));
    /// assert_eq!(calendar.is_working_day(date(2026, 10, 10)), Known::Certain(true));
    /// assert_eq!(calendar.is_working_day(date(2031, 3, 3)), Known::Provisional(true));
    /// ```
    pub fn national() -> &'static Self {
        NATIONAL.get_or_init(Self::shipped)
    }

    /// The same calendar with the notices of a later list added. A day named again is replaced.
    ///
    /// # Errors
    /// The first line that is no line of such a list; then nothing of it is taken.
    pub fn and(&self, list: &str) -> Result<Self, CalendarError> {
        let mut calendar = self.clone();
        let mut reader = csv::ReaderBuilder::new().from_reader(list.as_bytes());
        let unreadable = |error: &csv::Error| CalendarError {
            line: error.position().map_or(1, csv::Position::line),
            what: format!("not readable as CSV: {error}"),
        };
        let head: Vec<String> = reader
            .headers()
            .map_err(|error| unreadable(&error))?
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').to_owned())
            .collect();
        if head != COLUMNS {
            return Err(CalendarError { line: 1, what: "another head".to_owned() });
        }
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(&error))?;
            let line = record.position().map_or(1, csv::Position::line);
            let (day, notice) = read(&record).map_err(|what| CalendarError { line, what })?;
            calendar.years.insert(notice.year);
            calendar.days.insert(day, notice);
        }
        Ok(calendar)
    }

    /// The years whose notice is known.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.years.iter().copied()
    }

    /// What a notice says of a day; `None` for an ordinary one.
    pub fn notice(&self, day: Date) -> Option<&Notice> {
        self.days.get(&day)
    }

    /// What notices name after one day up to another, in order.
    pub fn named_between(&self, from: Date, to: Date) -> impl Iterator<Item = (Date, &Notice)> {
        let days = (Bound::Excluded(from), Bound::Included(to));
        let days = (from < to).then(|| self.days.range(days));
        days.into_iter().flatten().map(|(day, notice)| (*day, notice))
    }

    /// Whether a day is known: its year has a notice, or a notice names it.
    pub fn knows(&self, day: Date) -> bool {
        self.years.contains(&day.year()) || self.days.contains_key(&day)
    }

    /// Whether a day is a working day.
    pub fn is_working_day(&self, day: Date) -> Known<bool> {
        Known::new(self.works(day), !self.knows(day))
    }

    pub(crate) fn works(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.days.get(&day).map_or(!weekend, |notice| !notice.is_off)
    }

    /// The `n`th working day after a day, which itself is not counted.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use law::{Calendar, Known};
    /// let end = Calendar::national().working_days_after(date(2026, 9, 24), 5);
    /// assert_eq!(end, Known::Certain(date(2026, 10, 9)));
    /// ```
    pub fn working_days_after(&self, day: Date, n: u32) -> Known<Date> {
        self.walk(day, n, Date::tomorrow)
    }

    /// The `n`th working day before a day, which itself is not counted.
    pub fn working_days_before(&self, day: Date, n: u32) -> Known<Date> {
        self.walk(day, n, Date::yesterday)
    }

    fn walk(
        &self,
        from: Date,
        n: u32,
        next: impl Fn(Date) -> Result<Date, jiff::Error>,
    ) -> Known<Date> {
        let (mut day, mut left, mut is_provisional) = (from, n, false);
        while left > 0 {
            let Ok(other) = next(day) else { break };
            day = other;
            is_provisional |= !self.knows(day);
            left -= u32::from(self.works(day));
        }
        Known::new(day, is_provisional)
    }

    /// The day itself where it is a working day, else the next one that is: where a period that
    /// ends on a day off ends instead.
    pub fn next_working_day_on_or_after(&self, day: Date) -> Known<Date> {
        if self.works(day) {
            return Known::new(day, !self.knows(day));
        }
        let next = self.working_days_after(day, 1);
        Known::new(next.value(), next.is_provisional() || !self.knows(day))
    }
}

fn read(record: &csv::StringRecord) -> Result<(Date, Notice), String> {
    let cell = |place: usize| record.get(place).unwrap_or("").trim();
    let day = cell(0).parse().map_err(|_| format!("{:?} is no date", cell(0)))?;
    let is_off = cell(2).parse().map_err(|_| format!("{:?} is neither true nor false", cell(2)))?;
    let year = cell(3).parse().map_err(|_| format!("{:?} is no year", cell(3)))?;
    if cell(1).is_empty() {
        return Err("the name is empty".to_owned());
    }
    let (festival, source) = (cell(1).to_owned(), cell(4).to_owned());
    Ok((day, Notice { festival, is_off, year, source }))
}

#[cfg(test)]
mod tests;
