//! The parameters that no standard sets: a dated table, shown to whoever asks why.

use jiff::civil::Date;
use rulebook::{Table, Text};
use std::sync::LazyLock;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::load("automatic_monitoring/parameters", include_str!("parameters.csv"), &["name"])
        .expect("the table shipped with this crate is sound")
});

/// A parameter of the rules of this slice (参数).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: i64,
    /// Its unit.
    pub unit: &'static str,
    /// What it means.
    pub meaning: Text,
    /// Who sets it.
    pub source: &'static str,
}

/// The dated table, for browsing.
pub fn table() -> &'static Table {
    &TABLE
}

/// The parameters in force on a day.
pub fn parameters(on: Date) -> Vec<Parameter> {
    let table: &'static Table = &TABLE;
    let parameter = |row| {
        Some(Parameter {
            name: table.cell(row, "name"),
            value: table.cell(row, "value").parse().ok()?,
            unit: table.cell(row, "unit"),
            meaning: Text::fixed(table.cell(row, "meaning_zh"), table.cell(row, "meaning_en")),
            source: table.cell(row, "source"),
        })
    };
    table.in_force(on).filter_map(parameter).collect()
}

/// The values that the judges ask for, looked up once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) constant_minutes: i64,
    pub(super) constant_hours: i64,
    pub(super) minute_grace_s: i64,
    pub(super) hour_grace_s: i64,
    pub(super) offline_realtime: i64,
    pub(super) offline_minute: i64,
    pub(super) offline_hour: i64,
    pub(super) offline_at_least_s: i64,
}

impl Values {
    /// The values in force on a day.
    ///
    /// # Panics
    /// When the table that is shipped lacks one of them, which a test excludes.
    pub(super) fn on(day: Date) -> Self {
        let parameters = parameters(day);
        let value = |name: &str| {
            let found = parameters.iter().find(|parameter| parameter.name == name);
            found.expect("every parameter is in the table").value
        };
        Self {
            constant_minutes: value("constant_minutes"),
            constant_hours: value("constant_hours"),
            minute_grace_s: value("minute_grace") * 60,
            hour_grace_s: value("hour_grace") * 60,
            offline_realtime: value("offline_realtime"),
            offline_minute: value("offline_minute"),
            offline_hour: value("offline_hour"),
            offline_at_least_s: value("offline_at_least") * 60,
        }
    }

    /// The values of today's table: it has one row for each so far.
    pub(super) fn current() -> Self {
        Self::on(jiff::civil::date(2026, 1, 1))
    }
}
