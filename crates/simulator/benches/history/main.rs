//! The history beside other engines: Lucid's side of `cargo xtask bench history`.
//!
//! Draws the rows, writes them for the peers, records them as packets are recorded, moves every
//! month into the history, asks the fixed questions, and writes what it measured as JSON into the
//! folder of `LUCID_BENCH_FOLDER`. `LUCID_BENCH_ROWS` sets how many factor-rows.

mod dump;
#[path = "../month_of_minutes/generator.rs"]
mod generator;
mod questions;
mod workload;

use dump::{Dump, FactorRow};
use generator::City;
use jiff::Timestamp;
use observations::history::{Rules, Step, move_closed};
use observations::{Delivery, FactorValue, Marks, NewRow, Origin, Recorder};
use registry::{FactorId, Medium, PointId, Registry, Snapshot};
use rulebook::{Decimal, Period};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;
use store::{Migration, Store};
use workload::{DECIMALS, FACTORS, Line, SEED, Workload};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Outlets of the large workload.
const OUTLETS: usize = 300;
/// Hours of a year.
const HOURS: i64 = 8_760;
/// Outlets of the plausible month of minutes.
const PLAUSIBLE_OUTLETS: usize = 12;
/// Rows of one commit.
const COMMIT: usize = 4_096;
/// Decimals of the numbers that peers get.
const SCALE: u32 = 3;
const PLAUSIBLE_SCALE: u32 = 6;

fn main() {
    // `cargo bench` hands its own flag to every benchmark; `cargo test --benches` wants no work.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let Some(folder) = std::env::var_os("LUCID_BENCH_FOLDER").map(PathBuf::from) else {
        eprintln!("`cargo xtask bench history` runs this with the folder of the peers");
        return;
    };
    let asked = std::env::var("LUCID_BENCH_ROWS").ok().and_then(|text| text.parse().ok());
    let rows: u64 = asked.unwrap_or(50_000_000);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        if std::env::var_os("LUCID_BENCH_ASK_AGAIN").is_some() {
            ask_again(&folder).await;
            return;
        }
        let mut found = Map::new();
        found.insert("large".to_owned(), large(&folder, rows).await);
        found.insert("plausible".to_owned(), plausible(&folder, rows).await);
        let text = serde_json::to_string_pretty(&Value::Object(found)).expect("JSON");
        std::fs::write(folder.join("lucid.json"), text).expect("written");
    });
}

fn migrations() -> Vec<Migration> {
    [registry::MIGRATIONS, observations::MIGRATIONS].concat()
}

/// A city with outlets, in a store of its own in the folder.
async fn city(folder: &Path, outlets: usize) -> (Store, City, std::sync::Arc<Snapshot>) {
    if folder.exists() {
        std::fs::remove_dir_all(folder).expect("emptied");
    }
    std::fs::create_dir_all(folder).expect("a folder");
    let url = format!("sqlite://{}", folder.join("lucid.sqlite").display());
    let store = Store::open(&url, &migrations()).await.expect("a store");
    let city = City::install(&store, outlets).await;
    let registry = Registry::open(&store).await.expect("a registry");
    (store, city, registry.snapshot())
}

/// Waste gas or waste water, for the generator of the month of minutes.
const fn medium(number: usize) -> Medium {
    if number.is_multiple_of(2) { Medium::Gas } else { Medium::Water }
}

/// Records deliveries, so many at once, and gives the seconds it took.
struct Recording {
    recorder: Recorder,
    waiting: Vec<Delivery>,
    seconds: f64,
    rows: u64,
}

impl Recording {
    async fn open(store: &Store) -> Self {
        let recorder = Recorder::open(store).await.expect("a recorder");
        Self { recorder, waiting: Vec::new(), seconds: 0.0, rows: 0 }
    }

    async fn push(&mut self, delivery: Delivery) {
        self.waiting.push(delivery);
        if self.waiting.len() >= COMMIT {
            self.flush().await;
        }
    }

    async fn flush(&mut self) {
        let started = Instant::now();
        let batch = std::mem::take(&mut self.waiting);
        self.rows += batch.len() as u64;
        self.recorder.submit_all(batch).await.expect("recorded");
        self.seconds += started.elapsed().as_secs_f64();
    }

