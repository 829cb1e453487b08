//! Guaranteed ecological flow: the share of days on which a section keeps its target
//! (生态流量保证率), and warning levels of a river's plan.
//!
//! Table: `parameters.csv` (from memory). Targets, thresholds and warning levels are set for each
//! section by its plan and are the caller's. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{
    Decimal, Explanation, Input, Judged, NotComputable, Rounding, RoundingRule, Table, Text,
    round_half_even,
};

static PARAMETERS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("guaranteed_flow/parameters", include_str!("parameters.csv"), &["parameter"])
        .expect("the table shipped with this crate is sound")
});

/// The guaranteed rate of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guarantee {
    /// The share of valid days that keep the target, percent with one decimal.
    pub rate: Decimal,
    /// Whether it reaches what is wanted, compared unrounded.
    pub meets: bool,
    /// The share of days with a valid flow, percent with one decimal (完整率).
    pub completeness: Decimal,
}

/// Returns the guaranteed rate of a period from daily (or hourly) mean flows.
///
/// # Standard
/// National check as remembered: base flow is met when at least 90 % of the days keep the target.
/// `wanted_percent` replaces it where the plan of the section says otherwise (Fujian hydropower:
/// 80 %).
///
/// # Formula
/// `days with flow >= target / valid days`.
///
/// # Units
/// m3/s (or m, for a water level); target in the same.
///
/// # Not computable
/// [`NotComputable::Missing`] without a valid day; [`NotComputable::NoEdition`] before 2020-04-01
/// where no percentage is given.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::flow::guaranteed_flow::guarantee;
/// let days: Vec<_> = (1..=10).map(|flow| Some(Decimal::from(flow))).collect();
/// let verdict = guarantee(&days, Decimal::TWO, None, date(2026, 6, 30)).unwrap();
/// assert_eq!((verdict.value.rate.to_string().as_str(), verdict.value.meets), ("90.0", true));
/// ```
pub fn guarantee(
    flows: &[Option<Decimal>],
    target: Decimal,
    wanted_percent: Option<Decimal>,
    on: Date,
) -> Result<Judged<Guarantee>, NotComputable> {
    let table: &'static Table = &PARAMETERS;
    let none = || NotComputable::NoEdition { standard: "水资管〔2020〕67号", on };
    let row = table.in_force(on).next();
    let national = row.and_then(|row| table.decimal(row, "value").ok().flatten());
    let wanted = wanted_percent.or(national).ok_or_else(none)?;
    let valid = flows.iter().flatten().count();
    let kept = flows.iter().flatten().filter(|flow| **flow >= target).count();
    if valid == 0 {
        return Err(NotComputable::Missing {
            what: Text::fixed("有效流量", "every valid flow")
        });
    }
    let percent = |part: usize, whole: usize| Decimal::from(part * 100) / Decimal::from(whole);
    let exact = percent(kept, valid);
    let row = row.unwrap_or_else(|| &table.rows()[0]);
    Ok(Judged {
        value: Guarantee {
            rate: round_half_even(exact, 1),
            meets: exact >= wanted,
            completeness: round_half_even(percent(valid, flows.len()), 1),
        },
        by: row.citation(),
        inputs: vec![
            Input::new(Text::fixed("目标", "target"), target, "m3/s"),
            Input::new(Text::fixed("要求保证率", "rate wanted"), wanted, "%"),
            Input::new(Text::fixed("有效时段", "valid periods"), Decimal::from(valid), ""),
        ],
        rounding: vec![Rounding {
            of: Text::fixed("保证率", "the rate"),
            how: RoundingRule::HalfEven(1),
        }],
        confidence: row.confidence(),
    })
}

/// A level of warning of a river's plan: at or below so many percent of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarningLevel {
    /// The name in the plan.
    pub name: Text,
    /// Percent of the target.
    pub percent_of_target: Decimal,
}

/// The worst level of a plan that a flow has fallen to, `None` above all.
///
/// # Standard
/// The plan of the river sets levels and numbers; 120, 100 and 80 percent are usual (from memory).
///
/// # Formula
/// A level is reached when `flow <= target * percent / 100`; the lowest reached counts.
///
/// # Example
/// ```
/// use rulebook::{Decimal, Text};
/// use standards::flow::guaranteed_flow::{WarningLevel, warning};
/// let level = |name, percent: i64| WarningLevel {
///     name: Text::same(name),
///     percent_of_target: Decimal::from(percent),
/// };
/// let plan = [level("blue", 120), level("orange", 100), level("red", 80)];
/// let of = |flow: i64| warning(Decimal::from(flow), Decimal::TEN, &plan).map(|one| &*one.name.en);
/// assert_eq!((of(13), of(11), of(8)), (None, Some("blue"), Some("red")));
/// ```
pub fn warning(flow: Decimal, target: Decimal, plan: &[WarningLevel]) -> Option<&WarningLevel> {
    let fallen = |level: &&WarningLevel| {
        let bound = target.checked_mul(level.percent_of_target);
        let bound = bound.map(|bound| bound / Decimal::ONE_HUNDRED);
        bound.is_some_and(|bound| flow <= bound)
    };
    plan.iter().filter(fallen).min_by_key(|level| level.percent_of_target)
}

/// Explains a rate.
///
/// # Standard
/// As [`guarantee`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::flow::guaranteed_flow::{explain, guarantee};
/// let days = [3, 1].map(|flow| Some(Decimal::from(flow)));
/// let verdict = guarantee(&days, Decimal::TWO, None, date(2026, 6, 30)).unwrap();
/// let plain = explain(&verdict).to_plain(Language::Chinese);
/// assert!(plain.starts_with("生态流量不达标：保证率 50.0%"));
/// ```
pub fn explain(verdict: &Judged<Guarantee>) -> Explanation {
    let found = &verdict.value;
    let (zh, en) = if found.meets { ("达标", "is met") } else { ("不达标", "is not met") };
    verdict.explained(Text::new(
        format!("生态流量{zh}：保证率 {}%，数据完整率 {}%", found.rate, found.completeness),
        format!(
            "the ecological flow {en}: guaranteed {} %, data complete {} %",
            found.rate, found.completeness
        ),
    ))
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&PARAMETERS]
}
