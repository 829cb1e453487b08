//! Exact decimals and the rounding of GB/T 8170 (数值修约规则).

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
    let mut rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven);
    if rounded.scale() < places {
        rounded.rescale(places);
    }
    rounded
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
