//! Periods of observation and the one time zone of the country: UTC+8, no daylight saving since
//! 1991.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// The averaging period of an observation (统计时段).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    /// An instantaneous value (实时).
    RealTime,
    /// A value over some minutes, as the device's `MinInterval` says (分钟).
    Minute,
    /// A value over one hour, labelled by its start (小时).
    Hour,
    /// A value over one natural day, Beijing time (日).
    Day,
}

impl Period {
    /// Every period, shortest first.
    pub const ALL: [Self; 4] = [Self::RealTime, Self::Minute, Self::Hour, Self::Day];

    /// The number under which the period is stored.
    pub const fn code(self) -> i64 {
        match self {
            Self::RealTime => 0,
            Self::Minute => 1,
            Self::Hour => 2,
            Self::Day => 3,
        }
    }

    /// The period stored under `code`, or `None`.
    pub const fn from_code(code: i64) -> Option<Self> {
        match code {
            0 => Some(Self::RealTime),
            1 => Some(Self::Minute),
            2 => Some(Self::Hour),
            3 => Some(Self::Day),
            _ => None,
        }
    }

    /// The word used in addresses, files and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RealTime => "realtime",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The period that [`Period::as_str`] names, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == word)
    }
}

/// Beijing time (北京时间), UTC+8.
pub const fn beijing_offset() -> Offset {
    Offset::constant(8)
}

/// A text that is no time of the form wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeOfDayError {
    /// The text as it came.
    pub text: String,
}

impl std::fmt::Display for TimeOfDayError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?} is no time of the form YYYYMMDDhhmmss", self.text)
    }
}

impl std::error::Error for TimeOfDayError {}

/// Reads `YYYYMMDDhhmmss` (Beijing time, as HJ 212 writes it) into an instant.
///
/// # Errors
/// When the text is not fourteen digits or names no day or hour that exists.
pub fn parse_beijing(text: &str) -> Result<Timestamp, TimeOfDayError> {
    let wrong = || TimeOfDayError { text: text.to_owned() };
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i16>().map_err(|_| wrong());
    let small = |from: usize| number(from, from + 2).map(|value| value as i8);
    let civil =
        DateTime::new(number(0, 4)?, small(4)?, small(6)?, small(8)?, small(10)?, small(12)?, 0)
            .map_err(|_| wrong())?;
    beijing_offset().to_timestamp(civil).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beijing_is_eight_hours_ahead() {
        let instant = parse_beijing("20260301080000").expect("a valid time");
        assert_eq!(instant.to_string(), "2026-03-01T00:00:00Z");
    }

    #[test]
    fn impossible_times_are_refused() {
        for text in ["20260230080000", "2026030108", "2026030124000x", "20261301000000", ""] {
            assert_eq!(parse_beijing(text).unwrap_err().text, text);
        }
    }

    #[test]
    fn codes_and_words_come_back() {
        for period in Period::ALL {
            assert_eq!(Period::from_code(period.code()), Some(period));
            assert_eq!(Period::parse(period.as_str()), Some(period));
        }
    }
}
