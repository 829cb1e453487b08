//! Numbers of bulk files as whole millionths: exact, and as fast as integers are.
//!
//! An instrument sends few digits; six decimals hold them all. A number with more of them is
//! rounded half to even to six, and counted.

use rulebook::Decimal;

/// One as millionths.
pub const ONE: i64 = 1_000_000;

/// No value. A file's numbers never come near it.
pub const MISSING: i64 = i64::MIN;

/// The largest magnitude read: fifteen digits, which a double holds as they are written.
pub(crate) const LARGEST: i64 = 1_000_000_000 * ONE;

/// What became of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// It is held as it was written.
    Exact(i64),
    /// It had more than six decimals and was rounded half to even.
    Rounded(i64),
    /// There is no value.
    Missing,
    /// It is no number, or too large.
    Wrong,
}

/// Reads a decimal number from text.
pub fn parse(text: &[u8]) -> Read {
    match parse_plain(text) {
        Some(found) => found,
        None => parse_slowly(text),
    }
}

/// Digits with at most one point; `None` for everything else, which is read slowly.
fn parse_plain(text: &[u8]) -> Option<Read> {
    let (is_negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let (mut value, mut places, mut seen_point, mut seen_digit) = (0_i64, 0_u32, false, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + i64::from(byte - b'0');
                places += u32::from(seen_point);
                seen_digit = true;
            }
            b'.' if !seen_point => seen_point = true,
            _ => return None,
        }
    }
    if places > 6 || !seen_digit {
        return None;
    }
    let value = value.checked_mul(10_i64.pow(6 - places))?;
    let value = if is_negative { -value } else { value };
    (value.abs() <= LARGEST).then_some(Read::Exact(value))
}

fn parse_slowly(text: &[u8]) -> Read {
    let Ok(text) = std::str::from_utf8(text) else { return Read::Wrong };
    let text = text.trim();
    if is_missing(text) {
        return Read::Missing;
    }
    match text.parse().or_else(|_| Decimal::from_scientific(text)) {
        Ok(value) => of_decimal(value),
        Err(_) => Read::Wrong,
    }
}

/// Whether a cell says that there is no value.
pub fn is_missing(cell: &str) -> bool {
    let is_dash = |letter| matches!(letter, '-' | '—' | '–' | '―' | '－');
    matches!(cell, "NA" | "N/A" | "n/a" | "NaN" | "nan" | "null" | "NULL" | "None" | "无" | "/")
        || cell.chars().all(is_dash)
}

/// A decimal as millionths.
pub fn of_decimal(value: Decimal) -> Read {
    let rounded = rulebook::round_half_even(value, 6);
    let Ok(whole) = i64::try_from(rounded.mantissa()) else { return Read::Wrong };
    if whole.abs() > LARGEST {
        Read::Wrong
    } else if rounded == value {
        Read::Exact(whole)
    } else {
        Read::Rounded(whole)
    }
}

/// Reads a double: the decimal number that its shortest text shows.
#[inline]
pub fn of_double(value: f64) -> Read {
    let (whole, is_exact) = of_short_double(value);
    if is_exact {
        return Read::Exact(whole);
    }
    if value.is_nan() {
        return Read::Missing;
    }
    parse_slowly(format!("{value}").as_bytes())
}

/// A double as millionths, and whether it is that number.
///
/// A whole number of millionths whose double is this very double is the number that its shortest
/// text shows: dividing it by a million rounds once and correctly, and so does reading the text.
#[inline]
#[expect(clippy::float_cmp, reason = "it is this very double that is asked for")]
pub fn of_short_double(value: f64) -> (i64, bool) {
    const LARGEST_DOUBLE: f64 = LARGEST as f64;
    // Adding and taking away 1.5 * 2^52 rounds to a whole number, without a call.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let whole = (value * 1e6 + SHIFT) - SHIFT;
    (whole as i64, whole.abs() <= LARGEST_DOUBLE && whole / 1e6 == value)
}

/// A number times `10^shift`: a change of unit. What no longer fits six decimals is rounded.
#[inline]
pub fn shifted(read: Read, shift: i32) -> Read {
    if shift == 0 {
        return read;
    }
    let (Read::Exact(value) | Read::Rounded(value)) = read else { return read };
    let power = 10_i64.pow(shift.unsigned_abs());
    if shift > 0 {
        return match value.checked_mul(power).filter(|value| value.abs() <= LARGEST) {
            Some(value) => Read::Exact(value),
            None => Read::Wrong,
        };
    }
    let turned = mean(value, power);
    match read {
        Read::Exact(_) if turned * power == value => Read::Exact(turned),
        _ => Read::Rounded(turned),
    }
}

