//! Dated tables: CSV text with, on every row, the days in force, the clause, the source and
//! how sure it is.
//!
//! The loader refuses a table whose rows lack a clause or a source or overlap in time.

use std::fmt;

use jiff::civil::Date;

use crate::{Citation, Confidence, Decimal};

/// The columns that every table has.
const DATED: [&str; 6] = ["standard", "valid_from", "valid_to", "clause", "source", "confidence"];

/// A table of a standard whose rows are in force on certain days (有效期表).
#[derive(Clone, Debug)]
pub struct Table {
    name: &'static str,
    columns: Vec<String>,
    rows: Vec<Row>,
}

/// One row of a [`Table`].
#[derive(Clone, Debug)]
pub struct Row {
    line: u64,
    cells: Vec<String>,
    standard: String,
    valid_from: Date,
    valid_to: Option<Date>,
    clause: String,
    source: String,
    confidence: Confidence,
}

/// A table that cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableError {
    /// The table.
    pub table: &'static str,
    /// The line in its text, from 1.
    pub line: u64,
    /// What is wrong.
    pub problem: TableProblem,
}

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableProblem {
    /// The text is no CSV, or a row has another number of cells than the head.
    Malformed(String),
    /// The head lacks a column.
    NoColumn(String),
    /// A cell that must not be empty is.
    Empty(&'static str),
    /// A cell that is not what its column holds.
    NotA(&'static str, String),
    /// The last day comes before the first.
    EndsBeforeItBegins,
    /// Two rows of one key are in force on the same day.
    Overlaps {
        /// The key of both.
        key: String,
        /// The line of the other row.
        other: u64,
    },
}

impl fmt::Display for TableError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "table {} line {}: ", self.table, self.line)?;
        match &self.problem {
            TableProblem::Malformed(why) => write!(formatter, "not readable as CSV: {why}"),
            TableProblem::NoColumn(name) => write!(formatter, "the head lacks column {name}"),
            TableProblem::Empty(name) => write!(formatter, "column {name} must not be empty"),
            TableProblem::NotA(kind, text) => write!(formatter, "{text:?} is no {kind}"),
            TableProblem::EndsBeforeItBegins => {
                formatter.write_str("valid_to comes before valid_from")
            }
            TableProblem::Overlaps { key, other } => {
                write!(formatter, "{key} is also in force by line {other}")
            }
        }
    }
}

impl std::error::Error for TableError {}

impl Table {
    /// Reads a table and checks every row; `key` names the columns that tell rows apart.
    ///
    /// An open `valid_from` is not allowed, an empty `valid_to` means "still in force".
    ///
    /// # Errors
    /// The first [`TableError`] met.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use rulebook::Table;
    /// let text = "standard,valid_from,valid_to,item,limit,clause,source,confidence\n\
    ///             GB 1-2000,2000-01-01,,pH,9,table 1,official,certain\n";
    /// let table = Table::load("limits", text, &["item"]).unwrap();
    /// assert_eq!(table.in_force(date(2026, 1, 1)).count(), 1);
    /// assert_eq!(table.in_force(date(1999, 1, 1)).count(), 0);
    /// ```
    pub fn load(name: &'static str, text: &str, key: &[&str]) -> Result<Self, TableError> {
        let at = |line: u64| move |problem| TableError { table: name, line, problem };
        let malformed = |error: &csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            at(line)(TableProblem::Malformed(error.to_string()))
        };
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let columns: Vec<String> = reader
            .headers()
            .map_err(|error| malformed(&error))?
            .iter()
            .map(str::to_owned)
            .collect();
        for wanted in DATED.iter().chain(key) {
            if !columns.iter().any(|column| column == wanted) {
                return Err(at(1)(TableProblem::NoColumn((*wanted).to_owned())));
            }
        }
        let mut rows: Vec<Row> = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| malformed(&error))?;
            let line = record.position().map_or(1, csv::Position::line);
            rows.push(Row::read(&columns, &record, line).map_err(at(line))?);
        }
        let table = Self { name, columns, rows };
        table.check_overlaps(key)?;
        Ok(table)
    }

    fn check_overlaps(&self, key: &[&str]) -> Result<(), TableError> {
        let mut seen: std::collections::HashMap<Vec<&str>, Vec<&Row>> =
            std::collections::HashMap::new();
        for row in &self.rows {
            let cells: Vec<&str> = key.iter().map(|name| self.cell(row, name)).collect();
            let others = seen.entry(cells).or_default();
            if let Some(other) = others.iter().find(|other| other.overlaps(row)) {
                let key = key.iter().map(|name| self.cell(row, name)).collect::<Vec<_>>();
                let problem = TableProblem::Overlaps { key: key.join(" "), other: other.line };
                return Err(TableError { table: self.name, line: row.line, problem });
            }
            others.push(row);
        }
        Ok(())
    }

    /// The table's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The heads of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Every row, in the order of the text.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows in force on a day.
    pub fn in_force(&self, on: Date) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.covers(on))
    }

    /// The cell of a row under a column; empty where there is no such column.
    pub fn cell<'table>(&self, row: &'table Row, column: &str) -> &'table str {
        let place = self.columns.iter().position(|name| name == column);
        place.and_then(|place| row.cells.get(place)).map_or("", String::as_str)
    }

    /// The number in a cell, `None` where it is empty.
    ///
    /// # Errors
    /// When the cell holds something else than a decimal number.
    pub fn decimal(&self, row: &Row, column: &str) -> Result<Option<Decimal>, TableError> {
        let cell = self.cell(row, column);
        if cell.is_empty() {
            return Ok(None);
        }
        cell.parse().map(Some).map_err(|_| TableError {
            table: self.name,
            line: row.line,
            problem: TableProblem::NotA("decimal number", cell.to_owned()),
        })
    }
}

