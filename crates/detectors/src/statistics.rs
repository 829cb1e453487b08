//! The few statistics that detectors use: robust ones, and tails of distributions.

/// The middle of some numbers; `None` of none.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The number below which this share of the others lies; `None` of none.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let place = ((values.len() - 1) as f64 * share.clamp(0.0, 1.0)).round() as usize;
    Some(*values.select_nth_unstable_by(place, f64::total_cmp).1)
}

/// Median and the scale of a normal distribution with the same median deviation; `None` of none.
///
/// # Formula
/// `scale = 1.4826 × median |x − median(x)|`
pub(crate) fn robust(values: &[f64]) -> Option<(f64, f64)> {
    let mut copy = values.to_vec();
    let middle = median(&mut copy)?;
    for value in &mut copy {
        *value = (*value - middle).abs();
    }
    Some((middle, 1.4826 * median(&mut copy)?))
}

/// The correlation of pairs (Pearson); 0 where one side does not vary or there are few.
pub(crate) fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len() as f64;
    if pairs.len() < 3 {
        return 0.0;
    }
    let (sum_x, sum_y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0, y + pair.1));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        let (x, y) = (x - mean_x, y - mean_y);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    let product = (xx * yy).sqrt();
    if product > 0.0 && product.is_finite() { (xy / product).clamp(-1.0, 1.0) } else { 0.0 }
}

/// The correlation of the ranks of pairs (Spearman), which no single pair can carry; ties share
/// their ranks.
pub(crate) fn rank_correlation(pairs: &[(f64, f64)]) -> f64 {
    let ranks = |pick: fn(&(f64, f64)) -> f64| {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by(|one, other| pick(&pairs[*one]).total_cmp(&pick(&pairs[*other])));
        let mut ranks = vec![0.0; pairs.len()];
        let mut at = 0;
        for group in
            order.chunk_by(|one, other| pick(&pairs[*one]).total_cmp(&pick(&pairs[*other])).is_eq())
        {
            let middle = at as f64 + (group.len() as f64 - 1.0) / 2.0;
            for place in group {
                ranks[*place] = middle;
            }
            at += group.len();
        }
        ranks
    };
    let both: Vec<(f64, f64)> =
        ranks(|pair| pair.0).into_iter().zip(ranks(|pair| pair.1)).collect();
    correlation(&both)
}

/// The line through pairs by least squares: slope and offset; `None` where the first does not vary.
pub(crate) fn line(pairs: &[(f64, f64)]) -> Option<(f64, f64)> {
    let count = pairs.len() as f64;
    let (sum_x, sum_y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0, y + pair.1));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (xx, xy) = pairs.iter().fold((0.0, 0.0), |(xx, xy), (x, y)| {
        (xx + (x - mean_x).powi(2), xy + (x - mean_x) * (y - mean_y))
    });
    let slope = xy / xx;
    slope.is_finite().then_some((slope, mean_y - slope * mean_x))
}

/// The chance of a standard normal number above `z`.
pub(crate) fn normal_tail(z: f64) -> f64 {
    0.5 * complementary_error(z / std::f64::consts::SQRT_2)
}

/// `erfc`, with a relative error below 1.2e-7 everywhere (Numerical Recipes, Chebyshev fit).
fn complementary_error(x: f64) -> f64 {
    const FIT: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let sum = FIT.iter().rev().fold(0.0, |sum, term| sum * t + term);
    let tail = t * (sum - x * x).exp();
    if x >= 0.0 { tail } else { 2.0 - tail }
}

/// The chance of a chi-square number with so many degrees of freedom above `x`, by the cube root
/// (Wilson and Hilferty).
pub(crate) fn chi_square_tail(x: f64, freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    normal_tail(((x / freedom).max(0.0).cbrt() - (1.0 - spread)) / spread.sqrt())
}

/// The chance of at most `count` events where `expected` are expected (Poisson).
pub(crate) fn poisson_at_most(count: f64, expected: f64) -> f64 {
    if expected <= 0.0 {
        return 1.0;
    }
    let mut term = (-expected).exp();
    let mut sum = term;
    for k in 1..=(count.max(0.0).floor() as u32) {
        term *= expected / f64::from(k);
        sum += term;
    }
    sum.min(1.0)
}

