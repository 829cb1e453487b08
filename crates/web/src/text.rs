//! Times, numbers and spans as people read them: Beijing time, the decimals of the factor.

use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rulebook::{Decimal, Language, beijing_offset, round_half_even};

/// `2026-11-23 14:05`.
pub fn local_minute(at: Timestamp) -> String {
    in_beijing(at, "%Y-%m-%d %H:%M")
}

/// `2026-11-23 14:05:09`.
pub fn local_second(at: Timestamp) -> String {
    in_beijing(at, "%Y-%m-%d %H:%M:%S")
}

/// `11-23 14:00`.
pub fn local_hour(at: Timestamp) -> String {
    in_beijing(at, "%m-%d %H:%M")
}

/// `2026-11-23`.
pub fn local_date(at: Timestamp) -> String {
    in_beijing(at, "%Y-%m-%d")
}

fn in_beijing(at: Timestamp, form: &str) -> String {
    beijing_offset().to_datetime(at).strftime(form).to_string()
}

/// A number with its factor's decimals; a value that is not zero is never shown as zero.
pub fn decimal(value: Decimal, places: u32) -> String {
    let rounded = round_half_even(value, places);
    if rounded.is_zero() && !value.is_zero() {
        return value.normalize().to_string();
    }
    format!("{rounded:.*}", places as usize)
}

/// A unit as it is printed: `ug/m3` becomes `µg/m³`.
pub fn unit(unit: &str) -> String {
    unit.replace("ug/", "µg/").replace("m3", "m³").replace("m2", "m²")
}

/// A span of time in its largest unit: `3 分钟`, `2 h`.
pub fn duration(span: SignedDuration, language: Language) -> String {
    let seconds = span.as_secs().max(0);
    let (count, zh, en) = match seconds {
        0..=119 => (seconds, "秒", "s"),
        120..=7199 => (seconds / 60, "分钟", "min"),
        7200..=172_799 => (seconds / 3600, "小时", "h"),
        _ => (seconds / 86_400, "天", "d"),
    };
    match language {
        Language::Chinese => format!("{count} {zh}"),
        Language::English => format!("{count} {en}"),
    }
}

/// What may not stand in the value of an address's parameter.
const PARAMETER: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as the value of an address's parameter.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, &PARAMETER).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_decimals_and_never_vanish() {
        let shown = |text: &str, places| decimal(text.parse().expect("a number"), places);
        assert_eq!(shown("12.345", 1), "12.3");
        assert_eq!(shown("12", 2), "12.00");
        assert_eq!(shown("0.25", 1), "0.2");
        assert_eq!(shown("0.004", 2), "0.004");
        assert_eq!(shown("0", 2), "0.00");
    }

    #[test]
    fn times_are_beijing_times() {
        let at: Timestamp = "2026-03-01T16:30:05Z".parse().expect("a time");
        assert_eq!(local_second(at), "2026-03-02 00:30:05");
        assert_eq!(duration(SignedDuration::from_secs(150), Language::English), "2 min");
        assert_eq!(unit("ug/m3"), "µg/m³");
    }
}
