//! The nouns: an episode with its periods, what it was computed from, what people decided.

use jiff::Timestamp;
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use serde::{Deserialize, Serialize};

/// The record of a month that an episode was computed from (判定记录版本).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Basis {
    /// The month, `2026-11`.
    pub month: String,
    /// Its version; 0 where it was not stored yet.
    pub version: u32,
    /// Its digest, in hexadecimal digits.
    pub digest: String,
}

/// A period over the limit (超标时段).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Over {
    /// When it begins, in milliseconds.
    pub start: i64,
    /// The value that was compared.
    #[serde(with = "text")]
    pub value: Decimal,
    /// The multiple over the limit, `(C - S) / S`; none for a range.
    #[serde(with = "optional")]
    pub excess: Option<Decimal>,
    /// What was discharged in it, kg.
    #[serde(with = "optional")]
    pub amount_kg: Option<Decimal>,
    /// The part of that over the limit, kg.
    #[serde(with = "optional")]
    pub excess_kg: Option<Decimal>,
    /// The limit as it is printed.
    pub limit: String,
    /// Who set the limit: the standard, or the permit with its version.
    pub limit_source: String,
}

/// A period beside: over the limit and exempted, or without valid data (另列时段).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Beside {
    /// When it begins, in milliseconds.
    pub start: i64,
    /// Whether it was over the limit and is exempted.
    pub is_exempt: bool,
    /// Why, in Chinese.
    pub zh: String,
    /// Why, in English.
    pub en: String,
    /// The value that was compared, where there was one.
    #[serde(with = "optional")]
    pub value: Option<Decimal>,
}

/// A run of periods over the limit as it was computed (超标过程).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Computed {
    /// The outlet.
    pub point: PointId,
    /// The factor.
    pub factor: FactorId,
    /// Hours or days.
    pub period: Period,
    /// The periods over the limit, at least one.
    pub over: Vec<Over>,
    /// Exempted ones and those without valid data between them.
    pub beside: Vec<Beside>,
    /// Whether the factor is judged apart, as pH is.
    pub is_apart: bool,
    /// Whether the last known valid period is over the limit: it may go on.
    pub is_open: bool,
    /// The records that it was computed from.
    pub basis: Vec<Basis>,
}

impl Computed {
    /// When it begins.
    pub(super) fn began_at(&self) -> Timestamp {
        at(self.over.first().map_or(0, |over| over.start))
    }

    /// When its last period over the limit ends.
    pub(super) fn ended_at(&self) -> Timestamp {
        at(self.over.last().map_or(0, |over| over.start) + length_ms(self.period))
    }

    /// Its figures.
    pub(super) fn figures(&self) -> Figures {
        Figures::of(&self.over)
    }
}

/// How long a period is, in milliseconds.
pub(super) const fn length_ms(period: Period) -> i64 {
    match period {
        Period::Day => 24 * 3_600_000,
        _ => 3_600_000,
    }
}

/// An instant of milliseconds.
pub(super) fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The figures of an episode (过程统计).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    /// How many periods are over the limit.
    pub periods: usize,
    /// The highest value.
    pub highest: Option<Decimal>,
    /// The highest multiple.
    pub worst_excess: Option<Decimal>,
    /// The mean of the values.
    pub mean: Option<Decimal>,
    /// What was discharged over the limit, kg, in the periods of which an amount is known.
    pub over_kg: Option<Decimal>,
    /// The periods of which no amount is known.
    pub without_amount: usize,
}

/// The mean and amounts are shown with so many places.
const PLACES: u32 = 3;

impl Figures {
    /// The figures of these periods.
    pub(super) fn of(over: &[Over]) -> Self {
        let values = || over.iter().map(|over| over.value);
        let sum: Decimal = values().sum();
        let count = Decimal::from(over.len() as u64);
        let amounts: Vec<Decimal> = over.iter().filter_map(|over| over.excess_kg).collect();
        Self {
            periods: over.len(),
            highest: values().max(),
            worst_excess: over.iter().filter_map(|over| over.excess).max(),
            mean: sum.checked_div(count).map(|mean| rulebook::round_half_even(mean, PLACES)),
            over_kg: (!amounts.is_empty())
                .then(|| rulebook::round_half_even(amounts.iter().copied().sum(), PLACES)),
            without_amount: over.len() - amounts.len(),
        }
    }
}

/// An episode as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Episode {
    /// Its number.
    pub id: i64,
    /// As it was computed.
    pub computed: Computed,
    /// When it was computed.
    pub computed_at: Timestamp,
    /// What names its content: the digest over its periods.
    pub fingerprint: String,
    /// When it was superseded by a later computation.
    pub superseded_at: Option<Timestamp>,
    /// By which one; none where nothing is over the limit any longer.
    pub superseded_by: Option<i64>,
}

/// What a person decided about how episodes are counted (人工认定).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// What lies between two moments is one event (合并).
    Merge,
    /// At this moment one event ends and another begins (拆分).
    Split,
}

impl Choice {
    /// The word under which it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
        }
    }

    /// The choice of a word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Merge, Self::Split].into_iter().find(|choice| choice.as_str() == word)
    }
}

/// A decision on top of computed episodes: they stay as they are (认定记录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    /// Its number.
    pub id: i64,
    /// What was decided.
    pub choice: Choice,
    /// From when: the beginning of what is merged, or the moment of the split.
    pub from: Timestamp,
    /// Until when: the end of what is merged; the moment of the split.
    pub to: Timestamp,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub who: String,
    /// When.
    pub made_at: Timestamp,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
}

/// One act as it is counted: computed episodes, merged or split by people (超标行为).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// The episodes that it is made of.
    pub episodes: Vec<i64>,
    /// Its periods over the limit.
    pub over: Vec<Over>,
}

mod text {
    use rulebook::Decimal;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(value: &Decimal, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

mod optional {
    use rulebook::Decimal;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};

    #[allow(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<Decimal>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(|value| value.to_string()).serialize(out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Decimal>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}
