//! Reads a city's folder and checks everything in it.
//!
//! What is wrong stops the city from being used ([`Problem`]s in the error); what is doubtful but
//! true to its source is kept, marked, and told ([`CityFiles::warnings`]).
//! The files and their columns are described in `cities/README.md`.

mod check;
mod city;
mod problem;
mod rows;
mod table;

pub use problem::Problem;

use crate::model::{
    City, Confidence, Department, Division, LimitBound, Medium, Name, PointKind, Position,
    WaterBody,
};
use jiff::civil::Date;
use rulebook::Period;
use std::collections::BTreeMap;
use std::path::Path;

/// The files of a city: path seen from its folder, with `/`, and content.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A city as its files describe it, checked.
#[derive(Clone, Debug)]
pub struct CityFiles {
    /// The city.
    pub city: City,
    /// Divisions, dated.
    pub divisions: Vec<Listed<Division>>,
    /// Departments.
    pub departments: Vec<Listed<Department>>,
    /// The factors that this city shows.
    pub factors: Vec<Listed<ListedFactor>>,
    /// Enterprises.
    pub enterprises: Vec<Listed<ListedEnterprise>>,
    /// Stations, sections and outlets.
    pub points: Vec<Listed<ListedPoint>>,
    /// Devices.
    pub devices: Vec<Listed<ListedDevice>>,
    /// Limits.
    pub limits: Vec<Listed<ListedLimit>>,
    /// Files that are kept as they are: `case_kinds/`, `geo/`, `permits/`, `plan/`, `rules/`.
    pub kept_files: Files,
    /// What is doubtful, and was kept with a mark.
    pub warnings: Vec<Problem>,
}

/// A row with what every row has.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// What the row says.
    pub what: T,
    /// Where it comes from.
    pub source: String,
    /// How far it can be trusted.
    pub confidence: Confidence,
}

/// A row of `factors.csv`.
#[derive(Clone, Debug)]
pub struct ListedFactor {
    /// Code in HJ 212.
    pub code: String,
    /// Name.
    pub name: Name,
    /// Unit.
    pub unit: String,
    /// Decimals shown.
    pub decimals: u32,
    /// Unit at an air station, where it is another one.
    pub air_unit: Option<String>,
    /// Decimals at an air station, where they are others.
    pub air_decimals: Option<u32>,
}

/// A row of `enterprises.csv`.
#[derive(Clone, Debug)]
pub struct ListedEnterprise {
    /// Code.
    pub code: String,
    /// Name.
    pub name: Name,
    /// Code of the division.
    pub division: String,
    /// GB/T 4754 class.
    pub industry: String,
    /// True when invented.
    pub is_fictitious: bool,
}

/// A row of `air_stations.csv`, `water_sections.csv` or `outlets.csv`.
#[derive(Clone, Debug)]
pub struct ListedPoint {
    /// Code, unique within the kind.
    pub code: String,
    /// Name.
    pub name: Name,
    /// Code of the division.
    pub division: String,
    /// Position, when it can be trusted.
    pub position: Option<Position>,
    /// What is uncertain about the position.
    pub position_note: Option<String>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// What is particular to the kind.
    pub detail: ListedDetail,
}

/// What is particular to a kind of point in its file.
#[derive(Clone, Debug)]
pub enum ListedDetail {
    /// An outlet.
    Outlet {
        /// Code of the enterprise.
        enterprise: String,
        /// Number in the permit.
        number: String,
        /// Waste water or gas.
        medium: Medium,
    },
    /// An air station.
    AirStation {
        /// `national`, `provincial` or `municipal`.
        network: String,
        /// Takes no part in the city's mean.
        is_control_point: bool,
    },
    /// A water section.
    WaterSection {
        /// `national`, `provincial` or `municipal`.
        network: String,
        /// River or lake by name, empty when unknown.
        water: String,
        /// River or lake.
        body: WaterBody,
        /// Class to be reached.
        target_class: Option<u8>,
    },
}

impl ListedPoint {
    /// Its kind.
    pub const fn kind(&self) -> PointKind {
        match self.detail {
            ListedDetail::Outlet { .. } => PointKind::Outlet,
            ListedDetail::AirStation { .. } => PointKind::AirStation,
            ListedDetail::WaterSection { .. } => PointKind::WaterSection,
        }
    }
}

/// A row of `devices.csv`.
#[derive(Clone, Debug)]
pub struct ListedDevice {
    /// MN.
    pub mn: String,
    /// PW.
    pub password: String,
    /// Kind of its point.
    pub point_kind: PointKind,
    /// Code of its point.
    pub point: String,
    /// ST.
    pub system_type: u8,
    /// Codes of the factors it is to report.
    pub factors: Vec<String>,
    /// Seconds between real-time values.
    pub realtime_interval_s: Option<u32>,
    /// Minutes between minute values.
    pub minute_interval_min: Option<u32>,
    /// Hours between hour values.
    pub hour_interval_h: Option<u32>,
}

/// A row of `limits.csv`.
#[derive(Clone, Debug)]
pub struct ListedLimit {
    /// Code of the outlet, `ENTERPRISE/NUMBER`.
    pub point: String,
    /// Code of the factor.
    pub factor: String,
    /// Period judged.
    pub period: Period,
    /// The bound.
    pub bound: LimitBound,
    /// Judged on the converted value.
    pub on_converted: bool,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// Reads and checks the city in `folder`; the folder's name is the city's key.
///
/// # Errors
/// Everything that is wrong, file by file.
pub fn read_city(folder: &Path) -> Result<CityFiles, Vec<Problem>> {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let key = absolute.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut files = Files::new();
    let read = gather(&absolute, "", &mut files);
    match (key, read) {
        (Some(key), Ok(())) => check_city(&key, &files),
        (_, Err(error)) => Err(vec![Problem::of_file(
            &folder.display().to_string(),
            format!("the folder cannot be read: {error}"),
            "Name the folder of a city, like cities/zhangzhou",
        )]),
        (None, _) => Err(vec![Problem::of_file(
            &folder.display().to_string(),
            "the folder has no name",
            "Name the folder of a city, like cities/zhangzhou",
        )]),
    }
}

fn gather(folder: &Path, prefix: &str, files: &mut Files) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(['.', '~']) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Checks the files of the city `key`, wherever they come from.
///
/// # Errors
/// Everything that is wrong, file by file.
pub fn check_city(key: &str, files: &Files) -> Result<CityFiles, Vec<Problem>> {
    check::check_city(key, files)
}
