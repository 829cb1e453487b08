//! What is asked: which values, and which of them count.

use crate::model::FactorValue;
use jiff::Timestamp;
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use std::ops::Range;

/// Which number of a factor is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Number {
    /// The value or the mean of the period.
    #[default]
    Value,
    /// The smallest in the period.
    Min,
    /// The largest in the period.
    Max,
    /// The quantity discharged in the period (累计值).
    Sum,
    /// The value converted to the reference oxygen content (折算值).
    Converted,
}

impl Number {
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Converted => "converted",
        }
    }

    pub(super) const fn of(self, value: &FactorValue) -> Option<Decimal> {
        match self {
            Self::Value => value.value,
            Self::Min => value.min,
            Self::Max => value.max,
            Self::Sum => value.sum,
            Self::Converted => value.converted,
        }
    }
}

/// Which values count, by the letter that the device gave them (数据标记).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Flags {
    /// Every one.
    #[default]
    All,
    /// Those with one of these letters, and those without a letter.
    Only(Vec<u8>),
}

impl Flags {
    pub(super) fn count(&self, flag: Option<u8>) -> bool {
        match (self, flag) {
            (Self::All, _) | (_, None) => true,
            (Self::Only(letters), Some(letter)) => letters.contains(&letter),
        }
    }
}

/// The values that a question is about.
#[derive(Clone, Debug)]
pub struct Question {
    /// Their period.
    pub period: Period,
    /// From the first time to before the last.
    pub range: Range<Timestamp>,
    /// The points; all when left out.
    pub points: Option<Vec<PointId>>,
    /// The factors; all when left out.
    pub factors: Option<Vec<FactorId>>,
    /// Which number of each.
    pub number: Number,
    /// Which of them count.
    pub flags: Flags,
}

impl Question {
    /// Every value of a period in a time.
    pub const fn all(period: Period, range: Range<Timestamp>) -> Self {
        Self {
            period,
            range,
            points: None,
            factors: None,
            number: Number::Value,
            flags: Flags::All,
        }
    }

    pub(super) fn has_factor(&self, factor: FactorId) -> bool {
        self.factors.as_ref().is_none_or(|factors| factors.contains(&factor))
    }

    pub(super) fn has_point(&self, point: PointId) -> bool {
        self.points.as_ref().is_none_or(|points| points.contains(&point))
    }
}
