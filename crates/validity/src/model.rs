//! The nouns: marks of enterprises, decisions of the bureau, the state of an hour or a day.

use crate::month::Month;
use jiff::Timestamp;
use observations::Source;
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};

/// The number of a mark in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MarkId(pub i64);

/// The number of a decision in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DecisionId(pub i64);

/// What an enterprise says of a stretch of its own data (排污单位标记): the second layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnterpriseMark {
    /// Its number.
    pub id: MarkId,
    /// The outlet.
    pub point: PointId,
    /// The factor; `None` = all of the outlet.
    pub factor: Option<FactorId>,
    /// From when, counted.
    pub from: Timestamp,
    /// Until when, not counted.
    pub to: Timestamp,
    /// What it says: a row of `marks.csv`.
    pub kind: String,
    /// The facility that starts or stops: a word of `allowances.csv`, empty where none is named.
    pub facility: String,
    /// Why, in the enterprise's words.
    pub reason: String,
    /// The digest of the file that proves it, as the store of evidence names it.
    pub evidence: Option<String>,
    /// The name of that file.
    pub evidence_name: Option<String>,
    /// Who made it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Whether it came after 12:00 of the day after the marked stretch ended.
    pub is_late: bool,
    /// When and by whom it was withdrawn.
    pub withdrawn: Option<Withdrawal>,
}

/// That a mark was withdrawn (撤回): a row of its own, the mark stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// By whom.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// What the bureau decides (审核结论).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BureauVerdict {
    /// The mark is accepted (采纳).
    Accepted,
    /// The mark is not accepted (不采纳).
    Rejected,
    /// The stretch does not count, whatever the device says (认定无效).
    Invalid,
    /// The stretch counts, whatever the device or the enterprise says (认定有效).
    Valid,
}

impl BureauVerdict {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Rejected, Self::Invalid, Self::Valid];

    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Invalid => "invalid",
            Self::Valid => "valid",
        }
    }

    /// The verdict that [`BureauVerdict::as_str`] names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }

    /// Whether it is about a mark, not about data by themselves.
    pub const fn is_about_a_mark(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected)
    }
}

/// A decision of the bureau (审核决定): the third layer. The newest one on a mark or a stretch
/// holds, the older stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its number.
    pub id: DecisionId,
    /// The mark on which it decides; `None` for a decision on data by themselves.
    pub mark: Option<MarkId>,
    /// The outlet.
    pub point: PointId,
    /// The factor; `None` = all of the outlet.
    pub factor: Option<FactorId>,
    /// From when, counted.
    pub from: Timestamp,
    /// Until when, not counted.
    pub to: Timestamp,
    /// What was decided.
    pub verdict: BureauVerdict,
    /// Why.
    pub reason: String,
    /// The digest of a file that proves it.
    pub evidence: Option<String>,
    /// Who decided.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// Why a period does not count (数据无效原因).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Invalidity {
    /// The device marks it (仪器标记).
    Instrument,
    /// The number cannot be (数值不可能).
    Implausible,
    /// Too few valid minutes or hours (有效数据不足).
    TooFew,
    /// The enterprise marks it as invalid and the mark is in effect (排污单位标记).
    Marked,
    /// The bureau decided so (审核认定).
    Decided,
    /// Nothing flowed (无流量).
    NoFlow,
    /// The device sent a row without this number (缺数值).
    NoNumber,
}

impl Invalidity {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 7] = [
        Self::Instrument,
        Self::Implausible,
        Self::TooFew,
        Self::Marked,
        Self::Decided,
        Self::NoFlow,
        Self::NoNumber,
    ];

    /// The word in the open interface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instrument => "instrument",
            Self::Implausible => "implausible",
            Self::TooFew => "too_few",
            Self::Marked => "marked",
            Self::Decided => "decided",
            Self::NoFlow => "no_flow",
            Self::NoNumber => "no_number",
        }
    }

    /// What it is called, in Chinese and English.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Instrument => ("仪器标记无效", "marked by the instrument"),
            Self::Implausible => ("数值不可能", "impossible number"),
            Self::TooFew => ("有效数据不足", "too few valid data"),
            Self::Marked => ("排污单位标记无效", "marked by the enterprise"),
            Self::Decided => ("审核认定无效", "held invalid by the bureau"),
            Self::NoFlow => ("无流量", "no flow"),
            Self::NoNumber => ("缺少数值", "number missing"),
        }
    }
}

