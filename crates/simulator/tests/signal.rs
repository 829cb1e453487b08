//! The values: the same each time, plausible, moving together where one weather moves them.

mod city;

use city::{SEED, zhangzhou};
use jiff::{SignedDuration, Timestamp};
use rulebook::{Decimal, Period, parse_beijing};
use simulator::{Event, Fault, Reading, Report, Scenario, Signal, Site, SiteKind};
use std::sync::Arc;

const HOUR: i64 = 3600;

fn start() -> Timestamp {
    parse_beijing("20261024000000").expect("a time")
}

fn at(hour: i64) -> Timestamp {
    start() + SignedDuration::from_hours(hour)
}

fn sound() -> Signal {
    Signal::new(SEED, Arc::default())
}

fn float(value: Decimal) -> f64 {
    value.to_string().parse().expect("a number")
}

/// The hour means of a factor over a month.
fn hours(signal: &Signal, site: &Site, code: &str) -> Vec<f64> {
    let index = site.factor(code).expect("the site reports it");
    let report = |hour| signal.report(site, Period::Hour, at(hour), HOUR);
    (0..30 * 24).map(|hour| float(report(hour).readings[index].value)).collect()
}

fn of_kind(sites: &[Site], kind: SiteKind) -> Vec<&Site> {
    sites.iter().filter(|site| site.kind == kind).collect()
}

#[tokio::test]
async fn a_value_does_not_depend_on_what_was_asked_before() {
    let (_test, sites) = zhangzhou().await;
    let reports = |order: &[i64]| {
        let signal = sound();
        let mut reports: Vec<(i64, usize, Report)> = Vec::new();
        for hour in order {
            for (place, site) in sites.iter().enumerate().step_by(7) {
                let report = signal.report(site, Period::Hour, at(*hour), HOUR);
                reports.push((*hour, place, report));
            }
        }
        reports.sort_by_key(|(hour, place, _)| (*hour, *place));
        reports
    };
    assert_eq!(reports(&[0, 5, 100, 719]), reports(&[719, 0, 100, 5]));
    let station = of_kind(&sites, SiteKind::AirStation)[0];
    let other_weather = Signal::new(SEED + 1, Arc::default());
    let reports = [sound(), other_weather].map(|it| it.report(station, Period::Hour, at(0), HOUR));
    assert_ne!(reports[0], reports[1]);
}

#[tokio::test]
async fn every_value_is_plausible_and_has_the_factor_s_decimals() {
    let (_test, sites) = zhangzhou().await;
    let signal = sound();
    for site in &sites {
        for hour in (0..30 * 24).step_by(11) {
            let report = signal.report(site, Period::Hour, at(hour), HOUR);
            for (reading, factor) in report.readings.iter().zip(&site.factors) {
                let value = float(reading.value);
                let (low, high) = plausible(site.kind, &factor.code);
                let place = format!("{} {} hour {hour}: {value}", site.mn, factor.code);
                assert!((low..=high).contains(&value), "{place}");
                assert_eq!(reading.value.scale(), factor.decimals, "{place}");
                assert_eq!(reading.flag, b'N', "{place}");
                if let Some((least, most)) = reading.range {
                    assert!(least <= reading.value && reading.value <= most, "{place}");
                }
                if let Some(limit) = factor.limit {
                    let judged = reading.converted.map_or(value, |it| float(it.mean));
                    assert!(judged < limit, "{place} over {limit} without a fault");
                }
            }
        }
    }
}

fn plausible(kind: SiteKind, code: &str) -> (f64, f64) {
    match (kind, code) {
        (SiteKind::AirStation, "a34004") => (1.0, 150.0),
        (SiteKind::AirStation, "a34002") => (3.0, 220.0),
        (SiteKind::AirStation, "a21026") => (1.0, 20.0),
        (SiteKind::AirStation, "a21004") => (1.0, 90.0),
        (SiteKind::AirStation, "a21005") => (0.1, 2.0),
        (SiteKind::AirStation, "a05024") => (1.0, 280.0),
        (_, "w01001") => (6.0, 9.0),
        (_, "w01010") => (5.0, 40.0),
        (_, "w01009") => (3.0, 14.0),
        (_, "w01014") => (30.0, 600.0),
        (_, "w01003") => (1.0, 400.0),
        (_, "w01019") => (0.5, 10.0),
        (SiteKind::WaterSection, _) => (0.001, 8.0),
        (_, "a19001") => (2.0, 18.0),
        (_, "a01013") => (-2.0, 0.5),
        (_, "a01012") => (40.0, 160.0),
        (_, "a01014") => (3.0, 20.0),
        (_, "a01901") => (850.0, 1100.0),
        _ => (0.0, 600.0),
    }
}

