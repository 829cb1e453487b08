//! The days of a city, gathered from those of its stations.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use standards::air::hj663_ambient_air_assessment::Parameters;

use super::{Days, city_mean};
use crate::method::DayDecimals;
use crate::micro::{self, MISSING, ONE};

/// A city: sums and counts of its stations, day by day.
pub(super) struct City {
    pub(super) name: String,
    stations: HashMap<String, u32>,
    /// The stations that have a row in a year.
    of_year: HashMap<i16, Vec<bool>>,
    days: BTreeMap<Date, ([i64; 6], [u32; 6])>,
}

impl City {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            stations: HashMap::new(),
            of_year: HashMap::new(),
            days: BTreeMap::new(),
        }
    }

    /// The number of a station.
    pub(super) fn station(&mut self, name: &str) -> u32 {
        if let Some(number) = self.stations.get(name) {
            return *number;
        }
        let number = self.stations.len() as u32;
        self.stations.insert(name.to_owned(), number);
        number
    }

    /// How many stations the city has in a year.
    pub(super) fn stations(&self, year: i16) -> u32 {
        self.of_year.get(&year).map_or(0, |seen| seen.iter().filter(|seen| **seen).count() as u32)
    }

    pub(super) fn add(&mut self, station: u32, day: Date, values: &[i64; 6]) {
        let seen = self.of_year.entry(day.year()).or_default();
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

    /// The days of which a station has a row.
    pub(super) fn days(&self) -> impl Iterator<Item = Date> {
        self.days.keys().copied()
    }

    /// The values of days of the city.
    pub(super) fn values(
        &self,
        days: &[Date],
        parameters: &Parameters,
        decimals: DayDecimals,
    ) -> Days {
        let value = |day: &Date, place: usize| {
            let (sums, counts) = &self.days[day];
            let stations = self.stations(day.year());
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