/// The state of an hour or a day of one factor (数据状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// It counts (有效).
    Valid,
    /// It was due and did not come (缺失).
    Missing,
    /// It came and does not count (无效).
    Invalid(Invalidity),
    /// The source stood still (停运): nothing is due.
    Stopped,
}

impl State {
    /// The word in the open interface, without the reason.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Missing => "missing",
            Self::Invalid(_) => "invalid",
            Self::Stopped => "stopped",
        }
    }

    /// What it is called, in Chinese and English, with the reason.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Valid => ("有效", "valid"),
            Self::Missing => ("缺失", "missing"),
            Self::Stopped => ("停运", "source stopped"),
            Self::Invalid(why) => why.names(),
        }
    }
}

/// The three layers of one period as they stood (三层状态). None overwrites another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// The letter of the device, in ASCII.
    pub instrument: Option<u8>,
    /// The enterprise's mark that bears on the period.
    pub enterprise: Option<MarkId>,
    /// The bureau's decision that bears on the period.
    pub bureau: Option<DecisionId>,
}

/// Why an excess is not held against the enterprise (豁免).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The mark of start-up or shut-down.
    pub mark: MarkId,
    /// The allowance: its place in [`crate::Inputs::allowances`].
    pub allowance: u16,
}

/// What the chain noted on its way, one bit each (判定链备注).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps(pub u32);

impl Steps {
    /// The hour was made from minutes because no hour came.
    pub const FROM_MINUTES: Self = Self(1);
    /// The day was taken from the device because no hours came.
    pub const FROM_DEVICE_DAY: Self = Self(1 << 1);
    /// The number came long after it was due.
    pub const LATE: Self = Self(1 << 2);
    /// The number needs a look: negative, for instance (待识别).
    pub const QUESTIONABLE: Self = Self(1 << 3);
    /// The device's conversion differs from the recomputed one by more than the table allows.
    pub const CONVERSION_DIFFERS: Self = Self(1 << 4);
    /// The oxygen is so high that a conversion means nothing: no comparison; the source may stand.
    pub const OXYGEN_TOO_HIGH: Self = Self(1 << 5);
    /// The converted value was computed here because the device sent none.
    pub const CONVERTED_HERE: Self = Self(1 << 6);
    /// A limit on the converted value could not be compared: no converted value is known.
    pub const NOT_CONVERTED: Self = Self(1 << 7);
    /// A mark of the enterprise covers the period and is not in effect: late and not accepted.
    pub const MARK_LATE: Self = Self(1 << 8);
    /// A mark of the enterprise covers the period and was rejected.
    pub const MARK_REJECTED: Self = Self(1 << 9);
    /// A mark of start-up or shut-down covers the period, beyond the hours allowed.
    pub const ALLOWANCE_USED_UP: Self = Self(1 << 10);
    /// A mark of start-up or shut-down covers the period; no table names an allowance for it.
    pub const NO_ALLOWANCE: Self = Self(1 << 11);
    /// The factor is judged and counted apart: pH.
    pub const APART: Self = Self(1 << 12);
    /// The value is over its limit.
    pub const EXCEEDS: Self = Self(1 << 13);
    /// The amount of the period, or a part of it, is substituted.
    pub const SUBSTITUTED: Self = Self(1 << 14);
    /// No amount is known and none could be substituted.
    pub const NO_AMOUNT: Self = Self(1 << 15);
    /// No flow was reported: no amount can be computed.
    pub const NO_FLOW_REPORTED: Self = Self(1 << 16);
    /// The bureau's decision holds the period valid against a mark.
    pub const HELD_VALID: Self = Self(1 << 17);
    /// No hour or day of this kind is due from the device.
    pub const NOT_DUE: Self = Self(1 << 18);

