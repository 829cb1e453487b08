//! The nouns.

use jiff::civil::Date;
use rulebook::{Decimal, Period};

/// A name in both languages of the interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Chinese.
    pub zh: String,
    /// English; the Chinese one where nobody has translated it.
    pub en: String,
}

/// The city (城市) that this installation serves.
#[derive(Clone, Debug)]
pub struct City {
    /// The folder's name, `zhangzhou`.
    pub key: String,
    /// Its name.
    pub name: Name,
    /// Its code in GB/T 2260, `350600`.
    pub code: String,
    /// West, south, east, north in degrees: a position outside is flagged, not trusted.
    pub bounds: [f64; 4],
    /// True where enterprises and values are invented for demonstration.
    pub is_demo: bool,
}

impl City {
    /// Whether a place lies in the city's bounds.
    pub fn contains(&self, position: Position) -> bool {
        let [west, south, east, north] = self.bounds;
        (west..=east).contains(&position.longitude) && (south..=north).contains(&position.latitude)
    }
}

/// How far a fact in the city's files can be trusted (可信度).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Confidence {
    /// Published by the body that answers for it, and read there.
    Official,
    /// Read in a copy or a report of the official text.
    Secondary,
    /// Nobody has checked it.
    Unverified,
    /// Invented for demonstration.
    Fictitious,
}

impl Confidence {
    /// All of them, best first.
    pub const ALL: [Self; 4] =
        [Self::Official, Self::Secondary, Self::Unverified, Self::Fictitious];

    /// The word in the city's files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Secondary => "secondary",
            Self::Unverified => "unverified",
            Self::Fictitious => "fictitious",
        }
    }

    /// The confidence that [`Confidence::as_str`] names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|confidence| confidence.as_str() == word)
    }
}

/// A department of the city's government or Party, or another body with duties (部门、单位).
#[derive(Clone, Debug)]
pub struct Department {
    /// Its short code in the city's files.
    pub code: String,
    /// Its name.
    pub name: Name,
    /// True for the one that leads the city's environmental work (牵头部门).
    pub is_lead: bool,
}

/// What kind of area a division is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DivisionKind {
    /// A prefecture-level city (设区市).
    City,
    /// A county or a district (县、区).
    County,
    /// A development zone with its own administration (开发区、投资区、高新区).
    DevelopmentZone,
}

impl DivisionKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::City, Self::County, Self::DevelopmentZone];

    /// The word under which the kind is stored and written in the city's files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::County => "county",
            Self::DevelopmentZone => "zone",
        }
    }

    /// The kind that [`DivisionKind::as_str`] names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// An area with a responsible government (行政区划、开发区), as it was from one day to another.
#[derive(Clone, Debug)]
pub struct Division {
    /// GB/T 2260 code, or the code given in the city's files for a zone.
    pub code: String,
    /// Its name.
    pub name: Name,
    /// Its kind.
    pub kind: DivisionKind,
    /// The division above.
    pub parent: Option<String>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// An enterprise (企业、排污单位) in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnterpriseId(pub i64);

/// An enterprise or another discharging unit (排污单位).
#[derive(Clone, Debug)]
pub struct Enterprise {
    /// Its number in the store.
    pub id: EnterpriseId,
    /// Its code in the city's files: unified social credit code, or `DEMO-…` when invented.
    pub code: String,
    /// Its name.
    pub name: Name,
    /// The division in which it stands.
    pub division: String,
    /// GB/T 4754 class.
    pub industry: String,
    /// True when it is invented for demonstration.
    pub is_fictitious: bool,
}

/// A monitoring point in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PointId(pub i64);

/// The kinds of monitoring point (监测点位).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PointKind {
    /// A discharge outlet (排放口).
    Outlet,
    /// An air quality station (空气质量监测站).
    AirStation,
    /// A surface water section (地表水断面).
    WaterSection,
}

impl PointKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::AirStation, Self::WaterSection, Self::Outlet];

    /// The word under which the kind is stored and addressed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outlet => "outlet",
            Self::AirStation => "air-station",
            Self::WaterSection => "water-section",
        }
    }

    /// The kind that [`PointKind::as_str`] names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A place in degrees, CGCS2000 (equal to WGS 84 at this precision).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// East.
    pub longitude: f64,
    /// North.
    pub latitude: f64,
}

/// What flows out of an outlet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Medium {
    /// Waste water (废水).
    Water,
    /// Waste gas (废气).
    Gas,
}

impl Medium {
    /// The word under which the medium is stored and written in the city's files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::Gas => "gas",
        }
    }

    /// The medium that [`Medium::as_str`] names.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Water, Self::Gas].into_iter().find(|medium| medium.as_str() == word)
    }
}

/// A place where something is measured (监测点位).
#[derive(Clone, Debug)]
pub struct MonitoringPoint {
    /// Its number in the store.
    pub id: PointId,
    /// Its code, unique within its kind: `2074A`, a section's code, `ENTERPRISE/DW001`.
    pub code: String,
    /// Its name.
    pub name: Name,
    /// The division that answers for it.
    pub division: String,
    /// Where it is; `None` when nobody trustworthy says.
    pub position: Option<Position>,
    /// What is wrong with or uncertain about the position, and who gave it.
    pub position_note: Option<String>,
    /// Where the facts of this point come from.
    pub source: String,
    /// How far they can be trusted.
    pub confidence: Confidence,
    /// First day of operation.
    pub valid_from: Option<Date>,
    /// Last day of operation.
    pub valid_to: Option<Date>,
    /// What is particular to its kind.
    pub detail: PointDetail,
}

