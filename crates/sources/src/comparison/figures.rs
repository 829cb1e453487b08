//! What the hours of an outlet amount to: median, percentiles, share of the limit. Pure.

use rulebook::Decimal;

/// The hours of an outlet in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    /// Hours with a value that may be used.
    pub(super) valid: usize,
    /// The smallest value.
    pub(super) least: Option<Decimal>,
    /// The middle one; of an even number the mean of both.
    pub(super) median: Option<Decimal>,
    /// The arithmetic mean of the hours, not weighted by flow.
    pub(super) mean: Option<Decimal>,
    /// The 95th percentile by nearest rank: 95 of 100 hours are not above it.
    pub(super) p95: Option<Decimal>,
    /// The largest value.
    pub(super) most: Option<Decimal>,
    /// Hours above the limit, where there is one.
    pub(super) above: Option<usize>,
}

/// The figures of values, held against the most that is allowed.
pub(super) fn of(values: &[Decimal], at_most: Option<Decimal>) -> Figures {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let number = sorted.len();
    let sum: Decimal = sorted.iter().sum();
    Figures {
        valid: number,
        least: sorted.first().copied(),
        median: median(&sorted),
        mean: sum.checked_div(Decimal::from(number)),
        p95: nearest_rank(&sorted, 95),
        most: sorted.last().copied(),
        above: at_most.map(|limit| sorted.iter().filter(|value| **value > limit).count()),
    }
}

fn median(sorted: &[Decimal]) -> Option<Decimal> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(middle - 1)?;
    (lower + upper).checked_div(Decimal::TWO)
}

/// The smallest value that at least so many per cent do not exceed.
fn nearest_rank(sorted: &[Decimal], percent: usize) -> Option<Decimal> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

/// A value as a share of the limit, in per cent with one digit.
pub(super) fn share(value: Option<Decimal>, limit: Option<Decimal>) -> Option<Decimal> {
    let share = (value? * Decimal::ONE_HUNDRED).checked_div(limit?)?;
    Some(share.round_dp(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals(texts: &[&str]) -> Vec<Decimal> {
        texts.iter().map(|text| text.parse().expect(text)).collect()
    }

    #[test]
    fn hours_are_summed_up_as_a_table_says() {
        let one_to_twenty: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
        let one_to_twenty: Vec<&str> = one_to_twenty.iter().map(String::as_str).collect();
        for (values, limit, expected) in [
            (vec![], Some("10"), (0, None, None, None, Some(0))),
            (vec!["7"], None, (1, Some("7"), Some("7"), Some("7"), None)),
            (vec!["3", "1", "2"], Some("2"), (3, Some("2"), Some("3"), Some("3"), Some(1))),
            (vec!["4", "1", "2", "3"], None, (4, Some("2.5"), Some("4"), Some("4"), None)),
            (one_to_twenty, Some("18.5"), (20, Some("10.5"), Some("19"), Some("20"), Some(2))),
        ] {
            let limit = limit.map(|text| text.parse().expect(text));
            let found = of(&decimals(&values), limit);
            let text = |value: Option<Decimal>| value.map(|value| value.normalize().to_string());
            assert_eq!(
                (found.valid, text(found.median), text(found.p95), text(found.most), found.above),
                (
                    expected.0,
                    expected.1.map(str::to_owned),
                    expected.2.map(str::to_owned),
                    expected.3.map(str::to_owned),
                    expected.4
                ),
                "{values:?}"
            );
        }
    }

    #[test]
    fn a_share_of_nothing_is_nothing() {
        let number = |text: &str| text.parse::<Decimal>().ok();
        assert_eq!(share(number("40"), number("50")).map(|it| it.to_string()), Some("80".into()));
        assert_eq!(share(number("1"), number("3")).map(|it| it.to_string()), Some("33.3".into()));
        assert_eq!(share(number("1"), number("0")), None);
        assert_eq!(share(None, number("3")), None);
    }
}
