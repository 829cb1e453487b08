//! What is wrong in a city's files: where it stands, what it is and how to mend it.

use std::fmt::{Display, Formatter, Result};

/// Something wrong in a city's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, seen from the city's folder.
    pub file: String,
    /// The line, counted from one; `None` where the whole file is meant.
    pub line: Option<u64>,
    /// The column: its name in a table, its number in other files.
    pub column: Option<String>,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub cure: String,
}

impl Problem {
    /// A problem of a file as a whole.
    pub(crate) fn of_file(file: &str, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            column: None,
            what: what.into(),
            cure: cure.into(),
        }
    }
}

impl Display for Problem {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        write!(formatter, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        if let Some(column) = &self.column {
            write!(formatter, ", column {column}")?;
        }
        write!(formatter, ": {}. {}", self.what, self.cure)
    }
}
