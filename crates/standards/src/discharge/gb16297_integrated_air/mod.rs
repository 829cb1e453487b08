//! GB 16297: integrated emission standard of air pollutants (大气污染物综合排放标准).
//!
//! Table: `limits.csv`. Check values: `vectors.csv`. Rates by height of the stack: `rates.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{NotComputable, Table};

pub use super::limit_table::{EmissionBound, EmissionLimit};
use super::limit_table::{limit_of, limits_of, words};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB16297-1996", "GB 16297-1996", date(1997, 1, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    let key = ["table", "item", "scope", "grade", "basis"];
    Table::load("gb16297_integrated_air/limits", include_str!("limits.csv"), &key)
        .expect("the table shipped with this crate is sound")
});

/// Returns the limit of an item by the names of the table, in force on the day of the value.
///
/// # Standard
/// GB 16297-1996 table 2 (sources from 1997-01-01); any 1 h mean (8.2).
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
/// use standards::discharge::gb16297_integrated_air::limits;
/// let found = limits("二氧化硫", date(2026, 6, 1));
/// assert_eq!(found.len(), 2);
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
/// GB 16297-1996 table 2.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb16297_integrated_air::limits;
/// let found = limits("二氧化硫", date(2026, 6, 1));
/// assert!(!found.is_empty() && found.iter().all(|limit| limit.item == "二氧化硫"));
/// ```
pub fn limits(item: &str, on: Date) -> Vec<EmissionLimit> {
    limits_of(&LIMITS, item, on)
}

/// The scopes of the table in force on a day.
///
/// # Standard
/// GB 16297-1996 table 2.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb16297_integrated_air::scopes;
/// assert!(scopes(date(2026, 6, 1)).iter().all(|scope| !scope.is_empty()));
/// ```
pub fn scopes(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "scope", on)
}

/// The items of the table in force on a day.
///
/// # Standard
/// GB 16297-1996 table 2.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb16297_integrated_air::items;
/// assert!(items(date(2026, 6, 1)).contains(&"二氧化硫"));
/// ```
pub fn items(on: Date) -> Vec<&'static str> {
    words(&LIMITS, "item", on)
}

mod rate;

pub use rate::{Stack, equivalent_stack_height, equivalent_stack_place, explain_rate, rate_limit};

/// The dated tables, for browsing.
pub fn tables() -> Vec<&'static Table> {
    vec![&LIMITS, rate::table()]
}
