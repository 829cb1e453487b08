//! What is wrong with a file or a call: where, what, and how to mend it.

use std::fmt;

/// Something that stops a file from being judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code, `columns.missing`.
    pub code: &'static str,
    /// The row, counted as a spreadsheet does: the header is row 1.
    pub row: Option<u64>,
    /// The column as the file names it.
    pub column: Option<String>,
    /// What is wrong, with the text as it came.
    pub what: String,
    /// How to mend it.
    pub cure: String,
}

impl Problem {
    /// A problem of the file as a whole.
    pub fn of_file(code: &'static str, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { code, row: None, column: None, what: what.into(), cure: cure.into() }
    }

    /// The same in a row.
    #[must_use]
    pub fn in_row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }

    /// The same in a column.
    #[must_use]
    pub fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row, &self.column) {
            (Some(row), Some(column)) => write!(formatter, "row {row}, column {column}: ")?,
            (Some(row), None) => write!(formatter, "row {row}: ")?,
            (None, Some(column)) => write!(formatter, "column {column}: ")?,
            (None, None) => {}
        }
        write!(formatter, "{}. {} [{}]", self.what, self.cure, self.code)
    }
}

/// At most this many problems of a file are kept; more help nobody.
pub const MOST_PROBLEMS: usize = 50;

/// An outside text, quoted and cut for a message.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.chars().count() <= SHOWN {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(SHOWN).collect();
    format!("{start:?}…")
}

/// The known name nearest to what was written, where one is near.
pub(crate) fn nearest<'name>(
    written: &str,
    known: impl Iterator<Item = &'name str>,
) -> Option<&'name str> {
    known
        .map(|name| (distance(&written.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance * 3 <= name.chars().count())
        .min()
        .map(|(_, name)| name)
}

/// How many letters must be added, left out or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut now = vec![line + 1];
        for (place, wanted) in other.iter().enumerate() {
            let changed = before[place] + usize::from(*wanted != letter);
            now.push(changed.min(before[place + 1] + 1).min(now[place] + 1));
        }
        before = now;
    }
    before[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_where_it_is() {
        let problem = Problem::of_file("x.y", "it is wrong", "Mend it.");
        assert_eq!(problem.to_string(), "it is wrong. Mend it. [x.y]");
        let problem = problem.in_row(7).in_column("so2");
        assert_eq!(problem.to_string(), "row 7, column so2: it is wrong. Mend it. [x.y]");
    }

    #[test]
    fn the_nearest_name_is_found_where_one_is_near() {
        let known = ["air-day", "air-period", "surface-water"];
        assert_eq!(nearest("air-dya", known.into_iter()), Some("air-day"));
        assert_eq!(nearest("surfacewater", known.into_iter()), Some("surface-water"));
        assert_eq!(nearest("noise", known.into_iter()), None);
        // Two letters of which one differs are another word.
        assert_eq!(nearest("co", ["DO"].into_iter()), None);
    }
}
