//! All that goes into a record: named where it stays as it is (packets, marks, decisions, earlier
//! records), kept whole where it may be replaced (limits, intervals, rows of rule tables).

use crate::model::{Decision, DecisionId, EnterpriseMark, MarkId};
use crate::month::Month;
use jiff::Timestamp;
use jiff::civil::Date;
use observations::Row;
use registry::{FactorId, LimitBound, Medium, PointId};
use rulebook::{Decimal, Period};

/// What a record rests on (判定输入).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// The last commit that was read: later packets are not in the record.
    pub block: i64,
    /// Periods that had ended by then are judged.
    pub until: Timestamp,
    /// The first hour or minute of which anything ever came; before it nothing is due. `None` =
    /// nothing ever came, and nothing is missed: whether an outlet must be connected is another
    /// question.
    pub heard_since: Option<Timestamp>,
    /// The outlet as the registry had it.
    pub setup: Setup,
    /// The limits of the month, with their sources.
    pub limits: Vec<LimitRow>,
    /// The numbers of the rules.
    pub rules: Rules,
    /// The rows of `marks.csv` that bear on the month.
    pub kinds: Vec<MarkKind>,
    /// The rows of `allowances.csv` that bear on the month.
    pub allowances: Vec<Allowance>,
    /// The marks of the enterprise that bear on the month.
    pub marks: Vec<MarkId>,
    /// Those of them that had been withdrawn.
    pub withdrawn: Vec<MarkId>,
    /// The decisions of the bureau that bear on the month.
    pub decisions: Vec<DecisionId>,
    /// The earlier records whose amounts a substitution looks back on.
    pub before: Vec<Earlier>,
}

/// The outlet as the registry has it (排放口配置).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Waste water or waste gas.
    pub medium: Medium,
    /// The factors that are judged, in the order of their numbers.
    pub factors: Vec<FactorSetup>,
    /// The flow, where one is measured.
    pub flow: Option<FlowSetup>,
    /// The factor of the oxygen content.
    pub oxygen: Option<FactorId>,
    /// The reference oxygen content, where it is known.
    pub reference_oxygen: Option<ReferenceOxygen>,
    /// The interval of minute values; `None` = none are due.
    pub minute_interval_min: Option<u16>,
    /// The interval of hour values; `None` = none are due.
    pub hour_interval_h: Option<u16>,
    /// The first day of the outlet.
    pub valid_from: Option<Date>,
    /// The last day of the outlet.
    pub valid_to: Option<Date>,
}

/// A factor that is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorSetup {
    /// Its number.
    pub factor: FactorId,
    /// Its code in HJ 212.
    pub code: String,
    /// Whether it is a concentration of mass: mg/m3 of gas, mg/L of water.
    pub is_mass: bool,
    /// Whether it is judged and counted apart: pH.
    pub is_apart: bool,
    /// What its numbers may be: a row of `plausible.csv`.
    pub plausible: Option<Plausible>,
}

/// What the numbers of a factor may be (合理范围): a row of `plausible.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plausible {
    /// The least; `None` = any.
    pub at_least: Option<Decimal>,
    /// The most; `None` = any.
    pub at_most: Option<Decimal>,
    /// Whether a number beyond does not count; else it is only noted.
    pub is_invalid_beyond: bool,
}

impl Plausible {
    /// Whether a number lies within.
    pub fn holds(&self, value: Decimal) -> bool {
        self.at_least.is_none_or(|least| least <= value)
            && self.at_most.is_none_or(|most| value <= most)
    }
}

/// The flow of an outlet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowSetup {
    /// Its factor.
    pub factor: FactorId,
    /// What one unit of its mean is in m3 an hour: 3.6 for L/s, 3600 for m3/s.
    pub cubic_metres_an_hour: Decimal,
}

/// The reference oxygen content (基准氧含量) of an outlet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceOxygen {
    /// Percent by volume.
    pub percent: Decimal,
    /// Who says so.
    pub source: String,
}

/// A limit as it was when the record was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitRow {
    /// The factor.
    pub factor: FactorId,
    /// The period whose mean is judged.
    pub period: Period,
    /// The bound.
    pub bound: LimitBound,
    /// Whether the converted value is judged.
    pub on_converted: bool,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Option<Date>,
    /// The standard, or the permit with its number and version.
    pub source: String,
}

