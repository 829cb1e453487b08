//! The rules of each day met, looked up once, and days judged by them.

use std::collections::HashMap;

use jiff::civil::Date;
use standards::air::gb3095_ambient_air_quality::{Averaging, Zone, limit};
use standards::air::hj633_air_quality_index::{
    AirQuality, Concentrations, Edition, Item, Method as Index, Report, air_quality_index,
};
use standards::air::hj663_ambient_air_assessment::Parameters;
use standards::air::{Pollutant, PollutantSet};

use super::hours::{DayHours, DayRules, StationDay};
use crate::Settings;
use crate::method::DayDecimals;
use crate::micro::{self, MISSING};
use crate::problem::Problem;
use crate::time::date;

/// A judged day of a station.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub(super) unit: u32,
    pub(super) day: i32,
    pub(super) values: StationDay,
    pub(super) edition: Option<Edition>,
    pub(super) index: Option<(u16, PollutantSet)>,
}

/// Judges days.
pub(super) struct Judge {
    on: Option<Date>,
    decimals: DayDecimals,
    known: HashMap<i32, Option<(DayRules, Option<Index>)>>,
}

impl Judge {
    pub(super) fn new(settings: &Settings) -> Self {
        let (on, decimals) = (settings.on.first().copied(), settings.decimals);
        Self { on, decimals, known: HashMap::new() }
    }

    /// The day judged; `None` where no edition was in force.
    pub(super) fn day(&mut self, hours: &DayHours) -> Option<Judged> {
        let on = self.on;
        let look = || {
            let on = on.or_else(|| date(hours.day))?;
            Some((DayRules::in_force(on)?, daily_index(on)))
        };
        let (rules, index) = (*self.known.entry(hours.day).or_insert_with(look))?;
        let values = hours.judge(&rules, self.decimals);
        let air = index.map(|index| index_of_day(index, &values.values));
        Some(Judged {
            unit: hours.unit,
            day: hours.day,
            values,
            edition: index.map(Index::edition),
            index: air.and_then(|air| Some((air.index.ok()?, air.primary))),
        })
    }
}

/// No edition was in force on a day of a station.
pub(super) fn no_edition(_: &str, day: i32, _: i32, row: u64) -> Problem {
    let day = date(day).map_or_else(String::new, |day| day.to_string());
    let what = format!("no edition of HJ 663 was in force on {day}");
    let cure = "Judge by an edition that you name: --on 2016-01-01.";
    Problem::of_file("method.edition", what, cure).in_row(row)
}

impl DayRules {
    /// The rules in force on a day; `None` before the first edition.
    pub(crate) fn in_force(on: Date) -> Option<Self> {
        let parameters = Parameters::in_force(on).ok()?;
        let ozone =
            limit(Pollutant::O3.as_str(), Averaging::DailyMaximumOfEightHours, Zone::II, on)
                .ok()?;
        let micro::Read::Exact(ozone_limit) = micro::of_decimal(ozone.limit) else { return None };
        Some(Self {
            hours_of_a_day: parameters.hours_of_a_day,
            hours_of_8: parameters.hours_of_8,
            windows_of_a_day: parameters.windows_of_a_day,
            first_window: parameters.first_window,
            ozone_limit,
        })
    }
}

/// How the index of a day is made: as the text of 2026 says, as days were published before.
pub(crate) fn daily_index(on: Date) -> Option<Index> {
    match Edition::in_force(on).ok()? {
        Edition::Hj633_2012 => Some(Index::PUBLISHED_DAILY_2012),
        Edition::Hj633_2026 => Some(Index::as_written(Edition::Hj633_2026, Report::Daily)),
    }
}

/// The item of a day of each pollutant, in the order of `Pollutant::ALL`.
const ITEMS: [Item; 6] =
    [Item::So2Day, Item::No2Day, Item::Pm10Day, Item::Pm25Day, Item::CoDay, Item::O3EightHours];

/// The air quality of a day from its values in millionths.
pub(crate) fn index_of_day(index: Index, values: &[i64; 6]) -> AirQuality {
    let given = ITEMS.into_iter().zip(values).filter(|(_, value)| **value != MISSING);
    let air = given.fold(Concentrations::default(), |air, (item, value)| {
        air.with(item, rulebook::Decimal::new(*value, 6))
    });
    air_quality_index(index, &air)
}
