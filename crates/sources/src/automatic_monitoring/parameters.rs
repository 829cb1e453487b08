//! The parameters that no standard sets: a dated table, shown to whoever asks why.

use std::sync::LazyLock;

/// A parameter of the rules of this slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: i64,
    /// Its unit.
    pub unit: &'static str,
    /// What it means, in Chinese.
    pub meaning_zh: &'static str,
    /// What it means, in English.
    pub meaning_en: &'static str,
    /// Who sets it.
    pub source: &'static str,
}

static TABLE: LazyLock<Vec<Parameter>> = LazyLock::new(|| {
    include_str!("parameters.csv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let cells: Vec<&'static str> = line.split(',').collect();
            Some(Parameter {
                name: cells.first()?,
                value: cells.get(1)?.parse().ok()?,
                unit: cells.get(2)?,
                meaning_zh: cells.get(5)?,
                meaning_en: cells.get(6)?,
                source: cells.get(7)?,
            })
        })
        .collect()
});

/// All parameters.
pub fn parameters() -> &'static [Parameter] {
    &TABLE
}

/// The value of a parameter of the table; the tests check that each name asked for is there.
pub(super) fn value(name: &str) -> i64 {
    TABLE.iter().find(|parameter| parameter.name == name).map_or(i64::MAX, |found| found.value)
}
