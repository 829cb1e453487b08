//! From the fields of a data packet to the values of a row.

use jiff::{SignedDuration, Timestamp};
use observations::{FactorValue, Marks};
use registry::{FactorId, Snapshot};
use rulebook::{Decimal, Period, parse_beijing};

/// The period that an uploading command (2000-2999) speaks of, where it carries values of factors.
pub(crate) fn period_of(command: u16) -> Option<Period> {
    match command {
        2011 => Some(Period::RealTime),
        2051 => Some(Period::Minute),
        2061 => Some(Period::Hour),
        2031 => Some(Period::Day),
        _ => None,
    }
}

/// Why a `DataTime` is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DataTimeProblem {
    /// There is none.
    Missing,
    /// It is no time.
    Unreadable(String),
    /// It lies before 2000 or more than a day ahead.
    Implausible(String),
}

impl std::fmt::Display for DataTimeProblem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => write!(formatter, "the packet has no DataTime"),
            Self::Unreadable(text) => {
                write!(formatter, "DataTime {text:?} is no time of the form YYYYMMDDhhmmss")
            }
            Self::Implausible(text) => write!(
                formatter,
                "DataTime {text} lies before 2000 or more than a day ahead; set the device's clock"
            ),
        }
    }
}

const YEAR_2000: Timestamp = Timestamp::constant(946_656_000, 0);
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Reads a `DataTime`: fourteen digits, or seventeen with the milliseconds that some devices add.
pub(crate) fn data_time(
    text: Option<&str>,
    received_at: Timestamp,
) -> Result<Timestamp, DataTimeProblem> {
    let text = text.ok_or(DataTimeProblem::Missing)?.trim();
    let seconds = if text.len() == 17 && text.is_ascii() { &text[..14] } else { text };
    let time = parse_beijing(seconds).map_err(|_| DataTimeProblem::Unreadable(text.to_owned()))?;
    if time < YEAR_2000 || time > received_at.saturating_add(AHEAD_MAX).unwrap_or(Timestamp::MAX) {
        return Err(DataTimeProblem::Implausible(text.to_owned()));
    }
    Ok(time)
}

/// Whether values come so long after they were due that they are backlog (补传).
pub(crate) fn is_late(period: Period, observed_at: Timestamp, received_at: Timestamp) -> bool {
    let due = SignedDuration::from_mins(match period {
        Period::RealTime => 10,
        Period::Minute => 60,
        Period::Hour => 2 * 60,
        Period::Day => 36 * 60,
    });
    received_at.duration_since(observed_at) > due
}

/// What a field says of its factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Value,
    Min,
    Max,
    Sum,
    Converted,
    ConvertedMin,
    ConvertedMax,
    Flag,
}

impl Field {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "Rtd" | "Avg" => Self::Value,
            "Min" => Self::Min,
            "Max" => Self::Max,
            "Cou" => Self::Sum,
            "ZsRtd" | "ZsAvg" => Self::Converted,
            "ZsMin" => Self::ConvertedMin,
            "ZsMax" => Self::ConvertedMax,
            "Flag" => Self::Flag,
            _ => return None,
        })
    }
}

/// Where the factors of a device were found last time: its packets have the same order each time.
#[derive(Debug, Default)]
pub(crate) struct FactorHints {
    found: Vec<(Box<str>, FactorId)>,
}

impl FactorHints {
    fn factor(&mut self, place: usize, code: &str, nouns: &Snapshot) -> Option<FactorId> {
        if let Some((held, factor)) = self.found.get(place)
            && **held == *code
        {
            return Some(*factor);
        }
        let factor = nouns.factor_by_code(code)?.id;
        self.found.truncate(place);
        if self.found.len() == place {
            self.found.push((code.into(), factor));
        }
        Some(factor)
    }
}

/// The values in a packet's fields, and the codes among them that are not registered yet.
#[derive(Debug, Default)]
pub(crate) struct Mapped {
    pub(crate) values: Vec<FactorValue>,
    pub(crate) unknown: Vec<String>,
}

