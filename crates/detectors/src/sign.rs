//! What a detector says: a sign to look into, with what it rests on. Never a proof.

use crate::{Detector, OutletId};
use jiff::Timestamp;
use rulebook::{Decimal, Input, Text};

/// A stretch of time, the end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First moment.
    pub from: Timestamp,
    /// First moment after.
    pub to: Timestamp,
}

impl Span {
    /// Whether two stretches share a moment.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    /// The stretch that covers both.
    pub fn with(&self, other: &Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    /// Its length in hours.
    pub fn hours(&self) -> f64 {
        self.to.duration_since(self.from).as_secs_f64() / 3600.0
    }
}

/// What a stretch resembles: an earlier stretch, or a stretch elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The outlet.
    pub outlet: OutletId,
    /// The factor.
    pub factor: String,
    /// When.
    pub span: Span,
}

/// A sign of fraud (造假线索): something that deserves a look, and what explains it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    /// Which detector.
    pub detector: Detector,
    /// Which of its questions was answered with yes: `exact_repeat`.
    pub finding: &'static str,
    /// Where.
    pub outlet: OutletId,
    /// In which factor; `None` where it concerns the whole outlet.
    pub factor: Option<String>,
    /// Seconds from one value to the next of what was looked at.
    pub step_s: i64,
    /// When.
    pub span: Span,
    /// What it resembles.
    pub twin: Option<Twin>,
    /// How far the measure lies beyond its threshold: 1 at it, 2 twice as far.
    pub strength: f64,
    /// The numbers it rests on.
    pub evidence: Vec<Input>,
    /// What was found, in one sentence without the factor's name.
    pub sentence: Text,
}

/// Strength and score stop growing here.
const STRONGEST: f64 = 16.0;

impl Sign {
    /// How much it deserves a look, from one half at the threshold towards 1.
    ///
    /// # Formula
    /// `score = 1 − 0.5 ^ strength`
    pub fn score(&self) -> f64 {
        Self::score_of(self.strength)
    }

    /// The score of a strength.
    pub fn score_of(strength: f64) -> f64 {
        let strength = if strength.is_finite() { strength } else { 0.0 };
        1.0 - 0.5_f64.powf(strength.clamp(0.0, STRONGEST))
    }

    /// What an inspector does about it.
    pub fn advice(&self) -> Text {
        self.detector.definition().advice.clone()
    }

    /// True when two signs tell of the same: one detector, one factor, times that touch.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.detector == other.detector
            && self.outlet == other.outlet
            && self.factor == other.factor
            && self.step_s == other.step_s
            && self.span.overlaps(&other.span)
    }
}

/// A number of the evidence, with four digits that count.
pub(crate) fn input(zh: &'static str, en: &'static str, value: f64, unit: &'static str) -> Input {
    Input::new(Text::fixed(zh, en), shown(value), unit)
}

/// The decimal nearest to a float with four digits that count; zero for a number that is none.
pub(crate) fn shown(value: f64) -> Decimal {
    if !value.is_finite() || value.abs() < 1e-12 {
        return Decimal::ZERO;
    }
    let before = value.abs().log10().floor() as i32 + 1;
    let places = (4 - before).clamp(0, 12);
    let scaled = (value * 10_f64.powi(places)).round();
    if scaled.abs() > 1e15 {
        return Decimal::from(scaled.signum() as i64 * 1_000_000_000_000_000);
    }
    Decimal::new(scaled as i64, places as u32).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_four_digits() {
        for (value, wanted) in [
            (0.0, "0"),
            (f64::NAN, "0"),
            (1.0, "1"),
            (0.123_456, "0.1235"),
            (-123.456, "-123.5"),
            (98765.4, "98765"),
            (0.000_012_345_6, "0.00001235"),
            (1e30, "1000000000000000"),
        ] {
            assert_eq!(shown(value).to_string(), wanted, "{value}");
        }
    }
}
