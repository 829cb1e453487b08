//! The air of a southern coastal city: fine dust in still air, ozone on sunny afternoons, nitrogen
//! dioxide in the rush hours, everything washed out by rain.

use super::{Moment, Sample};
use crate::site::Site;
use crate::weather::{Weather, hill, hour_of_day, weekday};

/// All factors of a station at a moment.
pub(super) fn moment(site: &Site, second: i64, weather: &Weather) -> Moment {
    let air = Air::new(site, second, weather);
    let samples = site
        .factors
        .iter()
        .map(|factor| {
            let restless = factor.noise.wander(second);
            let raw = air.level(&factor.code, restless).unwrap_or(1.0 + 0.3 * restless);
            Sample { raw, converted: None }
        })
        .collect();
    Moment { samples, flow: 0.0, flag: b'N' }
}

/// What the levels at a station depend on.
struct Air<'weather> {
    weather: &'weather Weather,
    /// How much dirtier than the city's mean the place is.
    place: f64,
    /// Traffic, 0 to 1.
    traffic: f64,
    /// What the rain leaves in the air, 0 to 1.
    washed: f64,
    /// Fine dust, micrograms a cubic metre, before the station's own restlessness.
    dust: f64,
    wind_direction: f64,
}

impl<'weather> Air<'weather> {
    fn new(site: &Site, second: i64, weather: &'weather Weather) -> Self {
        let place = site.noise.child("place").between(0.84, 1.18);
        let hour = hour_of_day(second);
        let weekend = if weekday(second) >= 5 { 0.72 } else { 1.0 };
        let rush = hill(hour, 8.0, 2.6).max(hill(hour, 18.6, 3.4));
        let washed = 1.0 - 0.55 * (weather.rain / 3.0).min(1.0);
        let evening = 1.0 + 0.14 * hill(hour, 21.5, 6.0) - 0.10 * hill(hour, 14.0, 5.0);
        let dust = (9.0 + 72.0 * weather.stillness.powf(1.5)) * evening * washed;
        let wind_direction =
            120.0 + 110.0 * site.noise.child("wind").smooth(second, 18_000) + 40.0 * rush;
        Self { weather, place, traffic: rush * weekend, washed, dust, wind_direction }
    }

    fn level(&self, code: &str, restless: f64) -> Option<f64> {
        let weather = self.weather;
        let still = weather.stillness;
        let level = match code {
            "a34004" => self.place * self.dust * (1.0 + 0.34 * restless),
            "a34002" => {
                self.place * (self.dust * 1.22 + 13.0 * self.washed) * (1.0 + 0.34 * restless)
            }
            "a21026" => 5.4 + 2.4 * self.place * self.traffic + 3.2 * still + 3.6 * restless,
            "a21004" => {
                self.place
                    * (8.0 + 17.0 * self.traffic * (0.5 + still) + 13.0 * still)
                    * (1.0 + 0.22 * restless)
            }
            "a21005" => 0.36 + 0.42 * still + 0.22 * self.traffic + 0.24 * restless,
            "a05024" => {
                let made = (48.0 + 128.0 * still) * weather.sunshine;
                46.0 + made - 15.0 * self.traffic - 14.0 * still + 9.0 * restless
            }
            "a01001" => weather.temperature + 0.5 * restless,
            "a01002" => weather.humidity + 2.0 * restless,
            "a01006" => 101.3 + 0.7 * still - 0.3 * weather.rain.min(2.0) + 0.1 * restless,
            "a01007" => weather.wind * (1.0 + 0.25 * restless),
            "a01008" => (self.wind_direction + 30.0 * restless).rem_euclid(360.0),
            _ => return None,
        };
        Some(level.max(if code == "a21005" { 0.1 } else { 1.0 }))
    }
}
