//! Cells of a sea area and values between stations: plane geometry in exact decimals.

use rulebook::{Decimal, NotComputable, Text, round_half_even};
use rust_decimal::MathematicalOps as _;

use super::{Interpolation, Station};

/// A place in a plane projection, km (平面坐标).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Eastward.
    pub x: Decimal,
    /// Northward.
    pub y: Decimal,
}

/// A cell of the grid: a class is found at its centre and stands for its area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The centre.
    pub centre: Place,
    /// The area within the sea area, km2.
    pub area: Decimal,
}

/// The most cells that [`cells_within`] makes.
pub const MOST_CELLS: usize = 1_000_000;

/// Returns the square cells of a grid whose centres lie inside a polygon or on its edge.
///
/// # Standard
/// The grid of the national programme is not known: size and polygon are the caller's.
///
/// # Formula
/// Cells of `size` by `size` km, counted from the south-west corner of the polygon's box; a centre
/// is inside when a ray eastward crosses the edges an odd number of times.
///
/// # Not computable
/// [`NotComputable::Invalid`] for fewer than three corners, corners beyond 100,000 km, a size that
/// is not above zero, or more cells than [`MOST_CELLS`].
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::sea::good_water_area::{Place, cells_within};
/// let at = |x: i64, y: i64| Place { x: Decimal::from(x), y: Decimal::from(y) };
/// let cells = cells_within(&[at(0, 0), at(4, 0), at(4, 2), at(0, 2)], Decimal::ONE).unwrap();
/// assert_eq!((cells.len(), cells[0].area), (8, Decimal::ONE));
/// ```
pub fn cells_within(polygon: &[Place], size: Decimal) -> Result<Vec<Cell>, NotComputable> {
    let invalid = |zh, en| NotComputable::Invalid {
        what: Text::fixed("网格", "the grid"),
        why: Text::fixed(zh, en),
    };
    if polygon.len() < 3 {
        return Err(invalid("多边形少于三个顶点", "the polygon has fewer than three corners"));
    }
    let far = Decimal::from(100_000);
    if polygon.iter().any(|place| place.x.abs() > far || place.y.abs() > far) {
        return Err(invalid("坐标超出地球", "a corner lies farther than the Earth is round"));
    }
    if size <= Decimal::ZERO {
        return Err(invalid("网格边长不大于零", "the size is not above zero"));
    }
    let range = |of: fn(&Place) -> Decimal| {
        let all = || polygon.iter().map(of);
        (all().min().unwrap_or_default(), all().max().unwrap_or_default())
    };
    let ((west, east), (south, north)) = (range(|place| place.x), range(|place| place.y));
    let many = || invalid("网格过密", "the grid is too dense");
    let steps = |low: Decimal, high: Decimal| -> Option<usize> {
        high.checked_sub(low)?.checked_div(size)?.ceil().try_into().ok()
    };
    let columns = steps(west, east).ok_or_else(many)?;
    let rows = steps(south, north).ok_or_else(many)?;
    if columns.checked_mul(rows).is_none_or(|cells| cells > MOST_CELLS) {
        return Err(many());
    }
    let half = size / Decimal::TWO;
    let area = size.checked_mul(size).ok_or_else(many)?;
    let mut cells = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let centre = Place {
                x: west + size * Decimal::from(column) + half,
                y: south + size * Decimal::from(row) + half,
            };
            if inside(polygon, centre) {
                cells.push(Cell { centre, area });
            }
        }
    }
    Ok(cells)
}

/// Whether a place lies inside a polygon or on its edge.
fn inside(polygon: &[Place], place: Place) -> bool {
    let mut odd = false;
    for (index, one) in polygon.iter().enumerate() {
        let other = &polygon[(index + 1) % polygon.len()];
        // Which side of the edge, by the sign of the cross product; zero is on its line.
        let side = (other.x - one.x) * (place.y - one.y) - (other.y - one.y) * (place.x - one.x);
        let within = |a: Decimal, b: Decimal, at: Decimal| a.min(b) <= at && at <= a.max(b);
        if side.is_zero() && within(one.x, other.x, place.x) && within(one.y, other.y, place.y) {
            return true;
        }
        let crosses = (one.y > place.y) != (other.y > place.y);
        if crosses && (side > Decimal::ZERO) == (other.y > one.y) {
            odd = !odd;
        }
    }
    odd
}

/// The value of an item between stations; `None` where no station has it within reach.
pub(super) fn interpolate(
    stations: &[Station],
    item: &str,
    at: Place,
    method: &Interpolation,
) -> Option<Decimal> {
    let mut near: Vec<(Decimal, Decimal)> = stations
        .iter()
        .filter_map(|station| {
            let (_, value) = station.values.iter().find(|(name, _)| name == item)?;
            Some((square_of_distance(station.at, at)?, *value))
        })
        .filter(|(square, _)| {
            let reach = method.reach_km.and_then(|reach| reach.checked_mul(reach));
            reach.is_none_or(|reach| *square <= reach)
        })
        .collect();
    near.sort_unstable();
    near.truncate(method.nearest.unwrap_or(usize::MAX));
    let (closest, _) = *near.first()?;
    if closest.is_zero() {
        near.retain(|(square, _)| square.is_zero());
    }
    // Weights relative to the closest station keep their digits; differences from one value keep
    // equal values exactly equal.
    let first = near[0].1;
    let (mut weights, mut sum) = (Decimal::ZERO, Decimal::ZERO);
    for (square, value) in &near {
        let weight = weight(closest, *square, method.power)?;
        weights = weights.checked_add(weight)?;
        sum = sum.checked_add(weight.checked_mul(value.checked_sub(first)?)?)?;
    }
    Some(round_half_even(first.checked_add(sum.checked_div(weights)?)?, method.decimals))
}

fn square_of_distance(one: Place, other: Place) -> Option<Decimal> {
    let (x, y) = (one.x.checked_sub(other.x)?, one.y.checked_sub(other.y)?);
    x.checked_mul(x)?.checked_add(y.checked_mul(y)?)
}

/// `(closest / distance)^power`, from the squares of both.
fn weight(closest: Decimal, square: Decimal, power: u32) -> Option<Decimal> {
    if square.is_zero() {
        return Some(Decimal::ONE);
    }
    let ratio = closest.checked_div(square)?;
    let even = (0..power / 2).try_fold(Decimal::ONE, |product, _| product.checked_mul(ratio))?;
    if power.is_multiple_of(2) { Some(even) } else { even.checked_mul(ratio.sqrt()?) }
}
