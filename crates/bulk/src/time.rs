//! Days and hours of bulk files: Beijing time, as counts since 1970-01-01.

use jiff::civil::Date;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// How a file labels an hour (小时值的时间标签).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HourLabel {
    /// By its end: 08:00 is the mean from 07:00 to 08:00, and 24:00 or 00:00 ends a day
    /// (HJ 663, the national feeds).
    #[default]
    End,
    /// By its start: 08:00 is the mean from 08:00 to 09:00.
    Start,
}

impl HourLabel {
    /// The day since 1970 and the hour of it, 0 for the first, that a label means.
    ///
    /// `None` unless the time is a full hour.
    #[inline]
    pub(crate) fn hour(self, seconds: i64) -> Option<(i32, u8)> {
        let seconds = match self {
            Self::End => seconds - 3_600,
            Self::Start => seconds,
        };
        let (day, of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        (of_day % 3_600 == 0).then_some((day as i32, (of_day / 3_600) as u8))
    }
}

/// The date of a day since 1970.
pub(crate) fn date(day: i32) -> Option<Date> {
    let span = jiff::Span::new().try_days(day).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok()
}

/// The day since 1970 of a date.
pub(crate) fn day_of(date: Date) -> i32 {
    (date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24) as i32
}

/// The day since 1970 of year, month and day; `None` when there is no such day.
pub(crate) fn day_number(year: i32, month: u32, day: u32) -> Option<i32> {
    let date =
        Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    Some(day_of(date))
}

/// Reads times that mostly share their day with the one before.
#[derive(Default)]
pub(crate) struct Clock {
    known: Vec<u8>,
    day: i64,
}

impl Clock {
    /// Seconds since 1970 of `2025-06-01 08:00[:00]`, `2025-06-01T08:00`, `2025/6/1 8:00`,
    /// `2025-06-01 24:00` or a day alone. `None` when it is none of these.
    pub(crate) fn seconds(&mut self, text: &[u8]) -> Option<i64> {
        if let Some(seconds) = self.on_the_same_day(text) {
            return Some(seconds);
        }
        let text = text.trim_ascii();
        let end = text.iter().position(|byte| matches!(byte, b' ' | b'T')).unwrap_or(text.len());
        let (day, rest) = text.split_at(end);
        let day = self.day(day)?;
        let Some((_, time)) = rest.split_first() else { return Some(day * DAY) };
        let mut parts = time.split(|byte| *byte == b':');
        let hour = digits(parts.next()?)?;
        let minute = digits(parts.next()?)?;
        let second = parts.next().map_or(Some(0), digits)?;
        let is_midnight = hour == 24 && minute == 0 && second == 0;
        let is_time = (hour < 24 || is_midnight) && minute < 60 && second < 60;
        (is_time && parts.next().is_none())
            .then(|| day * DAY + i64::from(hour * 3_600 + minute * 60 + second))
    }

    /// The usual spelling, `2025-06-01 08:00`, on the day of the time before.
    #[inline]
    fn on_the_same_day(&self, text: &[u8]) -> Option<i64> {
        let text: &[u8; 16] = text.try_into().ok()?;
        let (day, rest) = text.split_first_chunk::<10>()?;
        if self.known.first_chunk::<10>() != Some(day) || self.known.len() != 10 {
            return None;
        }
        let &[b' ' | b'T', hour_ten, hour_one, b':', minute_ten, minute_one] = rest else {
            return None;
        };
        let number = |ten: u8, one: u8| {
            let (ten, one) = (ten.wrapping_sub(b'0'), one.wrapping_sub(b'0'));
            (ten < 10 && one < 10).then_some(i64::from(ten * 10 + one))
        };
        let (hour, minute) = (number(hour_ten, hour_one)?, number(minute_ten, minute_one)?);
        let is_time = (hour < 24 && minute < 60) || (hour == 24 && minute == 0);
        is_time.then_some(self.day * DAY + hour * 3_600 + minute * 60)
    }

    /// Days since 1970 of `2025-06-01`, `2025/6/1` or `20250601`.
    pub(crate) fn day(&mut self, text: &[u8]) -> Option<i64> {
        if text == self.known && !text.is_empty() {
            return Some(self.day);
        }
        let plain = std::str::from_utf8(text).ok()?.trim();
        let mut parts = plain.split(['-', '/']);
        let numbers = (parts.next()?, parts.next(), parts.next());
        let (year, month, day) = match numbers {
            (whole, None, None) if whole.len() == 8 && whole.is_ascii() => {
                (&whole[..4], &whole[4..6], &whole[6..])
            }
            (year, Some(month), Some(day)) if year.len() == 4 => (year, month, day),
            _ => return None,
        };
        let number = |text: &str| digits(text.as_bytes());
        let found = day_number(number(year)? as i32, number(month)?, number(day)?)?;
        if parts.next().is_some() {
            return None;
        }
        self.known = text.to_vec();
        self.day = i64::from(found);
        Some(self.day)
    }
}

/// One to four digits.
fn digits(text: &[u8]) -> Option<u32> {
    let is_number = !text.is_empty() && text.len() <= 4 && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| text.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_usual_spellings() {
        let mut clock = Clock::default();
        let hour = |day: i64, hour: i64| Some(day * DAY + hour * 3_600);
        for (text, wanted) in [
            ("1970-01-01 00:00", hour(0, 0)),
            ("1970-01-02T08:00:00", hour(1, 8)),
            ("1970/1/2 8:00", hour(1, 8)),
            ("1970-01-02 24:00", hour(2, 0)),
            ("19700103", hour(2, 0)),
            ("2024-02-29", hour(19_782, 0)),
            ("2023-02-29", None),
            ("1970-01-02 24:01", None),
            ("1970-01-02 8", None),
            ("1970-1-2-3", None),
            ("", None),
            ("later", None),
        ] {
            assert_eq!(clock.seconds(text.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn labels_by_the_end_belong_to_the_day_before_at_midnight() {
        let hours = |hour: i64| hour * 3_600;
        assert_eq!(HourLabel::End.hour(hours(25)), Some((1, 0)));
        assert_eq!(HourLabel::End.hour(hours(48)), Some((1, 23)));
        assert_eq!(HourLabel::Start.hour(hours(24)), Some((1, 0)));
        assert_eq!(HourLabel::Start.hour(hours(24) + 60), None);
        assert_eq!(date(19_782), Some(jiff::civil::date(2024, 2, 29)));
    }
}
