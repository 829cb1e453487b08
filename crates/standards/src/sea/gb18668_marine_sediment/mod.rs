//! GB 18668: quality of marine sediment (海洋沉积物质量).
//!
//! Edition: GB 18668-2002 (from 2002-10-01). Table: `limits.csv`, one transcription.
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
    &[rulebook::Edition::new("GB18668-2002", "GB 18668-2002", date(2002, 10, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb18668/limits", include_str!("limits.csv"), &["item"])
        .expect("the table shipped with this crate is sound")
});

/// Returns the class of one item, by its name in the table.
///
/// # Standard
/// GB 18668-2002 table 1.
///
/// # Formula
/// The best class whose limit holds. Where class III has no limit nothing is worse than it.
///
/// # Units
/// Those of the table: dry weight but for bacteria.
///
/// # Not computable
/// [`NotComputable::NotInTable`] for an unknown item; [`NotComputable::Invalid`] for a reading that
/// does not fit it; [`NotComputable::NoEdition`] before 2002-10-01.
///
/// # Note
/// The stricter limits of bacteria for beds of shellfish eaten raw stand in the note of the row.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::sea::gb18668_marine_sediment::{Class, Reading, class_of_item};
/// let of = |text: &str| {
///     class_of_item("汞", Reading::Value(text.parse().unwrap()), date(2026, 5, 1)).unwrap()
/// };
/// assert_eq!((of("0.20"), of("1.01")), (Class::I, Class::InferiorIII));
/// ```
pub fn class_of_item(item: &str, reading: Reading, on: Date) -> Result<Class, NotComputable> {
    let (place, _) = place_of(&LIMITS, &COLUMNS, item, reading, on)?;
    Ok(Class::ALL[place])
}

/// Returns the class of a sample: that of its worst item.
///
/// # Standard
/// GB 18668-2002 table 1, single factor.
///
/// # Not computable
/// As [`class_of_item`]; [`NotComputable::Missing`] for an empty sample.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::sea::gb18668_marine_sediment::{Class, Reading, class_of_sample};
/// let sample = [("石油类", Reading::Value("1200".parse().unwrap()))];
/// let found = class_of_sample(&sample, date(2026, 5, 1)).unwrap().value;
/// assert_eq!(found.class, Class::III);
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
/// use standards::sea::gb18668_marine_sediment::{Reading, class_of_sample, explain};
/// let sample = [("石油类", Reading::Value("1200".parse().unwrap()))];
/// let found = class_of_sample(&sample, date(2026, 5, 1)).unwrap();
/// let plain = explain(&found).to_plain(Language::Chinese);
/// assert!(plain.starts_with("三类，由石油类决定（GB 18668-2002 表 1）"));
/// ```
pub fn explain(verdict: &Judged<SampleClass<Class>>) -> Explanation {
    explain_sample(verdict, Class::name)
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
