//! The values that every engine gets: a year of hours and some days of minutes, whole numbers all
//! the way, so that the same seed gives the same rows everywhere.
//!
//! Each series wanders around its level (the pull back is a thirty-second of the distance, the step
//! is uniform), smallest and largest lie beside the mean, a quantity goes with it. Two in a hundred
//! rows carry another flag than N, one in two hundred a mark, three in a thousand outlet-hours are
//! silent.

use jiff::Timestamp;

/// The seed of the published figures.
pub(crate) const SEED: u64 = 20_261_129;
/// Factors of each outlet.
pub(crate) const FACTORS: usize = 10;
/// Decimals of each factor.
pub(crate) const DECIMALS: [u32; FACTORS] = [2, 1, 1, 2, 3, 1, 0, 2, 1, 3];
/// The level of each factor, in its own digits.
const LEVELS: [i64; FACTORS] = [1_250, 420, 880, 3_100, 4_100, 650, 140, 2_240, 510, 9_700];

/// One number of one factor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) value: i64,
    pub(crate) min: i64,
    pub(crate) max: i64,
    pub(crate) sum: i64,
}

/// All factors of an outlet at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) outlet: usize,
    pub(crate) second: i64,
    pub(crate) received_ms: i64,
    pub(crate) flag: u8,
    pub(crate) marks: u32,
    pub(crate) readings: [Reading; FACTORS],
}

/// The limit of a factor in its own digits: a little over its level.
pub(crate) const fn limit(factor: usize) -> i64 {
    LEVELS[factor] * 5 / 4
}

/// A workload: so many outlets, from a time, each so many seconds.
pub(crate) struct Workload {
    outlets: usize,
    seed: u64,
    states: Vec<[i64; FACTORS]>,
}

impl Workload {
    pub(crate) fn new(outlets: usize, seed: u64) -> Self {
        let level = |outlet: u64| {
            std::array::from_fn(|factor| {
                let share = 700 + (mixed(seed ^ outlet << 8 ^ factor as u64) % 600) as i64;
                LEVELS[factor] * share / 1000
            })
        };
        Self { outlets, seed, states: (0..outlets as u64).map(level).collect() }
    }

    /// The lines of all outlets at the next time.
    pub(crate) fn at(&mut self, second: i64, step: i64) -> impl Iterator<Item = Line> + '_ {
        let (seed, outlets) = (self.seed, self.outlets);
        self.states.iter_mut().take(outlets).enumerate().filter_map(move |(outlet, state)| {
            let place = (outlet as u64) << 40;
            let silent = mixed(seed ^ place ^ (second.div_euclid(3600) as u64) << 1) % 1000 < 3;
            let moment = mixed(seed ^ place ^ second as u64);
            let readings = std::array::from_fn(|factor| {
                let bits = mixed(moment ^ (factor as u64 + 1) << 56);
                let noise = LEVELS[factor] / 25 + 2;
                let pull = (LEVELS[factor] - state[factor]) / 32;
                state[factor] += pull + (bits % (2 * noise as u64 + 1)) as i64 - noise;
                let value = state[factor].max(0);
                let below = ((bits >> 20) % (noise as u64 + 1)) as i64;
                let above = ((bits >> 40) % (noise as u64 + 1)) as i64;
                let (min, max) = ((value - below).max(0), value + above);
                Reading { value, min, max, sum: value * step / 60 + below }
            });
            let flag = match moment % 100 {
                0 => b'M',
                1 => b'D',
                _ => b'N',
            };
            let line = Line {
                outlet,
                second,
                received_ms: (second + step) * 1000 + 2_000 + (moment >> 30) as i64 % 20_000,
                flag,
                marks: u32::from((moment >> 12).is_multiple_of(200)),
                readings,
            };
            (!silent).then_some(line)
        })
    }
}

/// The times of a part of the workload.
pub(crate) fn times(from: &str, count: i64, step: i64) -> impl Iterator<Item = i64> {
    let from: Timestamp = from.parse().expect("a time");
    let from = from.as_second();
    (0..count).map(move |number| from + number * step)
}

/// Bits that seem to know nothing of each other.
pub(crate) const fn mixed(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
