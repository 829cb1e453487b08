//! What a rule says of a value (评判结果).

use jiff::Timestamp;
use observations::{RowKey, Source};
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};

/// Stands for the factor where a rule judges the whole row.
pub const NO_FACTOR: i64 = -1;

/// How a judgement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A number or class was computed (已计算).
    Computed,
    /// The value keeps its limit (达标).
    Meets,
    /// The value passes its limit (超标).
    Exceeds,
    /// The rule yields no value, with a reason (不可评判).
    NotComputable,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Computed, Self::Meets, Self::Exceeds, Self::NotComputable];

    /// The word under which it is stored and shown to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Meets => "meets",
            Self::Exceeds => "exceeds",
            Self::NotComputable => "not_computable",
        }
    }

    /// The outcome that [`Outcome::as_str`] names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// What a rule says of a row or of one factor in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The monitoring point.
    pub point: PointId,
    /// The rule, `hj633.hour`.
    pub rule: String,
    /// The factor judged; `None` where the rule judges the whole row.
    pub factor: Option<FactorId>,
    /// The period judged.
    pub period: Period,
    /// The start of the period judged.
    pub observed_at: Timestamp,
    /// The packet from which the value came.
    pub source: Source,
    /// The edition of the rule, `HJ 633-2026`.
    pub edition: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The number found, if any.
    pub value: Option<Decimal>,
    /// The level or class found, from 1 (best), if any.
    pub level: Option<u8>,
    /// Clause, inputs, rounding, confidence, explanation.
    pub reasons: serde_json::Value,
}

/// A verdict as kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredVerdict {
    /// Its number.
    pub id: i64,
    /// 1 at first, one more each time it changed.
    pub version: i64,
    /// When it was made.
    pub judged_at: Timestamp,
    /// What it says.
    pub verdict: Verdict,
}

/// Which verdict it is, without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictHead {
    /// Its number.
    pub id: i64,
    /// 1 at first, one more each time it changed.
    pub version: i64,
    /// The rule.
    pub rule: String,
    /// The factor judged; `None` where the rule judges the whole row.
    pub factor: Option<FactorId>,
    /// The row judged.
    pub row: RowKey,
    /// The commit from which the value came.
    pub block: i64,
}
