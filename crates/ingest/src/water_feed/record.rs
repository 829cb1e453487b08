//! One section and time of the publication.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use rulebook::{Decimal, beijing_offset};

use super::dating::Dating;
use super::fields::{Field, Fields};
use crate::files::problem::quoted;
use crate::files::{Problem, Weight, is_missing, time};

/// What a station measures (监测指标), in the order of the publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Indicator {
    /// Water temperature (水温), Celsius.
    Temperature,
    /// pH.
    Ph,
    /// Dissolved oxygen (溶解氧), mg/L.
    DissolvedOxygen,
    /// Conductivity (电导率), uS/cm.
    Conductivity,
    /// Turbidity (浊度), NTU.
    Turbidity,
    /// Permanganate index (高锰酸盐指数), mg/L.
    PermanganateIndex,
    /// Ammonia nitrogen (氨氮), mg/L.
    AmmoniaNitrogen,
    /// Total phosphorus (总磷), mg/L.
    TotalPhosphorus,
    /// Total nitrogen (总氮), mg/L.
    TotalNitrogen,
    /// Chlorophyll a (叶绿素a), mg/L.
    ChlorophyllA,
    /// Density of algae (藻密度), cells/L.
    AlgaeDensity,
}

/// Indicator, the publisher's name for it, the column of the crawls.
const COLUMNS: [(Indicator, &str, &str); 11] = [
    (Indicator::Temperature, "水温", "water_temp_c"),
    (Indicator::Ph, "ph", "ph"),
    (Indicator::DissolvedOxygen, "溶解氧", "do_mg_l"),
    (Indicator::Conductivity, "电导率", "ec_us_cm"),
    (Indicator::Turbidity, "浊度", "turbidity_ntu"),
    (Indicator::PermanganateIndex, "高锰酸盐指数", "codmn_mg_l"),
    (Indicator::AmmoniaNitrogen, "氨氮", "nh3n_mg_l"),
    (Indicator::TotalPhosphorus, "总磷", "tp_mg_l"),
    (Indicator::TotalNitrogen, "总氮", "tn_mg_l"),
    (Indicator::ChlorophyllA, "叶绿素", "chla_mg_l"),
    (Indicator::AlgaeDensity, "藻密度", "algae_cells_l"),
];

impl Indicator {
    /// All of them, in the order of the publication.
    pub const ALL: [Self; 11] = [
        Self::Temperature,
        Self::Ph,
        Self::DissolvedOxygen,
        Self::Conductivity,
        Self::Turbidity,
        Self::PermanganateIndex,
        Self::AmmoniaNitrogen,
        Self::TotalPhosphorus,
        Self::TotalNitrogen,
        Self::ChlorophyllA,
        Self::AlgaeDensity,
    ];

    /// The indicator that a column's name (lower case, without its unit) means.
    pub(super) fn of_column(name: &str) -> Option<Self> {
        let name = name.trim_end_matches(['a', 'α', 'ａ']).trim_end();
        let same = |column: &&(Self, &str, &str)| {
            name == column.1 || name == column.2 || name == column.2.trim_end_matches('a')
        };
        COLUMNS.iter().find(same).map(|column| column.0)
    }

    const fn place(self) -> usize {
        self as usize
    }
}

/// Why a reading has or lacks a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadingState {
    /// The file has no such column.
    #[default]
    NotPublished,
    /// A value is there.
    Measured,
    /// `*`: the station does not measure this.
    NotMeasured,
    /// `--`: no value.
    Absent,
    /// Taken out by the publisher's filter of extremes (极值过滤).
    Filtered,
}

/// One indicator of one record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The rounded value that a reader of the publication sees.
    pub shown: Option<Decimal>,
    /// The unrounded value behind it.
    pub raw: Option<Decimal>,
    /// Why there is a value or none.
    pub state: ReadingState,
}

impl Reading {
    /// The value to judge: the raw one where it is known.
    pub fn value(&self) -> Option<Decimal> {
        self.raw.or(self.shown)
    }
}

/// One section and time of the publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaterRecord {
    /// The line or number of the record in its file.
    pub line: u64,
    /// The province as printed.
    pub province: String,
    /// The basin as printed.
    pub basin: String,
    /// The city, empty where the form does not tell it.
    pub city: String,
    /// The river or lake, empty where the form does not tell it.
    pub river: String,
    /// The section's name as printed.
    pub section: String,
    /// The time of the measurement on the clock in Beijing; `None` = the publisher had none, or
    /// its year is unknown.
    pub measured_at: Option<DateTime>,
    /// The published class: `Ⅰ` to `Ⅴ`, `劣Ⅴ`; empty when withheld.
    pub class: String,
    /// The station's state as printed (`正常`, `维护`, `停站`).
    pub status: String,
    readings: [Reading; 11],
}

impl WaterRecord {
    /// The reading of one indicator.
    pub fn reading(&self, indicator: Indicator) -> Reading {
        self.readings[indicator.place()]
    }

    /// The instant of the measurement.
    pub fn timestamp(&self) -> Option<Timestamp> {
        beijing_offset().to_timestamp(self.measured_at?).ok()
    }

    /// Whether another record publishes the same.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.readings == other.readings && self.class == other.class && self.status == other.status
    }
}