    async fn close(mut self) -> (u64, f64) {
        self.flush().await;
        self.recorder.close().await;
        (self.rows, self.seconds)
    }
}

/// Moves every month that has rows.
async fn moved(store: &Store) -> Value {
    let rules = Rules { keep_days: [0; 4], ..Rules::default() };
    let now: Timestamp = "2027-06-01T00:00:00Z".parse().expect("a time");
    let started = Instant::now();
    let moved = move_closed(store, &rules, now, &|_: Step| ()).await.expect("moved");
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("moved {} months in {seconds:.1} s: {moved:?}", moved.months);
    json!({
        "factor_rows": moved.factor_rows, "rows": moved.rows, "bytes": moved.bytes,
        "seconds": seconds,
    })
}

async fn large(folder: &Path, rows: u64) -> Value {
    let (store, _, snapshot) = city(&folder.join("lucid"), OUTLETS).await;
    let mut points: Vec<PointId> = snapshot.points().map(|point| point.id).collect();
    points.sort_unstable();
    assert_eq!(points.len(), OUTLETS, "the city has its outlets and nothing else");
    let factors: Vec<FactorId> = generator::GAS
        .iter()
        .map(|code| snapshot.factor_by_code(code).expect("a factor").id)
        .collect();
    // Hours are somewhat more than a half, as in a year and five and a half days.
    let a_row = (OUTLETS * FACTORS) as u64;
    let times = rows.div_ceil(a_row).max(48) as i64;
    let hours = (times * 525 / 1000).min(HOURS);
    let minutes = (times - hours).max(24);
    let mut dump = Dump::new(&folder.join("large.parquet"), SCALE);
    let mut recording = Recording::open(&store).await;
    let started = Instant::now();
    let parts = [
        (Period::Hour, "2024-12-31T16:00:00Z", hours, 3_600),
        (Period::Minute, "2026-01-09T16:00:00Z", minutes, 60),
    ];
    for (period, from, count, step) in parts {
        let mut work = Workload::new(OUTLETS, SEED ^ step as u64);
        for second in workload::times(from, count, step) {
            let lines: Vec<Line> = work.at(second, step).collect();
            for line in lines {
                for row in factor_rows(&line, period) {
                    dump.push(&row);
                }
                recording.push(delivery(&line, period, &points, &factors)).await;
            }
        }
    }
    let factor_rows = dump.finish();
    let (stored, recording_s) = recording.close().await;
    let all_s = started.elapsed().as_secs_f64();
    eprintln!(
        "{factor_rows} factor-rows in {stored} rows recorded in {recording_s:.1} s of {all_s:.1} s"
    );
    let history = moved(&store).await;
    let answers =
        questions::ask(&store, &snapshot, &points, &factors, (hours, minutes), folder).await;
    store.close().await;
    json!({
        "factor_rows": factor_rows, "outlets": OUTLETS, "hours": hours, "minutes": minutes,
        "seed": SEED, "recording_seconds": recording_s, "history": history, "answers": answers,
        "points": points.iter().map(|point| point.0).collect::<Vec<_>>(),
        "factors": factors.iter().map(|factor| factor.0).collect::<Vec<_>>(),
    })
}

/// Asks the questions of what an earlier run left, and puts the answers in place of its own.
async fn ask_again(folder: &Path) {
    let place = folder.join("lucid.json");
    let text = std::fs::read_to_string(&place).expect("an earlier run with --keep");
    let mut found: Value = serde_json::from_str(&text).expect("JSON");
    let url = format!("sqlite://{}", folder.join("lucid/lucid.sqlite").display());
    let store = Store::open(&url, &migrations()).await.expect("a store");
    let registry = Registry::open(&store).await.expect("a registry");
    let large = &mut found["large"];
    let whole = |value: &Value| value.as_i64().expect("a whole number");
    let numbers = |value: &Value| -> Vec<i64> {
        value.as_array().expect("numbers").iter().map(whole).collect()
    };
    let points: Vec<PointId> = numbers(&large["points"]).into_iter().map(PointId).collect();
    let factors = numbers(&large["factors"]);
    let factors: Vec<FactorId> =
        factors.into_iter().map(|id| FactorId(u16::try_from(id).expect("a factor"))).collect();
    let span = (whole(&large["hours"]), whole(&large["minutes"]));
    large["answers"] =
        questions::ask(&store, &registry.snapshot(), &points, &factors, span, folder).await;
    store.close().await;
    let text = serde_json::to_string_pretty(&found).expect("JSON");
    std::fs::write(place, text).expect("written");
}

