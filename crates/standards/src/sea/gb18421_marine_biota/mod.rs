//! GB 18421: quality of marine biota, shellfish (海洋生物质量).
//!
//! Edition: GB 18421-2001 (from 2002-03-01). Table: `limits.csv`, one transcription.
//! Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Explanation, Judged, NotComputable, Table};

use super::marine_class::COLUMNS;
pub use super::marine_class::Class;
pub use crate::class_table::{ItemClass, Reading, SampleClass};
use crate::class_table::{explain_sample, judge_sample, place_of};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB18421-2001", "GB 18421-2001", date(2002, 3, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb18421/limits", include_str!("limits.csv"), &["item"])
        .expect("the table shipped with this crate is sound")
});

/// Returns the class of one item, by its name in the table.
///
/// # Standard
/// GB 18421-2001 table 1.
///
/// # Formula
/// The best class whose limit holds. Where class III has no limit nothing is worse than it.
///
/// # Units
/// Those of the table: fresh weight.
///
/// # Not computable
/// [`NotComputable::NotInTable`] for an unknown item; [`NotComputable::Invalid`] for a reading that
/// does not fit it; [`NotComputable::NoEdition`] before 2002-03-01.
///
/// # Note
/// Copper and zinc of oysters have rows of their own: `铜(牡蛎)`.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::sea::gb18421_marine_biota::{Class, Reading, class_of_item};
/// let of = |text: &str| {
///     class_of_item("总汞", Reading::Value(text.parse().unwrap()), date(2026, 5, 1)).unwrap()
/// };
/// assert_eq!((of("0.05"), of("0.31")), (Class::I, Class::InferiorIII));
/// ```
pub fn class_of_item(item: &str, reading: Reading, on: Date) -> Result<Class, NotComputable> {
    let (place, _) = place_of(&LIMITS, &COLUMNS, item, reading, on)?;
    Ok(Class::ALL[place])
}

/// Returns the class of a sample: that of its worst item.
///
/// # Standard
/// GB 18421-2001 table 1, single factor.
///
/// # Not computable
/// As [`class_of_item`]; [`NotComputable::Missing`] for an empty sample.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::sea::gb18421_marine_biota::{Class, Reading, class_of_sample};
/// let sample = [("总汞", Reading::Value("0.31".parse().unwrap()))];
/// let found = class_of_sample(&sample, date(2026, 5, 1)).unwrap().value;
/// assert_eq!(found.class, Class::InferiorIII);
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
/// use standards::sea::gb18421_marine_biota::{Reading, class_of_sample, explain};
/// let sample = [("总汞", Reading::Value("0.31".parse().unwrap()))];
/// let found = class_of_sample(&sample, date(2026, 5, 1)).unwrap();
/// let said = explain(&found).to_plain(Language::Chinese);
/// assert!(said.starts_with("劣三类，由总汞决定（GB 18421-2001 表 1）"));
/// ```
pub fn explain(verdict: &Judged<SampleClass<Class>>) -> Explanation {
    explain_sample(verdict, Class::name)
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
