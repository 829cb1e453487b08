//! A calendar month of Beijing time (自然月).

use jiff::Timestamp;
use jiff::civil::Date;
use rulebook::beijing_offset;
use std::fmt;

/// A calendar month (自然月): what is judged and stored as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month of this year, 1 to 12; `None` for any other number or a year beyond 0 to 9998.
    pub fn new(year: i16, month: i8) -> Option<Self> {
        let is_one = (0..=9998).contains(&year) && (1..=12).contains(&month);
        is_one.then_some(Self { year, month })
    }

    /// The month in which a day lies.
    pub fn of(day: Date) -> Self {
        Self { year: day.year().clamp(0, 9998), month: day.month() }
    }

    /// The month in which an instant lies, in Beijing time.
    pub fn at(instant: Timestamp) -> Self {
        Self::of(beijing_offset().to_datetime(instant).date())
    }

    /// The month of a text, `2026-10`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let is_plain = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_plain(year, 4) || !is_plain(month, 2) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?)
    }

    /// The number under which it is stored: the months since the year 0.
    pub const fn number(self) -> i64 {
        self.year as i64 * 12 + self.month as i64 - 1
    }

    /// The month that [`Month::number`] names.
    pub fn of_number(number: i64) -> Option<Self> {
        let year = i16::try_from(number.div_euclid(12)).ok()?;
        Self::new(year, number.rem_euclid(12) as i8 + 1)
    }

    /// The year.
    pub const fn year(self) -> i16 {
        self.year
    }

    /// The month of the year, 1 to 12.
    pub const fn month(self) -> i8 {
        self.month
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        Date::new(self.year, self.month, 1).unwrap_or(Date::ZERO)
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }

    /// When it begins, Beijing time.
    pub fn begins(self) -> Timestamp {
        start_of(self.first_day())
    }

    /// When it is over, Beijing time.
    pub fn ends(self) -> Timestamp {
        self.next().begins()
    }

    /// The month after it.
    pub fn next(self) -> Self {
        Self::of_number(self.number() + 1).unwrap_or(self)
    }

    /// The month so many months before it.
    pub fn before(self, months: i64) -> Self {
        Self::of_number(self.number() - months).unwrap_or(self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)
    }
}

/// When a day begins in Beijing time.
pub(crate) fn start_of(day: Date) -> Timestamp {
    beijing_offset().to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
}

/// The day of an instant in Beijing time.
pub(crate) fn day_of(instant: Timestamp) -> Date {
    beijing_offset().to_datetime(instant).date()
}
