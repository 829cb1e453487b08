//! The city's air by days: the mean of its national stations without control points (HJ 663-2013).

use super::{Reading, Sources, last_day, midnight, year_of};
use crate::GovernanceError;
use ::store::Store;
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use observations::Row;
use plan::indicator::Item as Entered;
use registry::{MonitoringPoint, PointDetail, PointKind, Snapshot};
use rulebook::{Decimal, Period, beijing_offset, round_half_even};
use standards::air::Pollutant;
use standards::air::gb3095_ambient_air_quality::{Averaging, Zone, limit};
use standards::air::hj633_air_quality_index::{
    Concentrations, Item, Method, Report, air_quality_index,
};
use standards::air::hj663_ambient_air_assessment::{
    Parameters, city_value, daily_maximum_8_hours, daily_mean, evaluate_year,
};
use std::collections::BTreeMap;

/// The factors of HJ 212 in which the six pollutants come.
pub(crate) const FACTORS: [(Pollutant, &str); 6] = [
    (Pollutant::So2, "a21026"),
    (Pollutant::No2, "a21004"),
    (Pollutant::Pm10, "a34002"),
    (Pollutant::Pm25, "a34004"),
    (Pollutant::Co, "a21005"),
    (Pollutant::O3, "a05024"),
];

/// A day of the city.
pub(crate) struct CityDay {
    /// The mean of the stations, by the place in [`FACTORS`].
    pub(crate) means: [Option<Decimal>; 6],
    /// The index of the day.
    pub(crate) index: Option<u16>,
}

/// The stations that make the city's air on a day.
pub(crate) fn counted(snapshot: &Snapshot, on: Date) -> Vec<&MonitoringPoint> {
    let is_counted = |point: &&MonitoringPoint| match &point.detail {
        PointDetail::AirStation(air) => air.network == "national" && !air.is_control_point,
        _ => false,
    };
    let stations = snapshot.points_of(PointKind::AirStation).filter(is_counted);
    stations.filter(|point| point.is_in_operation(on)).collect()
}

/// What a station's day gives, by the place in [`FACTORS`]; where too few hours are valid, nothing.
pub(crate) fn station_day(snapshot: &Snapshot, on: Date, rows: &[&Row]) -> [Option<Decimal>; 6] {
    let Ok(parameters) = Parameters::in_force(on) else { return [None; 6] };
    FACTORS.map(|(pollutant, code)| {
        let factor = snapshot.factor_by_code(code)?.id;
        let mut hours = [None; 24];
        for row in rows {
            let hour = beijing_offset().to_datetime(row.observed_at).hour();
            let value = row.factor(factor).filter(|it| matches!(it.flag, None | Some(b'N')));
            if let Some(place) = hours.get_mut(usize::try_from(hour).unwrap_or_default()) {
                *place = value.and_then(|it| it.value);
            }
        }
        let value = if pollutant == Pollutant::O3 {
            let bound = limit("O3", Averaging::DailyMaximumOfEightHours, Zone::II, on).ok()?.limit;
            daily_maximum_8_hours(&hours, bound, &parameters)
        } else {
            daily_mean(&hours, &parameters)
        };
        value.ok().map(|value| round_half_even(value, pollutant.decimals()))
    })
}

/// The city's day from those of its stations; one that has none counts as invalid.
pub(crate) fn city_day(on: Date, stations: &[[Option<Decimal>; 6]]) -> CityDay {
    let mut means = [None; 6];
    let mut air = Concentrations::default();
    if let Ok(parameters) = Parameters::in_force(on) {
        for (place, (pollutant, _)) in FACTORS.iter().enumerate() {
            let values: Vec<_> = stations.iter().map(|station| station[place]).collect();
            let mean = city_value(&values, &parameters).ok();
            means[place] = mean.map(|mean| round_half_even(mean, pollutant.decimals()));
            let hours = if *pollutant == Pollutant::O3 { 8 } else { 24 };
            if let Some(item) = Item::of(*pollutant, hours) {
                air = air.with_option(item, means[place]);
            }
        }
    }
    let method = Method::in_force(on, Report::Daily).ok();
    let index = method.and_then(|method| air_quality_index(method, &air).index.ok());
    CityDay { means, index }
}

