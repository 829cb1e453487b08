//! Indicators (指标): definitions as data, a small declared set of formulas, a pure evaluation.

mod evaluate;
mod read;
mod shipped;
mod source;

pub use evaluate::{Inputs, Item, NoValue, Value, evaluate};
pub use shipped::{registry, shipped};
pub use source::{Source, is_source, sources};

pub(crate) use read::definition;

use rulebook::{Decimal, Text};

use crate::words::Direction;

/// The source of values that a unit reports by hand.
pub const REPORTED: &str = "reported";

/// The definition of an indicator (指标定义); its period is the calendar year.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Its unit; empty where it has none.
    pub unit: String,
    /// Which way it is better.
    pub direction: Direction,
    /// How it is computed.
    pub formula: Formula,
    /// Decimals to which a value is rounded, half to even.
    pub decimals: u32,
    /// The standard's edition, or `house` for a count of our own.
    pub edition: String,
    /// Who keeps the definition and answers for the value.
    pub owner: Text,
    /// Who must deliver the data where the platform has none.
    pub delivers: Option<Text>,
    /// What a careful reader should know.
    pub note: Option<Text>,
    /// A year with fewer values is provisional.
    pub fewest: Option<u32>,
}

/// Which values count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Not more than this.
    pub at_most: Option<Decimal>,
    /// Not less than this.
    pub at_least: Option<Decimal>,
}

impl Condition {
    /// Whether a value counts.
    pub fn holds(&self, value: Decimal) -> bool {
        self.at_most.is_none_or(|bound| value <= bound)
            && self.at_least.is_none_or(|bound| value >= bound)
    }

    fn text(&self) -> Text {
        match (self.at_least, self.at_most) {
            (None, None) => Text::default(),
            (Some(low), None) => Text::new(format!("（≥ {low}）"), format!(" (at least {low})")),
            (None, Some(high)) => Text::new(format!("（≤ {high}）"), format!(" (at most {high})")),
            (Some(low), Some(high)) => {
                Text::new(format!("（{low}～{high}）"), format!(" ({low} to {high})"))
            }
        }
    }
}

/// The year with which a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// This year.
    Year(i16),
    /// The year before.
    Previous,
}

/// How an indicator is computed: a declared set, no language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    /// How many values fulfil the condition.
    Count(String, Condition),
    /// On how many days the value fulfils the condition.
    Days(String, Condition),
    /// How many of the values fulfil the condition, in per cent.
    Share(String, Condition),
    /// The sum of one source in per cent of that of another.
    Ratio {
        /// The part.
        part: String,
        /// The whole.
        whole: String,
    },
    /// The arithmetic mean.
    Mean(String),
    /// A percentile by HJ 663-2013 annex A.
    Percentile(String, u32),
    /// The change of another indicator against a year, in per cent.
    Change {
        /// The other indicator.
        of: String,
        /// Against which year.
        against: Baseline,
    },
    /// The newest value.
    Latest(String),
}

impl Formula {
    /// The sources that it reads.
    pub fn sources(&self) -> Vec<&str> {
        match self {
            Self::Count(of, _)
            | Self::Days(of, _)
            | Self::Share(of, _)
            | Self::Mean(of)
            | Self::Percentile(of, _)
            | Self::Latest(of) => vec![of],
            Self::Ratio { part, whole } => vec![part, whole],
            Self::Change { .. } => Vec::new(),
        }
    }

    /// What it does, for a reader; `name` tells what another indicator is called.
    pub fn text(&self, name: impl Fn(&str) -> Option<Text>) -> Text {
        let of = |zh: &str, en: &str, source: &str, it: &Condition| {
            let (source, it) = (source::text_of(source), it.text());
            Text::new(format!("{}{zh}{}", source.zh, it.zh), format!("{en} {}{}", source.en, it.en))
        };
        let always = Condition::default();
        match self {
            Self::Count(source, it) => of("的个数", "the number of", source, it),
            Self::Days(source, it) => of("的天数", "the number of days of", source, it),
            Self::Share(source, it) => of("所占百分比", "the share in per cent of", source, it),
            Self::Ratio { part, whole } => {
                let (part, whole) = (source::text_of(part), source::text_of(whole));
                Text::new(
                    format!("{}占{}的百分比", part.zh, whole.zh),
                    format!("{} in per cent of {}", part.en, whole.en),
                )
            }
            Self::Mean(source) => of("的算术平均", "the mean of", source, &always),
            Self::Percentile(source, percent) => {
                let source = source::text_of(source);
                Text::new(
                    format!("{}的第 {percent} 百分位数", source.zh),
                    format!("percentile {percent} of {}", source.en),
                )
            }
            Self::Change { of, against } => {
                let of = name(of).unwrap_or_else(|| Text::plain(of));
                match against {
                    Baseline::Year(year) => Text::new(
                        format!("{}比 {year} 年变化的百分比", of.zh),
                        format!("the change of {} against {year}, in per cent", of.en),
                    ),
                    Baseline::Previous => Text::new(
                        format!("{}比上年变化的百分比", of.zh),
                        format!("the change of {} against the year before, in per cent", of.en),
                    ),
                }
            }
            Self::Latest(source) if source == REPORTED => {
                Text::fixed("责任单位报送的最新值", "the newest value that the unit reported")
            }
            Self::Latest(source) => source::text_of(source),
        }
    }
}
