//! Days of each year, and the stretches of days that a season makes.

use crate::model::{MonthDay, Season};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

impl fmt::Display for MonthDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}-{:02}", self.month, self.day)
    }
}

/// A text that is no day of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMonthDay;

impl FromStr for MonthDay {
    type Err = NoMonthDay;

    fn from_str(text: &str) -> Result<Self, NoMonthDay> {
        let (month, day) = text.trim().split_once('-').ok_or(NoMonthDay)?;
        let read = |part: &str| part.parse::<i8>().map_err(|_| NoMonthDay);
        let (month, day) = (read(month)?, read(day)?);
        // A leap year: the 29th of February is a day of some years.
        Date::new(2024, month, day).map_err(|_| NoMonthDay)?;
        Ok(Self { month, day })
    }
}

impl MonthDay {
    /// The day in a year; the last of February where it has no 29th.
    pub fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day)
            .or_else(|_| Date::new(year, self.month, self.day - 1))
            .ok()
    }
}

impl Serialize for MonthDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MonthDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| {
            serde::de::Error::custom(format!("{text:?} is no day of a year: write 11-15"))
        })
    }
}

impl Season {
    /// The stretches that lie between two days, both counted, the first first.
    pub fn stretches(self, from: Date, to: Date) -> Vec<(Date, Date)> {
        let mut found = Vec::new();
        for year in from.year().saturating_sub(1)..=to.year() {
            let ends_in = if self.to < self.from { year.saturating_add(1) } else { year };
            let (Some(first), Some(last)) = (self.from.in_year(year), self.to.in_year(ends_in))
            else {
                continue;
            };
            let (first, last) = (first.max(from), last.min(to));
            if first <= last {
                found.push((first, last));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_season_over_the_new_year_is_cut_to_the_days_asked_for() {
        let at = |text: &str| text.parse().expect("a day of a year");
        let winter = Season { from: at("11-01"), to: at("03-31") };
        let found = winter.stretches(date(2025, 1, 15), date(2026, 12, 31));
        let expected = [
            (date(2025, 1, 15), date(2025, 3, 31)),
            (date(2025, 11, 1), date(2026, 3, 31)),
            (date(2026, 11, 1), date(2026, 12, 31)),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_end_of_february_holds_in_every_year() {
        let at: MonthDay = "02-29".parse().expect("a day of a year");
        assert_eq!(at.in_year(2025), Some(date(2025, 2, 28)));
        assert_eq!(at.in_year(2028), Some(date(2028, 2, 29)));
        assert_eq!("02-30".parse::<MonthDay>(), Err(NoMonthDay));
    }
}
