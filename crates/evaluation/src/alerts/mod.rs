//! Alerts (告警): opened once, updated while they last, closed when they end.

mod change;
#[cfg(test)]
mod tests;

pub use change::{Change, change};

use jiff::Timestamp;
use observations::Source;
use registry::{FactorId, PointId};
use rulebook::Decimal;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AlertKind {
    /// A valid mean passes its limit (超标).
    Exceedance,
    /// Values that are due have not come (数据缺失).
    MissingData,
    /// Nothing at all comes from a device (设备离线).
    DeviceOffline,
    /// A value does not change although it should (恒值).
    ConstantValue,
}

impl AlertKind {
    /// All kinds.
    pub const ALL: [Self; 4] =
        [Self::Exceedance, Self::MissingData, Self::DeviceOffline, Self::ConstantValue];

    /// The word under which the kind is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exceedance => "exceedance",
            Self::MissingData => "missing_data",
            Self::DeviceOffline => "device_offline",
            Self::ConstantValue => "constant_value",
        }
    }

    /// The kind that [`AlertKind::as_str`] names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// To be known (提示).
    Notice,
    /// To be looked into (预警).
    Warning,
    /// To be acted on (告警).
    Serious,
}

impl Severity {
    const ALL: [Self; 3] = [Self::Notice, Self::Warning, Self::Serious];

    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Serious => "serious",
        }
    }

    /// The severity that [`Severity::as_str`] names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }
}

/// What an alert is about: at most one is open for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// What is wrong.
    pub kind: AlertKind,
    /// Where.
    pub point: PointId,
    /// With which factor, where it is one.
    pub factor: Option<FactorId>,
}

/// What a judge has seen of a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Of what.
    pub subject: Subject,
    /// The time of the value or of the look.
    pub at: Timestamp,
    /// What.
    pub seen: Seen,
}

/// What a judge has seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// It is wrong.
    Wrong(Wrong),
    /// It is right again, with the reason as a stable word.
    Right {
        /// `value_within_limit`, `value_changed`, `data_resumed`.
        reason: &'static str,
        /// The value that shows it.
        value: Option<Decimal>,
        /// The packet that shows it.
        source: Option<Source>,
    },
}

/// What is wrong, with what shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// How much it matters.
    pub severity: Severity,
    /// The value.
    pub value: Option<Decimal>,
    /// Whether a value further up or further down is worse.
    pub worse_is_higher: bool,
    /// The limit, as text.
    pub bound: Option<String>,
    /// Since when, where that is earlier than the signal.
    pub since: Option<Timestamp>,
    /// The packet.
    pub source: Option<Source>,
    /// Rule, edition, limit, inputs.
    pub evidence: serde_json::Value,
}

/// An alert as kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its number; 0 until it is stored.
    pub id: i64,
    /// What it is about.
    pub subject: Subject,
    /// How much it matters.
    pub severity: Severity,
    /// When it began.
    pub opened_at: Timestamp,
    /// The last time that showed it.
    pub last_at: Timestamp,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// How many values or looks showed it.
    pub count: i64,
    /// The last value.
    pub last_value: Option<Decimal>,
    /// The worst value.
    pub worst_value: Option<Decimal>,
    /// The limit.
    pub bound: Option<String>,
    /// Why it was closed.
    pub close_reason: Option<String>,
    /// What opened it.
    pub evidence: serde_json::Value,
}

/// Something that happened to an alert.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertEvent {
    /// Its place in the alert's timeline, from 1.
    pub sequence: i64,
    /// When.
    pub happened_at: Timestamp,
    /// `opened`, `worse`, `closed`.
    pub what: String,
    /// The value.
    pub value: Option<Decimal>,
    /// The packet.
    pub source: Option<Source>,
    /// What shows it.
    pub evidence: serde_json::Value,
}
