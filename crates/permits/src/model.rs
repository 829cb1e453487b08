//! What a permit says.

use crate::{PermitDuty, written};
use jiff::Timestamp;
use jiff::civil::Date;
use registry::{Confidence, EnterpriseId};
use rulebook::{Decimal, Period, Text};
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// A permit in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PermitId(pub i64);

/// How a source is managed (排污许可管理类别).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManagementClass {
    /// A permit under key management (重点管理).
    Key,
    /// A permit under simplified management (简化管理).
    Simplified,
    /// Registered only (登记管理).
    Registration,
}

impl ManagementClass {
    /// All classes.
    pub const ALL: [Self; 3] = [Self::Key, Self::Simplified, Self::Registration];

    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Simplified => "simplified",
            Self::Registration => "registration",
        }
    }

    /// The class of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }

    /// What it is called.
    pub const fn text(self) -> Text {
        match self {
            Self::Key => Text::fixed("重点管理", "key management"),
            Self::Simplified => Text::fixed("简化管理", "simplified management"),
            Self::Registration => Text::fixed("登记管理", "registration"),
        }
    }
}

/// A discharge permit or registration (排污许可证、排污登记): its number stays, its versions follow
/// each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// Its number in the store.
    pub id: PermitId,
    /// Its number, 22 characters.
    pub number: String,
    /// The holder.
    pub enterprise: EnterpriseId,
    /// The class of its newest version.
    pub class: ManagementClass,
    /// When and why it was cancelled, withdrawn or revoked; [`PermitVersion::ended`] tells whether
    /// that concerns a version.
    pub ended: Option<Ended>,
}

/// The end of a permit before its expiry (注销、撤销、吊销).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The last day on which it held.
    pub last_day: Date,
    /// Why, in the words of the decision.
    pub reason: String,
}

/// Why there is a new version (变更类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeReason {
    /// The first application (首次申请).
    First,
    /// Applied for anew, before what is discharged changed (重新申请).
    Anew,
    /// Basic information changed (变更).
    BasicInformation,
    /// Renewed before it expired (延续).
    Renewal,
    /// Adjusted by the authority (依法变更).
    ByAuthority,
    /// What was entered here was wrong (录入更正).
    Correction,
}

impl ChangeReason {
    /// All reasons.
    pub const ALL: [Self; 6] = [
        Self::First,
        Self::Anew,
        Self::BasicInformation,
        Self::Renewal,
        Self::ByAuthority,
        Self::Correction,
    ];

    /// What it is called.
    pub const fn text(self) -> Text {
        match self {
            Self::First => Text::fixed("首次申请", "first application"),
            Self::Anew => Text::fixed("重新申请", "applied for anew"),
            Self::BasicInformation => Text::fixed("变更", "basic information changed"),
            Self::Renewal => Text::fixed("延续", "renewed"),
            Self::ByAuthority => Text::fixed("依法变更", "adjusted by the authority"),
            Self::Correction => Text::fixed("录入更正", "corrected entry"),
        }
    }
}

/// A version of a permit, never changed once stored (许可证版本). What it says is reached as if it
/// were its own: `version.limits`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitVersion {
    /// The permit.
    pub permit: Permit,
    /// Its place in the order of entry, from 1.
    pub version: u32,
    /// What it says.
    pub content: PermitContent,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// By whom.
    pub entered_by: String,
}

impl Deref for PermitVersion {
    type Target = PermitContent;

    fn deref(&self) -> &PermitContent {
        &self.content
    }
}

impl PermitVersion {
    /// The end of the permit, where it concerns this version: one that begins later was applied for
    /// anew under the same number.
    pub fn ended(&self) -> Option<&Ended> {
        let began = |ended: &&Ended| self.content.in_force_from <= ended.last_day;
        self.permit.ended.as_ref().filter(began)
    }

    /// How verdicts and lists name it: `排污许可证 NUMBER 第2版`.
    pub fn source(&self) -> String {
        source(&self.permit.number, self.version)
    }
}

/// How a version of a permit is named in verdicts.
pub(crate) fn source(number: &str, version: u32) -> String {
    format!("排污许可证 {number} 第{version}版")
}

/// What a version of a permit says (许可证内容).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermitContent {
    /// The class.
    pub class: ManagementClass,
    /// The holder's name as printed.
    pub holder: String,
    /// The place of production as printed (生产经营场所地址).
    #[serde(default)]
    pub place: String,
    /// The industry as printed (行业类别).
    #[serde(default)]
    pub industry: String,
    /// Who issued it (核发机关).
    #[serde(default)]
    pub issuer: String,
    /// The day of issue (发证日期).
    #[serde(default, with = "written::or_nothing")]
    pub issued_on: Option<Date>,
    /// The first day of validity.
    #[serde(with = "written")]
    pub valid_from: Date,
    /// The day of expiry: the last day of validity.
    #[serde(with = "written")]
    pub valid_to: Date,
    /// The first day on which this version holds.
    #[serde(with = "written")]
    pub in_force_from: Date,
    /// Why there is this version.
    pub reason: ChangeReason,
    /// What changed, in words.
    #[serde(default)]
    pub reason_note: String,
    /// Where it was read.
    pub source: String,
    /// How far it can be trusted.
    #[serde(with = "confidence")]
    pub confidence: Confidence,
    /// The outlets.
    #[serde(default)]
    pub outlets: Vec<PermitOutlet>,
    /// The limits of concentrations.
    #[serde(default)]
    pub limits: Vec<PermitLimit>,
    /// The amounts.
    #[serde(default)]
    pub amounts: Vec<PermitAmount>,
    /// What the holder must do.
    #[serde(default)]
    pub duties: Vec<PermitDuty>,
}

