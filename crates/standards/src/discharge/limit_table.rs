//! Tables of emission standards: an item, a scope, a grade, a limit; shared by the folders beside.

use jiff::civil::Date;
use rulebook::{Citation, Confidence, Decimal, NotComputable, Period, Row, Table, Text};

use super::permit_limit::{Bound, Limit};
use crate::item_names::named;

/// A limit of an emission standard (排放限值).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmissionLimit {
    /// The item as the table names it.
    pub item: &'static str,
    /// For whom or what the limit is.
    pub scope: &'static str,
    /// The grade, fuel or other column of the table; `*` for all.
    pub grade: &'static str,
    /// What a value may be; why it is not known where it is not.
    pub bound: Result<EmissionBound, NotComputable>,
    /// The unit.
    pub unit: &'static str,
    /// Over what it is averaged and at what state.
    pub basis: &'static str,
    /// What else the table says.
    pub note: &'static str,
    /// The first day in force.
    pub valid_from: Date,
    /// Where it is printed.
    pub by: Citation,
    /// How sure it is.
    pub confidence: Confidence,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmissionBound {
    /// A number or a range.
    Number(Bound),
    /// Nothing may be detected (不得检出).
    NotDetected,
}

impl EmissionLimit {
    fn of(table: &'static Table, row: &'static Row) -> Self {
        let cell = |column: &str| table.cell(row, column);
        let bound = read_bound(cell("limit"))
            .ok_or_else(|| NotComputable::NotObtained { what: row.citation().text() });
        Self {
            item: cell("item"),
            scope: cell("scope"),
            grade: cell("grade"),
            bound,
            unit: cell("unit"),
            basis: cell("basis"),
            note: cell("note"),
            valid_from: row.valid_from(),
            by: row.citation(),
            confidence: row.confidence(),
        }
    }

    /// Whether a value keeps the limit, compared as it is.
    ///
    /// # Standard
    /// That which the limit cites.
    ///
    /// # Units
    /// Those of the limit.
    ///
    /// # Not computable
    /// [`NotComputable::NotObtained`] where the limit is not known.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::discharge::gb18918_town_sewage_plants::limit;
    /// let cod = limit("COD", "town sewage plant", "1A", date(2026, 6, 1)).unwrap();
    /// assert_eq!(cod.meets("50.1".parse().unwrap()), Ok(false));
    /// ```
    pub fn meets(&self, value: Decimal) -> Result<bool, NotComputable> {
        match self.bound.clone()? {
            EmissionBound::Number(bound) => Ok(bound.holds(value)),
            EmissionBound::NotDetected => Ok(value.is_zero()),
        }
    }
}

impl EmissionLimit {
    /// The limit in the form that [`permit_limit::judge`](super::permit_limit::judge) and its
    /// explanation take: what a standard prints and what a permit grants are judged alike.
    ///
    /// # Standard
    /// That which the limit cites.
    ///
    /// `period` is what the value is averaged over, as [`EmissionLimit::basis`] says in words.
    /// Where nothing may be detected the limit is zero.
    ///
    /// # Not computable
    /// [`NotComputable::NotObtained`] where the limit is not known.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use rulebook::Period;
    /// use standards::discharge::gb13271_boilers::limit;
    /// use standards::discharge::permit_limit::{Comparison, Measured, judge};
    /// let dust = limit("颗粒物", "new boiler", "燃煤", date(2026, 6, 1)).unwrap();
    /// let limit = dust.to_limit(Period::Hour).unwrap();
    /// let value = Measured::usable("62".parse().unwrap());
    /// let verdict = judge(&limit, &value, Comparison::ROUNDED).unwrap().value;
    /// assert_eq!(verdict.multiple.unwrap().to_string(), "0.24");
    /// ```
    pub fn to_limit(&self, period: Period) -> Result<Limit, NotComputable> {
        let bound = match self.bound.clone()? {
            EmissionBound::Number(bound) => bound,
            EmissionBound::NotDetected => Bound::AtMost(Decimal::ZERO),
        };
        Ok(Limit {
            factor: named(self.item),
            unit: self.unit.into(),
            period,
            bound,
            by: self.by.clone(),
            confidence: self.confidence,
        })
    }
}

fn read_bound(cell: &str) -> Option<EmissionBound> {
    if cell == "not detected" {
        return Some(EmissionBound::NotDetected);
    }
    if let Some((low, high)) = cell.split_once('-') {
        let within = Bound::Within(low.parse().ok()?, high.parse().ok()?);
        return Some(EmissionBound::Number(within));
    }
    cell.parse().ok().map(|limit| EmissionBound::Number(Bound::AtMost(limit)))
}

/// The limits of an item in force on a day, whatever their scope and grade.
pub(crate) fn limits_of(table: &'static Table, item: &str, on: Date) -> Vec<EmissionLimit> {
    table
        .in_force(on)
        .filter(|row| table.cell(row, "item") == item)
        .map(|row| EmissionLimit::of(table, row))
        .collect()
}

/// The one limit of an item, scope and grade; `*` in the table stands for any.
pub(crate) fn limit_of(
    table: &'static Table,
    item: &str,
    scope: &str,
    grade: &str,
    on: Date,
) -> Result<EmissionLimit, NotComputable> {
    let edition = table.rows().first().map_or("", Row::standard);
    if table.in_force(on).next().is_none() {
        return Err(NotComputable::NoEdition { standard: edition, on });
    }
    let fits = |cell: &str, wanted: &str| cell == wanted || cell == "*";
    let mut found = limits_of(table, item, on);
    found.retain(|limit| fits(limit.scope, scope) && fits(limit.grade, grade));
    // A limit whose number is known stands before one that was only announced.
    let place = found.iter().position(|limit| limit.bound.is_ok()).unwrap_or(0);
    if found.is_empty() {
        let what = Text::plain(format_args!("{item} ({scope}, {grade})"));
        return Err(NotComputable::NotInTable { what, edition });
    }
    Ok(found.swap_remove(place))
}

/// The words under a column of the rows in force, each once, in the order of the table.
pub(crate) fn words(table: &'static Table, column: &str, on: Date) -> Vec<&'static str> {
    let mut words = Vec::new();
    for row in table.in_force(on) {
        let word = table.cell(row, column);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Checks a table: every row has a limit that can be read or says that it was not obtained.
#[cfg(test)]
pub(crate) fn check(table: &'static Table, rows: usize) {
    assert_eq!(table.rows().len(), rows);
    for row in table.rows() {
        let limit = EmissionLimit::of(table, row);
        let unknown = row.confidence() == Confidence::Unknown;
        assert_eq!(limit.bound.is_err(), unknown, "{} line {}", table.name(), row.line());
        let found = limit_of(table, limit.item, limit.scope, limit.grade, row.valid_from());
        assert!(found.is_ok(), "{} line {}", table.name(), row.line());
    }
}
