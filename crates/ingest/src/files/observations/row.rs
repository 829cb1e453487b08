//! One line of a table: its cells checked one by one.

use jiff::Timestamp;
use observations::{FactorValue, Marks, RowKey};
use registry::{FactorId, PointId, Snapshot};

use super::{COLUMNS, Line, Table, cells};
use crate::files::Problem;
use crate::files::problem::quoted;

/// Where each column of the template stands in the table.
pub(super) type Places = [Option<usize>; COLUMNS.len()];

/// The columns that no table can do without.
const NEEDED: usize = 6;

/// Finds the columns; unknown ones are named, so that a mistyped one is not lost in silence.
pub(super) fn places(table: &Table) -> Result<Places, Vec<Problem>> {
    let mut places = [None; COLUMNS.len()];
    let mut problems = Vec::new();
    for (place, name) in table.header.iter().enumerate() {
        let bare = name.trim().trim_start_matches('\u{feff}').to_lowercase().replace(' ', "_");
        if bare.is_empty() {
            continue;
        }
        match COLUMNS.iter().position(|column| column.name == bare || column.zh == bare) {
            Some(known) if places[known].is_some() => {
                let what = format!("the column {name} stands twice");
                problems.push(whole(what, "Remove one of them."));
            }
            Some(known) => places[known] = Some(place),
            None => {
                let names: Vec<_> = COLUMNS.iter().map(|column| column.name).collect();
                let what = format!("there is no column {}", quoted(name));
                problems.push(whole(what, &format!("Columns are {}.", names.join(", "))));
            }
        }
    }
    for (column, place) in COLUMNS.iter().zip(&places).take(NEEDED) {
        if place.is_none() {
            let what = format!("the column {} ({}) is missing", column.name, column.zh);
            let cure = "Begin with the template: `lucid import template observations -o FILE`.";
            problems.push(whole(what, cure));
        }
    }
    if problems.is_empty() { Ok(places) } else { Err(problems) }
}

fn whole(what: String, cure: &str) -> Problem {
    Problem::of_file("import.columns", what, cure)
}

/// A reader of one line that notes every problem of it.
struct Reading<'a> {
    places: &'a Places,
    number: u64,
    cells: &'a [String],
    problems: &'a mut Vec<Problem>,
}

impl Reading<'_> {
    fn cell(&self, column: usize) -> &str {
        let cell = self.places[column].and_then(|place| self.cells.get(place));
        cell.map_or("", |cell| cell.trim())
    }

    fn wrong(&mut self, column: usize, what: impl Into<String>, cure: impl Into<String>) {
        let problem = Problem::of_row("import.value", Some(self.number), what, cure);
        self.problems.push(problem.in_column(COLUMNS[column].name));
    }

    /// The cell as `read` understands it; what it does not is a problem.
    fn take<T>(&mut self, column: usize, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let found = read(self.cell(column));
        if found.is_none() {
            let what = match self.cell(column) {
                "" => "is empty".to_owned(),
                cell => format!("{} is not understood", quoted(cell)),
            };
            let column_of = COLUMNS[column];
            let cure = format!("{}; for example {}.", column_of.meaning, column_of.example);
            self.wrong(column, what, cure);
        }
        found
    }

    fn point(&mut self, city: &Snapshot) -> Option<PointId> {
        let kind = self.take(0, cells::kind)?;
        let code = self.cell(1).to_owned();
        let point = city.point_by_code(kind, &code).map(|point| point.id);
        if point.is_none() {
            let what = format!("there is no {} {}", kind.as_str(), quoted(&code));
            let cure = "Use a code of the city's files, or add the point there.";
            self.wrong(1, what, cure);
        }
        point
    }

    fn factor(&mut self, city: &Snapshot) -> Option<FactorId> {
        let code = self.cell(4).to_owned();
        let factor = city.factor_by_code(&code).map(|factor| factor.id);
        if factor.is_none() {
            let what = format!("there is no factor {}", quoted(&code));
            self.wrong(4, what, "Use a code of HJ 212 that the city's factors.csv lists.");
        }
        factor
    }

    fn values(&mut self, factor: FactorId) -> FactorValue {
        let mut value = FactorValue { marks: Marks::FROM_FILE, ..FactorValue::empty(factor) };
        let mut numbers = [None; 5];
        for (number, column) in numbers.iter_mut().zip(5..) {
            if let Ok(found) = cells::number(self.cell(column)) {
                *number = found;
            } else {
                let what = format!("{} is no number", quoted(self.cell(column)));
                self.wrong(column, what, "Write a decimal number without unit.");
            }
        }
        [value.value, value.min, value.max, value.sum, value.converted] = numbers;
        if let Ok(flag) = cells::flag(self.cell(10)) {
            value.flag = flag;
        } else {
            let what = format!("{} is no flag", quoted(self.cell(10)));
            self.wrong(10, what, "Write one letter, or leave the cell empty.");
        }
        value
    }
}

/// Reads one line; `problems` says everything that is wrong with it.
pub(super) fn read(
    places: &Places,
    number: u64,
    cells: &[String],
    city: &Snapshot,
    now: Timestamp,
    problems: &mut Vec<Problem>,
) -> Option<Line> {
    let mut reading = Reading { places, number, cells, problems };
    let point = reading.point(city);
    let period = reading.take(2, cells::period);
    let observed_at =
        period.and_then(|period| match cells::observed_at(reading.cell(3), period, now) {
            Ok(instant) => Some(instant),
            Err((what, cure)) => {
                reading.wrong(3, what, cure);
                None
            }
        });
    let factor = reading.factor(city);
    let value = reading.values(factor.unwrap_or(FactorId(0)));
    if value.is_empty() && reading.problems.is_empty() {
        reading.wrong(5, "neither a number nor a flag is given", "Fill in the value.");
    }
    let key = RowKey { point: point?, period: period?, observed_at: observed_at? };
    factor.map(|_| Line { key, value })
}
