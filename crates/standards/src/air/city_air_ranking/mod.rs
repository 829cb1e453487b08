//! Composite index of air quality and the ranking of cities and counties
//! (环境空气质量综合指数, 城市排名, 环办监测〔2018〕19号).
//!
//! Table: `limits.csv`. Check values: `vectors.csv`.

mod explain;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{
    Confidence, Decimal, Input, Judged, NotComputable, Rounding, RoundingRule, Row, Table, Text,
    round_half_even,
};

use crate::air::{Pollutant, PollutantSet};
pub use explain::explain;

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("city_air_ranking/limits", include_str!("limits.csv"), &["pollutant"])
        .expect("the table shipped with this crate is sound")
});

/// The concentrations of a period that enter the index, in the order of [`Pollutant::ALL`]:
/// means for SO2, NO2 and particles, percentile 95 of the daily means for CO, percentile 90 of the
/// daily maximum 8 h means for ozone.
pub type PeriodConcentrations = [Option<Decimal>; 6];

/// The weight of each single index in the sum, in the order of [`Pollutant::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights(pub [u32; 6]);

impl Weights {
    /// The plain sum, as the ranking rule prints it.
    pub const PLAIN: Self = Self([1; 6]);
}

/// The composite index of a place and period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompositeIndex {
    /// The index, two decimals.
    pub index: Decimal,
    /// The single indices `C / S`, three decimals, in the order of [`Pollutant::ALL`].
    pub single: [Decimal; 6],
    /// The pollutants with the largest single index (主要污染物).
    pub largest: PollutantSet,
}

/// Returns the composite index of a month, quarter or year.
///
/// # Standard
/// 环办监测〔2018〕19号; limits of grade 2 of GB 3095 in force on the last day of the period.
///
/// # Formula
/// `I = Σ w_i C_i / S_i`, summed unrounded and rounded to two decimals by GB/T 8170; `S` is the
/// annual limit for SO2, NO2 and particles, the 24 h limit for CO, the daily maximum 8 h limit for
/// ozone. `w = 1` ([`Weights::PLAIN`]).
///
/// # Units
/// CO in mg/m3, the others in ug/m3, rounded as published.
///
/// # Not computable
/// [`NotComputable::Missing`] unless all six concentrations are there.
///
/// # Note
/// Which limits the index of 2026 uses is not officially stated; a weighted sum is claimed by one
/// software only, so the plain sum is the default. Three decimals of a single index are from
/// memory.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::air::city_air_ranking::{Weights, composite_index};
/// let value = |text: &str| Some(text.parse().unwrap());
/// // SO2, NO2, PM10, PM2.5, CO, O3 of Puning in 2025; the published index is 2.75.
/// let puning = ["6", "12", "51", "19", "0.9", "137"].map(value);
/// let verdict = composite_index(&puning, Weights::PLAIN, date(2025, 12, 31)).unwrap();
/// assert_eq!(verdict.value.index.to_string(), "2.75");
/// ```
pub fn composite_index(
    concentrations: &PeriodConcentrations,
    weights: Weights,
    on: Date,
) -> Result<Judged<CompositeIndex>, NotComputable> {
    let mut inputs = Vec::with_capacity(6);
    let mut exact = [Decimal::ZERO; 6];
    let mut limits = [Decimal::ONE; 6];
    let mut confidence = Confidence::Certain;
    let mut by = None;
    for pollutant in Pollutant::ALL {
        let value = concentrations[pollutant.index()]
            .ok_or(NotComputable::Missing { what: pollutant.name() })?;
        let (limit, row) = limit_of(pollutant, on)?;
        exact[pollutant.index()] = value / limit;
        limits[pollutant.index()] = limit;
        confidence = confidence.min(row.confidence());
        by.get_or_insert_with(|| row.citation());
        inputs.push(Input::new(pollutant.name(), value, pollutant.unit()));
    }
    let sum = sum_of_quotients(concentrations, &limits, weights).ok_or_else(|| {
        let why = Text::fixed("数值过大", "a number is too large");
        NotComputable::Invalid { what: Text::fixed("综合指数", "the composite index"), why }
    })?;
    let most = exact.iter().max().copied().unwrap_or_default();
    let largest = |pollutant: &Pollutant| exact[pollutant.index()] == most;
    Ok(Judged {
        value: CompositeIndex {
            index: round_half_even(sum, 2),
            single: exact.map(|single| round_half_even(single, 3)),
            largest: Pollutant::ALL.into_iter().filter(largest).collect(),
        },
        by: by.ok_or(NotComputable::NoEdition { standard: "GB 3095", on })?,
        inputs,
        rounding: vec![Rounding {
            of: Text::fixed("综合指数", "composite index"),
            how: RoundingRule::HalfEven(2),
        }],
        confidence,
    })
}

