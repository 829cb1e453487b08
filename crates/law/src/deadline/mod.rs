//! The dated table of deadlines (法定期限表): which duty, from what on, how long, who says so
//! and how sure that is.
//!
//! A row whose first day was not obtained counts as in force on every day before its last.

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{Confidence, Text};

use crate::{Length, Unit};

/// What the number of a deadline means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sense {
    /// Something must be done before it is over (内).
    Within,
    /// Something must be done so long before an event (前).
    Before,
    /// Something must last at least so long (不少于).
    AtLeast,
    /// Something holds so long (有效期).
    Lasts,
}

impl Sense {
    const ALL: [Self; 4] = [Self::Within, Self::Before, Self::AtLeast, Self::Lasts];

    /// The word used in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Before => "before",
            Self::AtLeast => "at_least",
            Self::Lasts => "lasts",
        }
    }
}

/// How long, or up to which day of each year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// So long from the event.
    Length(Length),
    /// Each year by this day (每年某日前).
    EachYearBy {
        /// The month, from 1.
        month: i8,
        /// The day, from 1.
        day: i8,
    },
}

/// One row of the table (法定期限).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The identifier: `complaint.finish`.
    pub id: String,
    /// The subject: `complaint`, `permit`, `emergency`.
    pub topic: String,
    /// What starts it.
    pub trigger: Text,
    /// What its number means.
    pub sense: Sense,
    /// How long.
    pub term: Term,
    /// Whose duty it is.
    pub holder: Text,
    /// The first day in force, where it was obtained.
    pub valid_from: Option<Date>,
    /// The last day in force; `None` while it still is.
    pub valid_to: Option<Date>,
    /// The text and where it was read.
    pub source: String,
    /// How sure the row is.
    pub confidence: Confidence,
    /// What else to know; empty where there is nothing.
    pub note: String,
}

impl Deadline {
    /// How long; `None` for a day of each year.
    pub const fn length(&self) -> Option<Length> {
        match self.term {
            Term::Length(length) => Some(length),
            Term::EachYearBy { .. } => None,
        }
    }

    /// Whether it is in force on a day.
    pub fn covers(&self, on: Date) -> bool {
        self.valid_from.is_none_or(|first| first <= on)
            && self.valid_to.is_none_or(|last| on <= last)
    }
}

static TABLE: LazyLock<Vec<Deadline>> =
    LazyLock::new(|| load(include_str!("deadlines.csv")).expect("the table shipped is sound"));

/// Every row, in the order of the table.
pub fn deadlines() -> &'static [Deadline] {
    &TABLE
}

/// The row of an identifier in force on a day: the law of the day on which a case was opened.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use law::{Length, Unit, deadline};
/// let finish = deadline("complaint.finish", date(2026, 11, 25)).unwrap();
/// assert_eq!(finish.length(), Some(Length::new(60, Unit::CalendarDay)));
/// assert!(deadline("complaint.finish", date(2011, 2, 28)).is_none());
/// ```
pub fn deadline(id: &str, on: Date) -> Option<&'static Deadline> {
    deadlines().iter().find(|row| row.id == id && row.covers(on))
}

/// Whether some row, of whatever days, has an identifier.
pub fn is_known(id: &str) -> bool {
    deadlines().iter().any(|row| row.id == id)
}

fn load(text: &str) -> Result<Vec<Deadline>, String> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let columns = reader.headers().map_err(|error| error.to_string())?.clone();
    let mut rows: Vec<Deadline> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(1, csv::Position::line);
        let row = read(&columns, &record).map_err(|what| format!("line {line}: {what}"))?;
        if rows.iter().any(|other| other.id == row.id && overlap(other, &row)) {
            return Err(format!("line {line}: {} is in force twice on a day", row.id));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn overlap(one: &Deadline, other: &Deadline) -> bool {
    let begins = |row: &Deadline| row.valid_from.unwrap_or(Date::MIN);
    let ends = |row: &Deadline| row.valid_to.unwrap_or(Date::MAX);
    begins(one) <= ends(other) && begins(other) <= ends(one)
}

fn read(columns: &csv::StringRecord, record: &csv::StringRecord) -> Result<Deadline, String> {
    let cell = |name: &str| {
        let place = columns.iter().position(|column| column == name);
        place.and_then(|place| record.get(place)).unwrap_or("").trim().to_owned()
    };
    let filled = |name: &str| match cell(name) {
        text if text.is_empty() => Err(format!("{name} is empty")),
        text => Ok(text),
    };
    let day = |name: &str| match cell(name) {
        text if text.is_empty() => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("{text:?} is no date")),
    };
    let word = filled("confidence")?;
    let confidence =
        Confidence::parse(&word).ok_or_else(|| format!("{word:?} is no degree of confidence"))?;
    let word = filled("sense")?;
    let sense = Sense::ALL.into_iter().find(|sense| sense.as_str() == word);
    Ok(Deadline {
        id: filled("id")?,
        topic: filled("topic")?,
        trigger: Text::new(filled("trigger_zh")?, filled("trigger_en")?),
        sense: sense.ok_or_else(|| format!("{word:?} is no sense"))?,
        term: term(&filled("amount")?, &filled("unit")?)?,
        holder: Text::new(filled("holder_zh")?, filled("holder_en")?),
        valid_from: day("valid_from")?,
        valid_to: day("valid_to")?,
        source: filled("source")?,
        confidence,
        note: cell("note"),
    })
}

fn term(amount: &str, unit: &str) -> Result<Term, String> {
    if unit == "each_year_by" {
        let day = format!("2000-{amount}").parse::<Date>();
        let day = day.map_err(|_| format!("{amount:?} is no day of a year"))?;
        return Ok(Term::EachYearBy { month: day.month(), day: day.day() });
    }
    let unit = Unit::parse(unit).ok_or_else(|| format!("{unit:?} is no unit"))?;
    let amount = amount.parse().map_err(|_| format!("{amount:?} is no amount"))?;
    Ok(Term::Length(Length::new(amount, unit)))
}

#[cfg(test)]
mod tests;
