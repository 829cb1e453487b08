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

/// What places in a text are called, longer phrases first.
const PLACES: &[(&str, &str)] = &[
    ("table of Tennant", "蒙大拿法分级表"),
    ("code table", "代码表"),
    ("classes of black-odorous water", "黑臭分级"),
    ("grades of a river system", "河流、流域水质评价"),
    ("grade of a sea area", "海区水质评价"),
    ("share of area", "面积比例"),
    ("levels of warning", "预警分级"),
    ("decimals as shown", "发布小数位"),
    ("decimals of assessment data", "评价数据修约位数"),
    ("levels of the trophic state", "营养状态分级"),
    ("means of periods", "评价时段"),
    ("valid daily mean", "有效日均值"),
    ("valid month", "有效月均值"),
    ("valid hour", "有效小时均值"),
    ("valid day", "有效日均值"),
    ("validity of a city value", "城市值有效性"),
    ("trend by Spearman's rank correlation", "秩相关系数法"),
    ("a day after deduction", "扣除后的日值"),
    ("start of a dust event", "沙尘过程开始"),
    ("end of a dust event", "沙尘过程结束"),
    ("daily maximum 8 h limit of grade 2", "二级日最大 8 小时平均限值"),
    ("24 h limit of grade 2", "二级 24 小时平均限值"),
    ("annual transition limit of grade 2", "二级年平均过渡限值"),
    ("annual limit of grade 2", "二级年平均限值"),
    ("limits at the boundary", "场界限值"),
    ("reference oxygen", "基准氧含量"),
    ("amendment of ", "修改单 "),
    ("substitution", "数据替代"),
    ("rounding", "数值修约"),
    ("classification", "分类与代码"),
    ("base flow", "生态基流"),
    ("programme", "实施方案"),
    ("formula of ", "公式 "),
    (" (informative)", "（资料性）"),
    ("annex ", "附录 "),
    ("footnote", "表注"),
    ("tables ", "表 "),
    ("table ", "表 "),
    (", ", "，"),
    ("; ", "；"),
];

impl Citation {
    /// The citation for a reader in both languages.
    ///
    /// # Example
    /// ```
    /// use rulebook::Citation;
    /// let citation = Citation {
    ///     standard: "GB 3095".into(),
    ///     edition: "GB 3095-2026".into(),
    ///     clause: "table 2, footnote".into(),
    ///     source: "official text".into(),
    /// };
    /// assert_eq!(citation.text().zh, "GB 3095-2026 表 2，表注");
    /// assert_eq!(citation.text().en, "GB 3095-2026 table 2, footnote");
    /// ```
    pub fn text(&self) -> Text {
        let zh = format!("{} {}", self.edition, Self::place(&self.clause).zh);
        Text::new(zh.trim_end().to_owned(), self.to_string().trim_end().to_owned())
    }

    /// The name of a place in a text, as tables write it, in both languages.
    ///
    /// # Example
    /// ```
    /// use rulebook::Citation;
    /// assert_eq!(Citation::place("table 2, footnote").zh, "表 2，表注");
    /// ```
    pub fn place(clause: &str) -> Text {
        let translated = |clause: String, (en, zh): &(&str, &str)| clause.replace(en, zh);
        Text::new(PLACES.iter().fold(clause.to_owned(), translated), clause.to_owned())
    }

    /// The citation of several rows of one edition: that of the first, with the clauses of all.
    ///
    /// # Example
    /// ```
    /// use rulebook::Citation;
    /// let of = |clause: &'static str| Citation {
    ///     standard: "GB 3838".into(),
    ///     edition: "GB 3838-2002".into(),
    ///     clause: clause.into(),
    ///     source: "official text".into(),
    /// };
    /// let both = Citation::of_all(["table 1", "table 2", "table 1"].map(of)).unwrap();
    /// assert_eq!(both.to_string(), "GB 3838-2002 table 1; table 2");
    /// ```
    pub fn of_all(citations: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut citations = citations.into_iter();
        let mut whole = citations.next()?;
        let mut clauses = vec![whole.clause.clone()];
        for other in citations.filter(|other| other.edition == whole.edition) {
            if !clauses.contains(&other.clause) {
                clauses.push(other.clause);
            }
        }
        whole.clause = clauses.join("; ").into();
        Some(whole)
    }
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
