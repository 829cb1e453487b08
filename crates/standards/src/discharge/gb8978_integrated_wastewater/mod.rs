//! GB 8978: integrated wastewater discharge standard (污水综合排放标准).
//!
//! Table: `limits.csv`. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Decimal, NotComputable, Table};

pub use super::limit_table::{EmissionBound, EmissionLimit};
use super::limit_table::{limit_of, limits_of, words};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB8978-1996", "GB 8978-1996", date(1998, 1, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    let key = ["table", "item", "scope", "grade", "basis"];
    Table::load("gb8978_integrated_wastewater/limits", include_str!("limits.csv"), &key)
        .expect("the table shipped with this crate is sound")
});

/// Returns the limit of an item by the names of the table, in force on the day of the value.
///
/// # Standard
/// GB 8978-1996 tables 1 and 4 (units built from 1998-01-01); daily means (5.2).
///
/// # Units
/// Those of the limit.
///
/// # Not computable
/// [`NotComputable::NotInTable`] where none is printed; [`NotComputable::NoEdition`] before the
/// standard. A limit that was not obtained is returned with the reason as its bound.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb8978_integrated_wastewater::limit;
/// let mercury = limit("总汞", "every unit; at the workshop outlet", "1", date(2026, 6, 1)).unwrap();
/// assert!(mercury.meets("0.05".parse().unwrap()).unwrap());
/// ```
pub fn limit(
    item: &str,
    scope: &str,
    grade: &str,
    on: Date,
) -> Result<EmissionLimit, NotComputable> {
    limit_of(&LIMITS, item, scope, grade, on)
}

/// Every limit of an item in force on a day.
///
/// # Standard
/// GB 8978-1996 tables 1 and 4.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb8978_integrated_wastewater::limits;
/// let found = limits("总汞", date(2026, 6, 1));
/// assert!(!found.is_empty() && found.iter().all(|limit| limit.item == "总汞"));
/// ```
pub fn limits(item: &str, on: Date) -> Vec<EmissionLimit> {
    limits_of(&LIMITS, item, on)
}

/// The scopes of the table in force on a day.
///
/// # Standard
/// GB 8978-1996 tables 1 and 4.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb8978_integrated_wastewater::scopes;
/// assert!(scopes(date(2026, 6, 1)).contains(&"every unit; at the workshop outlet"));
/// ```
pub fn scopes(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "scope", on)
}

/// The items of the table in force on a day.
///
/// # Standard
/// GB 8978-1996 tables 1 and 4.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb8978_integrated_wastewater::items;
/// assert!(items(date(2026, 6, 1)).contains(&"总汞"));
/// ```
pub fn items(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "item", on)
}

/// Returns the limit of an outlet that several waters share, each with its own limit.
///
/// # Standard
/// GB 8978-1996 appendix A (A1).
///
/// # Formula
/// `C = Σ C_i Q_i Y_i / Σ Q_i Y_i`, each part as (limit, drainage per product, products).
///
/// # Units
/// mg/L; `Q_i` in m3 per t of product, `Y_i` in t per day.
///
/// # Not computable
/// [`NotComputable::Missing`] when nothing flows.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::discharge::gb8978_integrated_wastewater::mixed_outlet;
/// let part = |limit: i64, drainage: i64| [limit, drainage, 1].map(Decimal::from);
/// assert_eq!(mixed_outlet(&[part(100, 3), part(60, 1)]), Ok(Decimal::from(90)));
/// ```
pub fn mixed_outlet(parts: &[[Decimal; 3]]) -> Result<Decimal, NotComputable> {
    let what = || rulebook::Text::fixed("排水量", "every flow");
    let sums = parts.iter().try_fold((Decimal::ZERO, Decimal::ZERO), |(load, flow), part| {
        let [limit, drainage, products] = *part;
        let water = drainage.checked_mul(products)?;
        Some((load.checked_add(limit.checked_mul(water)?)?, flow.checked_add(water)?))
    });
    let mixed = sums.and_then(|(load, flow)| load.checked_div(flow));
    mixed.ok_or_else(|| NotComputable::Missing { what: what() })
}

/// Returns the load of an outlet, kg.
///
/// # Standard
/// GB 8978-1996 appendix B (B1).
///
/// # Formula
/// `L = C * Q * 10^-3`.
///
/// # Units
/// `concentration` in mg/L, `water` in m3 of the period.
///
/// # Not computable
/// [`NotComputable::Invalid`] for a negative number or a product too large to hold.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::discharge::gb8978_integrated_wastewater::load;
/// assert_eq!(load(Decimal::from(50), Decimal::from(1_200)), Ok(Decimal::from(60)));
/// ```
pub fn load(concentration: Decimal, water: Decimal) -> Result<Decimal, NotComputable> {
    product_in_thousands(concentration, water)
}

/// Returns the amount that a unit may discharge in a year, t.
///
/// # Standard
/// GB 8978-1996 appendix C (C1).
///
/// # Formula
/// `L_year = L * Y * 10^-3`.
///
/// # Units
/// `per_product` in kg for a tonne of product, `products` in t a year.
///
/// # Not computable
/// As [`load`].
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::discharge::gb8978_integrated_wastewater::yearly_amount;
/// assert_eq!(yearly_amount(Decimal::TWO, Decimal::from(5_000)), Ok(Decimal::TEN));
/// ```
pub fn yearly_amount(per_product: Decimal, products: Decimal) -> Result<Decimal, NotComputable> {
    product_in_thousands(per_product, products)
}

fn product_in_thousands(one: Decimal, other: Decimal) -> Result<Decimal, NotComputable> {
    let invalid = |zh, en| NotComputable::Invalid {
        what: rulebook::Text::fixed("排放量", "the amount"),
        why: rulebook::Text::fixed(zh, en),
    };
    if one < Decimal::ZERO || other < Decimal::ZERO {
        return Err(invalid("数值为负", "a number is negative"));
    }
    let product = one.checked_mul(other).ok_or_else(|| invalid("数值过大", "too large"))?;
    Ok((product / Decimal::ONE_THOUSAND).normalize())
}

/// The dated tables, for browsing.
pub fn tables() -> Vec<&'static Table> {
    vec![&LIMITS]
}
