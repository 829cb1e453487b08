//! What a method is: the columns it wants and gives, the texts it rests on, and its work.

use std::path::PathBuf;

use jiff::civil::Date;
use rulebook::{Decimal, Edition, NotComputable};
use standards::air::Pollutant;
use standards::air::hj633_air_quality_index::Report;

use crate::column::{Bound, Column, Holds, unit_of};
use crate::micro::is_missing;
use crate::output::{Cell, Gives, Output};
use crate::problem::{Problem, quoted};
use crate::time::{Clock, HourLabel, date};
use crate::unit::power;

/// A column of a result.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// Its title.
    pub name: &'static str,
    /// What it holds.
    pub gives: Gives,
    /// What it means, in Chinese and in English, with its unit.
    pub meaning: (&'static str, &'static str),
}

impl Given {
    /// A column of a result.
    pub const fn new(
        name: &'static str,
        gives: Gives,
        meaning: (&'static str, &'static str),
    ) -> Self {
        Self { name, gives, meaning }
    }
}

/// A way of judging a file (评价方法).
#[derive(Clone, Copy)]
pub struct Method {
    /// Its name in commands: `air-day`.
    pub name: &'static str,
    /// Its title in Chinese and in English.
    pub title: (&'static str, &'static str),
    /// What it does with a row or a group of rows, in Chinese and in English.
    pub does: (&'static str, &'static str),
    /// The columns that it reads.
    pub columns: &'static [Column],
    /// The columns that it gives.
    pub gives: &'static [Given],
    /// Where the rules are printed.
    pub clauses: &'static [&'static str],
    /// The identifiers of the standards whose editions it chooses among, `GB3095`.
    pub standards: &'static [&'static str],
    /// Which rows it must see together.
    pub together: Together,
    /// A small file that it can judge.
    pub example: &'static str,
    /// How it works.
    pub(crate) work: Work,
}

/// Which rows a method must see together, so that a table may be cut between the others and judged
/// in parts (分区依据).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// None: each row is judged by itself.
    Nothing,
    /// Rows that agree in those of these columns that the table has; all where it has none of them.
    By(&'static [&'static str]),
    /// All: each is compared with all others.
    All,
}

/// How a method works.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// Row by row: the result has the columns of the file and those given.
    Rows(JudgeRow),
    /// All rows of a group together: the result has the columns given only.
    Groups(fn(&Settings) -> Box<dyn Groups>),
    /// Hours of stations to days.
    AirDay,
    /// Days of stations to periods of cities.
    AirPeriod,
}

/// Judges one row: the cells of the columns given, or what is wrong with the row.
pub(crate) type JudgeRow = for<'row> fn(&Settings, &Row<'row>) -> Result<Vec<Cell<'row>>, Problem>;

/// Gathers rows and judges them at the end.
pub(crate) trait Groups {
    /// Takes a row in.
    fn take(&mut self, settings: &Settings, row: &Row<'_>) -> Result<(), Problem>;
    /// Writes the result.
    fn finish(self: Box<Self>, settings: &Settings, into: &mut Output) -> Result<(), Problem>;
}

/// The length of the periods of `air-period` (评价周期).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PeriodKind {
    /// Calendar years.
    #[default]
    Year,
    /// Calendar quarters.
    Quarter,
    /// Calendar months.
    Month,
}

/// To how many decimals the value of a day is kept (日值保留位数).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DayDecimals {
    /// Six: only results are rounded.
    #[default]
    Exact,
    /// As a daily report prints it: none, CO one.
    Printed,
}

/// What a caller may choose.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Days whose editions judge, instead of the day of each row: one result for each.
    pub on: Vec<Date>,
    /// How hours are labelled.
    pub label: HourLabel,
    /// What a row of `air-index` is: a day or an hour.
    pub report: Report,
    /// The periods of `air-period`.
    pub period: PeriodKind,
    /// Decimals of daily values.
    pub decimals: DayDecimals,
    /// Units of columns whose titles do not say theirs.
    pub units: Vec<(String, String)>,
    /// Threads; all cores when 0.
    pub workers: usize,
    /// Where `air-period` draws the days, and of which pollutant.
    pub plot: Option<(PathBuf, Pollutant)>,
}

