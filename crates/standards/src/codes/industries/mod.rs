//! Industries (国民经济行业分类, GB/T 4754-2017): 20 sections and 97 divisions.
//!
//! Table: `industries.csv`. Groups and classes, and the amendment of 2019, are not in it: a longer
//! code gives its division. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::date;
use rulebook::Table;

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GBT4754-2017", "GB/T 4754-2017", date(2017, 10, 1), None)];

static INDUSTRIES: LazyLock<Table> = LazyLock::new(|| {
    Table::load("industries/industries", include_str!("industries.csv"), &["code"])
        .expect("the table shipped with this crate is sound")
});

/// A section or division of industry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Industry {
    /// One letter for a section (门类), two digits for a division (大类).
    pub code: &'static str,
    /// The name.
    pub name: &'static str,
    /// The letter of the section.
    pub section: &'static str,
}

/// The division (or section) of a code: a letter, two to four digits, or a letter before digits.
///
/// # Standard
/// GB/T 4754-2017.
///
/// # Example
/// ```
/// use standards::codes::industries::industry;
/// assert_eq!(industry("C2221").unwrap().name, "造纸和纸制品业");
/// assert_eq!(industry("D").unwrap().section, "D");
/// assert!(industry("00").is_none());
/// ```
pub fn industry(code: &str) -> Option<Industry> {
    let code = code.trim();
    let digits = code.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let letter = &code[..code.len() - digits.len()];
    let wanted = if digits.is_empty() { letter } else { digits.get(..2)? };
    let table: &'static Table = &INDUSTRIES;
    let row = table.rows().iter().find(|row| table.cell(row, "code") == wanted)?;
    let section = table.cell(row, "section");
    let fits = letter.is_empty() || letter == section;
    fits.then(|| Industry { code: table.cell(row, "code"), name: table.cell(row, "name"), section })
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&INDUSTRIES]
}
