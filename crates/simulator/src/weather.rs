//! The weather over the city: one for all points, so that their values move together.

use crate::noise::Noise;
use std::f64::consts::TAU;

const DAY: i64 = 86_400;
const BEIJING: i64 = 8 * 3600;

/// Local hour of the day with its fraction, 0 to 24.
pub(crate) fn hour_of_day(second: i64) -> f64 {
    (second + BEIJING).rem_euclid(DAY) as f64 / 3600.0
}

/// Day of the week, Monday = 0.
pub(crate) fn weekday(second: i64) -> i64 {
    // 1970-01-01 was a Thursday.
    ((second + BEIJING).div_euclid(DAY) + 3).rem_euclid(7)
}

/// A smooth hill over the hours of the day: 1 at `peak`, 0 beyond `width` hours from it.
pub(crate) fn hill(hour: f64, peak: f64, width: f64) -> f64 {
    let away = (hour - peak).abs();
    let away = away.min(24.0 - away);
    if away >= width { 0.0 } else { 0.5 + 0.5 * (std::f64::consts::PI * away / width).cos() }
}

/// What the sky does at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    /// Air temperature, degrees Celsius.
    pub temperature: f64,
    /// Relative humidity, per cent.
    pub humidity: f64,
    /// Rain, millimetres an hour.
    pub rain: f64,
    /// How still the air is (静稳程度): 0 swept clean, 1 nothing moves.
    pub stillness: f64,
    /// Sunshine: 0 night or overcast, 1 a clear noon.
    pub sunshine: f64,
    /// Wind speed, metres a second.
    pub wind: f64,
}

/// The source of the city's weather.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sky {
    front: Noise,
    cloud: Noise,
    rain: Noise,
    wind: Noise,
}

impl Sky {
    pub(crate) fn new(seed: u64) -> Self {
        let noise = Noise::new(seed, "weather");
        Self {
            front: noise.child("front"),
            cloud: noise.child("cloud"),
            rain: noise.child("rain"),
            wind: noise.child("wind"),
        }
    }

    /// Rain, millimetres an hour: a wet spell every few days, showers within it.
    pub(crate) fn rain(&self, second: i64) -> f64 {
        let spell = self.rain.smooth(second, 2 * DAY + 31_000);
        if spell < 0.25 {
            return 0.0;
        }
        let shower = self.rain.child("shower").smooth(second, 7_000);
        ((spell - 0.25) * 14.0 * (0.35 + shower)).max(0.0)
    }

    /// What the rain of the last two days still washes into the rivers, 0 to about 6.
    pub(crate) fn runoff(&self, second: i64) -> f64 {
        (0..16_i32)
            .map(|step| {
                let then = second - i64::from(step) * 3 * 3600;
                self.rain(then) * (-f64::from(step) / 5.0).exp()
            })
            .sum::<f64>()
            * 0.35
    }

    /// How still the air is, without the rest of the weather.
    fn stillness(&self, second: i64) -> f64 {
        let front = 0.75 * self.front.smooth(second, 3 * DAY)
            + 0.35 * self.front.smooth(second, 40_000)
            + 0.20 * self.front.smooth(second, 11_000);
        1.0 / (1.0 + (-3.6 * (front - 0.22)).exp())
    }

    /// The weather at a moment.
    pub(crate) fn at(&self, second: i64) -> Weather {
        let hour = hour_of_day(second);
        let day_of_year = (second + BEIJING).rem_euclid(31_556_952) as f64 / DAY as f64;
        let rain = self.rain(second);
        let stillness = self.stillness(second);
        let overcast = (0.45 + 0.5 * self.cloud.smooth(second, 60_000) - 0.35 * stillness
            + rain.min(2.0) * 0.3)
            .clamp(0.0, 1.0);
        let daylight = hill(hour, 12.5, 6.3);
        let sunshine = daylight * (1.0 - 0.8 * overcast);
        let season = (TAU * (day_of_year - 205.0) / 365.25).cos();
        let temperature = 21.6 + 7.4 * season + 4.2 * hill(hour, 14.5, 12.0) - 2.0
            + 2.6 * self.front.child("warmth").smooth(second, 2 * DAY)
            - rain.min(3.0) * 0.6;
        let humidity = (84.0 - 26.0 * sunshine
            + rain.min(4.0) * 4.0
            + 6.0 * self.cloud.smooth(second, 20_000))
        .clamp(25.0, 99.0);
        let wind = (0.6 + 3.4 * (1.0 - stillness) * (0.6 + 0.4 * daylight))
            * (1.0 + 0.3 * self.wind.smooth(second, 1_500));
        Weather { temperature, humidity, rain, stillness, sunshine, wind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_wet_and_dry_still_and_windy_times() {
        let sky = Sky::new(1);
        let start = 1_792_000_000;
        let hours: Vec<_> = (0..30 * 24).map(|hour| sky.at(start + hour * 3600)).collect();
        let share = |test: &dyn Fn(&Weather) -> bool| {
            hours.iter().filter(|weather| test(weather)).count() as f64 / hours.len() as f64
        };
        let wet = share(&|weather| weather.rain > 0.1);
        let still = share(&|weather| weather.stillness > 0.8);
        assert!((0.01..0.35).contains(&wet), "wet {wet}");
        assert!((0.03..0.4).contains(&still), "still {still}");
        for weather in &hours {
            assert!((0.0..=45.0).contains(&weather.temperature), "{weather:?}");
            assert!((0.0..=1.0).contains(&weather.sunshine), "{weather:?}");
            assert!(weather.wind > 0.0 && weather.wind < 9.0, "{weather:?}");
        }
    }

    #[test]
    fn the_week_and_the_day_are_local() {
        // 2026-11-23 08:30 in Beijing, a Monday.
        let second = 1_795_393_800;
        assert_eq!(weekday(second), 0);
        assert!((hour_of_day(second) - 8.5).abs() < 1e-9);
        assert_eq!(weekday(second - 9 * 3600), 6);
    }
}