/// The numbers of the rules (规则参数): rows of `rules.csv`, as they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Fewest valid minutes of an hour of gas.
    pub minutes_of_an_hour: u16,
    /// Fewest valid hours of a day of gas.
    pub hours_of_a_day: u16,
    /// Fewest valid values of a day of water, percent of those due.
    pub water_day_percent: u16,
    /// From so much oxygen on a conversion means nothing, percent.
    pub oxygen_meaningful_below: Decimal,
    /// A conversion that differs by more is noted, percent.
    pub conversion_percent: Decimal,
    /// The capture rate below which nothing is substituted, percent.
    pub capture_percent: u16,
    /// The capture rate from which the shorter windows apply, percent.
    pub good_capture_percent: u16,
    /// Up to so many hours an outage is short.
    pub short_outage_hours: u16,
    /// Valid hours looked back over: good capture rate, short outage.
    pub window_good_short: u16,
    /// The same for a long outage.
    pub window_good_long: u16,
    /// The same for a fair capture rate.
    pub window_fair: u16,
    /// Valid days of water looked back over.
    pub water_days_looked_back: u16,
    /// The version of the tables: the first bytes of their digest.
    pub tables: String,
}

/// What a mark of an enterprise does (标记的效力).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkEffect {
    /// The stretch does not count.
    Invalid,
    /// The source stood still: nothing is due.
    Stopped,
    /// The stretch counts; an excess is exempted within the allowance.
    Exempt,
    /// Nothing but a remark.
    Remark,
}

impl MarkEffect {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Invalid, Self::Stopped, Self::Exempt, Self::Remark];

    /// The word in `marks.csv`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Stopped => "stopped",
            Self::Exempt => "exempt",
            Self::Remark => "remark",
        }
    }

    /// The effect of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.as_str() == word)
    }
}

/// A kind of mark that an enterprise may make: a row of `marks.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkKind {
    /// Its word.
    pub kind: String,
    /// What it does.
    pub effect: MarkEffect,
    /// In which phase of the source it says that it is: `start_cold`, `start_hot`, `stop`, or
    /// empty; finds the allowance.
    pub phase: String,
    /// What it is called in Chinese.
    pub zh: String,
    /// What it is called in English.
    pub en: String,
    /// The standard, clause and source, as one text.
    pub citation: String,
}

/// How long an excess is exempted (豁免时限): a row of `allowances.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The facility, `boiler`.
    pub facility: String,
    /// The phase, `start_cold`.
    pub phase: String,
    /// The codes of the factors, apart by blanks; empty = the source names none, and nothing is
    /// exempted without the bureau.
    pub factors: String,
    /// At most so many hours from the beginning of the mark.
    pub hours: Option<u16>,
    /// Exempted as long as the value is not over this.
    pub at_most: Option<Decimal>,
    /// The standard, clause and source, as one text.
    pub citation: String,
}

/// An earlier record that was looked back on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its month.
    pub month: Month,
    /// Its version.
    pub version: u32,
    /// Its digest.
    pub digest: [u8; 32],
}

/// Everything that [`crate::judge_month`] needs, in memory. The order of rows, marks and decisions
/// does not matter.
#[derive(Clone, Debug)]
pub struct MonthInputs {
    /// The outlet.
    pub point: PointId,
    /// The month.
    pub month: Month,
    /// The version that the record gets.
    pub version: u32,
    /// The time that the record gets.
    pub computed_at: Timestamp,
    /// What the record keeps.
    pub inputs: Inputs,
    /// The rows of hours of the month.
    pub hours: Vec<Row>,
    /// The rows of minutes, where they are needed.
    pub minutes: Vec<Row>,
    /// The rows of days that the device made.
    pub days: Vec<Row>,
    /// The marks that [`Inputs::marks`] names.
    pub marks: Vec<EnterpriseMark>,
    /// The decisions that [`Inputs::decisions`] names.
    pub decisions: Vec<Decision>,
    /// What earlier months leave, by factor.
    pub history: Vec<History>,
}

/// What earlier months leave of a factor (历史有效数据): for substitution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The factor.
    pub factor: FactorId,
    /// The amounts of valid hours (gas) or days (water), kg, the latest last.
    pub amounts: Vec<Decimal>,
    /// How many periods were due.
    pub due: u32,
    /// How many of them counted.
    pub valid: u32,
    /// How many due periods at the end did not count.
    pub trailing: u32,
}
