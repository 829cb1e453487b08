//! What is wrong in a file that came from outside: where it stands, what it is, how to mend it.

use std::fmt;

/// How much of the file a problem costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Weight {
    /// Nothing is lost; somebody should know.
    Note,
    /// One value was not taken.
    Value,
    /// One row was not taken.
    Row,
    /// The file, or all of it from there on, was not taken.
    File,
}

impl Weight {
    /// The word in JSON and in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Value => "value",
            Self::Row => "row",
            Self::File => "file",
        }
    }
}

/// Something wrong in a file from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code, `feed.position_outside`.
    pub code: &'static str,
    /// What it costs.
    pub weight: Weight,
    /// The line of a text or the number of a record, counted from one.
    pub line: Option<u64>,
    /// The name of the column or field.
    pub column: Option<String>,
    /// What is wrong, with the value as it came.
    pub what: String,
    /// How to mend it.
    pub cure: String,
}

impl Problem {
    /// A problem of the file as a whole.
    pub fn of_file(code: &'static str, what: impl Into<String>, cure: impl Into<String>) -> Self {
        let (what, cure) = (what.into(), cure.into());
        Self { code, weight: Weight::File, line: None, column: None, what, cure }
    }

    /// A problem of one line or record.
    pub fn of_row(
        code: &'static str,
        line: Option<u64>,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        let (what, cure) = (what.into(), cure.into());
        Self { code, weight: Weight::Row, line, column: None, what, cure }
    }

    /// The same problem with another weight.
    pub fn weighing(mut self, weight: Weight) -> Self {
        self.weight = weight;
        self
    }

    /// The same problem in a column.
    pub fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(formatter, "line {line}")?;
            if let Some(column) = &self.column {
                write!(formatter, ", column {column}")?;
            }
            formatter.write_str(": ")?;
        } else if let Some(column) = &self.column {
            write!(formatter, "column {column}: ")?;
        }
        write!(formatter, "{}. {} [{}]", self.what, self.cure, self.code)
    }
}

/// At most this much of an outside text is repeated in a message.
const SHOWN: usize = 60;

/// An outside text, quoted and cut for a message.
pub(crate) fn quoted(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(SHOWN).collect();
    format!("{start:?}…")
}