/// Makes a record of the texts; what cannot be believed is said and left out.
pub(super) fn build(
    fields: &Fields,
    dating: Dating,
    problems: &mut Vec<Problem>,
) -> Option<WaterRecord> {
    let section = fields.text(Field::Section);
    if is_missing(section) {
        let what = "no name of a section";
        let cure = "Fill the column 断面名称.";
        problems.push(Problem::of_row("feed.section", Some(fields.line), what, cure));
        return None;
    }
    let (city, river) = place(fields);
    let mut readings = [Reading::default(); 11];
    for indicator in Indicator::ALL {
        readings[indicator.place()] = reading(fields, indicator, problems);
    }
    Some(WaterRecord {
        line: fields.line,
        province: fields.text(Field::Province).to_owned(),
        basin: fields.text(Field::Basin).to_owned(),
        city,
        river,
        section: section.to_owned(),
        measured_at: measured_at(fields, dating, problems),
        class: class(fields, problems),
        status: fields.text(Field::Status).to_owned(),
        readings,
    })
}

/// City and river, from their columns or from the tooltip of the section.
fn place(fields: &Fields) -> (String, String) {
    let tip = fields.cell(Field::Section).map_or("", |cell| cell.title.as_str());
    let part = |name: &str| {
        let line = tip.lines().find_map(|line| line.trim().strip_prefix(name))?;
        Some(line.trim_start_matches([':', '：']).trim().to_owned())
    };
    let city = part("所在地市").unwrap_or_else(|| fields.text(Field::City).to_owned());
    let river = part("所属河流").unwrap_or_else(|| fields.text(Field::River).to_owned());
    (city, river)
}

fn measured_at(fields: &Fields, dating: Dating, problems: &mut Vec<Problem>) -> Option<DateTime> {
    let written = fields.text(Field::Time);
    if is_missing(written) || written == "*" {
        return None;
    }
    if let Some(whole) = time::parse(written) {
        return Some(whole.civil);
    }
    let line = Some(fields.line);
    let Some(parts) = time::parse_without_year(written) else {
        let what = format!("{} is no time", quoted(written));
        let problem = Problem::of_row("feed.time", line, what, "Write it as 04-01 08:00.");
        problems.push(problem.weighing(Weight::Value).in_column("监测时间"));
        return None;
    };
    let found = own_dating(fields).unwrap_or(dating).complete(parts);
    if found.is_none() {
        let what = format!("the year of {} is unknown", quoted(written));
        let cure = "Name it (--year 2021), or keep the day in the file's name.";
        let problem = Problem::of_row("feed.year", line, what, cure);
        problems.push(problem.weighing(Weight::Value).in_column("监测时间"));
    }
    found
}

/// What the record itself says of its year.
fn own_dating(fields: &Fields) -> Option<Dating> {
    if let Ok(day) = fields.text(Field::FetchedOn).parse::<Date>() {
        return Some(Dating::FetchedOn(day));
    }
    fields.text(Field::Month).get(..4)?.parse().ok().map(Dating::Year)
}

fn class(fields: &Fields, problems: &mut Vec<Problem>) -> String {
    let written = fields.text(Field::Class);
    if is_missing(written) || written == "*" {
        return String::new();
    }
    let known = match written.trim_end_matches('类') {
        "Ⅰ" | "I" | "1" => "Ⅰ",
        "Ⅱ" | "II" | "2" => "Ⅱ",
        "Ⅲ" | "III" | "3" => "Ⅲ",
        "Ⅳ" | "IV" | "4" => "Ⅳ",
        "Ⅴ" | "V" | "5" => "Ⅴ",
        "劣Ⅴ" | "劣V" | "6" => "劣Ⅴ",
        _ => {
            let what = format!("{} is no class", quoted(written));
            let cure = "Write Ⅰ, Ⅱ, Ⅲ, Ⅳ, Ⅴ or 劣Ⅴ.";
            let problem = Problem::of_row("feed.class", Some(fields.line), what, cure);
            problems.push(problem.weighing(Weight::Value).in_column("水质类别"));
            ""
        }
    };
    known.to_owned()
}

fn reading(fields: &Fields, indicator: Indicator, problems: &mut Vec<Problem>) -> Reading {
    let Some(shown) = fields.cell(Field::Shown(indicator)) else { return Reading::default() };
    let flag = fields.text(Field::Flag(indicator));
    if shown.text == "*" {
        return Reading { state: ReadingState::NotMeasured, ..Reading::default() };
    }
    if flag.contains("极值过滤") || shown.title.contains("极值过滤") {
        return Reading { state: ReadingState::Filtered, ..Reading::default() };
    }
    let mut number = |text: &str| number(text, fields.line, indicator, problems);
    let behind = shown.title.trim().strip_prefix("原始值");
    let behind = behind.map(|rest| rest.trim_start_matches([':', '：']).trim());
    let raw = number(behind.unwrap_or_else(|| fields.text(Field::Raw(indicator))));
    let shown = number(&shown.text);
    let state = match shown.or(raw) {
        Some(_) => ReadingState::Measured,
        None => ReadingState::Absent,
    };
    Reading { shown, raw, state }
}

fn number(
    text: &str,
    line: u64,
    indicator: Indicator,
    problems: &mut Vec<Problem>,
) -> Option<Decimal> {
    if is_missing(text) || text == "*" {
        return None;
    }
    let value = text.parse().or_else(|_| Decimal::from_scientific(text)).ok();
    if value.is_none() {
        let what = format!("{} is no number", quoted(text));
        let cure = "Write a decimal number, or -- for none.";
        let problem = Problem::of_row("feed.value", Some(line), what, cure);
        let column = COLUMNS[indicator.place()].1;
        problems.push(problem.weighing(Weight::Value).in_column(column));
    }
    value
}
