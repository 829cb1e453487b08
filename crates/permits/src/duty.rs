//! What a permit asks its holder to do (许可证载明的义务).

use crate::model::MonthDay;
use rulebook::Text;
use serde::{Deserialize, Serialize};

/// A duty as a permit sets it (义务).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PermitDuty {
    /// A report on how the permit was kept (执行报告).
    ExecutionReport {
        /// How often.
        cycle: ReportCycle,
        /// When it is due; `None` where the permit does not say.
        #[serde(default)]
        due: Option<DueRule>,
        /// What it must tell, as the permit says.
        #[serde(default)]
        content: String,
    },
    /// Monitoring by the holder (自行监测).
    SelfMonitoring {
        /// The outlet; `None` for the whole unit.
        #[serde(default)]
        outlet: Option<String>,
        /// The factor's code.
        pollutant: String,
        /// By instrument or by hand.
        method: MonitoringMethod,
        /// How often.
        frequency: Frequency,
        /// The analytical method or other words of the permit.
        #[serde(default)]
        note: String,
    },
    /// A ledger to be kept (环境管理台账).
    Ledger {
        /// What it records.
        content: String,
        /// On paper or electronically.
        #[serde(default)]
        medium: String,
        /// How many years it is kept.
        #[serde(default)]
        kept_years: Option<u8>,
    },
    /// What the holder publishes (信息公开).
    Disclosure {
        /// What.
        content: String,
        /// Where.
        #[serde(default)]
        way: String,
        /// When, in the words of the permit.
        #[serde(default)]
        when: String,
    },
}

/// How often a report is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportCycle {
    /// Each year (年报).
    Year,
    /// Each quarter (季报).
    Quarter,
    /// Each month (月报).
    Month,
}

impl ReportCycle {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Year, Self::Quarter, Self::Month];

    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
        }
    }

    /// The cycle of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cycle| cycle.as_str() == word)
    }

    /// What the report is called.
    pub const fn text(self) -> Text {
        match self {
            Self::Year => Text::fixed("年报", "yearly report"),
            Self::Quarter => Text::fixed("季报", "quarterly report"),
            Self::Month => Text::fixed("月报", "monthly report"),
        }
    }
}

/// When something is due, as the permit sets it (提交期限).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueRule {
    /// So many days after the period has ended (期满后若干日内).
    DaysAfterEnd(u16),
    /// By a day of the year that follows the period's last day (次年某月某日前).
    NextYearBy(MonthDay),
}

impl DueRule {
    /// The rule of Chinese words: `期满后15日内`, `15日内`, `次年1月31日前`, `次年01-31前`.
    pub fn parse(words: &str) -> Option<Self> {
        let words = words.trim();
        if let Some(day) = words.strip_prefix("次年") {
            let day = day.trim_end_matches('前').trim_end_matches('底');
            return day.replace('月', "-").replace('日', "").parse().ok().map(Self::NextYearBy);
        }
        let days = words.strip_prefix("期满后").unwrap_or(words).strip_suffix("日内")?;
        days.trim().parse().ok().map(Self::DaysAfterEnd)
    }

    /// How it is said.
    pub fn text(self) -> Text {
        match self {
            Self::DaysAfterEnd(days) => {
                Text::new(format!("期满后{days}日内"), format!("within {days} days after the end"))
            }
            Self::NextYearBy(day) => Text::new(
                format!("次年{}月{}日前", day.month, day.day),
                format!("by {day} of the next year"),
            ),
        }
    }
}

/// How something is monitored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonitoringMethod {
    /// By an instrument that reports by itself (自动).
    Automatic,
    /// By samples (手工).
    Manual,
}

impl MonitoringMethod {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Automatic, Self::Manual];

    /// What it is called.
    pub const fn text(self) -> Text {
        match self {
            Self::Automatic => Text::fixed("自动", "automatic"),
            Self::Manual => Text::fixed("手工", "by samples"),
        }
    }
}

/// How often something is monitored (监测频次).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Without pause (连续).
    Continuous,
    /// So many times in each of these.
    Times {
        /// How many times, at least 1.
        count: u16,
        /// In each of these.
        per: Cycle,
    },
}

/// What a frequency counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    /// A day (日).
    Day,
    /// A week (周).
    Week,
    /// A month (月).
    Month,
    /// A quarter (季度).
    Quarter,
    /// Half a year (半年).
    HalfYear,
    /// A year (年).
    Year,
}

impl Cycle {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::HalfYear, Self::Year];

    /// What it is called.
    pub const fn text(self) -> Text {
        match self {
            Self::Day => Text::fixed("日", "day"),
            Self::Week => Text::fixed("周", "week"),
            Self::Month => Text::fixed("月", "month"),
            Self::Quarter => Text::fixed("季度", "quarter"),
            Self::HalfYear => Text::fixed("半年", "half-year"),
            Self::Year => Text::fixed("年", "year"),
        }
    }
}

impl Frequency {
    /// How it is said: `1次/季度`.
    pub fn text(self) -> Text {
        match self {
            Self::Continuous => Text::fixed("连续", "continuous"),
            Self::Times { count, per } => {
                let per = per.text();
                Text::new(format!("{count}次/{}", per.zh), format!("{count} per {}", per.en))
            }
        }
    }

    /// The frequency of Chinese words: `连续`, `1次/季度`.
    pub fn parse(words: &str) -> Option<Self> {
        let words = words.trim();
        if words == "连续" || words == "连续监测" || words == "自动监测" {
            return Some(Self::Continuous);
        }
        let (count, per) = words.split_once("次/").or_else(|| words.split_once("次／"))?;
        let count = count.trim().parse().ok().filter(|count| *count > 0)?;
        let per = per.trim();
        let is = |cycle: &Cycle| cycle.text().zh == per;
        let per = match per {
            "天" => Cycle::Day,
            "季" => Cycle::Quarter,
            "月份" => Cycle::Month,
            _ => Cycle::ALL.into_iter().find(is)?,
        };
        Some(Self::Times { count, per })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_what_they_say() {
        let day = |text: &str| text.parse().ok().map(DueRule::NextYearBy);
        for (words, rule) in [
            ("期满后15日内", Some(DueRule::DaysAfterEnd(15))),
            (" 15日内 ", Some(DueRule::DaysAfterEnd(15))),
            ("次年1月31日前", day("01-31")),
            ("次年01-31前", day("01-31")),
            ("次年2月29日前", day("02-29")),
            ("次年13月1日前", None),
            ("每年1月", None),
            ("", None),
        ] {
            assert_eq!(DueRule::parse(words), rule, "{words}");
        }
        for (words, frequency) in [
            ("连续", Some(Frequency::Continuous)),
            ("1次/季", Some(Frequency::Times { count: 1, per: Cycle::Quarter })),
            ("2 次/ 半年", Some(Frequency::Times { count: 2, per: Cycle::HalfYear })),
            ("0次/日", None),
            ("每日", None),
        ] {
            assert_eq!(Frequency::parse(words), frequency, "{words}");
        }
    }

    #[test]
    fn what_is_said_in_chinese_is_read_back() {
        for rule in [DueRule::DaysAfterEnd(0), DueRule::DaysAfterEnd(365)] {
            assert_eq!(DueRule::parse(&rule.text().zh), Some(rule));
        }
        for per in Cycle::ALL {
            let frequency = Frequency::Times { count: 3, per };
            assert_eq!(Frequency::parse(&frequency.text().zh), Some(frequency));
        }
    }
}