impl Settings {
    /// The day whose edition judges a row of this day.
    pub(crate) fn judged_on(&self, day: Option<Date>) -> Option<Date> {
        self.on.first().copied().or(day)
    }
}

/// A row of a file, seen through the columns of a method.
#[derive(Clone, Copy)]
pub(crate) struct Row<'row> {
    pub(crate) number: u64,
    pub(crate) cells: &'row [&'row str],
    pub(crate) bound: &'row Bound,
    pub(crate) titles: &'row [String],
    pub(crate) columns: &'static [Column],
}

impl<'row> Row<'row> {
    fn index(&self, name: &str) -> usize {
        let found = self.columns.iter().position(|column| column.name == name);
        found.expect("methods ask for columns that they declare")
    }

    fn cell(&self, name: &str) -> Option<(&'row str, i32, &'row str)> {
        let found = self.bound[self.index(name)]?;
        let cell = self.cells.get(found.place)?.trim();
        Some((cell, found.shift, &self.titles[found.place]))
    }

    /// The title of a column in the file; `None` where the file has no such column.
    pub(crate) fn title(&self, name: &str) -> Option<&'row str> {
        let found = self.bound[self.index(name)]?;
        self.titles.get(found.place).map(String::as_str)
    }

    /// The text of a column; `None` where the cell is empty or the column is not there.
    pub(crate) fn text(&self, name: &str) -> Option<&'row str> {
        self.cell(name).map(|(cell, ..)| cell).filter(|cell| !cell.is_empty())
    }

    /// The text of a column that may not be empty.
    pub(crate) fn wanted_text(&self, name: &str) -> Result<&'row str, Problem> {
        self.text(name).ok_or_else(|| self.problem(name, "the cell is empty", "Fill it in."))
    }

    /// The number of a column in the unit of the method.
    pub(crate) fn number(&self, name: &str) -> Result<Option<Decimal>, Problem> {
        let Some((cell, shift, _)) = self.cell(name) else { return Ok(None) };
        if is_missing(cell) {
            return Ok(None);
        }
        let wrong = || {
            let what = format!("{} is no number", quoted(cell));
            self.problem(name, what, "Write a decimal number without unit, or leave it empty.")
        };
        let value: Decimal =
            cell.parse().or_else(|_| Decimal::from_scientific(cell)).map_err(|_| wrong())?;
        scaled(value, shift).map(Some).ok_or_else(wrong)
    }

    /// The unit of a column whose unit is not that of the method: `mg/L` of `value (mg/L)`.
    pub(crate) fn unit(&self, settings: &'row Settings, name: &str) -> Option<&'row str> {
        let (.., title) = self.cell(name)?;
        unit_of(&self.columns[self.index(name)], title, &settings.units)
    }

    /// A number of a column in the unit of the thing that it is compared with, which the row
    /// decides; as it is where the column or the thing has no unit.
    pub(crate) fn in_unit(
        &self,
        settings: &Settings,
        name: &str,
        value: Decimal,
        wanted: &str,
    ) -> Result<Decimal, Problem> {
        let given = self.unit(settings, name).filter(|_| !wanted.is_empty());
        let Some(given) = given else { return Ok(value) };
        let turned = power(given, wanted).and_then(|power| scaled(value, power));
        turned.ok_or_else(|| {
            let what = format!("the unit {given:?} cannot be turned into {wanted}");
            self.problem(name, what, format!("Give the values of such rows in {wanted}."))
        })
    }

    /// The number of a column that may not be negative.
    pub(crate) fn amount(&self, name: &str) -> Result<Option<Decimal>, Problem> {
        let value = self.number(name)?;
        match value {
            Some(value) if value < Decimal::ZERO => {
                let what = format!("{value} is negative");
                Err(self.problem(name, what, "Leave the cell empty where there is no valid value."))
            }
            _ => Ok(value),
        }
    }

    /// The day of a column.
    pub(crate) fn day(&self, name: &str) -> Result<Option<Date>, Problem> {
        let Some((cell, ..)) = self.cell(name) else { return Ok(None) };
        if is_missing(cell) {
            return Ok(None);
        }
        let day =
            Clock::default().seconds(cell.as_bytes()).map(|seconds| seconds.div_euclid(86_400));
        let day = day.and_then(|day| date(i32::try_from(day).ok()?));
        day.map(Some).ok_or_else(|| {
            let what = format!("{} is no day", quoted(cell));
            self.problem(name, what, "Write it as 2025-06-01.")
        })
    }

    /// The day whose edition judges the row: that of the caller, else its own; where a method has
    /// one edition only, any day of it.
    pub(crate) fn judged_on(&self, settings: &Settings, method: &Method) -> Result<Date, Problem> {
        if let Some(on) = settings.judged_on(self.day("date")?) {
            return Ok(on);
        }
        let editions = method.editions();
        let several = |edition: &&&Edition| {
            let stem = |id: &str| id.split('-').next().map(str::to_owned);
            editions
                .iter()
                .any(|other| other.id != edition.id && stem(other.id) == stem(edition.id))
        };
        let newest = editions.iter().map(|edition| edition.valid_from).max();
        newest.filter(|_| !editions.iter().any(|edition| several(&edition))).ok_or_else(|| {
            let what = "the row has no day, and the standard more than one edition";
            let cure = "Add a column `date`, or name --edition or a day with --on.";
            Problem::of_file("row.day", what, cure).in_row(self.number)
        })
    }

    /// The word of a column as one of these; the first of each pair is its spelling in the file.
    pub(crate) fn one_of<T: Copy>(
        &self,
        name: &str,
        known: &[(&str, T)],
    ) -> Result<Option<T>, Problem> {
        let Some(cell) = self.text(name) else { return Ok(None) };
        let found = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(cell));
        found.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            let what = format!("{} is not known", quoted(cell));
            self.problem(name, what, format!("Write one of: {}.", words.join(", ")))
        })
    }

    /// A problem of a cell.
    pub(crate) fn problem(
        &self,
        name: &str,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) -> Problem {
        let title = self.cell(name).map_or(name, |(_, _, title)| title);
        Problem::of_file("row.value", what, cure).in_row(self.number).in_column(title)
    }
}

