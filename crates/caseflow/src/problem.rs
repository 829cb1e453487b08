//! What is wrong with a declaration: where, what, and how to mend it.

use std::fmt;

use rulebook::{Language, Text};

/// One thing wrong with a declaration (问题).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code: `case_kind.unknown_word`.
    pub code: &'static str,
    /// The file that was read.
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<u32>,
    /// The place in the declaration: `transitions.accept.to`.
    pub place: String,
    /// What is wrong.
    pub what: Text,
    /// How to mend it.
    pub cure: Text,
}

impl Problem {
    /// The problem in one line, for a terminal.
    pub fn to_plain(&self, language: Language) -> String {
        let line = self.line.map_or(String::new(), |line| format!(":{line}"));
        let (what, cure) = (self.what.in_language(language), self.cure.in_language(language));
        format!("{}{line}: {}: {what}; {cure} [{}]", self.file, self.place, self.code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_plain(Language::English))
    }
}

impl std::error::Error for Problem {}
