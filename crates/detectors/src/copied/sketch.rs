//! Ups and downs of a series as bits, so that all pairs of a city can be compared at all shifts.

/// Hours of one comparison: the bits of a word.
pub(super) const BLOCK: usize = 64;
/// So many hours of a block say nothing; of each four beyond them one may differ.
const SILENT: u32 = 12;

/// For each hour whether the value went up, and whether that is known.
pub(super) struct Sketch {
    up: Vec<u64>,
    known: Vec<u64>,
}

impl Sketch {
    /// The ups and downs of values on a grid; no number where there is none.
    pub(super) fn new(values: &[f64]) -> Self {
        let words = values.len().div_ceil(64) + 1;
        let mut sketch = Self { up: vec![0; words], known: vec![0; words] };
        for (cell, pair) in (1..).zip(values.windows(2)) {
            let step = pair[1] - pair[0];
            if step.is_finite() && step != 0.0 {
                sketch.known[cell / 64] |= 1 << (cell % 64);
                if step > 0.0 {
                    sketch.up[cell / 64] |= 1 << (cell % 64);
                }
            }
        }
        sketch
    }

    /// Whether the block of `other` that begins at `there` goes up and down like the one of this
    /// that begins at `here`.
    pub(super) fn agrees(&self, here: usize, other: &Self, there: usize) -> bool {
        let known = block(&self.known, here) & block(&other.known, there);
        let differ = ((block(&self.up, here) ^ block(&other.up, there)) & known).count_ones();
        // By chance alone this holds for one block of 24 that count in 8,000, of 64 in a million.
        known.count_ones() >= SILENT + 2 + 4 * differ
    }
}

/// The bits from a place on.
fn block(words: &[u64], start: usize) -> u64 {
    let (word, bit) = (start / 64, start % 64);
    let low = words.get(word).copied().unwrap_or(0) >> bit;
    let high = if bit == 0 { 0 } else { words.get(word + 1).copied().unwrap_or(0) << (64 - bit) };
    low | high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ups_and_downs_are_found_at_their_shift_alone() {
        let wave = |place: usize| ((place * place) % 101) as f64;
        let one: Vec<f64> = (0..200).map(wave).collect();
        let other: Vec<f64> = (0..200).map(|place| 3.0 * wave(place + 5) + 2.0).collect();
        let (one, other) = (Sketch::new(&one), Sketch::new(&other));
        assert!(one.agrees(70, &other, 65));
        assert!(!one.agrees(70, &other, 66));
        assert!(!one.agrees(190, &other, 185), "too few hours are left");
        let still = Sketch::new(&[1.0; 200]);
        assert!(!still.agrees(0, &still, 0), "what stands still tells nothing");
    }
}