/// Maps fields such as (`w01018-Avg`, `40.1`). A field that is no number where one is due is left
/// out: the packet keeps it. When a field stands twice, the first counts (protocol.md 13, C.29).
pub(crate) fn map<'packet>(
    fields: impl Iterator<Item = (&'packet str, &'packet str)>,
    nouns: &Snapshot,
    hints: &mut FactorHints,
    marks: Marks,
) -> Mapped {
    let mut mapped = Mapped { values: Vec::with_capacity(hints.found.len()), unknown: Vec::new() };
    let mut current: Option<(&str, usize)> = None;
    let mut place = 0;
    for (name, text) in fields {
        let Some((code, field)) = name.rsplit_once('-') else { continue };
        let Some(field) = Field::parse(field) else { continue };
        let index = match current {
            Some((held, index)) if held == code => index,
            _ => {
                let Some(factor) = hints.factor(place, code, nouns) else {
                    if !mapped.unknown.iter().any(|known| known == code) {
                        mapped.unknown.push(code.to_owned());
                    }
                    continue;
                };
                place += 1;
                let held = mapped.values.iter().position(|value| value.factor == factor);
                let index = held.unwrap_or_else(|| {
                    mapped.values.push(FactorValue { marks, ..FactorValue::empty(factor) });
                    mapped.values.len() - 1
                });
                current = Some((code, index));
                index
            }
        };
        set(&mut mapped.values[index], field, text);
    }
    mapped.values.retain(|value| !value.is_empty());
    mapped
}

fn set(value: &mut FactorValue, field: Field, text: &str) {
    let number = match field {
        Field::Flag => {
            if value.flag.is_none()
                && let [letter] = text.trim().as_bytes()
            {
                value.flag = Some(*letter);
            }
            return;
        }
        Field::Value => &mut value.value,
        Field::Min => &mut value.min,
        Field::Max => &mut value.max,
        Field::Sum => &mut value.sum,
        Field::Converted => &mut value.converted,
        Field::ConvertedMin => &mut value.converted_min,
        Field::ConvertedMax => &mut value.converted_max,
    };
    if number.is_none() {
        *number = decimal(text);
    }
}

/// Reads a number exactly as it is written, trailing zeros included.
fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let (sign, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] | digits => (1, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return slow_decimal(text);
    }
    let mut mantissa = 0_i64;
    let mut scale = None;
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
                scale = scale.map(|scale| scale + 1);
            }
            b'.' if scale.is_none() => scale = Some(0),
            _ => return slow_decimal(text),
        }
    }
    if digits.len() == usize::from(scale.is_some()) {
        return None;
    }
    Some(Decimal::new(sign * mantissa, scale.unwrap_or(0)))
}

fn slow_decimal(text: &str) -> Option<Decimal> {
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, digits, scale) in
            [("40.10", 4010, 2), ("-0.5", -5, 1), ("7", 7, 0), (" 1. ", 1, 0), ("+.25", 25, 2)]
        {
            let read = decimal(text).expect(text);
            assert_eq!((read.mantissa(), read.scale()), (digits, scale), "{text}");
        }
        assert_eq!(decimal("1.5E3"), Some(Decimal::from(1500)));
        for text in ["", "-", ".", "NaN", "1.2.3", "--1", "0x10", "一"] {
            assert_eq!(decimal(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_decimal_comes_back(mantissa in any::<i64>(), scale in 0_u32..28) {
            let number = Decimal::new(mantissa, scale);
            prop_assert_eq!(decimal(&number.to_string()), Some(number));
        }
    }

    #[test]
    fn times_are_checked() {
        let now = parse_beijing("20260301120000").expect("a time");
        assert_eq!(
            data_time(Some("20260301110000"), now),
            parse_beijing("20260301110000").map_err(|_| DataTimeProblem::Missing)
        );
        assert_eq!(
            data_time(Some("20260301110000123"), now),
            data_time(Some("20260301110000"), now)
        );
        assert_eq!(data_time(None, now), Err(DataTimeProblem::Missing));
        for text in ["19991231235959", "20260302120001"] {
            assert_eq!(
                data_time(Some(text), now),
                Err(DataTimeProblem::Implausible(text.to_owned()))
            );
        }
        assert_eq!(
            data_time(Some("2026-03-01"), now),
            Err(DataTimeProblem::Unreadable("2026-03-01".to_owned()))
        );
        assert!(data_time(Some("20260302120000"), now).is_ok());
        assert!(data_time(Some("20000101000000"), now).is_ok());
    }

    #[test]
    fn what_comes_long_after_its_time_is_late() {
        let now = parse_beijing("20260301120000").expect("a time");
        let before = |minutes| now.saturating_sub(SignedDuration::from_mins(minutes)).expect("ok");
        assert!(!is_late(Period::Minute, before(60), now));
        assert!(is_late(Period::Minute, before(61), now));
        assert!(!is_late(Period::Hour, before(119), now));
        assert!(is_late(Period::Day, before(36 * 60 + 1), now));
    }
}
