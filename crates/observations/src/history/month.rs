//! A month of Beijing time, by which history is cut into files.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use rulebook::beijing_offset;
use std::fmt;

/// A calendar month of Beijing time (自然月).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month in which an instant lies.
    pub fn of(instant: Timestamp) -> Self {
        let date = beijing_offset().to_datetime(instant).date();
        Self { year: date.year(), month: date.month() }
    }

    /// The month of a code such as 202611, or `None`.
    pub fn from_code(code: i64) -> Option<Self> {
        let (year, month) = (code.div_euclid(100), code.rem_euclid(100));
        let year = i16::try_from(year).ok()?;
        let month = i8::try_from(month).ok()?;
        Date::new(year, month, 1).ok().map(|_| Self { year, month })
    }

    /// The number under which the month is stored: 202611.
    pub fn code(self) -> i64 {
        i64::from(self.year) * 100 + i64::from(self.month)
    }

    /// Its first moment.
    pub fn begins(self) -> Timestamp {
        start_of(self.first_day())
    }

    /// The first moment after it.
    pub fn ends(self) -> Timestamp {
        start_of(self.first_day().saturating_add(1.month()))
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self::starting(self.first_day().saturating_add(1.month()))
    }

    /// The month before it.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::starting(self.first_day().saturating_sub(1.month()))
    }

    fn starting(date: Date) -> Self {
        Self { year: date.year(), month: date.month() }
    }

    fn first_day(self) -> Date {
        // `of` and `from_code` let through only months that have a first day.
        Date::new(self.year, self.month, 1).unwrap_or(Date::ZERO)
    }
}

fn start_of(day: Date) -> Timestamp {
    let midnight = day.at(0, 0, 0, 0);
    beijing_offset().to_timestamp(midnight).unwrap_or(Timestamp::MAX)
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::Month;

    #[test]
    fn a_month_begins_at_midnight_of_beijing() {
        let month = Month::from_code(202_611).unwrap();
        assert_eq!(month.to_string(), "2026-11");
        assert_eq!(month.begins().to_string(), "2026-10-31T16:00:00Z");
        assert_eq!(month.ends().to_string(), "2026-11-30T16:00:00Z");
        assert_eq!(Month::of(month.begins()), month);
        assert_eq!(Month::of(month.ends()), month.next());
        assert_eq!(month.next().code(), 202_612);
        assert_eq!(month.next().next().to_string(), "2027-01");
        assert_eq!(month.next().next().previous(), month.next());
        assert_eq!(Month::from_code(202_613), None);
        assert_eq!(Month::from_code(month.code()), Some(month));
    }
}
