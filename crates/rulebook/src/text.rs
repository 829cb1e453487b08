//! Text in the two languages of the user interface, Chinese first.

use std::borrow::Cow;

/// A language of the user interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Chinese (中文), the first language.
    #[default]
    Chinese,
    /// English (英文).
    English,
}

impl Language {
    /// Both languages, Chinese first.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The code used in addresses and markup: `zh` or `en`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The language whose code begins with `zh` or `en` (`zh-CN`, `en_GB`), or `None`.
    pub fn parse(code: &str) -> Option<Self> {
        let start = code.get(..2)?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.code() == start)
    }
}

/// One text in both languages.
///
/// # Example
/// ```
/// use rulebook::{Language, Text};
/// const OZONE: Text = Text::fixed("臭氧", "ozone");
/// assert_eq!(OZONE.in_language(Language::Chinese), "臭氧");
/// assert_eq!(OZONE.in_language(Language::English), "ozone");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text {
    /// The Chinese text.
    pub zh: Cow<'static, str>,
    /// The English text.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A text known when the program is built.
    pub const fn fixed(zh: &'static str, en: &'static str) -> Self {
        Self { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
    }

    /// A word that is the same in both languages: a formula, a number, a unit.
    pub const fn same(word: &'static str) -> Self {
        Self::fixed(word, word)
    }

    /// A text made while running.
    pub fn new(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// A number or name made while running, the same in both languages.
    pub fn plain(word: impl std::fmt::Display) -> Self {
        let word = word.to_string();
        Self { zh: word.clone().into(), en: word.into() }
    }

    /// The text in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }

    /// Whether both languages are empty.
    pub fn is_empty(&self) -> bool {
        self.zh.is_empty() && self.en.is_empty()
    }
}

/// A verdict explained to a reader: a sentence, a table, notes.
///
/// The caller lays it out; nothing here knows of pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What was found, in one sentence.
    pub sentence: Text,
    /// The heads of the table's columns.
    pub columns: Vec<Text>,
    /// The rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<Text>>,
    /// What a careful reader should know besides.
    pub notes: Vec<Text>,
}

impl Explanation {
    /// The explanation as plain text: sentence, table with ` | ` between cells, notes.
    pub fn to_plain(&self, language: Language) -> String {
        let line = |cells: &[Text]| {
            cells.iter().map(|cell| cell.in_language(language)).collect::<Vec<_>>().join(" | ")
        };
        let mut lines = vec![self.sentence.in_language(language).to_owned()];
        if !self.rows.is_empty() {
            lines.push(line(&self.columns));
            lines.extend(self.rows.iter().map(|row| line(row)));
        }
        lines.extend(self.notes.iter().map(|note| note.in_language(language).to_owned()));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_read_from_their_codes() {
        assert_eq!(Language::parse("zh-CN"), Some(Language::Chinese));
        assert_eq!(Language::parse("EN"), Some(Language::English));
        assert_eq!(Language::parse("fr"), None);
        assert_eq!(Language::parse("中"), None);
        assert_eq!(Language::parse("z"), None);
    }

    #[test]
    fn an_explanation_reads_in_both_languages() {
        let explanation = Explanation {
            sentence: Text::fixed("达标", "compliant"),
            columns: vec![Text::fixed("项目", "item"), Text::fixed("值", "value")],
            rows: vec![vec![Text::same("pH"), Text::plain(7)]],
            notes: vec![Text::fixed("注", "note")],
        };
        assert_eq!(explanation.to_plain(Language::Chinese), "达标\n项目 | 值\npH | 7\n注");
        assert_eq!(
            explanation.to_plain(Language::English),
            "compliant\nitem | value\npH | 7\nnote"
        );
    }
}