/// The hours of the city's stations on a day.
pub(crate) async fn hours_of<'city>(
    store: &Store,
    snapshot: &'city Snapshot,
    on: Date,
) -> Result<Vec<(&'city MonitoringPoint, Vec<Row>)>, GovernanceError> {
    let from = midnight(on);
    let until = from.saturating_add(SignedDuration::from_hours(24)).unwrap_or(from);
    let mut all = Vec::new();
    for station in counted(snapshot, on) {
        let rows = observations::series(store, station.id, Period::Hour, from..until).await?;
        all.push((station, rows));
    }
    Ok(all)
}

/// The days of a year that have any hour.
async fn city_days(
    reading: &Reading<'_>,
    year: i16,
) -> Result<BTreeMap<Date, CityDay>, GovernanceError> {
    let snapshot = reading.snapshot;
    let mut by_day: BTreeMap<Date, Vec<[Option<Decimal>; 6]>> = BTreeMap::new();
    for station in counted_ever(snapshot) {
        let rows =
            observations::series(reading.store, station.id, Period::Hour, year_of(year)).await?;
        let mut days: BTreeMap<Date, Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            days.entry(beijing_offset().to_datetime(row.observed_at).date()).or_default().push(row);
        }
        for (on, rows) in days {
            if station.is_in_operation(on) {
                by_day.entry(on).or_default().push(station_day(snapshot, on, &rows));
            }
        }
    }
    Ok(by_day
        .into_iter()
        .map(|(on, mut stations)| {
            stations.resize(stations.len().max(counted(snapshot, on).len()), [None; 6]);
            (on, city_day(on, &stations))
        })
        .collect())
}

fn counted_ever(snapshot: &Snapshot) -> impl Iterator<Item = &MonitoringPoint> {
    snapshot.points_of(PointKind::AirStation).filter(|point| match &point.detail {
        PointDetail::AirStation(air) => air.network == "national" && !air.is_control_point,
        _ => false,
    })
}

/// Days of the city, and the year's evaluation of the six pollutants.
pub(super) async fn gather(
    reading: &Reading<'_>,
    year: i16,
    sources: &mut Sources,
) -> Result<(), GovernanceError> {
    let days = city_days(reading, year).await?;
    // A day that is not over has no value yet.
    let over = days.range(..reading.today());
    let entered = |on: Date, value: Decimal| Entered {
        key: reading.snapshot.city.name.zh.clone(),
        on,
        value,
        link: format!("/plan/air/{on}"),
    };
    for (on, day) in over {
        for ((_, code), mean) in FACTORS.iter().zip(day.means) {
            let items = sources.entry(format!("air.city.{code}")).or_default();
            items.extend(mean.map(|mean| entered(*on, mean)));
        }
        let items = sources.entry("air.city.aqi".to_owned()).or_default();
        items.extend(day.index.map(|index| entered(*on, index.into())));
    }
    let attaining = attaining(&days, year);
    sources.insert("air.items_attaining".to_owned(), attaining.unwrap_or_default());
    Ok(())
}

/// One for each pollutant that attains, zero for one that does not; nothing unless all six can be
/// evaluated.
fn attaining(days: &BTreeMap<Date, CityDay>, year: i16) -> Option<Vec<Entered>> {
    let parameters = Parameters::in_force(last_day(year)).ok()?;
    let evaluated = |(place, (pollutant, _)): (usize, &(Pollutant, &str))| {
        let series: Vec<_> = days.iter().map(|(on, day)| (*on, day.means[place])).collect();
        let found =
            evaluate_year(*pollutant, &series, Zone::II, last_day(year), &parameters).ok()?;
        Some(Entered {
            key: pollutant.as_str().to_owned(),
            on: last_day(year),
            value: Decimal::from(u8::from(found.value.attains())),
            link: format!("/plan/air/{}", date(year, 1, 1)),
        })
    };
    FACTORS.iter().enumerate().map(evaluated).collect()
}
