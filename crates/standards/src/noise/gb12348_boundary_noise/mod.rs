//! GB 12348: noise at the boundary of industrial sites (工业企业厂界环境噪声排放标准).
//!
//! Edition: GB 12348-2008 (from 2008-10-01). Tables: `limits.csv`, `rules.csv`. Check values:
//! `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Citation, Decimal, Explanation, Judged, NotComputable, Row, Table, Text};

use super::{DayPart, judged, rule_of};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB12348-2008", "GB 12348-2008", date(2008, 10, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb12348/limits", include_str!("limits.csv"), &["place", "class"])
        .expect("the table shipped with this crate is sound")
});

static RULES: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb12348/rules", include_str!("rules.csv"), &["rule"])
        .expect("the table shipped with this crate is sound")
});

/// Where the noise was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// At the boundary (厂界).
    Boundary,
    /// In a room for sleep (A 类房间), noise borne by the structure.
    RoomA,
    /// In a room for the day (B 类房间), noise borne by the structure.
    RoomB,
}

impl Place {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Boundary => "boundary",
            Self::RoomA => "room_a",
            Self::RoomB => "room_b",
        }
    }
}

/// A noise at night that does not last (夜间突发噪声).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NightNoise {
    /// It comes again and again (频发).
    Frequent,
    /// It comes now and then (偶发).
    Occasional,
}

fn limit_of(
    place: Place,
    zone: &str,
    part: DayPart,
    on: Date,
) -> Result<(&'static Row, Decimal), NotComputable> {
    let table: &'static Table = &LIMITS;
    let none = NotComputable::NoEdition { standard: "GB 12348", on };
    table.in_force(on).next().ok_or(none)?;
    table
        .in_force(on)
        .find(|row| table.cell(row, "place") == place.as_str() && table.cell(row, "class") == zone)
        .and_then(|row| Some((row, table.decimal(row, part.column()).ok().flatten()?)))
        .ok_or_else(|| NotComputable::NotInTable {
            what: Text::new(format!("{zone} 类声环境功能区"), format!("zone {zone}")),
            edition: "GB 12348-2008",
        })
}

/// Returns whether an equivalent level keeps the limit of its zone: `0` to `4`.
///
/// # Standard
/// GB 12348-2008 tables 1 and 2.
///
/// # Formula
/// `Leq <= limit`.
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
/// use rulebook::Decimal;
/// use standards::noise::{DayPart, gb12348_boundary_noise::{Place, meets}};
/// let level = Decimal::from(56);
/// let verdict = meets(Place::Boundary, "3", DayPart::Night, level, date(2026, 1, 1)).unwrap();
/// assert!(!verdict.value);
/// ```
pub fn meets(
    place: Place,
    zone: &str,
    part: DayPart,
    level: Decimal,
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let (row, limit) = limit_of(place, zone, part, on)?;
    Ok(judged(super::EQUIVALENT, level, limit, row.citation(), row.confidence()))
}

/// Returns whether the maximum of a noise at night keeps its limit at the boundary.
///
/// # Standard
/// GB 12348-2008 4.1.2, 4.1.3: a frequent noise may pass the limit of the night by at most 10 dB,
/// an occasional one by 15 dB.
///
/// # Formula
/// `Lmax <= limit of the night + 10` or `+ 15`.
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
/// use standards::noise::gb12348_boundary_noise::{NightNoise, meets_night_maximum};
/// let of = |kind| {
///     meets_night_maximum("2", kind, Decimal::from(63), date(2026, 1, 1)).unwrap().value
/// };
/// assert!(of(NightNoise::Occasional) && !of(NightNoise::Frequent));
/// ```
pub fn meets_night_maximum(
    zone: &str,
    kind: NightNoise,
    level: Decimal,
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let rule = match kind {
        NightNoise::Frequent => "night_frequent_over",
        NightNoise::Occasional => "night_occasional_over",
    };
    let (row, limit) = limit_of(Place::Boundary, zone, DayPart::Night, on)?;
    let (over, by) = with_rule(row, rule, on)?;
    Ok(judged(super::NIGHT_MAXIMUM, level, limit + over, by, row.confidence()))
}

/// Returns whether a level measured in a room keeps the limit, where the boundary is less than 1 m
/// from a building that is sensitive to noise.
///
/// # Standard
/// GB 12348-2008 4.1.5: measured indoors, by the limit of the zone less 10 dB.
///
/// # Formula
/// `Leq <= limit - 10`.
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
/// use standards::noise::{DayPart, gb12348_boundary_noise::meets_beside_a_building};
/// let of = |level: i64| {
///     let level = Decimal::from(level);
///     meets_beside_a_building("2", DayPart::Night, level, date(2026, 1, 1)).unwrap().value
/// };
/// assert!(of(40) && !of(41));
/// ```
pub fn meets_beside_a_building(
    zone: &str,
    part: DayPart,
    level: Decimal,
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let (row, limit) = limit_of(Place::Boundary, zone, part, on)?;
    let (less, by) = with_rule(row, "indoors_less", on)?;
    Ok(judged(super::EQUIVALENT, level, limit - less, by, row.confidence()))
}

/// The number of a rule, and the citation of a limit with it.
fn with_rule(
    row: &'static Row,
    rule: &str,
    on: Date,
) -> Result<(Decimal, Citation), NotComputable> {
    let none = NotComputable::NoEdition { standard: "GB 12348", on };
    let (number, rule) = rule_of(&RULES, rule, on).ok_or(none)?;
    let by = Citation::of_all([row.citation(), rule.citation()]);
    Ok((number, by.unwrap_or_else(|| row.citation())))
}

/// Explains a verdict: the level beside its limit.
///
/// # Standard
/// As [`meets`], [`meets_night_maximum`] and [`meets_beside_a_building`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::noise::gb12348_boundary_noise::{NightNoise, explain, meets_night_maximum};
/// let level = Decimal::from(63);
/// let verdict = meets_night_maximum("2", NightNoise::Frequent, level, date(2026, 1, 1)).unwrap();
/// let plain = explain(&verdict).to_plain(Language::Chinese);
/// assert!(plain.starts_with("噪声超标（GB 12348-2008 表 1；4.1.2）"));
/// ```
pub fn explain(verdict: &Judged<bool>) -> Explanation {
    super::explain(verdict)
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 2] {
    [&LIMITS, &RULES]
}
