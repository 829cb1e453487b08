//! By which rule an exceedance may be recognised, and which periods are joined: dated tables.

use jiff::civil::Date;
use registry::Medium;
use rulebook::{Confidence, Period, Row, Table, Text};
use std::sync::LazyLock;

static RECOGNITION: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("recognition.csv");
    Table::load("recognition.csv", text, &["province", "medium", "period"])
        .expect("the shipped table of recognition is right; a test reads it")
});
static JOINING: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("joining.csv");
    Table::load("joining.csv", text, &["medium", "period"])
        .expect("the shipped table of joining is right; a test reads it")
});

/// The periods whose means make episodes: hours and daily limits of gas, days of water.
pub(super) const fn periods(medium: Medium) -> &'static [Period] {
    match medium {
        Medium::Gas => &[Period::Hour, Period::Day],
        Medium::Water => &[Period::Day],
    }
}

/// A rule by which a province recognises exceedance (认定规则).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recognition {
    /// The order.
    pub(super) standard: String,
    /// The clause.
    pub(super) clause: String,
    /// What it says.
    pub(super) text: Text,
    /// Since when.
    pub(super) valid_from: Date,
    /// Where it was read.
    pub(super) source: String,
    /// How sure that is.
    pub(super) confidence: Confidence,
}

/// The rule of a city's province on a day; `None` where none is known or the factor is excepted.
pub(super) fn recognition(
    city: &str,
    medium: Medium,
    period: Period,
    factor: &str,
    on: Date,
) -> Option<Recognition> {
    let table: &'static Table = &RECOGNITION;
    let cell = |row: &Row, column| table.cell(row, column).to_owned();
    let row = table.in_force(on).find(|row| {
        city.starts_with(table.cell(row, "province"))
            && table.cell(row, "medium") == medium.as_str()
            && table.cell(row, "period") == period.as_str()
    })?;
    if table.cell(row, "excepted").split_whitespace().any(|code| code == factor) {
        return None;
    }
    Some(Recognition {
        standard: row.standard().to_owned(),
        clause: row.clause().to_owned(),
        text: Text::new(cell(row, "zh"), cell(row, "en")),
        valid_from: row.valid_from(),
        source: row.source().to_owned(),
        confidence: row.confidence(),
    })
}

/// How many periods without valid data an episode outlasts, on a day.
pub(super) fn longest_gap(medium: Medium, period: Period, on: Date) -> i64 {
    let table: &'static Table = &JOINING;
    let row = table.in_force(on).find(|row| {
        table.cell(row, "medium") == medium.as_str() && table.cell(row, "period") == period.as_str()
    });
    row.and_then(|row| table.cell(row, "longest_gap").parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_rule_of_the_province_holds_from_its_first_day_and_leaves_ph_out() {
        let of = |city, medium, period, factor, on| {
            recognition(city, medium, period, factor, on).map(|rule| rule.clause)
        };
        let clause = Some("第二十六条".to_owned());
        let day = date(2026, 11, 29);
        assert_eq!(of("350600", Medium::Gas, Period::Hour, "a21026", day), clause);
        assert_eq!(of("350600", Medium::Water, Period::Day, "w01018", day), clause);
        assert_eq!(of("350600", Medium::Water, Period::Day, "w01001", day), None);
        assert_eq!(of("350600", Medium::Gas, Period::Day, "a21026", day), None);
        assert_eq!(of("330100", Medium::Gas, Period::Hour, "a21026", day), None);
        assert_eq!(of("350600", Medium::Gas, Period::Hour, "a21026", date(2023, 6, 30)), None);
    }

    #[test]
    fn every_period_that_makes_episodes_has_a_row_of_joining() {
        for medium in [Medium::Gas, Medium::Water] {
            for period in periods(medium) {
                assert!(longest_gap(medium, *period, date(2026, 11, 29)) > 0, "{period:?}");
            }
        }
    }
}
