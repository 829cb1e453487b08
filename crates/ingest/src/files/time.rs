//! Times as outside files write them: Beijing time without a zone, in half a dozen forms.

use jiff::{Timestamp, civil::DateTime};
use rulebook::beijing_offset;

/// A time read from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileTime {
    /// The time on the clock in Beijing.
    pub civil: DateTime,
    /// True when the text ended in `Z` and was read as Beijing time nevertheless: the publishers
    /// that write it print the hour of their own clock.
    pub wrote_z: bool,
}

impl FileTime {
    /// The instant.
    pub fn timestamp(self) -> Option<Timestamp> {
        beijing_offset().to_timestamp(self.civil).ok()
    }
}

/// Reads `2018-02-20T07:00:00`, `2018/2/20 7:00`, `20180220070000`, `2018022007`,
/// `/Date(1519081200000+0800)/`; a `Z` at the end is noted, another offset is converted.
pub fn parse(text: &str) -> Option<FileTime> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        return wcf(inner);
    }
    if text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(text);
    }
    let (text, wrote_z) = match text.strip_suffix(['Z', 'z']) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (date, clock) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], text[at + 1..].trim()),
        None => (text, ""),
    };
    let (year, month, day) = date_of(date)?;
    let (clock, offset) = split_offset(clock)?;
    let (hour, minute, second) = clock_of(clock)?;
    let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let civil = match offset {
        Some(minutes) => {
            let shift = jiff::Span::new().try_minutes(8 * 60 - i64::from(minutes)).ok()?;
            civil.checked_add(shift).ok()?
        }
        None => civil,
    };
    Some(FileTime { civil, wrote_z })
}

/// Reads `04-01 08:00` (no year) as month, day, hour and minute.
pub fn parse_without_year(text: &str) -> Option<(i8, i8, i8, i8)> {
    let (date, clock) = text.trim().split_once(char::is_whitespace)?;
    let (month, day) = date.split_once(['-', '/'])?;
    let (hour, minute, _) = clock_of(clock.trim())?;
    Some((small(month)?, small(day)?, hour, minute))
}

fn wcf(inner: &str) -> Option<FileTime> {
    let after_sign = inner.get(1..)?;
    let end = after_sign.find(['+', '-']).map_or(inner.len(), |at| at + 1);
    let milliseconds: i64 = inner.get(..end)?.parse().ok()?;
    let instant = Timestamp::from_millisecond(milliseconds).ok()?;
    Some(FileTime { civil: beijing_offset().to_datetime(instant), wrote_z: false })
}

fn digits(text: &str) -> Option<FileTime> {
    if !matches!(text.len(), 8 | 10 | 12 | 14) {
        return None;
    }
    let two = |at: usize| text.get(at..at + 2).map_or(Some(0), small);
    let year = text.get(..4)?.parse().ok()?;
    let civil = DateTime::new(year, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?, 0).ok()?;
    Some(FileTime { civil, wrote_z: false })
}

fn date_of(text: &str) -> Option<(i16, i8, i8)> {
    let mut parts = text.split(['-', '/']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    Some((year.parse().ok()?, small(month)?, small(day)?))
}

fn clock_of(text: &str) -> Option<(i8, i8, i8)> {
    if text.is_empty() {
        return Some((0, 0, 0));
    }
    let mut parts = text.split(':');
    let hour = small(parts.next()?)?;
    let minute = parts.next().map_or(Some(0), small)?;
    let second = match parts.next() {
        Some(second) => small(second.split('.').next()?)?,
        None => 0,
    };
    parts.next().is_none().then_some((hour, minute, second))
}

/// Takes `+08:00` or `-0530` off the end of a clock time; the offset is in minutes.
fn split_offset(clock: &str) -> Option<(&str, Option<i32>)> {
    let Some(at) = clock.find(['+', '-']) else { return Some((clock, None)) };
    let digits: String = clock[at + 1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits[2..].parse().ok()?;
    let offset = hours * 60 + minutes;
    Some((&clock[..at], Some(if clock[at..].starts_with('-') { -offset } else { offset })))
}

fn small(text: &str) -> Option<i8> {
    let is_number = !text.is_empty() && text.len() <= 2;
    (is_number && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_the_hour_on_the_clock_in_beijing() {
        for text in [
            "2018-02-20T07:00:00",
            "2018-02-20 07:00",
            "2018/2/20 7:00",
            "20180220070000",
            "2018022007",
            "2018-02-20T07:00:00Z",
            "2018-02-20T07:00:00+08:00",
            "2018-02-19T23:00:00+00:00",
            "2018-02-20T07:00:00.000",
            "/Date(1519081200000+0800)/",
            "/Date(1519081200000)/",
        ] {
            let time = parse(text).unwrap_or_else(|| panic!("{text} is a time"));
            assert_eq!(time.civil.to_string(), "2018-02-20T07:00:00", "{text}");
            assert_eq!(time.wrote_z, text.ends_with('Z'), "{text}");
        }
        assert_eq!(
            parse("20180220070000").unwrap().timestamp().unwrap().as_second(),
            1_519_081_200
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "*", "2018-13-01", "2018-02-20T25:00", "/Date()/", "/Date(中)/", "中文"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse_without_year("04-01 08:00"), Some((4, 1, 8, 0)));
        assert_eq!(parse_without_year("*"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "[-+/:0-9TZ .,Date()中]{0,24}") {
            let _ = (parse(&text), parse_without_year(&text));
        }
    }
}
