//! Verdicts with their reasons, and the reasons for which there is none.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::Date;

use crate::{Citation, Confidence, Decimal, Explanation, Text};

/// A value that a rule produced, with all that produced it (判定结果).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged<T> {
    /// The result.
    pub value: T,
    /// The text it rests on.
    pub by: Citation,
    /// What went in, as it went in.
    pub inputs: Vec<Input>,
    /// What was rounded, and how.
    pub rounding: Vec<Rounding>,
    /// How sure the rows of the tables used are: the weakest of them.
    pub confidence: Confidence,
}

impl<T> Judged<T> {
    /// The same verdict with another value made from the first.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Judged<U> {
        Judged {
            value: change(self.value),
            by: self.by,
            inputs: self.inputs,
            rounding: self.rounding,
            confidence: self.confidence,
        }
    }
}

impl<T> Judged<T> {
    /// The verdict explained by a sentence: a table of what went in, then what was rounded, the
    /// text that it rests on with its source, and how sure that is.
    ///
    /// # Example
    /// ```
    /// use rulebook::{Citation, Confidence, Decimal, Input, Judged, Language, Text};
    /// let verdict = Judged {
    ///     value: true,
    ///     by: Citation {
    ///         standard: "GB 3096".into(),
    ///         edition: "GB 3096-2008".into(),
    ///         clause: "table 1".into(),
    ///         source: "official text".into(),
    ///     },
    ///     inputs: vec![Input::new(Text::fixed("声级", "level"), Decimal::from(54), "dB(A)")],
    ///     rounding: Vec::new(),
    ///     confidence: Confidence::Certain,
    /// };
    /// let plain = verdict.explained(Text::fixed("达标", "it is kept")).to_plain(Language::Chinese);
    /// assert_eq!(plain, "达标\n项目 | 数值\n声级 | 54 dB(A)\n依据：GB 3096-2008 表 1（录自官方文本）");
    /// ```
    pub fn explained(&self, sentence: Text) -> Explanation {
        Explanation {
            sentence,
            columns: vec![Text::fixed("项目", "item"), Text::fixed("数值", "value")],
            rows: self.inputs.iter().map(|input| vec![input.name.clone(), input.shown()]).collect(),
            notes: self.notes(),
        }
    }

    /// What was rounded, and the text that the verdict rests on with how sure it is.
    pub fn notes(&self) -> Vec<Text> {
        let mut notes: Vec<Text> = self.rounding.iter().map(Rounding::text).collect();
        let (by, sure) = (self.by.text(), self.confidence.text());
        notes.push(Text::new(
            format!("依据：{}（{}）", by.zh, sure.zh),
            format!("by {} ({})", by.en, sure.en),
        ));
        notes
    }
}

/// One number that entered a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What it is.
    pub name: Text,
    /// The number.
    pub value: Decimal,
    /// Its unit, empty for a pure number.
    pub unit: Cow<'static, str>,
}

impl Input {
    /// A number with its name and unit.
    pub fn new(name: Text, value: Decimal, unit: impl Into<Cow<'static, str>>) -> Self {
        Self { name, value, unit: unit.into() }
    }

    /// The number with its unit, for a table.
    ///
    /// # Example
    /// ```
    /// use rulebook::{Decimal, Input, Text};
    /// let of = |unit: &'static str| Input::new(Text::same("pH"), Decimal::from(7), unit).shown();
    /// assert_eq!((of("mg/L").zh.as_ref(), of("").zh.as_ref()), ("7 mg/L", "7"));
    /// ```
    pub fn shown(&self) -> Text {
        if self.unit.is_empty() {
            return Text::plain(self.value);
        }
        let unit = ["fresh", "dry", "wet"].into_iter().zip(["鲜重", "干重", "湿重"]).fold(
            self.unit.to_string(),
            |unit, (en, zh)| match unit.strip_suffix(en) {
                Some(mass) => format!("{}（{zh}）", mass.trim_end()),
                None => unit,
            },
        );
        Text::new(format!("{} {unit}", self.value), format!("{} {}", self.value, self.unit))
    }
}

/// One rounding that a judgement applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rounding {
    /// What was rounded.
    pub of: Text,
    /// How.
    pub how: RoundingRule,
}

impl Rounding {
    /// The rounding for a reader.
    pub fn text(&self) -> Text {
        let how = self.how.text();
        Text::new(format!("{}：{}", self.of.zh, how.zh), format!("{}: {}", self.of.en, how.en))
    }
}

/// A way of rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundingRule {
    /// GB/T 8170, a tie to the even digit, to so many decimals (四舍六入五成双).
    HalfEven(u32),
    /// Up to so many decimals (进位取整).
    Up(u32),
}

impl RoundingRule {
    /// The rule for a reader.
    pub fn text(self) -> Text {
        match self {
            Self::HalfEven(1) => {
                Text::fixed("按 GB/T 8170 修约到 1 位小数", "rounded by GB/T 8170 to 1 decimal")
            }
            Self::HalfEven(places) => Text::new(
                format!("按 GB/T 8170 修约到 {places} 位小数"),
                format!("rounded by GB/T 8170 to {places} decimals"),
            ),
            Self::Up(0) => Text::fixed("向上取整", "rounded up to an integer"),
            Self::Up(places) => Text::new(
                format!("向上进位到 {places} 位小数"),
                format!("rounded up to {places} decimals"),
            ),
        }
    }
}