#[tokio::test]
async fn ozone_is_high_in_the_afternoon_and_nitrogen_dioxide_in_the_rush_hours() {
    let (_test, sites) = zhangzhou().await;
    let signal = sound();
    let site = of_kind(&sites, SiteKind::AirStation)[0];
    let mean_at = |code: &str, hour: usize| {
        let values = hours(&signal, site, code);
        values.iter().skip(hour).step_by(24).sum::<f64>() / 30.0
    };
    assert!(mean_at("a05024", 14) > mean_at("a05024", 4) + 15.0);
    assert!(mean_at("a05024", 14) > mean_at("a05024", 8) + 15.0);
    assert!(mean_at("a21004", 18) > mean_at("a21004", 13) + 4.0);
}

#[tokio::test]
async fn stations_share_the_weather() {
    let (_test, sites) = zhangzhou().await;
    let signal = sound();
    let stations = of_kind(&sites, SiteKind::AirStation);
    let [one, other] = [stations[0], stations[9]].map(|site| hours(&signal, site, "a34004"));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_one, mean_other) = (mean(&one), mean(&other));
    let together = one.iter().zip(&other).map(|(a, b)| (a - mean_one) * (b - mean_other));
    let spread = |values: &[f64], mean: f64| {
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>().sqrt()
    };
    let correlation = together.sum::<f64>() / spread(&one, mean_one) / spread(&other, mean_other);
    assert!(correlation > 0.8, "correlation {correlation}");
}

#[tokio::test]
async fn the_air_moves_between_excellent_and_lightly_polluted() {
    let (_test, sites) = zhangzhou().await;
    let signal = sound();
    let stations = of_kind(&sites, SiteKind::AirStation);
    let columns: Vec<_> = stations.iter().map(|site| hours(&signal, site, "a34004")).collect();
    let city: Vec<f64> = (0..30 * 24)
        .map(|hour| columns.iter().map(|column| column[hour]).sum::<f64>() / columns.len() as f64)
        .collect();
    let share = |low: f64, high: f64| {
        city.iter().filter(|value| (low..high).contains(*value)).count() as f64 / city.len() as f64
    };
    eprintln!("PM2.5: {:.2} {:.2} {:.2}", share(0.0, 35.0), share(35.0, 75.0), share(75.0, 999.0));
    assert!(share(0.0, 35.0) > 0.4, "excellent {}", share(0.0, 35.0));
    assert!(share(35.0, 75.0) > 0.05, "good {}", share(35.0, 75.0));
    assert!((0.003..0.15).contains(&share(75.0, 115.0)), "light {}", share(75.0, 115.0));
    assert!(share(115.0, 999.0) < 0.01);
}

#[tokio::test]
async fn oxygen_follows_the_sun_and_rain_stirs_the_rivers() {
    let (_test, sites) = zhangzhou().await;
    let signal = sound();
    let site = of_kind(&sites, SiteKind::WaterSection)[0];
    let oxygen = hours(&signal, site, "w01009");
    let mean_at = |hour: usize| oxygen.iter().skip(hour).step_by(24).sum::<f64>() / 30.0;
    assert!(mean_at(15) > mean_at(4) + 0.4, "{} {}", mean_at(15), mean_at(4));
    let turbidity = hours(&signal, site, "w01003");
    let wet: Vec<_> = (0..720).filter(|hour| signal.weather(at(*hour)).rain > 1.0).collect();
    assert!(!wet.is_empty(), "no rain in this month");
    let mean = turbidity.iter().sum::<f64>() / 720.0;
    let mean_wet = wet.iter().map(|hour| turbidity[*hour as usize]).sum::<f64>() / wet.len() as f64;
    assert!(mean_wet > 1.5 * mean, "{mean_wet} against {mean}");
}

