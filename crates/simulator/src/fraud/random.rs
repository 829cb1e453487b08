//! Random numbers in a row, the same for the same seed.

use std::f64::consts::TAU;

/// A stream of random numbers (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Random {
    state: u64,
}

impl Random {
    /// The stream of a seed and what it is for.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        let mut stream = Self { state: seed ^ purpose.wrapping_mul(0xD6E8_FEB8_6659_FD93) };
        stream.bits();
        stream
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// From 0 (included) to 1 (excluded).
    pub(super) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From `low` to `high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with this chance.
    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// A place among so many.
    pub(super) fn place(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }

    /// A standard normal number (Box and Muller).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }

    /// The waiting time for something that comes once in `mean`.
    pub(super) fn waiting(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }
}

/// A number that wanders around zero with a scatter of one and forgets a share at each step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wandering {
    value: f64,
    keeps: f64,
}

impl Wandering {
    /// Keeps this share of its value from step to step.
    pub(super) fn new(keeps: f64, random: &mut Random) -> Self {
        Self { value: random.normal(), keeps }
    }

    pub(super) fn next(&mut self, random: &mut Random) -> f64 {
        self.value =
            self.keeps * self.value + (1.0 - self.keeps * self.keeps).sqrt() * random.normal();
        self.value
    }
}
