//! Where a rule is written, who says so, and how sure that is.

use std::borrow::Cow;
use std::fmt;

use crate::Text;

/// How sure a row of a table is (可信度).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// Not known: the text of the rule was not obtained.
    Unknown,
    /// Remembered by a person, not checked against the text.
    Memory,
    /// One weak source, or sources that disagree.
    Low,
    /// One source that may be trusted.
    Medium,
    /// Several independent sources that agree.
    High,
    /// Read in the official text.
    Certain,
}

impl Confidence {
    /// Every degree, the weakest first.
    pub const ALL: [Self; 6] =
        [Self::Unknown, Self::Memory, Self::Low, Self::Medium, Self::High, Self::Certain];

    /// The word used in tables and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Memory => "memory",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Certain => "certain",
        }
    }

    /// The degree that [`Confidence::as_str`] names, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|degree| degree.as_str() == word)
    }

    /// What the degree means, for a reader.
    pub const fn text(self) -> Text {
        match self {
            Self::Unknown => Text::fixed("未取得原文", "text not obtained"),
            Self::Memory => Text::fixed("凭记忆录入，待核对", "from memory, to be checked"),
            Self::Low => Text::fixed("来源薄弱或互相矛盾", "weak or contradictory source"),
            Self::Medium => Text::fixed("单一可信来源", "one trustworthy source"),
            Self::High => Text::fixed("多个来源一致", "several sources agree"),
            Self::Certain => Text::fixed("录自官方文本", "read in the official text"),
        }
    }
}

/// The place in a text that a judgement rests on (依据).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Citation {
    /// The standard or document without its year: `HJ 633`.
    pub standard: Cow<'static, str>,
    /// The edition as printed: `HJ 633-2026`.
    pub edition: Cow<'static, str>,
    /// Clause or table: `table 1; 4.2.6`.
    pub clause: Cow<'static, str>,
    /// Where the number was read.
    pub source: Cow<'static, str>,
}

impl fmt::Display for Citation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.edition, self.clause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_of_confidence_are_ordered_and_come_back() {
        assert!(Confidence::Memory < Confidence::Medium && Confidence::High < Confidence::Certain);
        for degree in Confidence::ALL {
            assert_eq!(Confidence::parse(degree.as_str()), Some(degree));
        }
        assert_eq!(Confidence::parse("sure"), None);
    }
}
