//! Exact decimals and the rounding of GB/T 8170 (数值修约规则).

use std::cmp::Ordering;

pub use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;

/// Rounds to `places` decimals, a tie to the even digit; the result is written with all of them.
///
/// # Standard
/// GB/T 8170-2008 3.2 (四舍六入五成双).
///
/// # Example
/// ```
/// use rulebook::{Decimal, round_half_even};
/// assert_eq!(round_half_even("35.5".parse().unwrap(), 0), Decimal::from(36));
/// assert_eq!(round_half_even("60.5".parse().unwrap(), 0), Decimal::from(60));
/// assert_eq!(round_half_even("0.3".parse().unwrap(), 2).to_string(), "0.30");
/// ```
pub fn round_half_even(value: Decimal, places: u32) -> Decimal {
    if let Some(rounded) = round_small(value, places) {
        return rounded;
    }
    let mut rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven);
    if rounded.scale() < places {
        rounded.rescale(places);
    }
    rounded
}

/// The same in machine integers, for the numbers that instruments send; `None` for longer ones.
fn round_small(value: Decimal, places: u32) -> Option<Decimal> {
    let mantissa = i64::try_from(value.mantissa()).ok()?;
    let Some(surplus) = value.scale().checked_sub(places).filter(|surplus| *surplus > 0) else {
        let padded = mantissa.checked_mul(10_i64.checked_pow(places - value.scale())?)?;
        return Some(Decimal::new(padded, places));
    };
    let unit = 10_i64.checked_pow(surplus)?;
    let (floor, rest) = (mantissa.div_euclid(unit), mantissa.rem_euclid(unit));
    let up = match (rest * 2).cmp(&unit) {
        Ordering::Less => 0,
        Ordering::Equal => floor & 1,
        Ordering::Greater => 1,
    };
    Some(Decimal::new(floor + up, places))
}

/// Rounds to `places` decimals, but never a value that is not zero to zero: then its first
/// significant digit is kept (有效数字).
///
/// # Note
/// Practice of the national water quality platform, seen on its published values
/// (0.00046 shown as 0.0005 where three decimals are usual); no text of it was obtained.
///
/// # Example
/// ```
/// use rulebook::round_half_even_keeping_first_digit as round;
/// let shown = |text: &str, places| round(text.parse().unwrap(), places).to_string();
/// assert_eq!(shown("6.185", 2), "6.18");
/// assert_eq!(shown("0.00046", 3), "0.0005");
/// assert_eq!(shown("0.00025", 3), "0.0002");
/// ```
pub fn round_half_even_keeping_first_digit(value: Decimal, places: u32) -> Decimal {
    let rounded = round_half_even(value, places);
    if !rounded.is_zero() || value.is_zero() {
        return rounded;
    }
    (places + 1..=value.scale())
        .map(|places| round_half_even(value, places))
        .find(|rounded| !rounded.is_zero())
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn machine_integers_round_like_decimals(
            mantissa in any::<i64>(), scale in 0_u32..=28, places in 0_u32..=12,
        ) {
            let value = Decimal::from_i128_with_scale(i128::from(mantissa), scale);
            let strategy = RoundingStrategy::MidpointNearestEven;
            let slow = value.round_dp_with_strategy(places, strategy);
            prop_assert_eq!(round_half_even(value, places), slow);
        }

        #[test]
        fn ties_go_to_the_even_digit(whole in -1_000_000_i64..1_000_000) {
            let tie = Decimal::new(whole * 10 + 5, 1);
            prop_assert_eq!(round_half_even(tie, 0), Decimal::from(whole + (whole & 1)));
        }
    }

    #[test]
    fn every_decimal_is_written_with_all_its_places() {
        for (text, places, expected) in
            [("5", 1, "5.0"), ("-0.04", 1, "0.0"), ("-2.5", 0, "-2"), ("2.675", 2, "2.68")]
        {
            let rounded = round_half_even(text.parse().expect("a decimal"), places);
            assert_eq!(rounded.to_string(), expected);
        }
    }
}
