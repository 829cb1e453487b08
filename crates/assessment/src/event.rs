//! What happened to a sheet: its history is all that a score is computed from.

use jiff::Timestamp;
use rulebook::{Decimal, Text};

/// One entry of the history of a unit's sheet (考核过程记录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number; entries count in this order.
    pub number: i64,
    /// When it was entered.
    pub at: Timestamp,
    /// Who entered it.
    pub by: String,
    /// What was entered.
    pub kind: EventKind,
}

/// What was entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The unit states a value of its own (自评).
    Stated {
        /// The item.
        item: String,
        /// The value, or the points of a judged item.
        value: Decimal,
        /// Where the value comes from.
        source: String,
    },
    /// Another verifies it (核定).
    Verified {
        /// The item.
        item: String,
        /// The value that holds.
        value: Decimal,
        /// Where the value comes from.
        source: String,
    },
    /// The unit objects to what was verified (申诉).
    Appealed {
        /// The item.
        item: String,
        /// The value that it claims.
        value: Decimal,
        /// Why.
        reason: String,
    },
    /// The appeal is decided (复核).
    Decided {
        /// The item.
        item: String,
        /// The value that holds.
        value: Decimal,
        /// Why.
        reason: String,
    },
    /// A bonus or a deduction is given (加减分).
    Adjusted {
        /// The adjustment.
        adjustment: String,
        /// Its points, never negative.
        points: Decimal,
        /// Why.
        reason: String,
    },
    /// A veto applies (否决).
    Vetoed {
        /// The veto.
        veto: String,
        /// Why.
        reason: String,
    },
    /// A veto is taken back (撤销否决).
    VetoLifted {
        /// The veto.
        veto: String,
        /// Why.
        reason: String,
    },
    /// The result is published (公布); nothing more may be entered.
    Published,
}

/// How firmly the value of an item stands (状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nobody has stated it.
    Open,
    /// The unit has stated it.
    Stated,
    /// Another has verified it.
    Verified,
    /// The unit objects to what was verified.
    Appealed,
    /// The appeal was decided.
    Decided,
}

impl Standing {
    /// The word in a sheet's bytes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Stated => "stated",
            Self::Verified => "verified",
            Self::Appealed => "appealed",
            Self::Decided => "decided",
        }
    }

    /// What a reader calls it.
    pub const fn text(self) -> Text {
        match self {
            Self::Open => Text::fixed("未填报", "not stated"),
            Self::Stated => Text::fixed("已自评", "stated by the unit"),
            Self::Verified => Text::fixed("已核定", "verified"),
            Self::Appealed => Text::fixed("申诉中", "under appeal"),
            Self::Decided => Text::fixed("复核已定", "decided on appeal"),
        }
    }
}
