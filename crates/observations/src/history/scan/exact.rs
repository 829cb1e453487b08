//! Sums of many decimals without a rounding on the way.

use rulebook::Decimal;

const SCALE_MAX: u32 = 28;

/// A sum as digits and decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Exact {
    digits: i128,
    scale: u32,
}

impl Exact {
    pub(super) const fn new(digits: i128, scale: u32) -> Self {
        Self { digits, scale }
    }

    pub(super) fn of(number: Decimal) -> Self {
        Self { digits: number.mantissa(), scale: number.scale() }
    }

    /// The sum of both; `None` when it has more digits than can be held.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let digits = self.at(scale)?.checked_add(other.at(scale)?)?;
        Some(Self { digits, scale })
    }

    fn at(self, scale: u32) -> Option<i128> {
        self.digits.checked_mul(10_i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }

    /// As a decimal; one of more than 28 digits loses its last.
    pub(super) fn decimal(self) -> Option<Decimal> {
        let (mut digits, mut scale) = (self.digits, self.scale);
        loop {
            if scale <= SCALE_MAX
                && let Ok(number) = Decimal::try_from_i128_with_scale(digits, scale)
            {
                return Some(number);
            }
            scale = scale.checked_sub(1)?;
            digits /= 10;
        }
    }
}

/// The sum of digits that are each of 64 bits.
pub(super) fn sum(digits: &[i64]) -> i128 {
    // Halves are added apart: neither overflows before there are billions, and the compiler adds
    // several at once.
    let (mut high, mut low) = (0_i64, 0_u64);
    for one in digits {
        high += one >> 32;
        low += one.cast_unsigned() & 0xFFFF_FFFF;
    }
    (i128::from(high) << 32) + i128::from(low)
}

#[cfg(test)]
mod tests {
    use super::{Exact, sum};
    use proptest::prelude::*;
    use rulebook::Decimal;

    proptest! {
        #[test]
        fn digits_add_up(digits in proptest::collection::vec(any::<i64>(), 0..200)) {
            let plain: i128 = digits.iter().map(|one| i128::from(*one)).sum();
            prop_assert_eq!(sum(&digits), plain);
        }

        #[test]
        fn scales_are_brought_together(
            left in any::<i32>(), right in any::<i32>(), scale in 0_u32..9,
        ) {
            let (left, right) = (Decimal::new(left.into(), scale), Decimal::new(right.into(), 3));
            let both = Exact::of(left).plus(Exact::of(right)).unwrap();
            prop_assert_eq!(both.decimal(), Some(left + right));
        }
    }
}