/// What an outlet lets out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutletMedium {
    /// Waste gas (废气).
    Gas,
    /// Waste water (废水).
    Water,
    /// Noise (噪声).
    Noise,
    /// Solid waste (固体废物).
    SolidWaste,
}

impl OutletMedium {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gas, Self::Water, Self::Noise, Self::SolidWaste];

    /// What it is called.
    pub const fn text(self) -> Text {
        match self {
            Self::Gas => Text::fixed("废气", "waste gas"),
            Self::Water => Text::fixed("废水", "waste water"),
            Self::Noise => Text::fixed("噪声", "noise"),
            Self::SolidWaste => Text::fixed("固体废物", "solid waste"),
        }
    }
}

/// An outlet as a permit names it (排放口).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermitOutlet {
    /// Its number: `DA001`, `DW001`.
    pub number: String,
    /// Its name.
    pub name: String,
    /// What it lets out.
    pub medium: OutletMedium,
    /// Main or general (主要排放口、一般排放口).
    #[serde(default)]
    pub is_main: bool,
    /// East, degrees of CGCS2000, as printed.
    #[serde(default, with = "written::or_nothing")]
    pub longitude: Option<Decimal>,
    /// North.
    #[serde(default, with = "written::or_nothing")]
    pub latitude: Option<Decimal>,
    /// The height of a stack in metres.
    #[serde(default, with = "written::or_nothing")]
    pub height_m: Option<Decimal>,
    /// Where to (排放去向): into the air, a river, a plant.
    #[serde(default)]
    pub destination: String,
    /// How (排放规律): continuous, intermittent.
    #[serde(default)]
    pub manner: String,
}

/// A limit of a concentration (许可排放浓度限值).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermitLimit {
    /// The outlet; `None` for the whole unit, such as its boundary (厂界).
    #[serde(default)]
    pub outlet_number: Option<String>,
    /// The factor's code: `w01018`.
    pub pollutant: String,
    /// The period whose mean is judged.
    #[serde(with = "period")]
    pub period: Period,
    /// Not less than this: only for ranges such as pH.
    #[serde(default, with = "written::or_nothing")]
    pub at_least: Option<Decimal>,
    /// Not more than this.
    #[serde(with = "written")]
    pub at_most: Decimal,
    /// The unit; empty for pH.
    #[serde(default)]
    pub unit: String,
    /// Whether the value converted to the reference oxygen content is judged (折算浓度).
    #[serde(default)]
    pub on_converted: bool,
    /// When it holds; `None`: always.
    #[serde(default)]
    pub condition: Option<Condition>,
    /// The standard with table and grade, as the permit cites it.
    pub citation: String,
}

impl PermitLimit {
    /// Whether judges can apply it by themselves: it is of an outlet, and holds always or in a
    /// season. Whether a fuel was burnt no calendar tells.
    pub fn is_judged(&self) -> bool {
        let tells = |it: &Condition| it.fuel.is_none() && it.averaging.is_none();
        self.outlet_number.is_some() && self.condition.as_ref().is_none_or(tells)
    }
}

/// When a limit holds (适用条件): all that is named must be so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// While this fuel is burnt (燃料).
    #[serde(default)]
    pub fuel: Option<String>,
    /// In this season of each year (时段).
    #[serde(default)]
    pub season: Option<Season>,
    /// For this mean where it is neither an hour's nor a day's (平均周期): `月均值`.
    #[serde(default)]
    pub averaging: Option<String>,
}

/// A season of each year, both days counted; it may span the new year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Season {
    /// The first day.
    pub from: MonthDay,
    /// The last day.
    pub to: MonthDay,
}

/// A day of each year, `11-15`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MonthDay {
    /// The month, from 1.
    pub month: i8,
    /// The day, from 1.
    pub day: i8,
}

/// An amount that may be discharged (许可排放量).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermitAmount {
    /// The factor's code.
    pub pollutant: String,
    /// The outlet; `None` for the whole unit.
    #[serde(default)]
    pub outlet: Option<String>,
    /// A year's or a special period's.
    pub kind: AmountKind,
    /// The year; `None` for each year of the validity.
    #[serde(default)]
    pub year: Option<i16>,
    /// Tonnes.
    #[serde(with = "written")]
    pub tonnes: Decimal,
    /// How it was set, as the permit says.
    #[serde(default)]
    pub citation: String,
}

/// What an amount is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountKind {
    /// A year (年许可排放量).
    Yearly,
    /// A special period (特殊时段许可排放量): heavy pollution, an event.
    SpecialPeriod {
        /// The first day.
        #[serde(with = "written")]
        from: Date,
        /// The last day.
        #[serde(with = "written")]
        to: Date,
    },
}

pub(crate) mod confidence {
    use registry::Confidence;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
    pub(crate) fn serialize<S: Serializer>(
        value: &Confidence,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Confidence, D::Error> {
        let word = String::deserialize(deserializer)?;
        Confidence::parse(&word).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "confidence is {word:?}: write official, secondary, unverified or fictitious"
            ))
        })
    }
}

pub(crate) mod period {
    use rulebook::Period;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
    pub(crate) fn serialize<S: Serializer>(
        value: &Period,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Period, D::Error> {
        let word = String::deserialize(deserializer)?;
        Period::parse(&word)
            .filter(|period| matches!(period, Period::Hour | Period::Day))
            .ok_or_else(|| {
                serde::de::Error::custom(format!("period is {word:?}: write hour or day"))
            })
    }
}
