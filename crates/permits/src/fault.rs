//! What is wrong, or worth a look, in a permit that somebody brings: where, what, and how to mend
//! it.

use rulebook::{Language, Text};

/// A part of a permit: a sheet of the workbook (表).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Number, holder, validity (基本信息).
    Basics,
    /// Outlets (排放口).
    Outlets,
    /// Limits of concentrations (许可限值).
    Limits,
    /// Amounts (许可排放量).
    Amounts,
    /// Monitoring by the holder (自行监测).
    Monitoring,
    /// Reports, ledgers, disclosure (报告与台账).
    Reports,
    /// Approvals of impact assessments (环评批复).
    Approvals,
    /// Quotas (总量指标).
    Quotas,
}

impl Part {
    /// All parts in the order of the sheets.
    pub const ALL: [Self; 8] = [
        Self::Basics,
        Self::Outlets,
        Self::Limits,
        Self::Amounts,
        Self::Monitoring,
        Self::Reports,
        Self::Approvals,
        Self::Quotas,
    ];

    /// The name of its sheet, and what it is in English.
    pub const fn text(self) -> Text {
        match self {
            Self::Basics => Text::fixed("基本信息", "basic information"),
            Self::Outlets => Text::fixed("排放口", "outlets"),
            Self::Limits => Text::fixed("许可限值", "limits"),
            Self::Amounts => Text::fixed("许可排放量", "amounts"),
            Self::Monitoring => Text::fixed("自行监测", "self-monitoring"),
            Self::Reports => Text::fixed("报告与台账", "reports and ledgers"),
            Self::Approvals => Text::fixed("环评批复", "impact assessments"),
            Self::Quotas => Text::fixed("总量指标", "quotas"),
        }
    }
}

/// Something wrong, or worth a look (问题、提示).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which part; `None` for the file as a whole.
    pub part: Option<Part>,
    /// The row of its sheet, counted from 1, where it came from a workbook.
    pub row: Option<u32>,
    /// The place among the entries of its part, counted from 0.
    pub entry: Option<usize>,
    /// The heading of the column.
    pub column: &'static str,
    /// What.
    pub what: Text,
    /// How to mend it.
    pub cure: Text,
}

impl Fault {
    /// A fault of the file as a whole.
    pub(crate) fn of_file(what: Text, cure: Text) -> Self {
        Self { part: None, row: None, entry: None, column: "", what, cure }
    }

    /// Where it is: `许可限值 第5行 上限`.
    pub fn place(&self, language: Language) -> String {
        let Some(part) = self.part else { return String::new() };
        let sheet = part.text();
        let number = match (self.row, self.entry, language) {
            (Some(row), _, Language::Chinese) => format!(" 第{row}行"),
            (Some(row), _, Language::English) => format!(" row {row}"),
            (None, Some(entry), Language::Chinese) => format!(" 第{}条", entry + 1),
            (None, Some(entry), Language::English) => format!(" entry {}", entry + 1),
            (None, None, _) => String::new(),
        };
        // The sheets have Chinese names and heads, also for an English reader.
        let space = if self.column.is_empty() { "" } else { " " };
        format!("{}{number}{space}{}", sheet.zh, self.column)
    }

    /// All of it in one line.
    pub fn line(&self, language: Language) -> String {
        let place = self.place(language);
        let (what, cure) = (self.what.in_language(language), self.cure.in_language(language));
        match (language, place.is_empty()) {
            (Language::Chinese, true) => format!("{what}。{cure}。"),
            (Language::Chinese, false) => format!("{place}:{what}。{cure}。"),
            (Language::English, true) => format!("{what}. {cure}."),
            (Language::English, false) => format!("{place}: {what}. {cure}."),
        }
    }
}
