//! What is wrong with a plan's files, or left open in them: where, what, and how to mend it.

use std::fmt;

use rulebook::{Language, Text};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The plan cannot be used so.
    Wrong,
    /// The document leaves it to somebody: nothing is invented, and it is told.
    Open,
}

/// One thing wrong with a plan, or left open in it (问题).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How much it matters.
    pub level: Level,
    /// The stable code: `plan.unknown_unit`.
    pub code: &'static str,
    /// The file that was read.
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<u32>,
    /// The place in the file: `duties.quarterly_study.who`.
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
        let open = match (self.level, language) {
            (Level::Wrong, _) => "",
            (Level::Open, Language::Chinese) => "待定：",
            (Level::Open, Language::English) => "open: ",
        };
        format!("{open}{}{line}: {}: {what}; {cure} [{}]", self.file, self.place, self.code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_plain(Language::English))
    }
}

impl std::error::Error for Problem {}
