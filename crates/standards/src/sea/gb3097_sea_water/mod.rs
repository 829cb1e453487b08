//! GB 3097: sea water quality standard (海水水质标准).
//!
//! Edition: GB 3097-1997 (from 1998-07-01). Table: `limits.csv`; most metals and organic items are
//! from memory and marked so. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Explanation, Judged, NotComputable, Table, Text};

pub use crate::class_table::{ItemClass, Reading, SampleClass};
use crate::class_table::{explain_sample, judge_sample, place_of};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB3097-1997", "GB 3097-1997", date(1998, 7, 1), None)];

/// The six items that the national programme of nearshore waters evaluates.
pub const NATIONAL_ITEMS: [&str; 6] = ["pH", "DO", "COD", "DIN", "PO4P", "oil"];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb3097/limits", include_str!("limits.csv"), &["key"])
        .expect("the table shipped with this crate is sound")
});

const COLUMNS: [&str; 4] = ["I", "II", "III", "IV"];

/// A class of sea water (海水水质类别), the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// 第一类.
    I,
    /// 第二类.
    II,
    /// 第三类.
    III,
    /// 第四类.
    IV,
    /// 劣四类.
    InferiorIV,
}

impl Class {
    /// Every class, the best first.
    pub const ALL: [Self; 5] = [Self::I, Self::II, Self::III, Self::IV, Self::InferiorIV];

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::I => Text::fixed("一类", "class I"),
            Self::II => Text::fixed("二类", "class II"),
            Self::III => Text::fixed("三类", "class III"),
            Self::IV => Text::fixed("四类", "class IV"),
            Self::InferiorIV => Text::fixed("劣四类", "worse than class IV"),
        }
    }

    /// Whether the water counts as good (优良): class I or II.
    ///
    /// # Standard
    /// Use of the national bulletins: classes I and II together.
    ///
    /// # Example
    /// ```
    /// use standards::sea::gb3097_sea_water::Class;
    /// assert!(Class::II.is_good() && !Class::III.is_good());
    /// ```
    pub fn is_good(self) -> bool {
        self <= Self::II
    }
}

/// Returns the class of one item, by its key or its name in the table.
///
/// # Standard
/// GB 3097-1997 table 1.
///
/// # Formula
/// The best class whose limit holds; dissolved oxygen must be strictly greater.
///
/// # Units
/// Those of the table.
///
/// # Not computable
/// [`NotComputable::NotInTable`] for an unknown item; [`NotComputable::Invalid`] for items without
/// a number (rise of temperature, nuclides) and readings that do not fit;
/// [`NotComputable::NoEdition`] before 1998-07-01.
///
/// # Note
/// The second condition of pH, on the normal range of the sea area, is not evaluated. Something
/// not detected is class I.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::sea::gb3097_sea_water::{Class, Reading, class_of_item};
/// let oxygen = |text: &str| {
///     class_of_item("DO", Reading::Value(text.parse().unwrap()), date(2026, 5, 1)).unwrap()
/// };
/// assert_eq!((oxygen("6.01"), oxygen("6")), (Class::I, Class::II));
/// ```
pub fn class_of_item(item: &str, reading: Reading, on: Date) -> Result<Class, NotComputable> {
    let (place, _) = place_of(&LIMITS, &COLUMNS, item, reading, on)?;
    Ok(Class::ALL[place])
}

/// Returns the class of a station: that of its worst item.
///
/// # Standard
/// GB 3097-1997 table 1, single factor; the national programme evaluates [`NATIONAL_ITEMS`].
///
/// # Not computable
/// As [`class_of_item`]; [`NotComputable::Missing`] for an empty sample.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::sea::gb3097_sea_water::{Class, Reading, class_of_sample};
/// let sample = [("DIN", Reading::Value("0.45".parse().unwrap()))];
/// let found = class_of_sample(&sample, date(2026, 5, 1)).unwrap().value;
/// assert_eq!(found.class, Class::IV);
/// ```
pub fn class_of_sample(
    sample: &[(&str, Reading)],
    on: Date,
) -> Result<Judged<SampleClass<Class>>, NotComputable> {
    judge_sample(&LIMITS, &COLUMNS, &Class::ALL, sample, on)
}

/// Explains a station: each item with its value, limit and class.
///
/// # Standard
/// As [`class_of_sample`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Language;
/// use standards::sea::gb3097_sea_water::{Reading, class_of_sample, explain};
/// let sample = [("DIN", Reading::Value("0.45".parse().unwrap()))];
/// let found = class_of_sample(&sample, date(2026, 5, 1)).unwrap();
/// let said = explain(&found).to_plain(Language::Chinese);
/// assert!(said.starts_with("四类，由无机氮(以N计)决定（GB 3097-1997 表 1）"));
/// ```
pub fn explain(verdict: &Judged<SampleClass<Class>>) -> Explanation {
    explain_sample(verdict, Class::name)
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
