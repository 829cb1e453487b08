//! GB 12523: noise at the boundary of construction sites (建筑施工场界环境噪声排放标准).
//!
//! Edition: GB 12523-2011 (from 2012-07-01); a revision of 2025 is remembered but was not obtained,
//! so the rows are marked as weak. Table: `limits.csv`. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Decimal, Explanation, Judged, NotComputable, Row, Table};

use super::{DayPart, judged};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB12523-2011", "GB 12523-2011", date(2012, 7, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb12523/limits", include_str!("limits.csv"), &["place"])
        .expect("the table shipped with this crate is sound")
});

/// Where the noise was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// At the boundary of the site (场界).
    Boundary,
    /// Indoors, where no point at the boundary fits (室内).
    Indoors,
}

impl Place {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Boundary => "boundary",
            Self::Indoors => "indoors",
        }
    }
}

fn row_of(place: Place, on: Date) -> Result<&'static Row, NotComputable> {
    let table: &'static Table = &LIMITS;
    table
        .in_force(on)
        .find(|row| table.cell(row, "place") == place.as_str())
        .ok_or(NotComputable::NoEdition { standard: "GB 12523", on })
}

fn number(row: &Row, column: &str) -> Decimal {
    let cell = LIMITS.decimal(row, column).ok().flatten();
    cell.expect("every row of the table shipped with this crate has its numbers")
}

/// Returns whether an equivalent level keeps the limit.
///
/// # Standard
/// GB 12523-2011: one limit by day and one by night for every site; 10 dB less indoors.
///
/// # Formula
/// `Leq <= limit`.
///
/// # Units
/// dB(A).
///
/// # Not computable
/// [`NotComputable::NoEdition`] before 2012-07-01.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::noise::{DayPart, gb12523_construction_noise::{Place, meets}};
/// let of = |part| {
///     meets(Place::Boundary, part, Decimal::from(60), date(2025, 1, 1)).unwrap().value
/// };
/// assert!(of(DayPart::Day) && !of(DayPart::Night));
/// ```
pub fn meets(
    place: Place,
    part: DayPart,
    level: Decimal,
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let row = row_of(place, on)?;
    let limit = number(row, part.column());
    Ok(judged(super::EQUIVALENT, level, limit, row.citation(), row.confidence()))
}

/// Returns whether the maximum of a night keeps its limit.
///
/// # Standard
/// GB 12523-2011: the maximum of a night may pass the limit of the night by at most 15 dB.
///
/// # Formula
/// `Lmax <= limit of the night + 15`.
///
/// # Units
/// dB(A).
///
/// # Not computable
/// As [`meets`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::noise::gb12523_construction_noise::{Place, meets_night_maximum};
/// let of = |level: i64| {
///     let on = date(2025, 1, 1);
///     meets_night_maximum(Place::Boundary, Decimal::from(level), on).unwrap().value
/// };
/// assert!(of(70) && !of(71));
/// ```
pub fn meets_night_maximum(
    place: Place,
    level: Decimal,
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let row = row_of(place, on)?;
    let limit = number(row, DayPart::Night.column()) + number(row, "night_maximum_over");
    Ok(judged(super::NIGHT_MAXIMUM, level, limit, row.citation(), row.confidence()))
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
/// use standards::noise::gb12523_construction_noise::{Place, explain, meets_night_maximum};
/// let level = Decimal::from(71);
/// let verdict = meets_night_maximum(Place::Boundary, level, date(2025, 1, 1)).unwrap();
/// let plain = explain(&verdict).to_plain(Language::Chinese);
/// assert!(plain.starts_with("噪声超标（GB 12523-2011 场界限值）"));
/// ```
pub fn explain(verdict: &Judged<bool>) -> Explanation {
    super::explain(verdict)
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
