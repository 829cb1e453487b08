//! The days of a city, gathered from those of its stations.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use standards::air::hj663_ambient_air_assessment::Parameters;

use super::{Days, city_mean};
use crate::method::DayDecimals;
use crate::micro::{self, MISSING, ONE};
use crate::time::{date, day_of};

/// A city: sums and counts of its stations, day by day.
pub(super) struct City {
    pub(super) name: String,
    stations: HashMap<String, u32>,
    /// Which stations have a row in a year.
    of_year: BTreeMap<i16, Vec<bool>>,
    /// The year of the row before, and its first and last day.
    year: (i16, i32, i32),
    /// By days since 1970: sums and counts of the stations.
    days: HashMap<i32, ([i64; 6], [u32; 6])>,
}

impl City {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            stations: HashMap::new(),
            of_year: BTreeMap::new(),
            year: (0, 1, 0),
            days: HashMap::new(),
        }
    }

    /// The number of a station.
    pub(super) fn station(&mut self, name: &str) -> u32 {
        let next = self.stations.len() as u32;
        *self.stations.entry(name.to_owned()).or_insert(next)
    }

    /// How many stations the city has in a year.
    pub(super) fn stations(&self, year: i16) -> u32 {
        self.of_year.get(&year).map_or(0, |seen| seen.iter().filter(|seen| **seen).count() as u32)
    }

    /// Adds a day of a station, by its number since 1970.
    pub(super) fn add(&mut self, station: u32, day: i32, values: &[i64; 6]) {
        let (_, first, last) = self.year;
        if !(first..=last).contains(&day) {
            let Some(date) = date(day) else { return };
            self.year = (date.year(), day_of(date.first_of_year()), day_of(date.last_of_year()));
        }
        let seen = self.of_year.entry(self.year.0).or_default();
        if seen.len() <= station as usize {
            seen.resize(station as usize + 1, false);
        }
        seen[station as usize] = true;
        let (sums, counts) = self.days.entry(day).or_default();
        for place in 0..6 {
            if values[place] != MISSING {
                sums[place] += values[place];
                counts[place] += 1;
            }
        }
    }

    /// The days of which a station has a row, in order.
    pub(super) fn days(&self) -> Vec<Date> {
        let mut days: Vec<i32> = self.days.keys().copied().collect();
        days.sort_unstable();
        days.into_iter().filter_map(date).collect()
    }

    /// The values of days of the city.
    pub(super) fn values(
        &self,
        days: &[Date],
        parameters: &Parameters,
        decimals: DayDecimals,
    ) -> Days {
        let stations: BTreeMap<i16, u32> =
            self.of_year.keys().map(|year| (*year, self.stations(*year))).collect();
        let value = |day: &Date, place: usize| {
            let Some((sums, counts)) = self.days.get(&day_of(*day)) else { return MISSING };
            let stations = stations.get(&day.year()).copied().unwrap_or_default();
            let value = city_mean(sums[place], counts[place], stations, parameters);
            let unit = if place == 4 { ONE / 10 } else { ONE };
            match decimals {
                DayDecimals::Printed if value != MISSING => micro::mean(value, unit) * unit,
                _ => value,
            }
        };
        days.iter().map(|day| (*day, std::array::from_fn(|place| value(day, place)))).collect()
    }
}