/// `Σ w C / S` over one denominator, divided once: thirds that add up to a tie stay on it.
fn sum_of_quotients(
    concentrations: &PeriodConcentrations,
    limits: &[Decimal; 6],
    weights: Weights,
) -> Option<Decimal> {
    let common = limits.iter().try_fold(Decimal::ONE, |all, limit| all.checked_mul(*limit))?;
    let mut sum = Decimal::ZERO;
    for (place, limit) in limits.iter().enumerate() {
        let weighted = concentrations[place]?.checked_mul(Decimal::from(weights.0[place]))?;
        sum = sum.checked_add(weighted.checked_mul(common / limit)?)?;
    }
    sum.checked_div(common)
}

fn limit_of(pollutant: Pollutant, on: Date) -> Result<(Decimal, &'static Row), NotComputable> {
    let table: &'static Table = &LIMITS;
    table
        .in_force(on)
        .find(|row| table.cell(row, "pollutant") == pollutant.as_str())
        .and_then(|row| Some((table.decimal(row, "limit").ok().flatten()?, row)))
        .ok_or(NotComputable::NoEdition { standard: "GB 3095", on })
}

/// The rate of change of the index against the same period before, percent with one decimal;
/// below zero is better.
///
/// # Standard
/// 城市环境空气质量变化程度排名方案 (2017).
///
/// # Formula
/// `(I - I0) / I0`.
///
/// # Not computable
/// [`NotComputable::Invalid`] when the index before was zero.
///
/// # Example
/// ```
/// use standards::air::city_air_ranking::change_rate;
/// let rate = change_rate("2.75".parse().unwrap(), "2.50".parse().unwrap()).unwrap();
/// assert_eq!(rate.to_string(), "-9.1");
/// ```
pub fn change_rate(before: Decimal, now: Decimal) -> Result<Decimal, NotComputable> {
    let invalid = NotComputable::Invalid {
        what: Text::fixed("上期综合指数", "the index before"),
        why: Text::fixed("为零", "it is zero"),
    };
    let rate = (now - before).checked_mul(Decimal::ONE_HUNDRED);
    let rate = rate.and_then(|points| points.checked_div(before)).ok_or(invalid)?;
    Ok(round_half_even(rate, 1))
}

/// Returns the rank of each place, 1 first; equal places share a rank and the next ranks are
/// skipped: 1, 2, 2, 4.
///
/// # Standard
/// 环办监测〔2018〕19号 by the composite index, ascending. Local rules rank by other keys, so each
/// place brings its keys: compared one after the other, each ascending (negate what should
/// descend).
///
/// # Note
/// That equal places share a rank was read in published rankings of Fujian.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::city_air_ranking::rank;
/// let index = |hundredths: i64| vec![Decimal::new(hundredths, 2)];
/// assert_eq!(rank(&[index(250), index(210), index(250), index(300)]), [2, 1, 2, 4]);
/// ```
pub fn rank(places: &[Vec<Decimal>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|one, other| places[*one].cmp(&places[*other]));
    let mut ranks = vec![0; places.len()];
    for (position, place) in order.iter().enumerate() {
        let before = position.checked_sub(1).map(|before| order[before]);
        ranks[*place] = match before {
            Some(before) if places[before] == places[*place] => ranks[before],
            _ => position + 1,
        };
    }
    ranks
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
