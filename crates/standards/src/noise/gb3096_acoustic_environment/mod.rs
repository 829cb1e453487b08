//! GB 3096: environmental quality standard for noise (声环境质量标准).
//!
//! Edition: GB 3096-2008 (from 2008-10-01). Tables: `limits.csv`, `rules.csv`. Check values:
//! `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{
    Citation, Decimal, Explanation, Judged, NotComputable, Row, Table, Text, round_half_even,
};

use super::{DayPart, judged, rule_of};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB3096-2008", "GB 3096-2008", date(2008, 10, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb3096/limits", include_str!("limits.csv"), &["class"])
        .expect("the table shipped with this crate is sound")
});

static RULES: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb3096/rules", include_str!("rules.csv"), &["rule"])
        .expect("the table shipped with this crate is sound")
});

/// Returns the limit of a zone: `0`, `1`, `2`, `3`, `4a`, `4b`.
///
/// # Standard
/// GB 3096-2008 table 1.
///
/// # Units
/// dB(A).
///
/// # Not computable
/// [`NotComputable::NotInTable`] for another zone; [`NotComputable::NoEdition`] before 2008-10-01.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::noise::{DayPart, gb3096_acoustic_environment::limit};
/// assert_eq!(limit("4b", DayPart::Night, date(2026, 1, 1)).unwrap().to_string(), "60");
/// ```
pub fn limit(zone: &str, part: DayPart, on: Date) -> Result<Decimal, NotComputable> {
    row_of(zone, part, on).map(|(_, limit)| limit)
}

fn row_of(zone: &str, part: DayPart, on: Date) -> Result<(&'static Row, Decimal), NotComputable> {
    let table: &'static Table = &LIMITS;
    let none = NotComputable::NoEdition { standard: "GB 3096", on };
    table.in_force(on).next().ok_or(none)?;
    table
        .in_force(on)
        .find(|row| table.cell(row, "class") == zone)
        .and_then(|row| Some((row, table.decimal(row, part.column()).ok().flatten()?)))
        .ok_or_else(|| NotComputable::NotInTable {
            what: Text::new(format!("{zone} 类声环境功能区"), format!("zone {zone}")),
            edition: "GB 3096-2008",
        })
}

/// Returns whether an equivalent level keeps the limit of its zone.
///
/// # Standard
/// GB 3096-2008 table 1.
///
/// # Formula
/// `Leq <= limit`.
///
/// # Units
/// dB(A).
///
/// # Not computable
/// As [`limit`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::noise::{DayPart, gb3096_acoustic_environment::meets};
/// let of = |part| meets("2", part, Decimal::from(55), date(2026, 1, 1)).unwrap().value;
/// assert!(of(DayPart::Day) && !of(DayPart::Night));
/// ```
pub fn meets(
    zone: &str,
    part: DayPart,
    level: Decimal,
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let (row, limit) = row_of(zone, part, on)?;
    Ok(judged(super::EQUIVALENT, level, limit, row.citation(), row.confidence()))
}

/// Returns whether the maximum of a sudden noise at night keeps its limit.
///
/// # Standard
/// GB 3096-2008 5.4: it may pass the limit of the night by at most 15 dB.
///
/// # Formula
/// `Lmax <= limit of the night + 15`.
///
/// # Units
/// dB(A).
///
/// # Not computable
/// As [`limit`].
///
/// # Note
/// The number of decibels was seen in one project only.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::noise::gb3096_acoustic_environment::meets_night_maximum;
/// let of = |level: i64| {
///     meets_night_maximum("2", Decimal::from(level), date(2026, 1, 1)).unwrap().value
/// };
/// assert!(of(65) && !of(66));
/// ```
pub fn meets_night_maximum(
    zone: &str,
    level: Decimal,
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let (row, limit) = row_of(zone, DayPart::Night, on)?;
    let (over, rule) = rule_of(&RULES, "night_maximum_over", on)
        .ok_or(NotComputable::NoEdition { standard: "GB 3096", on })?;
    let by = Citation::of_all([row.citation(), rule.citation()]).unwrap_or_else(|| row.citation());
    let confidence = row.confidence().min(rule.confidence());
    Ok(judged(super::NIGHT_MAXIMUM, level, limit + over, by, confidence))
}

/// Returns the share of samples that keep their limit, percent with one decimal (达标率).
///
/// # Standard
/// The plan's figure for zones by day and by night: samples meeting over all samples, from memory.
///
/// # Not computable
/// [`NotComputable::Missing`] without samples.
///
/// # Example
/// ```
/// use standards::noise::gb3096_acoustic_environment::compliance_rate;
/// assert_eq!(compliance_rate(&[true, true, false]).unwrap().to_string(), "66.7");
/// ```
pub fn compliance_rate(meeting: &[bool]) -> Result<Decimal, NotComputable> {
    let met = meeting.iter().filter(|met| **met).count();
    let share = Decimal::from(met * 100).checked_div(Decimal::from(meeting.len()));
    let what = Text::fixed("监测点次", "every sample");
    share.map(|share| round_half_even(share, 1)).ok_or(NotComputable::Missing { what })
}

/// Explains a verdict: the level beside its limit.
///
/// # Standard
/// As [`meets`] and [`meets_night_maximum`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::noise::{DayPart, gb3096_acoustic_environment::{explain, meets}};
/// let verdict = meets("2", DayPart::Night, Decimal::from(55), date(2026, 1, 1)).unwrap();
/// let plain = explain(&verdict).to_plain(Language::Chinese);
/// assert!(plain.starts_with("噪声超标（GB 3096-2008 表 1）"));
/// ```
pub fn explain(verdict: &Judged<bool>) -> Explanation {
    super::explain(verdict)
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 2] {
    [&LIMITS, &RULES]
}