impl MonitoringPoint {
    /// Its kind.
    pub const fn kind(&self) -> PointKind {
        match self.detail {
            PointDetail::Outlet(_) => PointKind::Outlet,
            PointDetail::AirStation(_) => PointKind::AirStation,
            PointDetail::WaterSection(_) => PointKind::WaterSection,
        }
    }

    /// Whether it is in operation on a day.
    pub fn is_in_operation(&self, on: Date) -> bool {
        in_force(self.valid_from, self.valid_to, on)
    }
}

/// Whether a day lies between the first and the last, both counted, both open when `None`.
pub(crate) fn in_force(from: Option<Date>, to: Option<Date>, on: Date) -> bool {
    from.is_none_or(|from| from <= on) && to.is_none_or(|to| on <= to)
}

/// What is particular to a kind of point.
#[derive(Clone, Debug)]
pub enum PointDetail {
    /// A discharge outlet.
    Outlet(Outlet),
    /// An air station.
    AirStation(AirStation),
    /// A water section.
    WaterSection(WaterSection),
}

/// A discharge outlet (排放口).
#[derive(Clone, Debug)]
pub struct Outlet {
    /// Whose outlet it is.
    pub enterprise: EnterpriseId,
    /// Waste water or waste gas.
    pub medium: Medium,
    /// Number in the discharge permit, DA001 or DW001.
    pub permit_outlet_number: String,
}

/// An air quality station.
#[derive(Clone, Debug)]
pub struct AirStation {
    /// `national`, `provincial` or `municipal`.
    pub network: String,
    /// A control point (对照点) takes no part in the city's mean.
    pub is_control_point: bool,
}

/// River or lake: the limits of total phosphorus differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaterBody {
    /// A river (河流).
    River,
    /// A lake or reservoir (湖库).
    Lake,
}

impl WaterBody {
    /// The word under which the kind of water is stored and written in the city's files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::River => "river",
            Self::Lake => "lake",
        }
    }

    /// The kind of water that [`WaterBody::as_str`] names.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::River, Self::Lake].into_iter().find(|body| body.as_str() == word)
    }
}

/// A surface water section (断面).
#[derive(Clone, Debug)]
pub struct WaterSection {
    /// `national` or `provincial`.
    pub network: String,
    /// The river or lake on which it lies; empty where no source names it.
    pub water: String,
    /// River or lake.
    pub body: WaterBody,
    /// The class to be reached (水质目标), 1 to 5.
    pub target_class: Option<u8>,
}

/// A device that sends data (数采仪), known by its MN.
#[derive(Clone, Debug)]
pub struct Device {
    /// The device's number MN (设备唯一标识).
    pub mn: String,
    /// Its password PW.
    pub password: String,
    /// The point for which it speaks.
    pub point: PointId,
    /// The interval at which real-time values are due, in seconds; `None` = none are due.
    pub realtime_interval_s: Option<u32>,
    /// The interval at which minute values are due, in minutes; `None` = none are due.
    pub minute_interval_min: Option<u32>,
    /// The interval at which hour values are due, in hours; `None` = none are due.
    pub hour_interval_h: Option<u32>,
    /// The system code ST (系统编码) under which it reports: 21 surface water, 22 air quality,
    /// 31 waste gas, 32 waste water.
    pub system_type: u8,
    /// The factors that it is to report, in the order of the city's files.
    pub factors: Vec<FactorId>,
}

/// A factor (监测因子) in the store: small, so that packed rows are small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactorId(pub u16);

/// What is measured (监测因子).
#[derive(Clone, Debug)]
pub struct Factor {
    /// Its number in the store.
    pub id: FactorId,
    /// Its code in HJ 212, `w01018`, `a34004`.
    pub code: String,
    /// Its name.
    pub name: Name,
    /// Its unit as shown, `mg/L`; empty where it has none (pH).
    pub unit: String,
    /// Decimals shown.
    pub decimals: u32,
    /// Its unit at an air station where it is another one: sulphur dioxide is in mg/m3 in a stack
    /// and in ug/m3 in the air.
    pub air_unit: Option<String>,
    /// Decimals shown at an air station where they are others.
    pub air_decimals: Option<u32>,
    /// False for a code that a device sent and no city file names.
    pub is_listed: bool,
}

impl Factor {
    /// The unit at a point of this kind.
    pub fn unit_at(&self, kind: PointKind) -> &str {
        match (kind, &self.air_unit) {
            (PointKind::AirStation, Some(unit)) => unit,
            _ => &self.unit,
        }
    }

    /// The decimals shown at a point of this kind.
    pub fn decimals_at(&self, kind: PointKind) -> u32 {
        match (kind, self.air_decimals) {
            (PointKind::AirStation, Some(decimals)) => decimals,
            _ => self.decimals,
        }
    }
}

/// How a limit binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitBound {
    /// Not more than this.
    AtMost(Decimal),
    /// Not less than the first and not more than the second (pH).
    Within(Decimal, Decimal),
}

/// A limit of a discharge permit (许可排放浓度限值) for one factor of one outlet.
#[derive(Clone, Debug)]
pub struct Limit {
    /// The outlet.
    pub point: PointId,
    /// The factor.
    pub factor: FactorId,
    /// The period whose mean is judged: `Hour` or `Day`.
    pub period: Period,
    /// The bound.
    pub bound: LimitBound,
    /// True when the value converted to the reference oxygen content (折算值) is judged.
    pub on_converted: bool,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Option<Date>,
    /// The standard or permit that sets it.
    pub source: String,
}
