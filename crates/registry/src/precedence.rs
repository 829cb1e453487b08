//! Which limit holds where several bind on the same day: the one of the higher rank; the other
//! keeps the days that are left to it.

use crate::model::Limit;
use jiff::civil::Date;
use std::collections::HashMap;

/// First and last day.
type Days = (Date, Option<Date>);

/// Limits with their ranks, so that at most one binds a factor on a day where ranks differ. The
/// order stays.
pub(crate) fn by_rank(limits: Vec<(u8, Limit)>) -> Vec<Limit> {
    let mut taken: HashMap<_, Vec<(u8, Days)>> = HashMap::new();
    for (rank, limit) in limits.iter().filter(|(rank, _)| *rank > 0) {
        let key = (limit.point, limit.factor, limit.period);
        taken.entry(key).or_default().push((*rank, (limit.valid_from, limit.valid_to)));
    }
    let mut left = Vec::with_capacity(limits.len());
    for (rank, limit) in limits {
        let above = taken.get(&(limit.point, limit.factor, limit.period));
        let above = above.into_iter().flatten().filter(|(other, _)| *other > rank);
        let mut days = vec![(limit.valid_from, limit.valid_to)];
        for (_, taken) in above {
            days = days.into_iter().flat_map(|range| without(range, *taken)).collect();
        }
        left.extend(days.into_iter().map(|(valid_from, valid_to)| Limit {
            valid_from,
            valid_to,
            ..limit.clone()
        }));
    }
    left
}

/// What is left of some days when others are taken away.
fn without((from, to): Days, (taken_from, taken_to): Days) -> Vec<Days> {
    let is_apart = to.is_some_and(|to| to < taken_from) || taken_to.is_some_and(|it| it < from);
    if is_apart {
        return vec![(from, to)];
    }
    let mut left = Vec::new();
    if from < taken_from
        && let Ok(last) = taken_from.yesterday()
    {
        left.push((from, Some(last)));
    }
    if let Some(taken_to) = taken_to
        && to.is_none_or(|to| taken_to < to)
        && let Ok(next) = taken_to.tomorrow()
    {
        left.push((next, to));
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FactorId, LimitBound, PointId};
    use jiff::civil::date;
    use rulebook::Period;

    fn limit(most: i64, valid_from: Date, valid_to: Option<Date>) -> Limit {
        Limit {
            point: PointId(1),
            factor: FactorId(1),
            period: Period::Day,
            bound: LimitBound::AtMost(most.into()),
            on_converted: false,
            valid_from,
            valid_to,
            source: String::new(),
        }
    }

    #[test]
    fn the_higher_rank_holds_and_the_lower_keeps_the_other_days() {
        let winter = limit(8, date(2025, 11, 1), Some(date(2026, 3, 31)));
        let permit = limit(5, date(2025, 1, 1), None);
        let city = limit(9, date(2021, 1, 1), None);
        let left = by_rank(vec![(0, city), (1, permit), (2, winter)]);
        let found: Vec<(String, Date, Option<Date>)> = left
            .into_iter()
            .map(|it| match it.bound {
                LimitBound::AtMost(most) => (most.to_string(), it.valid_from, it.valid_to),
                LimitBound::Within(..) => panic!("no range was given"),
            })
            .collect();
        let expected = [
            ("9", date(2021, 1, 1), Some(date(2024, 12, 31))),
            ("5", date(2025, 1, 1), Some(date(2025, 10, 31))),
            ("5", date(2026, 4, 1), None),
            ("8", date(2025, 11, 1), Some(date(2026, 3, 31))),
        ];
        let expected: Vec<_> =
            expected.into_iter().map(|(most, from, to)| (most.to_owned(), from, to)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn limits_of_the_same_rank_do_not_touch_each_other() {
        let early = limit(5, date(2021, 1, 1), Some(date(2022, 12, 31)));
        let late = limit(4, date(2023, 1, 1), None);
        assert_eq!(by_rank(vec![(1, early), (1, late)]).len(), 2);
    }
}