/// What the peers get of a line.
fn factor_rows(line: &Line, period: Period) -> impl Iterator<Item = FactorRow> + '_ {
    line.readings.iter().enumerate().map(move |(factor, reading)| {
        let up = 10_i128.pow(SCALE - DECIMALS[factor]);
        let number = |digits: i64| Some(i128::from(digits) * up);
        FactorRow {
            outlet: line.outlet as i32,
            factor: factor as i32,
            period: period.code() as i32,
            observed_ms: line.second * 1000,
            numbers: [
                number(reading.value),
                number(reading.min),
                number(reading.max),
                number(reading.sum),
            ],
            flag: line.flag,
            marks: line.marks as i32,
            received_ms: line.received_ms,
            version: 1,
        }
    })
}

fn delivery(line: &Line, period: Period, points: &[PointId], factors: &[FactorId]) -> Delivery {
    let value = |(factor, reading): (usize, &workload::Reading)| {
        let number = |digits| Some(Decimal::new(digits, DECIMALS[factor]));
        FactorValue {
            value: number(reading.value),
            min: number(reading.min),
            max: number(reading.max),
            sum: number(reading.sum),
            flag: Some(line.flag),
            marks: Marks(line.marks),
            ..FactorValue::empty(factors[factor])
        }
    };
    Delivery {
        raw: Vec::new(),
        received_at: Timestamp::from_millisecond(line.received_ms).expect("a time"),
        origin: Origin { device: None, peer: "bench".into() },
        rows: vec![NewRow {
            point: points[line.outlet],
            period,
            observed_at: Timestamp::from_second(line.second).expect("a time"),
            values: line.readings.iter().enumerate().map(value).collect(),
        }],
    }
}

/// A month of minutes of a few outlets as the simulator draws them: the goal of bytes is about it.
async fn plausible(folder: &Path, rows: u64) -> Value {
    // A small run takes fewer outlets.
    let outlets = if rows < 5_000_000 { 1 } else { PLAUSIBLE_OUTLETS };
    let (store, city, snapshot) = city(&folder.join("lucid-plausible"), outlets).await;
    let month = validity::Month::new(2026, 10).expect("a month");
    let mut dump = Dump::new(&folder.join("plausible.parquet"), PLAUSIBLE_SCALE);
    let mut recording = Recording::open(&store).await;
    for batch in city.deliveries(&snapshot, month, Period::Minute) {
        for delivery in batch {
            for row in &delivery.rows {
                for value in &row.values {
                    dump.push(&of_value(&delivery, row, value, dump.scale()));
                }
            }
            recording.push(delivery).await;
        }
    }
    let factor_rows = dump.finish();
    let (_, recording_s) = recording.close().await;
    let history = moved(&store).await;
    store.close().await;
    json!({
        "factor_rows": factor_rows, "outlets": outlets, "seed": generator::SEED,
        "recording_seconds": recording_s, "history": history,
    })
}

fn of_value(delivery: &Delivery, row: &NewRow, value: &FactorValue, scale: u32) -> FactorRow {
    let number = |number: Option<Decimal>| {
        number.map(|number| {
            let up = scale.checked_sub(number.scale()).expect("few decimals");
            number.mantissa() * 10_i128.pow(up)
        })
    };
    FactorRow {
        outlet: row.point.0 as i32,
        factor: i32::from(value.factor.0),
        period: row.period.code() as i32,
        observed_ms: row.observed_at.as_millisecond(),
        numbers: [value.value, value.min, value.max, value.sum].map(number),
        flag: value.flag.unwrap_or(b'N'),
        marks: value.marks.0 as i32,
        received_ms: delivery.received_at.as_millisecond(),
        version: 1,
    }
}