/// The chance of at least `hits` of `trials` where each has the chance `share` (binomial).
pub(crate) fn binomial_at_least(hits: u32, trials: u32, share: f64) -> f64 {
    if hits == 0 {
        return 1.0;
    }
    if hits > trials || share <= 0.0 {
        return 0.0;
    }
    if share >= 1.0 {
        return 1.0;
    }
    let mut log_choose = 0.0;
    let mut sum = 0.0;
    for k in 0..=trials {
        if k > 0 {
            log_choose += f64::from(trials - k + 1).ln() - f64::from(k).ln();
        }
        if k >= hits {
            let log =
                log_choose + f64::from(k) * share.ln() + f64::from(trials - k) * (1.0 - share).ln();
            sum += log.exp();
        }
    }
    sum.min(1.0)
}

/// The chance that the ranks of `few` numbers among `few + many` sum up to so little, by the normal
/// approximation with continuity (Mann, Whitney and Wilcoxon); ties share their ranks.
pub(crate) fn lower_ranks(few: &[f64], many: &[f64]) -> f64 {
    let (n, m) = (few.len() as f64, many.len() as f64);
    if few.is_empty() || many.is_empty() {
        return 1.0;
    }
    let mut below = 0.0;
    for value in few {
        for other in many {
            below += match value.total_cmp(other) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    let spread = (n * m * (n + m + 1.0) / 12.0).sqrt();
    normal_tail((n * m / 2.0 - below - 0.5) / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 2e-3 * wanted.abs().max(1e-9), "{found}, not {wanted}");
    }

    #[test]
    fn tails_agree_with_tables() {
        // Published tables of the normal, chi-square, Poisson and binomial distributions.
        near(normal_tail(1.959_964), 0.025);
        near(normal_tail(-1.644_854), 0.95);
        near(normal_tail(6.0), 9.866e-10);
        assert!((chi_square_tail(16.919, 9.0) - 0.05).abs() < 1e-3);
        assert!((chi_square_tail(27.877, 9.0) - 0.001).abs() < 1e-4);
        near(poisson_at_most(2.0, 3.0), 0.423_19);
        near(poisson_at_most(0.0, 12.0), 6.144e-6);
        near(binomial_at_least(3, 4, 0.1), 0.0037);
        near(binomial_at_least(8, 10, 0.5), 0.054_687_5);
        assert!(binomial_at_least(5, 4, 0.5).abs() < 1e-300);
    }

    #[test]
    fn the_middle_withstands_outliers() {
        assert_eq!(robust(&[1.0, 2.0, 3.0, 4.0, 1e9]), Some((3.0, 1.4826)));
        assert_eq!(median(&mut []), None);
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 1.0), Some(3.0));
    }

    #[test]
    fn correlation_ignores_scale_and_offset() {
        let pairs: Vec<_> = [1.0, 3.0, 2.0, 5.0].map(|x| (x, 7.0 - 2.0 * x)).to_vec();
        near(correlation(&pairs), -1.0);
        assert!(correlation(&[(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)]).abs() < 1e-300);
        let (slope, offset) = line(&pairs).expect("a line");
        near(slope, -2.0);
        near(offset, 7.0);
    }

    #[test]
    fn one_pair_does_not_carry_a_correlation_of_ranks() {
        let mut pairs = vec![(1e6, 1e6)];
        pairs.extend((0..20).map(|place| (f64::from(place % 7), f64::from(place * 5 % 11))));
        assert!(correlation(&pairs) > 0.99);
        assert!(rank_correlation(&pairs) < 0.4);
        near(rank_correlation(&[(1.0, 1.0), (2.0, 4.0), (2.0, 4.0), (3.0, 9.0)]), 1.0);
    }

    #[test]
    fn low_ranks_are_surprising() {
        let many: Vec<f64> = (0..40).map(f64::from).collect();
        assert!(lower_ranks(&[-1.0, -2.0, -3.0, -4.0], &many) < 1e-3);
        assert!(lower_ranks(&[50.0, 51.0, 52.0, 53.0], &many) > 0.99);
        assert!((lower_ranks(&[19.5], &many) - 0.5).abs() < 0.06);
    }
}
