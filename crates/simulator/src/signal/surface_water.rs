//! Rivers of the south coast: oxygen follows light and warmth, rain brings mud and phosphorus.

use super::{Moment, Sample};
use crate::site::Site;
use crate::weather::{Weather, hill, hour_of_day};

/// All factors of a section at a moment; `runoff` is what the last days' rain washes in.
pub(super) fn moment(site: &Site, second: i64, weather: &Weather, runoff: f64) -> Moment {
    let burden = site.noise.child("burden").between(0.55, 1.25);
    let temperature = 0.75 * weather.temperature + 5.0;
    let light = hill(hour_of_day(second), 15.5, 9.0);
    let samples = site
        .factors
        .iter()
        .map(|factor| {
            let restless = factor.noise.wander(second);
            let raw = level(&factor.code, burden, temperature, light, runoff, restless);
            Sample { raw, converted: None }
        })
        .collect();
    Moment { samples, flow: 0.0, flag: b'N' }
}

/// Oxygen in fresh water at saturation, mg/L, by an exponential through 14.6 at 0 degrees and
/// 8.3 at 25 degrees.
fn saturation(temperature: f64) -> f64 {
    14.6 * (-0.0226 * temperature).exp()
}

fn level(code: &str, burden: f64, temperature: f64, light: f64, runoff: f64, restless: f64) -> f64 {
    match code {
        "w01010" => temperature + 0.6 * light + 0.3 * restless,
        "w01001" => 7.15 + 0.28 * light + 0.18 * restless - 0.03 * runoff.min(5.0),
        "w01009" => {
            saturation(temperature) * (0.94 - 0.14 * burden) + 1.3 * light + 0.5 * restless
                - 0.12 * runoff.min(5.0)
        }
        "w01014" => 120.0 + 150.0 * burden - 8.0 * runoff.min(6.0) + 12.0 * restless,
        "w01003" => (9.0 + 8.0 * burden) * (1.0 + 0.5 * restless) + 34.0 * runoff,
        "w01019" => (2.0 * burden + 0.5) * (1.0 + 0.18 * restless) + 0.25 * runoff,
        "w01018" => (9.0 * burden + 2.0) * (1.0 + 0.18 * restless) + runoff,
        "w21003" => (0.26 * burden * burden) * (1.0 + 0.45 * restless) + 0.03 * runoff,
        "w21011" => (0.085 * burden) * (1.0 + 0.3 * restless) + 0.022 * runoff,
        "w21001" => (1.9 * burden) * (1.0 + 0.2 * restless) + 0.12 * runoff,
        "w01016" => (6.0 * burden + 4.0 * light) * (1.0 + 0.4 * restless),
        _ => 1.0 + 0.3 * restless,
    }
    .max(0.001)
}