    /// True when all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The same with the bits of `other`.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What is known of one hour or day of one factor, in the order of the chain (小时、日数据判定).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodState {
    /// Its beginning.
    pub start: Timestamp,
    /// Hour or day.
    pub period: Period,
    /// The factor.
    pub factor: FactorId,
    /// Whether it counts.
    pub state: State,
    /// The three layers.
    pub layers: Layers,
    /// How many valid parts it has: minutes of an hour made from minutes, hours of a day; 0 where
    /// the device's own mean was taken.
    pub parts: u16,
    /// The measured concentration. The mean of a day; kept also where it does not count.
    pub concentration: Option<Decimal>,
    /// The smallest and the largest, where the factor is judged apart (pH of a day).
    pub range: Option<(Decimal, Decimal)>,
    /// The concentration converted to the reference oxygen content.
    pub converted: Option<Decimal>,
    /// The conversion computed here, where it can be.
    pub recomputed: Option<Decimal>,
    /// What flowed out in the period, m3.
    pub flow: Option<Decimal>,
    /// The amount discharged in the period, kg, with what is substituted.
    pub amount_kg: Option<Decimal>,
    /// The substituted part of [`PeriodState::amount_kg`].
    pub substituted_kg: Option<Decimal>,
    /// The limit that was in force: its place in [`crate::Inputs::limits`].
    pub limit: Option<u16>,
    /// The value that was compared with the limit, rounded to its decimals.
    pub compared: Option<Decimal>,
    /// The multiple over the limit, `(C - S) / S`; `None` within it and for a range.
    pub excess: Option<Decimal>,
    /// Why an excess does not count.
    pub exemption: Option<Exemption>,
    /// What the chain noted.
    pub steps: Steps,
    /// The row that gave the number: its packet in the commit log.
    pub source: Option<Source>,
}

impl PeriodState {
    /// A period of which nothing is known.
    pub const fn missing(start: Timestamp, period: Period, factor: FactorId) -> Self {
        Self {
            start,
            period,
            factor,
            state: State::Missing,
            layers: Layers { instrument: None, enterprise: None, bureau: None },
            parts: 0,
            concentration: None,
            range: None,
            converted: None,
            recomputed: None,
            flow: None,
            amount_kg: None,
            substituted_kg: None,
            limit: None,
            compared: None,
            excess: None,
            exemption: None,
            steps: Steps(0),
            source: None,
        }
    }

    /// Whether it counts.
    pub const fn is_valid(&self) -> bool {
        matches!(self.state, State::Valid)
    }

    /// Whether a part of its amount is substituted.
    pub const fn is_substituted(&self) -> bool {
        self.steps.contains(Steps::SUBSTITUTED)
    }

    /// Whether its value is over the limit, exempted or not, counted apart or not.
    pub const fn exceeds(&self) -> bool {
        self.steps.contains(Steps::EXCEEDS)
    }

    /// Whether it counts as exceedance (超标): valid, over the limit, not exempted, not apart.
    pub const fn is_exceedance(&self) -> bool {
        self.is_valid()
            && self.exceeds()
            && self.exemption.is_none()
            && !self.steps.contains(Steps::APART)
    }

    /// When it ends.
    pub fn end(&self) -> Timestamp {
        let hours = if self.period == Period::Day { 24 } else { 1 };
        self.start.saturating_add(jiff::SignedDuration::from_hours(hours)).unwrap_or(self.start)
    }
}

/// What one outlet's month is, judged (月度判定记录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthRecord {
    /// The outlet.
    pub point: PointId,
    /// The month.
    pub month: Month,
    /// 1 for the first, one more whenever inputs had changed; 0 for one that is not stored.
    pub version: u32,
    /// When it was computed.
    pub computed_at: Timestamp,
    /// All that went in, or what names it.
    pub inputs: crate::Inputs,
    /// Hours and days, by factor, then period, then time.
    pub periods: Vec<PeriodState>,
    /// SHA-256 of the canonical bytes before it.
    pub digest: [u8; 32],
}

impl MonthRecord {
    /// The digest in hexadecimal.
    pub fn digest_text(&self) -> String {
        base16ct::lower::encode_string(&self.digest)
    }

    /// The periods of a factor and a length, in their order.
    pub fn of(&self, factor: FactorId, period: Period) -> impl Iterator<Item = &PeriodState> {
        self.periods.iter().filter(move |state| state.factor == factor && state.period == period)
    }

    /// One period.
    pub fn find(&self, factor: FactorId, period: Period, start: Timestamp) -> Option<&PeriodState> {
        let key = (factor, period, start);
        let of = |state: &PeriodState| (state.factor, state.period, state.start);
        let place = self.periods.binary_search_by_key(&key, of).ok()?;
        self.periods.get(place)
    }

    /// The limit that a period was compared with.
    pub fn limit_of(&self, state: &PeriodState) -> Option<&crate::LimitRow> {
        self.inputs.limits.get(usize::from(state.limit?))
    }

    /// The allowance by which a period is exempted.
    pub fn allowance_of(&self, state: &PeriodState) -> Option<&crate::Allowance> {
        self.inputs.allowances.get(usize::from(state.exemption?.allowance))
    }
}
