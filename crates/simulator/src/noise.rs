//! Randomness that can be asked for any time in any order: hashes of cells of time, and smooth
//! curves drawn through them.

/// Mixes one number well: the finishing step of SplitMix64.
const fn mix(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// A source of numbers of its own for one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Noise {
    key: u64,
}

impl Noise {
    /// The source that belongs to a seed and a name.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        let key = name
            .bytes()
            .fold(mix(seed), |key, byte| (key ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        Self { key: mix(key) }
    }

    /// The source for a part of this one's purpose.
    pub(crate) fn child(self, name: &str) -> Self {
        Self::new(self.key, name)
    }

    /// 64 bits for a place on the line of whole numbers.
    pub(crate) const fn bits(self, place: i64) -> u64 {
        mix(self.key ^ mix(place as u64))
    }

    /// A number from 0 (included) to 1 (excluded).
    pub(crate) fn unit(self, place: i64) -> f64 {
        (self.bits(place) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number from `low` to `high`, always the same.
    pub(crate) fn between(self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit(0)
    }

    /// A smooth curve from -1 to 1 that changes over about `cell` seconds.
    pub(crate) fn smooth(self, second: i64, cell: i64) -> f64 {
        let left = second.div_euclid(cell);
        let inside = second.rem_euclid(cell) as f64 / cell as f64;
        let weight = inside * inside * (3.0 - 2.0 * inside);
        let source = Self { key: self.key ^ cell as u64 };
        let (from, to) = (source.unit(left), source.unit(left + 1));
        2.0 * (from + (to - from) * weight) - 1.0
    }

    /// Slow drift, an hour's wandering and the instrument's own restlessness, from -1 to 1.
    pub(crate) fn wander(self, second: i64) -> f64 {
        0.5 * self.smooth(second, 26_000)
            + 0.3 * self.smooth(second, 4_100)
            + 0.2 * self.smooth(second, 300)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_smooth_bounded_and_repeats() {
        let noise = Noise::new(7, "test");
        let mut last = noise.smooth(0, 1000);
        for second in 1..20_000 {
            let value = noise.smooth(second, 1000);
            assert!((-1.0..=1.0).contains(&value), "{value} at {second}");
            assert!((value - last).abs() < 0.005, "a jump at {second}");
            last = value;
        }
        assert_eq!(noise.bits(42), Noise::new(7, "test").bits(42));
        assert_ne!(noise.bits(42), Noise::new(8, "test").bits(42));
        assert_ne!(noise.bits(42), Noise::new(7, "tesT").bits(42));
    }

    #[test]
    fn numbers_fill_the_interval_evenly() {
        let noise = Noise::new(1, "even");
        let mut tenths = [0; 10];
        for place in 0..10_000 {
            tenths[(noise.unit(place) * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (850..1150).contains(count)), "{tenths:?}");
    }
}
