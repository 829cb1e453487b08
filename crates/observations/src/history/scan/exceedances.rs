//! How often series were over a limit.

use super::question::Question;
use super::walk::{Lines, Tally, walk};
use crate::error::ObservationError;
use ::store::Store;
use registry::{FactorId, PointId};
use rulebook::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often a series was over its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceedances {
    /// The point.
    pub point: PointId,
    /// The factor.
    pub factor: FactorId,
    /// How many values count.
    pub count: u64,
    /// How many of them are larger than the limit.
    pub exceeding: u64,
    /// The largest.
    pub largest: Decimal,
}

/// Answers with the exceedances of each series that has a limit and a value, by point and factor.
///
/// # Errors
/// When the store or a file cannot be read.
pub async fn exceedances(
    store: &Store,
    question: &Question,
    limit: impl Fn(PointId, FactorId) -> Option<Decimal> + Send + Sync + 'static,
) -> Result<Vec<Exceedances>, ObservationError> {
    let limit: Limit = Arc::new(limit);
    let tallies = walk(store, question, || Counts::new(limit.clone())).await?;
    Ok(answer(tallies))
}

pub(super) type Limit = Arc<dyn Fn(PointId, FactorId) -> Option<Decimal> + Send + Sync>;

pub(super) fn answer(tallies: Vec<Counts>) -> Vec<Exceedances> {
    let mut all: BTreeMap<(PointId, FactorId), Exceedances> = BTreeMap::new();
    for one in tallies.into_iter().flat_map(|tally| tally.series.into_values()) {
        all.entry((one.point, one.factor))
            .and_modify(|held| {
                held.count += one.count;
                held.exceeding += one.exceeding;
                held.largest = held.largest.max(one.largest);
            })
            .or_insert(one);
    }
    all.into_values().collect()
}

pub(super) struct Counts {
    limit: Limit,
    series: BTreeMap<(PointId, FactorId), Exceedances>,
}

impl Counts {
    pub(super) const fn new(limit: Limit) -> Self {
        Self { limit, series: BTreeMap::new() }
    }

    fn add(
        &mut self,
        (point, factor): (PointId, FactorId),
        count: u64,
        exceeding: u64,
        largest: Decimal,
    ) {
        let held = self.series.entry((point, factor)).or_insert(Exceedances {
            point,
            factor,
            count: 0,
            exceeding: 0,
            largest,
        });
        held.count += count;
        held.exceeding += exceeding;
        held.largest = held.largest.max(largest);
    }
}

impl Tally for Counts {
    const NEEDS_TIMES: bool = false;

    fn lines(&mut self, lines: &Lines<'_>) {
        let Some(limit) = (self.limit)(lines.point, lines.factor) else { return };
        let Some(largest) = lines.digits.iter().max() else { return };
        // Whole digits are over the limit exactly when they are over its whole part.
        let exceeding = match whole_part(limit, lines.scale) {
            Some(limit) => lines.digits.iter().filter(|digits| **digits > limit).count(),
            None if limit.is_sign_negative() => lines.digits.len(),
            None => 0,
        };
        let largest = Decimal::new(*largest, lines.scale);
        let key = (lines.point, lines.factor);
        self.add(key, lines.digits.len() as u64, exceeding as u64, largest);
    }

    fn one(&mut self, point: PointId, factor: FactorId, _at_ms: i64, number: Decimal) {
        let Some(limit) = (self.limit)(point, factor) else { return };
        self.add((point, factor), 1, u64::from(number > limit), number);
    }
}

/// The largest whole number of digits at a scale that is not over the limit; `None` when it is
/// beyond what a column holds.
fn whole_part(limit: Decimal, scale: u32) -> Option<i64> {
    let (digits, has) = (limit.mantissa(), limit.scale());
    let whole = if has <= scale {
        digits.checked_mul(10_i128.checked_pow(scale - has)?)?
    } else {
        digits.div_euclid(10_i128.checked_pow(has - scale)?)
    };
    i64::try_from(whole).ok()
}

#[cfg(test)]
mod tests {
    use super::whole_part;
    use proptest::prelude::*;
    use rulebook::Decimal;

    proptest! {
        #[test]
        fn digits_compare_as_decimals(digits in any::<i32>(), scale in 0_u32..6,
            limit in any::<i32>(), places in 0_u32..8)
        {
            let limit = Decimal::new(limit.into(), places);
            let over = i64::from(digits) > whole_part(limit, scale).unwrap();
            prop_assert_eq!(over, Decimal::new(digits.into(), scale) > limit);
        }
    }
}
