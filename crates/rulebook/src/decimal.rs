//! Exact decimals and the rounding of GB/T 8170 (数值修约规则).

pub use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;

/// Rounds to `places` decimals, a tie to the even digit.
///
/// # Standard
/// GB/T 8170-2008 3.2 (四舍六入五成双).
///
/// # Example
/// ```
/// use rulebook::{Decimal, round_half_even};
/// assert_eq!(round_half_even("35.5".parse().unwrap(), 0), Decimal::from(36));
/// assert_eq!(round_half_even("60.5".parse().unwrap(), 0), Decimal::from(60));
/// ```
pub fn round_half_even(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven)
}
