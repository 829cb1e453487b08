//! What must hold within rows and between them.

use std::collections::{BTreeMap, BTreeSet};

use rulebook::{Decimal, Text};

use crate::model::{Ledger, Rule};
use crate::row::Row;
use crate::words::Weight;

/// Rows by what names them.
pub type Rows = BTreeMap<String, Row>;

/// A check that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The key of the row.
    pub key: String,
    /// The check.
    pub check: String,
    /// What then happens.
    pub weight: Weight,
    /// What is wrong, with the figures.
    pub what: Text,
}

/// Everything that does not hold in the rows of a ledger as they would stand.
pub fn check_rows(ledger: &Ledger, rows: &Rows) -> Vec<Finding> {
    let mut findings = Vec::new();
    let before = by_key_and_year(ledger, rows);
    for (key, row) in rows {
        for check in &ledger.checks {
            let told = match &check.rule {
                Rule::Adds { sum, minus, equals } => adds(row, sum, minus, equals),
                Rule::NotAbove { column, other } => match (row.number(column), row.number(other)) {
                    (Some(value), Some(most)) if value > most => {
                        Some(Text::plain(format!("{value} > {most}")))
                    }
                    _ => None,
                },
                Rule::NotBefore { column, other } => match (row.get(column), row.get(other)) {
                    (Some(late), Some(early)) if late < early => {
                        Some(Text::plain(format!("{late} < {early}")))
                    }
                    _ => None,
                },
                Rule::Continues { column, before: of } => {
                    continues(ledger, row, &before, column, of)
                }
            };
            if let Some(figures) = told {
                findings.push(Finding {
                    key: key.clone(),
                    check: check.id.clone(),
                    weight: check.weight,
                    what: Text::new(
                        format!("{}（{}）", check.what.zh, figures.zh),
                        format!("{} ({})", check.what.en, figures.en),
                    ),
                });
            }
        }
    }
    findings
}

fn adds(row: &Row, sum: &[String], minus: &[String], equals: &str) -> Option<Text> {
    let wanted = row.number(equals)?;
    let total = |columns: &[String]| {
        let values = columns.iter().filter_map(|column| row.number(column));
        values.fold(Decimal::ZERO, Decimal::saturating_add)
    };
    let computed = total(sum).saturating_sub(total(minus)).normalize();
    let difference = wanted.saturating_sub(computed).normalize();
    (!difference.is_zero()).then(|| {
        Text::new(
            format!("算得 {computed}，填 {wanted}，相差 {difference}"),
            format!("computed {computed}, written {wanted}: {difference} between them"),
        )
    })
}

type ByYear<'rows> = BTreeMap<(String, i16), &'rows Row>;

/// Rows by their key without the year, and the year.
fn by_key_and_year<'rows>(ledger: &Ledger, rows: &'rows Rows) -> ByYear<'rows> {
    let named = |row: &'rows Row| Some((of_any_year(ledger, row)?, row));
    rows.values().filter_map(named).collect()
}

fn of_any_year(ledger: &Ledger, row: &Row) -> Option<(String, i16)> {
    let year = ledger.year.as_ref()?;
    let without: BTreeSet<&String> = ledger.key.iter().filter(|id| *id != year).collect();
    let parts: Vec<&str> = without.iter().map(|id| row.get(id).unwrap_or_default()).collect();
    Some((parts.join("|"), row.get(year)?.parse().ok()?))
}

fn continues(
    ledger: &Ledger,
    row: &Row,
    before: &ByYear<'_>,
    column: &str,
    of: &str,
) -> Option<Text> {
    let (key, year) = of_any_year(ledger, row)?;
    let last = before.get(&(key, year.checked_sub(1)?))?;
    let (now, then) = (row.get(column)?, last.get(of)?);
    (now != then).then(|| {
        Text::new(
            format!("本年 {now}，上年 {then}"),
            format!("{now} this year, {then} the year before"),
        )
    })
}