/// Why a rule yields no value. It is a result like any other: not an error and not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotComputable {
    /// A value that the rule needs was not there.
    Missing {
        /// What was missing.
        what: Text,
    },
    /// A value was there but may not be used.
    Invalid {
        /// The value.
        what: Text,
        /// Its mark or what is wrong with it.
        why: Text,
    },
    /// The value lies beyond what the table covers, and the text says not to go on.
    AboveTable {
        /// The value.
        what: Text,
        /// The last number of the table.
        top: Decimal,
    },
    /// The edition gives no rule for this.
    NotInTable {
        /// What was asked for.
        what: Text,
        /// The edition asked.
        edition: &'static str,
    },
    /// No edition was in force on that day.
    NoEdition {
        /// The standard.
        standard: &'static str,
        /// The day.
        on: Date,
    },
    /// Too few values to make the larger one.
    TooFew {
        /// What was counted.
        what: Text,
        /// How many there were.
        counted: u32,
        /// How many are wanted.
        wanted: u32,
    },
    /// A value could be made but the rule says not to publish it.
    Withheld {
        /// The clause or practice.
        rule: &'static str,
        /// Why it applies.
        why: Text,
    },
    /// The text of the rule was not obtained, so its table is empty.
    NotObtained {
        /// What is not known.
        what: Text,
    },
}

impl NotComputable {
    /// The stable code of the reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "judgement.missing",
            Self::Invalid { .. } => "judgement.invalid",
            Self::AboveTable { .. } => "judgement.above_table",
            Self::NotInTable { .. } => "judgement.not_in_table",
            Self::NoEdition { .. } => "judgement.no_edition",
            Self::TooFew { .. } => "judgement.too_few",
            Self::Withheld { .. } => "judgement.withheld",
            Self::NotObtained { .. } => "judgement.not_obtained",
        }
    }

    /// The reason for a reader.
    pub fn text(&self) -> Text {
        match self {
            Self::Missing { what } => {
                Text::new(format!("缺少{}", what.zh), format!("{} is missing", what.en))
            }
            Self::Invalid { what, why } => Text::new(
                format!("{}不可用：{}", what.zh, why.zh),
                format!("{} cannot be used: {}", what.en, why.en),
            ),
            Self::AboveTable { what, top } => Text::new(
                format!("{}超出表列范围（上限 {top}）", what.zh),
                format!("{} lies beyond the table, which ends at {top}", what.en),
            ),
            Self::NotInTable { what, edition } => Text::new(
                format!("{edition} 未规定{}", what.zh),
                format!("{edition} has no rule for {}", what.en),
            ),
            Self::NoEdition { standard, on } => Text::new(
                format!("{on} 没有现行的 {standard} 版本"),
                format!("no edition of {standard} was in force on {on}"),
            ),
            Self::TooFew { what, counted, wanted } => Text::new(
                format!("{}不足：有 {counted}，需 {wanted}", what.zh),
                format!("too few {}: {counted} of the {wanted} wanted", what.en),
            ),
            Self::Withheld { rule, why } => Text::new(
                format!("按 {rule} 不发布：{}", why.zh),
                format!("not published by {rule}: {}", why.en),
            ),
            Self::NotObtained { what } => Text::new(
                format!("尚未取得{}的原文", what.zh),
                format!("the text of {} has not been obtained", what.en),
            ),
        }
    }
}

impl fmt::Display for NotComputable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text().en)
    }
}

impl std::error::Error for NotComputable {}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn reasons_read_in_both_languages() {
        let reason =
            NotComputable::TooFew {
                what: Text::fixed("小时值", "hours"), counted: 19, wanted: 20
            };
        assert_eq!(reason.text().zh, "小时值不足：有 19，需 20");
        assert_eq!(reason.to_string(), "too few hours: 19 of the 20 wanted");
        let reason = NotComputable::NoEdition { standard: "HJ 633", on: date(2000, 1, 1) };
        assert_eq!(reason.code(), "judgement.no_edition");
        assert_eq!(reason.to_string(), "no edition of HJ 633 was in force on 2000-01-01");
    }

    #[test]
    fn a_verdict_keeps_its_reasons_when_its_value_changes() {
        let verdict = Judged {
            value: 114_u16,
            by: Citation {
                standard: "HJ 633".into(),
                edition: "HJ 633-2026".into(),
                clause: "table 1".into(),
                source: "official".into(),
            },
            inputs: vec![Input::new(Text::same("PM2.5"), Decimal::from(75), "ug/m3")],
            rounding: vec![Rounding { of: Text::same("IAQI"), how: RoundingRule::Up(0) }],
            confidence: Confidence::Certain,
        };
        let grown = verdict.clone().map(u32::from);
        assert_eq!(grown.value, 114);
        assert_eq!(grown.inputs, verdict.inputs);
        assert_eq!(grown.by.to_string(), "HJ 633-2026 table 1");
        assert_eq!(grown.rounding[0].how.text().en, "rounded up to an integer");
    }
}
