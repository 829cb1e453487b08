//! GB 13271: air pollutants of boilers (锅炉大气污染物排放标准).
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
    &[rulebook::Edition::new("GB13271-2014", "GB 13271-2014", date(2014, 7, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    let key = ["table", "item", "scope", "grade", "basis"];
    Table::load("gb13271_boilers/limits", include_str!("limits.csv"), &key)
        .expect("the table shipped with this crate is sound")
});

/// Returns the limit of an item by the names of the table, in force on the day of the value.
///
/// # Standard
/// GB 13271-2014 tables 1 to 3; converted to the reference oxygen.
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
/// use standards::discharge::gb13271_boilers::limit;
/// let dust = limit("颗粒物", "new boiler", "燃煤", date(2026, 6, 1)).unwrap();
/// assert!(!dust.meets("50.1".parse().unwrap()).unwrap());
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
/// GB 13271-2014 tables 1 to 3.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb13271_boilers::limits;
/// let found = limits("颗粒物", date(2026, 6, 1));
/// assert!(!found.is_empty() && found.iter().all(|limit| limit.item == "颗粒物"));
/// ```
pub fn limits(item: &str, on: Date) -> Vec<EmissionLimit> {
    limits_of(&LIMITS, item, on)
}

/// The scopes of the table in force on a day.
///
/// # Standard
/// GB 13271-2014 tables 1 to 3.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb13271_boilers::scopes;
/// assert!(scopes(date(2026, 6, 1)).contains(&"new boiler"));
/// ```
pub fn scopes(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "scope", on)
}

/// The items of the table in force on a day.
///
/// # Standard
/// GB 13271-2014 tables 1 to 3.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb13271_boilers::items;
/// assert!(items(date(2026, 6, 1)).contains(&"颗粒物"));
/// ```
pub fn items(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "item", on)
}

/// The dated tables, for browsing.
pub fn tables() -> Vec<&'static Table> {
    vec![&LIMITS]
}
