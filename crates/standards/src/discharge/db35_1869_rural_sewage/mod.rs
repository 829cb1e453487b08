//! DB35/1869: sewage of villages in Fujian (福建省农村生活污水处理设施水污染物排放标准).
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
    &[rulebook::Edition::new("DB35-1869-2019", "DB35/1869-2019", date(2019, 12, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    let key = ["table", "item", "scope", "grade", "basis"];
    Table::load("db35_1869_rural_sewage/limits", include_str!("limits.csv"), &key)
        .expect("the table shipped with this crate is sound")
});

/// Returns the limit of an item by the names of the table, in force on the day of the value.
///
/// # Standard
/// DB35/1869-2019 (new facilities 2019-12-01, existing 2021-01-01); its numbers were not obtained.
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
/// use standards::discharge::db35_1869_rural_sewage::limits;
/// // The numbers were not obtained: each limit says so instead of guessing.
/// let found = limits("氨氮", date(2026, 6, 1));
/// assert!(found.iter().all(|limit| limit.bound.is_err()));
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
/// DB35/1869-2019.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::db35_1869_rural_sewage::limits;
/// let found = limits("氨氮", date(2026, 6, 1));
/// assert!(!found.is_empty() && found.iter().all(|limit| limit.item == "氨氮"));
/// ```
pub fn limits(item: &str, on: Date) -> Vec<EmissionLimit> {
    limits_of(&LIMITS, item, on)
}

/// The scopes of the table in force on a day.
///
/// # Standard
/// DB35/1869-2019.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::db35_1869_rural_sewage::scopes;
/// assert!(scopes(date(2026, 6, 1)).contains(&"rural sewage < 500 m3/d, Fujian, new"));
/// ```
pub fn scopes(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "scope", on)
}

/// The items of the table in force on a day.
///
/// # Standard
/// DB35/1869-2019.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::db35_1869_rural_sewage::items;
/// assert!(items(date(2026, 6, 1)).contains(&"氨氮"));
/// ```
pub fn items(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "item", on)
}

/// The dated tables, for browsing.
pub fn tables() -> Vec<&'static Table> {
    vec![&LIMITS]
}
