//! GB/T 14848: quality of groundwater (地下水质量标准).
//!
//! Edition: GB/T 14848-2017 (from 2018-05-01). Table: `limits.csv` (39 items of table 1, 54 of
//! table 2). Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Explanation, Judged, NotComputable, Table, Text};

pub use crate::class_table::{ItemClass, Reading, SampleClass};
use crate::class_table::{explain_sample, judge_sample, place_of, row_of};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GBT14848-2017", "GB/T 14848-2017", date(2018, 5, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gbt14848/limits", include_str!("limits.csv"), &["item"])
        .expect("the table shipped with this crate is sound")
});

const COLUMNS: [&str; 4] = ["I", "II", "III", "IV"];

/// A class of groundwater (地下水质量类别), the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Ⅰ.
    I,
    /// Ⅱ.
    II,
    /// Ⅲ.
    III,
    /// Ⅳ.
    IV,
    /// Ⅴ.
    V,
}

impl Class {
    /// Every class, the best first.
    pub const ALL: [Self; 5] = [Self::I, Self::II, Self::III, Self::IV, Self::V];

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::I => Text::fixed("Ⅰ类", "class I"),
            Self::II => Text::fixed("Ⅱ类", "class II"),
            Self::III => Text::fixed("Ⅲ类", "class III"),
            Self::IV => Text::fixed("Ⅳ类", "class IV"),
            Self::V => Text::fixed("Ⅴ类", "class V"),
        }
    }
}

/// Returns the class of one item.
///
/// # Standard
/// GB/T 14848-2017 tables 1 and 2. Items by the name of the table: `氨氮(以N计)`.
///
/// # Formula
/// The best class whose limit holds; of classes with equal limits the better (从优不从劣).
///
/// # Units
/// Those of the table.
///
/// # Not computable
/// [`NotComputable::NotInTable`] for an unknown item; [`NotComputable::Invalid`] for a reading that
/// does not fit it; [`NotComputable::NoEdition`] before 2018-05-01.
///
/// # Note
/// Radioactivity above class III is class IV by that rule; telling IV from V needs an analysis of
/// nuclides (from memory). Something not detected is class I.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::water::gbt14848_groundwater::{Class, Reading, class_of_item};
/// let ph = |text: &str| {
///     class_of_item("pH", Reading::Value(text.parse().unwrap()), date(2026, 1, 1)).unwrap()
/// };
/// assert_eq!(ph("6.5"), Class::I);
/// assert_eq!(ph("6.49"), Class::IV);
/// assert_eq!(ph("9.01"), Class::V);
/// ```
pub fn class_of_item(item: &str, reading: Reading, on: Date) -> Result<Class, NotComputable> {
    let (place, _) = place_of(&LIMITS, &COLUMNS, item, reading, on)?;
    Ok(Class::ALL[place])
}

/// Returns the unit of an item.
///
/// # Standard
/// GB/T 14848-2017 tables 1 and 2; where two are printed, the first.
///
/// # Not computable
/// [`NotComputable::NotInTable`] for an unknown item; [`NotComputable::NoEdition`] before
/// 2018-05-01.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::water::gbt14848_groundwater::unit_of;
/// assert_eq!(unit_of("砷", date(2026, 1, 1)), Ok("mg/L"));
/// assert_eq!(unit_of("总大肠菌群", date(2026, 1, 1)), Ok("MPN/100mL"));
/// ```
pub fn unit_of(item: &str, on: Date) -> Result<&'static str, NotComputable> {
    let table: &'static Table = &LIMITS;
    let unit = table.cell(row_of(table, item, on)?, "unit");
    Ok(unit.split_once(" or ").map_or(unit, |(first, _)| first))
}

/// Returns the class of a sample: that of its worst item.
///
/// # Standard
/// GB/T 14848-2017, evaluation by single items.
///
/// # Not computable
/// As [`class_of_item`]; [`NotComputable::Missing`] for an empty sample.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::water::gbt14848_groundwater::{Class, Reading, class_of_sample};
/// let sample = [("砷", Reading::Value("0.02".parse().unwrap()))];
/// let found = class_of_sample(&sample, date(2026, 5, 1)).unwrap().value;
/// assert_eq!(found.class, Class::IV);
/// ```
pub fn class_of_sample(
    sample: &[(&str, Reading)],
    on: Date,
) -> Result<Judged<SampleClass<Class>>, NotComputable> {
    judge_sample(&LIMITS, &COLUMNS, &Class::ALL, sample, on)
}

/// Explains a sample: each item with its value, limit and class.
///
/// # Standard
/// As [`class_of_sample`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Language;
/// use standards::water::gbt14848_groundwater::{Reading, class_of_sample, explain};
/// let sample = [("砷", Reading::Value("0.02".parse().unwrap()))];
/// let found = class_of_sample(&sample, date(2026, 5, 1)).unwrap();
/// let said = explain(&found).to_plain(Language::Chinese);
/// assert!(said.starts_with("Ⅳ类，由砷决定（GB/T 14848-2017 表 1）"));
/// ```
pub fn explain(verdict: &Judged<SampleClass<Class>>) -> Explanation {
    explain_sample(verdict, Class::name)
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
