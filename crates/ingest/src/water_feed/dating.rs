//! The year of a time that was published without one.

use jiff::civil::{Date, DateTime};

/// To which year times without one belong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dating {
    /// Nobody knows.
    #[default]
    Unknown,
    /// All to this year.
    Year(i16),
    /// To the year in which they lie before the end of this day: a file fetched on 1 January may
    /// hold 31 December.
    FetchedOn(Date),
}

impl Dating {
    /// What a file's name says: `…2021-04-01…` or `…20210401…` a day, `…2021-04…` a year.
    pub fn of_file_name(name: &str) -> Self {
        let bytes = name.as_bytes();
        let mut year_found = Self::Unknown;
        for start in 0..bytes.len() {
            let follows_digit = start > 0 && bytes[start - 1].is_ascii_digit();
            if follows_digit {
                continue;
            }
            match day_at(name.get(start..).unwrap_or_default()) {
                Self::FetchedOn(day) => return Self::FetchedOn(day),
                Self::Year(year) if year_found == Self::Unknown => year_found = Self::Year(year),
                _ => {}
            }
        }
        year_found
    }

    /// The whole time, or `None` where the year is unknown or has no such day.
    pub(super) fn complete(self, (month, day, hour, minute): (i8, i8, i8, i8)) -> Option<DateTime> {
        let in_year = |year| DateTime::new(year, month, day, hour, minute, 0, 0).ok();
        match self {
            Self::Unknown => None,
            Self::Year(year) => in_year(year),
            Self::FetchedOn(day) => {
                let this = in_year(day.year()).filter(|time| time.date() <= day);
                this.or_else(|| in_year(day.year() - 1))
            }
        }
    }
}

/// A plausible day or year at the start of `text`.
fn day_at(text: &str) -> Dating {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i16>().ok())?
    };
    let Some(year) = number(0, 4).filter(|year| (2000..=2099).contains(year)) else {
        return Dating::Unknown;
    };
    let dashed = text.get(4..5).is_some_and(|mark| matches!(mark, "-" | "_"));
    let places = if dashed { [(5, 7), (8, 10)] } else { [(4, 6), (6, 8)] };
    let [month, day] = places.map(|(from, to)| number(from, to).and_then(|n| i8::try_from(n).ok()));
    let date = match (month, day) {
        (Some(month), Some(day)) => Date::new(year, month, day).ok(),
        _ => None,
    };
    match (date, month) {
        (Some(date), _) => Dating::FetchedOn(date),
        (None, Some(1..=12)) => Dating::Year(year),
        _ => Dating::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn names_of_files_tell_the_year() {
        let day = Dating::FetchedOn(date(2021, 4, 1));
        assert_eq!(Dating::of_file_name("raw_publish_2021-04-01.json.gz"), day);
        assert_eq!(Dating::of_file_name("水质20210401.json"), day);
        assert_eq!(Dating::of_file_name("cnemc_4h_2021-04_fujian.csv"), Dating::Year(2021));
        for name in ["water.json", "3098-04-01", "1234567890", "水2", ""] {
            assert_eq!(Dating::of_file_name(name), Dating::Unknown, "{name}");
        }
    }

    #[test]
    fn the_last_day_of_a_year_is_dated_back() {
        let new_year = Dating::FetchedOn(date(2021, 1, 1));
        let time = new_year.complete((12, 31, 20, 0)).unwrap();
        assert_eq!(time.to_string(), "2020-12-31T20:00:00");
        assert_eq!(new_year.complete((1, 1, 4, 0)).unwrap().to_string(), "2021-01-01T04:00:00");
        assert_eq!(Dating::Year(2021).complete((2, 29, 0, 0)), None);
        assert_eq!(Dating::Unknown.complete((4, 1, 8, 0)), None);
    }
}
