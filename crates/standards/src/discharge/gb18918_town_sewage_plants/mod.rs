//! GB 18918: pollutants of town sewage plants (城镇污水处理厂污染物排放标准).
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
    &[rulebook::Edition::new("GB18918-2002", "GB 18918-2002", date(2003, 7, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    let key = ["table", "item", "scope", "grade", "basis"];
    Table::load("gb18918_town_sewage_plants/limits", include_str!("limits.csv"), &key)
        .expect("the table shipped with this crate is sound")
});

/// Returns the limit of an item by the names of the table, in force on the day of the value.
///
/// # Standard
/// GB 18918-2002 tables 1 to 4; daily means (4.1.4.2); the amendment of 2026 adds limits of single
/// measurements, whose numbers were not obtained.
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
/// use standards::discharge::gb18918_town_sewage_plants::limit;
/// let cod = limit("COD", "town sewage plant", "1A", date(2026, 6, 1)).unwrap();
/// assert!(cod.meets("50".parse().unwrap()).unwrap());
/// assert!(!cod.meets("50.1".parse().unwrap()).unwrap());
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
/// GB 18918-2002 tables 1 to 4.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb18918_town_sewage_plants::limits;
/// let found = limits("COD", date(2026, 6, 1));
/// assert!(!found.is_empty() && found.iter().all(|limit| limit.item == "COD"));
/// ```
pub fn limits(item: &str, on: Date) -> Vec<EmissionLimit> {
    limits_of(&LIMITS, item, on)
}

/// The scopes of the table in force on a day.
///
/// # Standard
/// GB 18918-2002 tables 1 to 4.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb18918_town_sewage_plants::scopes;
/// assert!(scopes(date(2026, 6, 1)).contains(&"town sewage plant"));
/// ```
pub fn scopes(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "scope", on)
}

/// The items of the table in force on a day.
///
/// # Standard
/// GB 18918-2002 tables 1 to 4.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb18918_town_sewage_plants::items;
/// assert!(items(date(2026, 6, 1)).contains(&"COD"));
/// ```
pub fn items(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "item", on)
}

/// Returns the limit of ammonia nitrogen, which depends on the temperature of the water.
///
/// # Standard
/// GB 18918-2002 table 1: one limit above 12 ℃, another at 12 ℃ and below.
///
/// # Units
/// `temperature` in ℃.
///
/// # Not computable
/// As [`limit`]; grade 3 has none.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::discharge::gb18918_town_sewage_plants::ammonia_limit;
/// let on = date(2026, 6, 1);
/// let of = |degrees: i64| ammonia_limit("1A", Decimal::from(degrees), on).unwrap();
/// assert!(of(12).meets(Decimal::from(8)).unwrap());
/// assert!(!of(13).meets(Decimal::from(8)).unwrap());
/// ```
pub fn ammonia_limit(
    grade: &str,
    temperature: Decimal,
    on: Date,
) -> Result<EmissionLimit, NotComputable> {
    let warm = temperature > Decimal::from(12);
    limit(if warm { "氨氮 T>12" } else { "氨氮 T<=12" }, "town sewage plant", grade, on)
}

/// The dated tables, for browsing.
pub fn tables() -> Vec<&'static Table> {
    vec![&LIMITS]
}
