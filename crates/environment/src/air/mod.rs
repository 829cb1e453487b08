//! Outdoor air (环境空气): the index of stations, divisions and the city.

mod api;
mod days;
mod pages;
mod panel;
mod published;
mod queries;
mod rules;
#[cfg(test)]
mod tests;

pub use days::{Day, Month, daily_item, day, days, months};
pub use published::StationHour;
pub use queries::{Place, StationNow, city_now, concentrations, divisions_now, stations_now};
pub use rules::{
    HourIndex, RULE_HOUR, concentrations_of, hourly_method, is_usable_flag, pollutant_of_code,
};

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "air",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation { path: "/air", zh: "空气", en: "Air", needs: None }],
        home: Some(|state, reader| Box::pin(async move { Ok(panel::home(&state, &reader)) })),
        map: Some(|state| Box::pin(async move { panel::map(&state) })),
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
