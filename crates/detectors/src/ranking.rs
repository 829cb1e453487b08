//! Signs put together into a list: look here first. Never a penalty, never a proof.

use crate::{Detector, OutletId, Parameters, Sign};
use std::collections::BTreeMap;

/// An outlet in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The outlet.
    pub outlet: OutletId,
    /// How much it deserves a look, from 0 to 1.
    pub score: f64,
    /// The places of its signs among those given, the strongest first.
    pub signs: Vec<usize>,
}

/// The part of a sign that the ranking needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Where.
    pub outlet: OutletId,
    /// Which detector.
    pub detector: Detector,
    /// The score of the sign.
    pub score: f64,
}

impl From<&Sign> for Standing {
    fn from(sign: &Sign) -> Self {
        Self { outlet: sign.outlet, detector: sign.detector, score: sign.score() }
    }
}

/// The outlets with signs, the one that most deserves a look first.
///
/// # Formula
/// `score = 1 − Π (1 − weight of the detector · score of its strongest sign)`, over the detectors
/// that speak at the outlet; several signs of one detector count once.
pub fn rank(signs: &[Standing], parameters: &Parameters) -> Vec<Ranked> {
    let mut by_outlet: BTreeMap<OutletId, Vec<usize>> = BTreeMap::new();
    for (place, sign) in signs.iter().enumerate() {
        by_outlet.entry(sign.outlet).or_default().push(place);
    }
    let worth = |place: &usize| {
        let sign = &signs[*place];
        let score = if sign.score.is_finite() { sign.score.clamp(0.0, 1.0) } else { 0.0 };
        (sign.detector, sign.detector.weight(parameters) * score)
    };
    let mut ranked: Vec<Ranked> = by_outlet
        .into_iter()
        .map(|(outlet, mut places)| {
            places.sort_by(|one, other| worth(other).1.total_cmp(&worth(one).1));
            let mut strongest: BTreeMap<Detector, f64> = BTreeMap::new();
            for (detector, worth) in places.iter().map(worth) {
                let held = strongest.entry(detector).or_insert(0.0);
                *held = held.max(worth);
            }
            let rest: f64 = strongest.values().map(|worth| 1.0 - worth).product();
            Ranked { outlet, score: 1.0 - rest, signs: places }
        })
        .collect();
    ranked.sort_by(|one, other| {
        other.score.total_cmp(&one.score).then_with(|| one.outlet.cmp(&other.outlet))
    });
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(outlet: i64, detector: Detector, score: f64) -> Standing {
        Standing { outlet: OutletId(outlet), detector, score }
    }

    #[test]
    fn several_detectors_count_more_than_one_and_repetition_does_not() {
        let parameters = Parameters::on(Parameters::first_day());
        let signs = [
            standing(1, Detector::Stuck, 0.8),
            standing(2, Detector::Stuck, 0.8),
            standing(2, Detector::Stuck, 0.7),
            standing(3, Detector::Stuck, 0.8),
            standing(3, Detector::Copied, 0.6),
            standing(4, Detector::Digits, f64::NAN),
        ];
        let ranked = rank(&signs, &parameters);
        let order: Vec<_> = ranked.iter().map(|one| one.outlet.0).collect();
        assert_eq!(order, [3, 1, 2, 4]);
        assert!((ranked[1].score - ranked[2].score).abs() < 1e-12);
        assert!(ranked[0].score > ranked[1].score && ranked[0].score < 1.0);
        assert_eq!(ranked[2].signs, [1, 2]);
        assert!(rank(&[], &parameters).is_empty());
    }
}