/// The same number as a decimal.
pub fn to_decimal(value: i64) -> Option<Decimal> {
    (value != MISSING).then(|| Decimal::new(value, 6).normalize())
}

/// The quotient `sum / count` in millionths, half to even.
///
/// # Example
/// ```
/// assert_eq!(bulk::micro::mean(5, 2), 2);
/// assert_eq!(bulk::micro::mean(7, 2), 4);
/// assert_eq!(bulk::micro::mean(-5, 2), -2);
/// ```
#[inline]
pub fn mean(sum: i64, count: i64) -> i64 {
    let (floor, rest) = (sum.div_euclid(count), sum.rem_euclid(count));
    match (rest * 2).cmp(&count) {
        std::cmp::Ordering::Less => floor,
        std::cmp::Ordering::Equal => floor + (floor & 1),
        std::cmp::Ordering::Greater => floor + 1,
    }
}

/// Writes millionths without superfluous noughts.
pub fn write(value: i64, into: &mut Vec<u8>) {
    let magnitude = value.unsigned_abs();
    if value < 0 {
        into.push(b'-');
    }
    let (whole, mut rest) = (magnitude / ONE as u64, magnitude % ONE as u64);
    let mut digits = [0_u8; 20];
    let mut place = digits.len();
    let mut left = whole;
    loop {
        place -= 1;
        digits[place] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    into.extend_from_slice(&digits[place..]);
    if rest == 0 {
        return;
    }
    into.push(b'.');
    let mut unit = ONE as u64 / 10;
    while rest > 0 {
        into.push(b'0' + (rest / unit) as u8);
        rest %= unit;
        unit /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, wanted) in [
            ("0", Read::Exact(0)),
            ("35.5", Read::Exact(35_500_000)),
            ("-1.25", Read::Exact(-1_250_000)),
            (".5", Read::Exact(500_000)),
            (" 7 ", Read::Exact(7_000_000)),
            ("+7", Read::Exact(7_000_000)),
            ("1e2", Read::Exact(100_000_000)),
            ("0.0000005", Read::Rounded(0)),
            ("0.0000015", Read::Rounded(2)),
            ("", Read::Missing),
            ("NA", Read::Missing),
            ("—", Read::Missing),
            ("――", Read::Missing),
            ("无", Read::Missing),
            ("-", Read::Missing),
            (".", Read::Wrong),
            ("few", Read::Wrong),
            ("1e30", Read::Wrong),
            ("1000000001", Read::Wrong),
        ] {
            assert_eq!(parse(text.as_bytes()), wanted, "{text:?}");
        }
        assert_eq!(parse(&[0xff]), Read::Wrong);
        assert_eq!(of_double(f64::NAN), Read::Missing);
        assert_eq!(of_double(f64::INFINITY), Read::Wrong);
    }

    proptest! {
        #[test]
        fn doubles_are_the_decimals_that_they_show(millionths in -LARGEST..=LARGEST) {
            let decimal = Decimal::new(millionths, 6);
            let double: f64 = decimal.to_string().parse().unwrap();
            prop_assert_eq!(of_double(double), Read::Exact(millionths));
        }

        #[test]
        fn any_double_is_read_like_its_text(double in any::<f64>()) {
            let text = format!("{double}");
            prop_assert_eq!(of_double(double), parse_slowly(text.as_bytes()));
        }

        #[test]
        fn writing_and_reading_agree(millionths in -LARGEST..=LARGEST) {
            let mut text = Vec::new();
            write(millionths, &mut text);
            prop_assert_eq!(parse(&text), Read::Exact(millionths));
            let decimal = to_decimal(millionths).unwrap().to_string();
            prop_assert_eq!(String::from_utf8(text).unwrap(), decimal);
        }

        #[test]
        fn plain_and_slow_reading_agree(text in "-?[0-9]{0,9}\\.?[0-9]{0,8}") {
            let slow = parse_slowly(text.as_bytes());
            prop_assert_eq!(parse(text.as_bytes()), slow);
        }

        #[test]
        fn means_round_like_decimals(
            sum in -1_000_000_000_000_i64..1_000_000_000_000, count in 1_i64..1_000,
        ) {
            let exact = Decimal::from(sum) / Decimal::from(count);
            let rounded = rulebook::round_half_even(exact, 0);
            prop_assert_eq!(Decimal::from(mean(sum, count)), rounded);
        }
    }
}
