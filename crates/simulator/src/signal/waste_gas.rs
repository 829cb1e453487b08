//! Waste gas behind its purification: load by shifts, oxygen against load, and the raw value that
//! belongs to a converted one.

use super::{Moment, Sample};
use crate::site::{Site, SiteFactor};
use crate::weather::{hill, hour_of_day};

/// Oxygen in air, per cent by volume, as the conversion takes it (HJ 212-2017 annex D).
const AIR_OXYGEN: f64 = 21.0;

/// Whether the code is the flow of waste gas (废气流量).
pub(super) fn is_flow(code: &str) -> bool {
    code == "a00000"
}

/// All factors of an outlet at a moment.
pub(super) fn moment(site: &Site, second: i64) -> Moment {
    let load = load(site, second);
    let own = |name: &str| site.noise.child(name).wander(second);
    let oxygen = (site.reference_oxygen + 2.6 - 1.9 * load + 0.5 * own("oxygen")).clamp(2.0, 17.5);
    let area = site.noise.child("area").between(0.9, 6.5);
    let velocity = (4.2 + 7.6 * load) * (1.0 + 0.06 * own("velocity"));
    let temperature = site.noise.child("stack").between(52.0, 118.0) + 14.0 * load;
    let pressure = -0.12 - 0.16 * load + 0.05 * own("pressure");
    let moisture = site.noise.child("wet").between(6.0, 13.0) + 0.7 * own("moisture");
    let flow = area * velocity * 273.0 / (273.0 + temperature) * (101.325 + pressure) / 101.325
        * (1.0 - moisture / 100.0);
    let samples = site
        .factors
        .iter()
        .map(|factor| {
            let restless = factor.noise.wander(second);
            match factor.code.as_str() {
                "a00000" => plain(if factor.is_hourly_unit { flow * 3600.0 } else { flow }),
                "a01011" => plain(velocity),
                "a01012" => plain(temperature + 1.5 * restless),
                "a01013" => plain(pressure),
                "a01014" => plain(moisture),
                "a19001" => plain(oxygen),
                "a01901" => plain(905.0 + 40.0 * load + 18.0 * restless),
                _ => concentration(site, factor, oxygen, restless),
            }
        })
        .collect();
    Moment { samples, flow, flag: b'N' }
}

/// The share of full load at which the source runs.
fn load(site: &Site, second: i64) -> f64 {
    let hour = hour_of_day(second);
    let shifts = site.noise.child("shifts").unit(0);
    let work = if shifts < 0.6 {
        0.80 + 0.12 * hill(hour, 15.0, 12.0)
    } else {
        0.45 + 0.45 * hill(hour, 13.5, 9.0)
    };
    (work + 0.08 * site.noise.child("load").wander(second)).clamp(0.25, 1.05)
}

const fn plain(raw: f64) -> Sample {
    Sample { raw, converted: None }
}

/// The permit binds the converted value, so that is drawn first.
///
/// # Standard
/// HJ 212-2017 annex D: converted = raw x (21 - reference oxygen) / (21 - oxygen).
fn concentration(site: &Site, factor: &SiteFactor, oxygen: f64, restless: f64) -> Sample {
    let usual = match (factor.limit, factor.code.as_str()) {
        (Some(limit), _) => limit * factor.share,
        (None, "a34013") => 5.5,
        (None, "a21026") => 18.0,
        (None, "a21002") => 45.0,
        (None, "a21005") => 30.0,
        (None, "a24088") => 12.0,
        (None, _) => 1.5,
    };
    let judged = usual * (1.0 + 0.34 * restless);
    if factor.is_converted {
        let factor = (AIR_OXYGEN - site.reference_oxygen) / (AIR_OXYGEN - oxygen);
        Sample { raw: judged / factor, converted: Some(judged) }
    } else {
        plain(judged)
    }
}
