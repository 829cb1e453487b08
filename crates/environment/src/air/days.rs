//! Days and months of a station, made from its hours.

use super::rules::{FACTORS, concentrations_of};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use observations::Row;
use registry::Snapshot;
use rulebook::{Decimal, NotComputable, beijing_offset, round_half_even};
use standards::air::Pollutant;
use standards::air::gb3095_ambient_air_quality::{Averaging, Zone, limit};
use standards::air::hj633_air_quality_index::{
    AirQuality, Concentrations, Item, Method, Report, air_quality_index,
};
use standards::air::hj663_ambient_air_assessment::{Parameters, daily_maximum_8_hours, daily_mean};
use std::collections::BTreeMap;

/// A natural day of a station.
#[derive(Clone, Debug)]
pub struct Day {
    /// The day, Beijing time.
    pub date: Date,
    /// The means of the day, ozone by its daily maximum 8 h mean; rounded as published.
    pub air: Concentrations,
    /// The index of the day.
    pub index: Result<AirQuality, NotComputable>,
}

/// A calendar month of a station: arithmetic means of its days.
#[derive(Clone, Debug)]
pub struct Month {
    /// The first day of the month.
    pub first: Date,
    /// How many days have an index.
    pub days: usize,
    /// How many of them have an index of at most 100.
    pub good_days: usize,
    /// The mean of each pollutant's days, in the order of [`Pollutant::ALL`].
    pub means: [Option<Decimal>; 6],
}

/// The days that the hours make, oldest first. A day without enough hours has no value for that
/// pollutant, and says so in its index.
pub fn days(snapshot: &Snapshot, hours: &[Row]) -> Vec<Day> {
    let mut by_day: BTreeMap<Date, Vec<(usize, Concentrations)>> = BTreeMap::new();
    for row in hours {
        let local = beijing_offset().to_datetime(row.observed_at);
        let hour = usize::try_from(local.hour()).unwrap_or_default();
        by_day.entry(local.date()).or_default().push((hour, concentrations_of(snapshot, row)));
    }
    by_day.into_iter().map(|(date, hours)| day(date, &hours)).collect()
}

/// The day that these hours of its clock make.
pub fn day(date: Date, hours: &[(usize, Concentrations)]) -> Day {
    let air = Parameters::in_force(date).map_or_else(
        |_| Concentrations::default(),
        |parameters| {
            FACTORS.iter().fold(Concentrations::default(), |air, (pollutant, _)| {
                let value = of_day(*pollutant, hours, date, &parameters);
                let rounded = value.map(|value| round_half_even(value, pollutant.decimals()));
                match daily_item(*pollutant) {
                    Some(item) => air.with_option(item, rounded),
                    None => air,
                }
            })
        },
    );
    let index = Method::in_force(date, Report::Daily).map(|method| air_quality_index(method, &air));
    Day { date, air, index }
}

/// The item by which a pollutant's day is judged: ozone by 8 h, the others by 24 h.
pub fn daily_item(pollutant: Pollutant) -> Option<Item> {
    Item::of(pollutant, if pollutant == Pollutant::O3 { 8 } else { 24 })
}

fn of_day(
    pollutant: Pollutant,
    hours: &[(usize, Concentrations)],
    on: Date,
    parameters: &Parameters,
) -> Option<Decimal> {
    let item = Item::of(pollutant, 1)?;
    let mut values = [None; 24];
    for (hour, air) in hours {
        if let Some(place) = values.get_mut(*hour) {
            *place = air.get(item);
        }
    }
    if pollutant == Pollutant::O3 {
        let bound = limit("O3", Averaging::DailyMaximumOfEightHours, Zone::II, on).ok()?.limit;
        daily_maximum_8_hours(&values, bound, parameters).ok()
    } else {
        daily_mean(&values, parameters).ok()
    }
}

/// The months that the days make, oldest first.
pub fn months(days: &[Day]) -> Vec<Month> {
    let mut by_month: BTreeMap<(i16, i8), Vec<&Day>> = BTreeMap::new();
    for day in days {
        by_month.entry((day.date.year(), day.date.month())).or_default().push(day);
    }
    by_month
        .into_iter()
        .map(|((year, month), days)| of_month(date(year, month, 1), &days))
        .collect()
}

fn of_month(first: Date, days: &[&Day]) -> Month {
    let indices = || days.iter().filter_map(|day| day.index.as_ref().ok()?.index.as_ref().ok());
    let means = Pollutant::ALL.map(|pollutant| {
        let item = daily_item(pollutant)?;
        let values: Vec<Decimal> = days.iter().filter_map(|day| day.air.get(item)).collect();
        let count = Decimal::from(values.len());
        let mean = values.iter().sum::<Decimal>().checked_div(count)?;
        Some(round_half_even(mean, pollutant.decimals()))
    });
    Month {
        first,
        days: indices().count(),
        good_days: indices().filter(|index| **index <= 100).count(),
        means,
    }
}

/// The start of a day in Beijing.
pub(super) fn midnight(date: Date) -> Timestamp {
    beijing_offset()
        .to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
        .unwrap_or(Timestamp::MIN)
}

/// The start of the day that holds `now`, and so many days before it.
pub(super) fn days_back(now: Timestamp, days: i64) -> Timestamp {
    let today = midnight(beijing_offset().to_datetime(now).date());
    today.saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(today)
}
