//! GB 13223: air pollutants of thermal power plants (火电厂大气污染物排放标准).
//!
//! Table: `limits.csv`. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{NotComputable, Table};

pub use super::limit_table::{EmissionBound, EmissionLimit};
use super::limit_table::{limit_of, limits_of, words};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB13223-2011", "GB 13223-2011", date(2012, 1, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    let key = ["table", "item", "scope", "grade", "basis"];
    Table::load("gb13223_thermal_power/limits", include_str!("limits.csv"), &key)
        .expect("the table shipped with this crate is sound")
});

/// Returns the limit of an item by the names of the table, in force on the day of the value.
///
/// # Standard
/// GB 13223-2011 tables 1 and 2, from one published copy and from memory; the ultra-low programme
/// of 2015 beside them.
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
/// use rulebook::Confidence;
/// use standards::discharge::gb13223_thermal_power::limit;
/// let sulphur = limit("二氧化硫", "coal boiler, new", "*", date(2026, 6, 1)).unwrap();
/// assert!(sulphur.meets("100".parse().unwrap()).unwrap());
/// assert_eq!(sulphur.confidence, Confidence::Low);
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
/// GB 13223-2011 tables 1 and 2.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb13223_thermal_power::limits;
/// let found = limits("二氧化硫", date(2026, 6, 1));
/// assert!(!found.is_empty() && found.iter().all(|limit| limit.item == "二氧化硫"));
/// ```
pub fn limits(item: &str, on: Date) -> Vec<EmissionLimit> {
    limits_of(&LIMITS, item, on)
}

/// The scopes of the table in force on a day.
///
/// # Standard
/// GB 13223-2011 tables 1 and 2.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb13223_thermal_power::scopes;
/// assert!(scopes(date(2026, 6, 1)).contains(&"coal boiler, new"));
/// ```
pub fn scopes(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "scope", on)
}

/// The items of the table in force on a day.
///
/// # Standard
/// GB 13223-2011 tables 1 and 2.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb13223_thermal_power::items;
/// assert!(items(date(2026, 6, 1)).contains(&"二氧化硫"));
/// ```
pub fn items(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "item", on)
}

/// The dated tables, for browsing.
pub fn tables() -> Vec<&'static Table> {
    vec![&LIMITS]
}
