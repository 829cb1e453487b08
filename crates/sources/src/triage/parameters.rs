//! The numbers of the ranking: a dated table, because no standard sets them, and whoever is ranked
//! first may ask by what.

use jiff::civil::Date;
use rulebook::{Confidence, Table, Text};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::load("triage/ranking", include_str!("ranking.csv"), &["name"])
        .expect("the table shipped with this crate is sound")
});

/// The pollutants of the first class (第一类污染物).
static FIRST_CLASS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("triage/first_class", include_str!("first_class.csv"), &["code"])
        .expect("the table shipped with this crate is sound")
});

/// A number of the ranking with who sets it, for a reader.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    /// Its name, `likely.strength`; what stands before the point is its factor.
    pub(super) name: &'static str,
    /// Its value.
    pub(super) value: i64,
    /// Its unit; `0.001` is a factor in thousandths.
    pub(super) unit: &'static str,
    /// What it means.
    pub(super) meaning: Text,
    /// Who sets it.
    pub(super) source: &'static str,
    /// How sure that is.
    pub(super) confidence: Confidence,
}

/// The numbers in force on one day, in the order of the table.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    list: Vec<Parameter>,
    by_name: BTreeMap<&'static str, i64>,
    first_class: Vec<&'static str>,
}

impl Parameters {
    /// The numbers in force on a day; before the first day, those of the first.
    pub(super) fn on(day: Date) -> Self {
        let table: &'static Table = &TABLE;
        let first = table.rows().iter().map(rulebook::Row::valid_from).min().unwrap_or(day);
        let parameter = |row| Parameter {
            name: table.cell(row, "name"),
            value: table.cell(row, "value").parse().unwrap_or_default(),
            unit: table.cell(row, "unit"),
            meaning: Text::fixed(table.cell(row, "meaning_zh"), table.cell(row, "meaning_en")),
            source: table.cell(row, "source"),
            confidence: Confidence::parse(table.cell(row, "confidence"))
                .unwrap_or(Confidence::Unknown),
        };
        let list: Vec<Parameter> = table.in_force(day.max(first)).map(parameter).collect();
        let classes: &'static Table = &FIRST_CLASS;
        Self {
            by_name: list.iter().map(|one| (one.name, one.value)).collect(),
            first_class: classes.in_force(day).map(|row| classes.cell(row, "code")).collect(),
            list,
        }
    }

    /// All of them, for a reader.
    pub(super) fn list(&self) -> &[Parameter] {
        &self.list
    }

    /// A number; a name that is not in the table, which a test excludes, is neutral.
    pub(super) fn get(&self, name: &str) -> i64 {
        self.by_name.get(name).copied().unwrap_or(1000)
    }

    /// Whether a factor is a pollutant of the first class.
    pub(super) fn is_first_class(&self, code: &str) -> bool {
        self.first_class.contains(&code)
    }

    /// Whether the table of the first class knows anything of factors such as this: it lists
    /// pollutants of waste water alone.
    pub(super) fn knows_class_of(code: &str) -> bool {
        code.starts_with('w')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_table_is_used_and_every_name_that_is_used_is_there() {
        let parameters = Parameters::on(jiff::civil::date(2026, 11, 29));
        let code = [
            include_str!("ranking.rs"),
            include_str!("gather.rs"),
            include_str!("compute.rs"),
            include_str!("queries.rs"),
        ]
        .concat();
        for one in parameters.list() {
            assert!(code.contains(&format!("\"{}\"", one.name)), "{} is never used", one.name);
            assert!(one.value > 0, "{}", one.name);
            assert!(!one.meaning.zh.is_empty() && !one.source.is_empty(), "{}", one.name);
        }
        for prefix in ["merge.", "window.", "queue.", "likely.", "harm.", "clock.", "precision."] {
            for piece in code.split(&format!("\"{prefix}")).skip(1) {
                let name = format!("{prefix}{}", piece.split('"').next().unwrap_or_default());
                assert!(parameters.by_name.contains_key(name.as_str()), "{name} is not there");
            }
        }
        let ancient = Parameters::on(jiff::civil::date(1999, 1, 1));
        assert_eq!(ancient.get("likely.base_real"), 528);
        assert!(parameters.is_first_class("w20115") && !parameters.is_first_class("w01018"));
    }
}
