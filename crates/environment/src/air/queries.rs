//! The air now: stations, divisions, the city.

use super::rules::{FACTORS, concentrations_of, hourly_method};
use evaluation::{Newest, StoredVerdict};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use observations::{Latest, Row};
use registry::{MonitoringPoint, PointDetail, PointKind, Snapshot};
use rulebook::{Decimal, Period, round_half_even};
use standards::air::hj633_air_quality_index::{
    AirQuality, Concentrations, Item, air_quality_index,
};
use standards::air::hj663_ambient_air_assessment::{Parameters, city_value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An hour older than this is not "now" any more.
const FRESH: SignedDuration = SignedDuration::from_hours(4);

/// A station with its newest hour and what was judged of it.
#[derive(Clone, Debug)]
pub struct StationNow {
    /// The station.
    pub station: MonitoringPoint,
    /// Its newest hour.
    pub row: Option<Arc<Row>>,
    /// The verdict on it.
    pub verdict: Option<Arc<StoredVerdict>>,
    /// True when the hour is too old to be called now.
    pub is_stale: bool,
}

/// The stations in operation on the day of `now`, in the order of the city's files.
pub fn stations_now(
    snapshot: &Snapshot,
    latest: &Latest,
    newest: &Newest,
    now: Timestamp,
) -> Vec<StationNow> {
    let today = rulebook::beijing_offset().to_datetime(now).date();
    snapshot
        .points_of(PointKind::AirStation)
        .filter(|station| station.is_in_operation(today))
        .map(|station| {
            let row = latest.get(station.id, Period::Hour);
            let is_stale =
                row.as_ref().is_none_or(|row| now.duration_since(row.observed_at) > FRESH);
            StationNow {
                station: station.clone(),
                verdict: newest.get(station.id, super::RULE_HOUR, None),
                row,
                is_stale,
            }
        })
        .collect()
}

/// A place whose air is the mean of its stations.
#[derive(Clone, Debug)]
pub struct Place {
    /// The division's code.
    pub division: String,
    /// The hour.
    pub observed_at: Timestamp,
    /// How many stations entered.
    pub stations: usize,
    /// The index and what it rests on.
    pub air: AirQuality,
}

/// The city's air in its newest hour: the mean of its national stations without control points,
/// as the national rule wants it; `None` without any fresh hour.
///
/// # Note
/// HJ 663 asks for a share of the stations to be valid (`Parameters` of the standard); with fewer
/// there is no value for the city.
pub fn city_now(snapshot: &Snapshot, stations: &[StationNow]) -> Option<Place> {
    let counted = |station: &&StationNow| match &station.station.detail {
        PointDetail::AirStation(air) => air.network == "national" && !air.is_control_point,
        _ => false,
    };
    let members: Vec<&StationNow> = stations.iter().filter(counted).collect();
    place(snapshot, &snapshot.city.code, &members)
}

/// The air of every division that has stations, the best first; equal indices share a rank.
pub fn divisions_now(snapshot: &Snapshot, stations: &[StationNow]) -> Vec<(usize, Place)> {
    let mut members: BTreeMap<&str, Vec<&StationNow>> = BTreeMap::new();
    for station in stations {
        let is_control = matches!(&station.station.detail,
            PointDetail::AirStation(air) if air.is_control_point);
        if !is_control && station.station.division != snapshot.city.code {
            members.entry(&station.station.division).or_default().push(station);
        }
    }
    let mut places: Vec<Place> = members
        .into_iter()
        .filter_map(|(division, members)| place(snapshot, division, &members))
        .filter(|place| place.air.index.is_ok())
        .collect();
    let index = |place: &Place| place.air.index.clone().unwrap_or(u16::MAX);
    places.sort_by_key(index);
    let mut ranked: Vec<(usize, Place)> = Vec::with_capacity(places.len());
    for (position, place) in places.into_iter().enumerate() {
        let rank = match ranked.last() {
            Some((rank, before)) if index(before) == index(&place) => *rank,
            _ => position + 1,
        };
        ranked.push((rank, place));
    }
    ranked
}

/// The mean of the stations in the newest hour that enough of them have reported: just after the
/// full hour that is the hour before.
fn place(snapshot: &Snapshot, division: &str, members: &[&StationNow]) -> Option<Place> {
    let fresh = || members.iter().filter(|station| !station.is_stale);
    let mut hours: Vec<Timestamp> =
        fresh().filter_map(|station| Some(station.row.as_ref()?.observed_at)).collect();
    hours.sort_unstable();
    hours.dedup();
    let places =
        hours.into_iter().rev().filter_map(|hour| of_hour(snapshot, division, members, hour));
    let places: Vec<Place> = places.collect();
    let complete = places.iter().position(|place| place.air.index.is_ok());
    places.into_iter().nth(complete.unwrap_or(0))
}

fn of_hour(
    snapshot: &Snapshot,
    division: &str,
    members: &[&StationNow],
    observed_at: Timestamp,
) -> Option<Place> {
    let hours: Vec<Concentrations> = members
        .iter()
        .filter_map(|station| station.row.as_ref())
        .filter(|row| row.observed_at == observed_at)
        .map(|row| concentrations_of(snapshot, row))
        .collect();
    let on = rulebook::beijing_offset().to_datetime(observed_at).date();
    let method = hourly_method(on).ok()?;
    let air = air_quality_index(method, &concentrations(&hours, members.len(), on));
    Some(Place { division: division.to_owned(), observed_at, stations: hours.len(), air })
}

/// The mean of several stations' concentrations, rounded by GB/T 8170 to the decimals of the
/// standard; a pollutant that too few of the `stations` measured validly is missing.
pub fn concentrations(hours: &[Concentrations], stations: usize, on: Date) -> Concentrations {
    let Ok(parameters) = Parameters::in_force(on) else { return Concentrations::default() };
    FACTORS.iter().fold(Concentrations::default(), |air, (pollutant, _)| {
        let Some(item) = Item::of(*pollutant, 1) else { return air };
        let mut values: Vec<Option<Decimal>> = hours.iter().map(|hour| hour.get(item)).collect();
        values.resize(values.len().max(stations), None);
        let mean = city_value(&values, &parameters).ok();
        air.with_option(item, mean.map(|mean| round_half_even(mean, pollutant.decimals())))
    })
}
