//! How long a city with five years of hours takes to compute its indicators, and to show its plan.
//! `cargo bench -p governance`; `LUCID_BENCH_YEARS` sets how many years.

#![allow(missing_docs, clippy::print_stdout)]

#[path = "../tests/plan/city.rs"]
#[allow(dead_code)]
mod city;

use authority::{Jurisdiction, Role};
use city::{City, city, migrations};
use jiff::Timestamp;
use observations::{Delivery, FactorValue, NewRow, Origin};
use registry::{PointId, PointKind};
use rulebook::{Decimal, Period};
use std::time::Instant;

/// 2021-12-31 16:00 UTC: the first hour of 2022 in Beijing.
const BEGIN: i64 = 1_640_966_400;
const HOURS_OF_A_YEAR: i64 = 8_766;
/// Hours of one delivery.
const AT_ONCE: i64 = 730;
const LOOKS: u32 = 50;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let years = std::env::var("LUCID_BENCH_YEARS").ok().and_then(|text| text.parse().ok());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(measure(years.unwrap_or(5)));
}

async fn measure(years: i64) {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "zhangzhou").await;
    let began = Instant::now();
    let rows = fill(&city, years * HOURS_OF_A_YEAR).await;
    println!("{rows} hours of six pollutants recorded in {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    governance::indicators::compute(&city.state).await.expect("computed");
    let whole = began.elapsed().as_secs_f64();
    println!(
        "all indicators of {years} years computed in {whole:.1} s, {:.1} s a year",
        whole / years as f64
    );
    let (leader, _) = city.person("leader", Role::Leader, Jurisdiction::Everything, None).await;
    let known = city.get("/api/v1/indicators/air_good_day_share", &leader).await.json();
    let days = known["inputs"].as_array().map_or(0, Vec::len);
    assert!(days > 300, "the days of the newest year entered");
    for path in ["/plan", "/plan/measures/3", "/api/v1/plan"] {
        let mut times = Vec::new();
        for _ in 0..LOOKS {
            let began = Instant::now();
            let answer = city.get(path, &leader).await;
            assert!(answer.status.is_success(), "{path}");
            times.push(began.elapsed());
        }
        times.sort_unstable();
        let (middle, last) = (times[times.len() / 2], times[times.len() - 1]);
        println!(
            "{path}: {:.0} ms in the middle, {:.0} ms at worst",
            middle.as_secs_f64() * 1e3,
            last.as_secs_f64() * 1e3
        );
    }
}

/// Hours of every air station that wander around a level.
async fn fill(city: &City, hours: i64) -> usize {
    let snapshot = city.state.snapshot();
    let stations: Vec<PointId> =
        snapshot.points_of(PointKind::AirStation).map(|point| point.id).collect();
    let levels = [
        ("a21026", 8),
        ("a21004", 20),
        ("a34002", 45),
        ("a34004", 24),
        ("a21005", 1),
        ("a05024", 70),
    ];
    let factors: Vec<_> = levels
        .iter()
        .filter_map(|(code, level)| Some((snapshot.factor_by_code(code)?.id, *level)))
        .collect();
    let mut recorded = 0;
    for from in (0..hours).step_by(AT_ONCE as usize) {
        let mut deliveries = Vec::new();
        for station in &stations {
            let rows = (from..(from + AT_ONCE).min(hours)).map(|hour| NewRow {
                point: *station,
                period: Period::Hour,
                observed_at: Timestamp::from_second(BEGIN + hour * 3600).expect("a time"),
                values: factors
                    .iter()
                    .map(|(factor, level)| {
                        let swing = (hour * 7 + station.0 * 13) % 11 - 5;
                        let value = Decimal::from(level + level * swing / 20);
                        FactorValue { flag: Some(b'N'), ..FactorValue::of(*factor, value) }
                    })
                    .collect(),
            });
            let rows: Vec<NewRow> = rows.collect();
            recorded += rows.len();
            deliveries.push(Delivery {
                raw: format!("##{} {from}", station.0).into_bytes(),
                received_at: Timestamp::from_second(BEGIN + (from + AT_ONCE) * 3600)
                    .expect("a time"),
                origin: Origin { device: None, peer: "bench".into() },
                rows,
            });
        }
        city.recorder.submit_all(deliveries).await.expect("it is recorded");
    }
    recorded
}
