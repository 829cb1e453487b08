//! Share of the area of good sea water, by interpolation between stations (近岸海域优良水质面积比例).
//!
//! Class of each cell of a grid from interpolated items, area of classes I and II over the whole,
//! mean of the surveys. The interpolation and the grid that the state uses are not known: they are
//! the caller's, and stand in the verdict. Check values: `vectors.csv`.

mod explain;
mod grid;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use rulebook::{
    Citation, Confidence, Decimal, Input, Judged, NotComputable, Rounding, RoundingRule, Text,
    round_half_even,
};

use super::gb3097_sea_water::{Class, NATIONAL_ITEMS, Reading, class_of_item};

pub use explain::explain;
pub use grid::{Cell, MOST_CELLS, Place, cells_within};

/// How values between stations are found (插值方法): inverse distance weighting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpolation {
    /// The power of the distance by which a weight falls, 1 to 6.
    pub power: u32,
    /// How many of the nearest stations count; `None` for all.
    pub nearest: Option<usize>,
    /// How far a station counts, km; `None` without end.
    pub reach_km: Option<Decimal>,
    /// Decimals of an interpolated value: keeps the noise of a division off the limits.
    pub decimals: u32,
    /// Where these numbers come from: a method statement, a decision of the bureau.
    pub source: Text,
    /// How sure it is that the evaluation wanted is made this way.
    pub confidence: Confidence,
}

/// A station of a survey (站位).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// Where it lies, in the projection of the cells.
    pub at: Place,
    /// Items by their key in GB 3097 with their value; what was not detected enters as the number
    /// that the caller's method sets for it.
    pub values: Vec<(String, Decimal)>,
}

/// The areas of the classes in one survey, km2, the best class first.
pub type ClassAreas = [Decimal; 5];

/// The share of good water and what it was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodWaterArea {
    /// The area of classes I and II over the whole, mean of the surveys, percent with one decimal.
    pub share: Decimal,
    /// The same of each survey.
    pub share_of_survey: Vec<Decimal>,
    /// The areas of the classes in each survey.
    pub areas: Vec<ClassAreas>,
    /// Where the way of finding values between stations comes from.
    pub interpolation: Text,
}

/// Returns the share of a sea area whose water is good (class I or II).
///
/// # Standard
/// GB 3097-1997 for the class of a cell (worst of [`NATIONAL_ITEMS`]); the shares of area of the
/// national programme: spring, summer and autumn surveys, a grid per item, a class per cell, mean
/// of the surveys.
///
/// # Formula
/// `C(cell) = Σ w C / Σ w`, `w = 1 / d^power`; at a station its own value. Share of a survey: area
/// of the cells of class I or II over the area of all cells. The mean of the surveys is rounded
/// once, by GB/T 8170.
///
/// # Units
/// km, km2; items in the units of GB 3097.
///
/// # Not computable
/// [`NotComputable::Missing`] without cells or surveys, or where a cell has no station with an item
/// within reach; [`NotComputable::Invalid`] for an interpolation or an area that is impossible; as
/// [`class_of_item`] otherwise.
///
/// # Note
/// The sequence of steps is from memory; power, neighbours, reach and grid are not known, so there
/// is no default for them. pH is interpolated as a number.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Confidence, Decimal, Text};
/// use standards::sea::gb3097_sea_water::NATIONAL_ITEMS;
/// use standards::sea::good_water_area::{
///     Interpolation, Place, Station, cells_within, good_water_area,
/// };
/// let at = |x: i64, y: i64| Place { x: Decimal::from(x), y: Decimal::from(y) };
/// let station = |x, nitrogen: &str| Station {
///     at: at(x, 1),
///     values: NATIONAL_ITEMS
///         .into_iter()
///         .zip(["8.0", "7", "1", nitrogen, "0.010", "0.01"])
///         .map(|(item, value)| (item.to_owned(), value.parse().unwrap()))
///         .collect(),
/// };
/// let method = Interpolation {
///     power: 2,
///     nearest: None,
///     reach_km: None,
///     decimals: 6,
///     source: Text::fixed("示例", "an example"),
///     confidence: Confidence::Unknown,
/// };
/// let cells = cells_within(&[at(0, 0), at(4, 0), at(4, 2), at(0, 2)], Decimal::ONE).unwrap();
/// let survey = vec![station(0, "0.10"), station(4, "0.60")];
/// let on = date(2026, 5, 1);
/// let verdict = good_water_area(&[survey], &cells, &method, on).unwrap();
/// assert_eq!(verdict.value.share.to_string(), "50.0");
/// ```
pub fn good_water_area(
    surveys: &[Vec<Station>],
    cells: &[Cell],
    method: &Interpolation,
    on: Date,
) -> Result<Judged<GoodWaterArea>, NotComputable> {
    check(cells, method)?;
    let areas = surveys
        .iter()
        .map(|stations| class_areas(stations, cells, method, on))
        .collect::<Result<Vec<ClassAreas>, _>>()?;
    let whole: Decimal = cells.iter().map(|cell| cell.area).sum();
    let good = |areas: &ClassAreas| areas[0] + areas[1];
    // Every survey has the same cells, so the mean of the shares is one quotient, rounded once.
    let share = Decimal::from(areas.len())
        .checked_mul(whole)
        .and_then(|surveyed| percent(areas.iter().map(good).sum(), surveyed))
        .ok_or(NotComputable::Missing { what: Text::fixed("监测航次", "every survey") })?;
    let share_of_survey = areas.iter().filter_map(|areas| percent(good(areas), whole)).collect();
    Ok(Judged {
        value: GoodWaterArea {
            share,
            share_of_survey,
            areas,
            interpolation: method.source.clone(),
        },
        by: Citation {
            standard: "GB 3097".into(),
            edition: "GB 3097-1997".into(),
            clause: "table 1; share of area".into(),
            source: method.source.en.clone(),
        },
        inputs: inputs(surveys, cells, whole, method),
        rounding: vec![Rounding {
            of: Text::fixed("优良面积比例", "share of good water"),
            how: RoundingRule::HalfEven(1),
        }],
        confidence: method.confidence.min(Confidence::Memory),
    })
}

fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    Some(round_half_even(part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)?, 1))
}

fn check(cells: &[Cell], method: &Interpolation) -> Result<(), NotComputable> {
    let invalid = |what, zh, en| NotComputable::Invalid { what, why: Text::fixed(zh, en) };
    if cells.is_empty() {
        return Err(NotComputable::Missing { what: Text::fixed("网格单元", "every cell") });
    }
    let whole = cells.iter().try_fold(Decimal::ZERO, |sum, cell| sum.checked_add(cell.area));
    if whole.is_none() || cells.iter().any(|cell| cell.area <= Decimal::ZERO) {
        let what = Text::fixed("网格单元面积", "the area of a cell");
        return Err(invalid(what, "不大于零或过大", "it is not above zero, or too large"));
    }
    let possible = (1..=6).contains(&method.power)
        && method.nearest != Some(0)
        && method.decimals <= 12
        && method.reach_km.is_none_or(|reach| reach > Decimal::ZERO);
    let what = Text::fixed("插值参数", "the interpolation");
    possible.then_some(()).ok_or_else(|| invalid(what, "参数不可能", "a number is impossible"))
}

/// The areas of the classes in one survey.
fn class_areas(
    stations: &[Station],
    cells: &[Cell],
    method: &Interpolation,
    on: Date,
) -> Result<ClassAreas, NotComputable> {
    let mut areas = ClassAreas::default();
    for cell in cells {
        let mut worst = Class::I;
        for item in NATIONAL_ITEMS {
            let value = grid::interpolate(stations, item, cell.centre, method)
                .ok_or(NotComputable::Missing { what: Text::same(item) })?;
            worst = worst.max(class_of_item(item, Reading::Value(value), on)?);
        }
        areas[worst as usize] += cell.area;
    }
    Ok(areas)
}

fn inputs(
    surveys: &[Vec<Station>],
    cells: &[Cell],
    whole: Decimal,
    method: &Interpolation,
) -> Vec<Input> {
    let stations: usize = surveys.iter().map(Vec::len).sum();
    let mut inputs = vec![
        Input::new(Text::fixed("航次", "surveys"), Decimal::from(surveys.len()), ""),
        Input::new(Text::fixed("站次", "stations of all surveys"), Decimal::from(stations), ""),
        Input::new(Text::fixed("网格单元", "cells"), Decimal::from(cells.len()), ""),
        Input::new(Text::fixed("总面积", "whole area"), whole, "km2"),
        Input::new(Text::fixed("距离幂次", "power of distance"), Decimal::from(method.power), ""),
        Input::new(
            Text::fixed("插值小数位", "decimals of values"),
            Decimal::from(method.decimals),
            "",
        ),
    ];
    let nearest = method.nearest.map(Decimal::from);
    let named = [
        (nearest, Text::fixed("最近站位数", "nearest stations"), ""),
        (method.reach_km, Text::fixed("搜索半径", "reach"), "km"),
    ];
    inputs.extend(
        named.into_iter().filter_map(|(value, name, unit)| Some(Input::new(name, value?, unit))),
    );
    inputs
}