impl Row {
    fn read(
        columns: &[String],
        record: &csv::StringRecord,
        line: u64,
    ) -> Result<Self, TableProblem> {
        let cell = |name: &str| {
            columns
                .iter()
                .position(|column| column == name)
                .and_then(|place| record.get(place))
                .unwrap_or("")
                .trim()
        };
        let filled = |name: &'static str| match cell(name) {
            "" => Err(TableProblem::Empty(name)),
            text => Ok(text.to_owned()),
        };
        let day = |text: &str| {
            text.parse::<Date>().map_err(|_| TableProblem::NotA("date", text.to_owned()))
        };
        let valid_from = day(&filled("valid_from")?)?;
        let valid_to = match cell("valid_to") {
            "" => None,
            text => Some(day(text)?),
        };
        if valid_to.is_some_and(|last| last < valid_from) {
            return Err(TableProblem::EndsBeforeItBegins);
        }
        let word = filled("confidence")?;
        let confidence =
            Confidence::parse(&word).ok_or(TableProblem::NotA("degree of confidence", word))?;
        Ok(Self {
            line,
            cells: record.iter().map(|cell| cell.trim().to_owned()).collect(),
            standard: filled("standard")?,
            valid_from,
            valid_to,
            clause: filled("clause")?,
            source: filled("source")?,
            confidence,
        })
    }

    /// The line in the table's text, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The standard with its year: `GB 3095-2012`.
    pub fn standard(&self) -> &str {
        &self.standard
    }

    /// The first day in force.
    pub fn valid_from(&self) -> Date {
        self.valid_from
    }

    /// The last day in force; `None` while it still is.
    pub fn valid_to(&self) -> Option<Date> {
        self.valid_to
    }

    /// The clause or table of the text.
    pub fn clause(&self) -> &str {
        &self.clause
    }

    /// Where the row was read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How sure the row is.
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Whether the row is in force on a day.
    pub fn covers(&self, on: Date) -> bool {
        self.valid_from <= on && self.valid_to.is_none_or(|last| on <= last)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let open = Date::MAX;
        self.valid_from <= other.valid_to.unwrap_or(open)
            && other.valid_from <= self.valid_to.unwrap_or(open)
    }

    /// The citation of a row that lives as long as the program.
    pub fn citation(&'static self) -> Citation {
        Citation {
            standard: self.standard.split('-').next().unwrap_or(&self.standard).into(),
            edition: self.standard.as_str().into(),
            clause: self.clause.as_str().into(),
            source: self.source.as_str().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const HEAD: &str = "standard,valid_from,valid_to,item,limit,clause,source,confidence\n";

    fn load(rows: &str) -> Result<Table, TableError> {
        Table::load("limits", &format!("{HEAD}{rows}"), &["item"])
    }

    #[test]
    fn rows_are_chosen_by_day() {
        let table = load(
            "GB 1-2012,2016-01-01,2026-02-28,PM10,150,table 1,official,certain\n\
             GB 1-2026,2026-03-01,,PM10,120,table 1,official,certain\n",
        )
        .expect("a sound table");
        let limit = |on| {
            let row = table.in_force(on).next().expect("a row in force");
            table.decimal(row, "limit").expect("a number").expect("not empty")
        };
        assert_eq!(limit(date(2026, 2, 28)), Decimal::from(150));
        assert_eq!(limit(date(2026, 3, 1)), Decimal::from(120));
    }

    #[test]
    fn unsound_tables_are_refused_with_their_line() {
        let wrong = |rows| {
            let error = load(rows).expect_err("an unsound table");
            (error.line, error.to_string())
        };
        for (rows, line, word) in [
            ("GB 1-2012,2016-01-01,,PM10,1,,official,certain\n", 2, "clause"),
            ("GB 1-2012,2016-01-01,,PM10,1,table 1,,certain\n", 2, "source"),
            ("GB 1-2012,,,PM10,1,table 1,official,certain\n", 2, "valid_from"),
            ("GB 1-2012,2016-13-01,,PM10,1,table 1,official,certain\n", 2, "date"),
            ("GB 1-2012,2016-01-01,,PM10,1,table 1,official,sure\n", 2, "confidence"),
            ("GB 1-2012,2016-01-02,2016-01-01,PM10,1,table 1,official,low\n", 2, "valid_to"),
            ("GB 1-2012,2016-01-01\n", 2, "CSV"),
            (
                "GB 1-2012,2016-01-01,,PM10,1,table 1,official,low\n\
                 GB 1-2026,2026-03-01,,PM10,1,table 1,official,low\n",
                3,
                "line 2",
            ),
        ] {
            let (found, message) = wrong(rows);
            assert_eq!(found, line, "{message}");
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn a_cell_that_is_no_number_is_named() {
        let table = load("GB 1-2012,2016-01-01,,PM10,a few,table 1,official,low\n").expect("loads");
        let error = table.decimal(&table.rows()[0], "limit").expect_err("no number");
        assert_eq!(error.to_string(), "table limits line 2: \"a few\" is no decimal number");
    }
}
