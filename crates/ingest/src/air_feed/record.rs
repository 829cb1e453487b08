//! One station and hour of the publication, with each value's true meaning.

use jiff::{SignedDuration, Timestamp};
use rulebook::Decimal;

use super::fields::{Field, Fields, VALUES};
use crate::files::problem::quoted;
use crate::files::time::{self, FileTime};
use crate::files::{Problem, Weight, is_missing};

/// Concentrations as published: ug/m3, carbon monoxide mg/m3; `None` = not published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concentrations {
    /// SO2 of this hour.
    pub so2: Option<Decimal>,
    /// SO2, mean of 24 hours.
    pub so2_24h: Option<Decimal>,
    /// NO2 of this hour.
    pub no2: Option<Decimal>,
    /// NO2, mean of 24 hours.
    pub no2_24h: Option<Decimal>,
    /// CO of this hour.
    pub co: Option<Decimal>,
    /// CO, mean of 24 hours.
    pub co_24h: Option<Decimal>,
    /// Ozone of this hour: the column `o3_24h`.
    pub o3: Option<Decimal>,
    /// The day's largest hour of ozone so far: the column `o3`.
    pub o3_largest_hour_of_day: Option<Decimal>,
    /// Ozone, running mean of 8 hours: the column `o3_8h_24h`.
    pub o3_8h: Option<Decimal>,
    /// The day's largest running mean of 8 hours of ozone so far: the column `o3_8h`.
    pub o3_8h_largest_of_day: Option<Decimal>,
    /// PM10 of this hour.
    pub pm10: Option<Decimal>,
    /// PM10, mean of 24 hours.
    pub pm10_24h: Option<Decimal>,
    /// PM2.5 of this hour.
    pub pm25: Option<Decimal>,
    /// PM2.5, mean of 24 hours.
    pub pm25_24h: Option<Decimal>,
}

/// A position as the publisher prints it, to be compared with the city before it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedPosition {
    /// East, degrees.
    pub longitude: Decimal,
    /// North, degrees.
    pub latitude: Decimal,
}

impl PublishedPosition {
    /// Whether it lies within west, south, east, north.
    pub fn is_within(&self, bounds: [f64; 4]) -> bool {
        let edge = |degrees: f64| Decimal::try_from(degrees).unwrap_or_default();
        let [west, south, east, north] = bounds.map(edge);
        (west..=east).contains(&self.longitude) && (south..=north).contains(&self.latitude)
    }
}

/// One station and hour of the publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AirRecord {
    /// The line or number of the record in its file.
    pub line: u64,
    /// The station's code, `2074A`.
    pub station: String,
    /// The station's name as printed.
    pub name: String,
    /// The city as printed.
    pub area: String,
    /// The time as printed: the end of the hour.
    pub published_at: FileTime,
    /// Where the publisher says that the station stands.
    pub position: Option<PublishedPosition>,
    /// The concentrations.
    pub concentrations: Concentrations,
    /// The published index (AQI).
    pub aqi: Option<u32>,
    /// The published level (`良`), empty when withheld.
    pub level: String,
    /// The published primary pollutant, empty when there is none.
    pub primary: String,
}

impl AirRecord {
    /// The start of the hour.
    pub fn hour_begins_at(&self) -> Option<Timestamp> {
        let end = self.published_at.timestamp()?;
        end.checked_sub(SignedDuration::from_hours(1)).ok()
    }

    /// Whether another record publishes the same.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.concentrations == other.concentrations
            && self.aqi == other.aqi
            && self.level == other.level
            && self.primary == other.primary
    }
}

/// Makes a record of the texts; what cannot be believed is said and left out.
pub(super) fn build(raw: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<AirRecord> {
    let line = Some(raw.line);
    let station = raw.get(Field::Station);
    if is_missing(station) {
        let cure = "The row of a whole city has no station: leave it out.";
        problems.push(Problem::of_row("feed.station", line, "no station code", cure));
        return None;
    }
    let written = raw.get(Field::Time);
    let Some(published_at) = time::parse(written) else {
        let what = format!("{} of station {station} is no time", quoted(written));
        let cure = "Write Beijing time as 2018-02-20T07:00:00.";
        problems.push(Problem::of_row("feed.time", line, what, cure).in_column("TimePoint"));
        return None;
    };
    if published_at.wrote_z {
        let what = format!("{} ends in Z and was read as Beijing time", quoted(written));
        let cure = "The publisher's clock is meant; leave the Z out to silence this.";
        let problem = Problem::of_row("feed.time_zone", line, what, cure);
        problems.push(problem.weighing(Weight::Note).in_column("TimePoint"));
    }
    let mut values = VALUES
        .iter()
        .enumerate()
        .map(|(place, name)| number(raw.get(Field::Value(place)), name, raw.line, problems));
    let mut next = || values.next().flatten();
    let concentrations = Concentrations {
        so2: next(),
        so2_24h: next(),
        no2: next(),
        no2_24h: next(),
        co: next(),
        co_24h: next(),
        o3_largest_hour_of_day: next(),
        o3: next(),
        o3_8h_largest_of_day: next(),
        o3_8h: next(),
        pm10: next(),
        pm10_24h: next(),
        pm25: next(),
        pm25_24h: next(),
    };
    drop(values);
    Some(AirRecord {
        line: raw.line,
        station: station.to_owned(),
        name: word(raw.get(Field::Name)),
        area: word(raw.get(Field::Area)),
        published_at,
        position: position(raw, problems),
        concentrations,
        aqi: index(raw, problems),
        level: word(raw.get(Field::Level)),
        primary: word(raw.get(Field::Primary)),
    })
}

fn word(cell: &str) -> String {
    if is_missing(cell) { String::new() } else { cell.to_owned() }
}

fn number(cell: &str, column: &str, line: u64, problems: &mut Vec<Problem>) -> Option<Decimal> {
    if is_missing(cell) {
        return None;
    }
    let value = cell.parse().or_else(|_| Decimal::from_scientific(cell)).ok();
    let value = value.filter(|value: &Decimal| !value.is_sign_negative() || value.is_zero());
    if value.is_none() {
        let what = format!("{} is no concentration", quoted(cell));
        let cure = "Write a decimal number, or leave the cell empty.";
        let problem = Problem::of_row("feed.value", Some(line), what, cure);
        problems.push(problem.weighing(Weight::Value).in_column(column));
    }
    value
}

fn index(raw: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<u32> {
    let value = number(raw.get(Field::Index), "aqi", raw.line, problems)?;
    let whole = value.is_integer().then(|| u32::try_from(value).ok()).flatten();
    if whole.is_none() {
        let what = format!("AQI {value} is no whole number");
        let problem = Problem::of_row("feed.value", Some(raw.line), what, "Write it as printed.");
        problems.push(problem.weighing(Weight::Value).in_column("aqi"));
    }
    whole
}

fn position(raw: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<PublishedPosition> {
    let longitude = number(raw.get(Field::Longitude), "longitude", raw.line, problems)?;
    let latitude = number(raw.get(Field::Latitude), "latitude", raw.line, problems)?;
    Some(PublishedPosition { longitude, latitude })
}
