//! Noise (噪声): limits of places and of the boundaries of sites.

pub mod gb12348_boundary_noise;
pub mod gb12523_construction_noise;
pub mod gb3096_acoustic_environment;

use jiff::civil::{Date, Time};
use rulebook::{Citation, Confidence, Decimal, Explanation, Input, Judged, Row, Table, Text};

/// The number of a rule in force on a day, with its row; `None` before the standard.
fn rule_of(table: &'static Table, rule: &str, on: Date) -> Option<(Decimal, &'static Row)> {
    let row = table.in_force(on).find(|row| table.cell(row, "rule") == rule)?;
    Some((table.decimal(row, "value").ok().flatten()?, row))
}

/// A level against a limit.
fn judged(
    what: Text,
    level: Decimal,
    limit: Decimal,
    by: Citation,
    confidence: Confidence,
) -> Judged<bool> {
    Judged {
        value: level <= limit,
        by,
        inputs: vec![
            Input::new(what, level, "dB(A)"),
            Input::new(Text::fixed("限值", "limit"), limit, "dB(A)"),
        ],
        rounding: Vec::new(),
        confidence,
    }
}

/// The equivalent level, for a verdict.
const EQUIVALENT: Text = Text::fixed("等效声级", "equivalent level");
/// The maximum of a night, for a verdict.
const NIGHT_MAXIMUM: Text = Text::fixed("夜间最大声级", "maximum of the night");

/// A verdict on a level in a sentence and a table.
fn explain(verdict: &Judged<bool>) -> Explanation {
    let (zh, en) =
        if verdict.value { ("达标", "keeps its limit") } else { ("超标", "exceeds its limit") };
    let by = verdict.by.text();
    verdict.explained(Text::new(
        format!("噪声{zh}（{}）", by.zh),
        format!("the noise {en} ({})", by.en),
    ))
}

/// The time of the day that a limit is for (时段).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayPart {
    /// Day (昼间): 06:00 to 22:00 unless the government sets other hours.
    Day,
    /// Night (夜间).
    Night,
}

impl DayPart {
    /// The part of the day of a time, by the national hours.
    ///
    /// # Standard
    /// GB 12348-2008 3.6; a government at county level or above may set other hours.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::time;
    /// use standards::noise::DayPart;
    /// assert_eq!(DayPart::of(time(6, 0, 0, 0)), DayPart::Day);
    /// assert_eq!(DayPart::of(time(22, 0, 0, 0)), DayPart::Night);
    /// ```
    pub fn of(time: Time) -> Self {
        if (6..22).contains(&time.hour()) { Self::Day } else { Self::Night }
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::Day => Text::fixed("昼间", "day"),
            Self::Night => Text::fixed("夜间", "night"),
        }
    }

    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Night => "night",
        }
    }
}