#[tokio::test]
async fn the_mean_of_the_minutes_is_the_mean_of_the_hour() {
    let (_test, sites) = zhangzhou().await;
    let signal = sound();
    let site = of_kind(&sites, SiteKind::WasteGas)[0];
    let hour = signal.report(site, Period::Hour, at(5), HOUR);
    let minutes: Vec<_> = (0..6)
        .map(|ten| at(5) + SignedDuration::from_mins(ten * 10))
        .map(|start| signal.report(site, Period::Minute, start, 600))
        .collect();
    for (index, reading) in hour.readings.iter().enumerate() {
        let parts: Vec<_> = minutes.iter().map(|minute| &minute.readings[index]).collect();
        let mean = parts.iter().map(|part| float(part.value)).sum::<f64>() / 6.0;
        let step = 10_f64.powi(-(reading.value.scale() as i32));
        assert!((mean - float(reading.value)).abs() <= step, "{}: {mean}", reading.code);
        let least = parts.iter().filter_map(|part| part.range).map(|(low, _)| low).min();
        assert_eq!(least, reading.range.map(|(low, _)| low), "{}", reading.code);
    }
}

#[tokio::test]
async fn converted_values_follow_from_oxygen() {
    let (_test, sites) = zhangzhou().await;
    let signal = sound();
    let mut compared = 0;
    for site in of_kind(&sites, SiteKind::WasteGas) {
        let Some(oxygen) = site.factor("a19001") else { continue };
        let report = signal.realtime(site, at(100));
        let oxygen = float(report.readings[oxygen].value);
        for reading in &report.readings {
            let Some(converted) = reading.converted else { continue };
            let expected = float(reading.value) * (21.0 - site.reference_oxygen) / (21.0 - oxygen);
            let step = 10_f64.powi(-(reading.value.scale() as i32));
            let tolerated = 0.01 * expected + 2.0 * step;
            assert!((float(converted.mean) - expected).abs() < tolerated, "{reading:?}");
            compared += 1;
        }
    }
    assert!(compared > 40, "{compared}");
}

#[tokio::test]
async fn faults_show_in_the_values() {
    let (_test, sites) = zhangzhou().await;
    let site = of_kind(&sites, SiteKind::WasteGas)[0];
    let index = site.factors.iter().position(|factor| factor.limit.is_some()).expect("a limit");
    let factor = site.factors[index].code.clone();
    let limit = site.factors[index].limit.expect("a limit");
    let event = |from, to, fault| Event { mn: site.mn.clone(), from: at(from), to: at(to), fault };
    let exceedance = Fault::Exceedance { factor: factor.clone(), percent_of_limit: 150 };
    let signal = Signal::new(
        SEED,
        Arc::new(Scenario::of([
            event(10, 14, exceedance),
            event(20, 40, Fault::StuckValue { factor }),
            event(50, 51, Fault::Marked { flag: b'M' }),
            event(60, 70, Fault::Marked { flag: b'F' }),
        ])),
    );
    let hour = |hour| signal.report(site, Period::Hour, at(hour), HOUR).readings[index].clone();
    let judged = |hour_of| {
        let reading = hour(hour_of);
        float(reading.converted.map_or(reading.value, |converted| converted.mean))
    };
    assert!(judged(9) < limit && judged(14) < limit);
    assert!(judged(11) > 1.3 * limit && judged(13) < 1.7 * limit);
    let stuck: Vec<_> = (20..40).map(hour).collect();
    let is_still = |reading: &Reading| {
        (reading.value, reading.range, reading.converted)
            == (stuck[0].value, stuck[0].range, stuck[0].converted)
    };
    assert!(stuck.iter().all(is_still), "{stuck:?}");
    let (low, high) = stuck[0].range.expect("a range");
    assert_eq!(low, high);
    assert_ne!(hour(40).value, hour(41).value);
    assert_eq!((hour(49).flag, hour(50).flag, hour(51).flag), (b'N', b'M', b'N'));
    assert_eq!((hour(65).flag, hour(65).value.is_zero(), hour(65).converted), (b'F', true, None));
}
