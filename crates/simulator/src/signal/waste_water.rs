//! Waste water behind a treatment plant: the flow follows the shifts, the rest its limits.

use super::{Moment, Sample};
use crate::site::{Site, SiteFactor};
use crate::weather::{hill, hour_of_day, weekday};

/// Whether the code is the flow of waste water (污水流量).
pub(super) fn is_flow(code: &str) -> bool {
    code == "w00000"
}

/// All factors of an outlet at a moment.
pub(super) fn moment(site: &Site, second: i64, air_temperature: f64) -> Moment {
    let flow = flow(site, second);
    let samples = site
        .factors
        .iter()
        .map(|factor| {
            let restless = factor.noise.wander(second);
            let raw = match factor.code.as_str() {
                "w00000" if factor.is_hourly_unit => flow * 3.6,
                "w00000" => flow,
                "w01001" => 7.25 + 0.45 * restless,
                "w01010" => 0.6 * air_temperature + 11.0 + restless,
                _ => concentration(factor, restless),
            };
            Sample { raw, converted: None }
        })
        .collect();
    Moment { samples, flow, flag: b'N' }
}

/// Litres a second: by shifts, with a basin that never quite runs empty.
fn flow(site: &Site, second: i64) -> f64 {
    let size = site.noise.child("size").between(2.0, 42.0);
    let hour = hour_of_day(second);
    let shifts = site.noise.child("shifts").unit(0);
    let work = if shifts < 0.4 {
        0.85 + 0.15 * hill(hour, 10.0, 10.0)
    } else {
        0.30 + 0.70 * hill(hour, 13.5, 9.5)
    };
    let week = if shifts > 0.7 && weekday(second) == 6 { 0.55 } else { 1.0 };
    size * work * week * (1.0 + 0.15 * site.noise.child("flow").wander(second))
}

fn concentration(factor: &SiteFactor, restless: f64) -> f64 {
    let usual = match (factor.limit, factor.code.as_str()) {
        (Some(limit), _) => limit * factor.share,
        (None, "w01018") => 28.0,
        (None, "w01012") => 9.0,
        (None, "w21003") => 1.9,
        (None, "w21011") => 0.22,
        (None, "w21001") => 8.5,
        (None, _) => 0.4,
    };
    usual * (1.0 + 0.34 * restless)
}