/// A number times a power of ten.
fn scaled(value: Decimal, power: i32) -> Option<Decimal> {
    let times = Decimal::from(10_i64.checked_pow(power.unsigned_abs())?);
    let turned = if power < 0 { value.checked_div(times) } else { value.checked_mul(times) };
    turned.map(|turned| turned.normalize())
}

impl Method {
    /// The editions among which it chooses, of each of its standards.
    pub fn editions(&self) -> Vec<&'static Edition> {
        let standards = self.standards.iter().filter_map(|id| standards::Standard::find(id));
        standards.flat_map(|standard| standard.editions).collect()
    }

    /// A day on which an edition is in force: `GB3095-2026` or `HJ 633-2012`.
    ///
    /// # Errors
    /// When the method knows no such edition.
    pub fn day_of_edition(&self, wanted: &str) -> Result<Date, Problem> {
        let bare = |text: &str| {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|letter| letter.to_ascii_lowercase())
                .collect::<String>()
        };
        let editions = self.editions();
        let found = editions.iter().find(|edition| {
            [edition.id, edition.number].iter().any(|one| bare(one) == bare(wanted))
        });
        found.map(|edition| edition.valid_from).ok_or_else(|| {
            let mut known: Vec<&str> = editions.iter().map(|edition| edition.id).collect();
            known.dedup();
            let what = format!("{} knows no edition {}", self.name, quoted(wanted));
            let cure = if known.is_empty() {
                "This method has one edition only; leave --edition out.".to_owned()
            } else {
                format!("Name one of {}, or a day with --on.", known.join(", "))
            };
            Problem::of_file("method.edition", what, cure)
        })
    }

    /// The columns that hold numbers.
    pub(crate) fn is_number(&self, index: usize) -> bool {
        matches!(self.columns[index].holds, Holds::Number(_))
    }
}

/// The reason why there is no value, as a cell in Chinese.
pub(crate) fn reason(why: &NotComputable) -> Cell<'static> {
    Cell::text(why.text().zh.into_owned())
}
