//! Outdoor air (环境空气): the index of stations, divisions and the city.

mod queries;
mod rules;

pub use queries::{Place, StationNow, city_now, concentrations, divisions_now, stations_now};
pub use rules::{HourIndex, RULE_HOUR, concentrations_of, hourly_method};
