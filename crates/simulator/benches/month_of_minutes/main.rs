//! A month of minutes in the history: bytes on the disk for each factor of each minute, and how
//! long a month takes to be judged.
//!
//! `cargo xtask bench month_of_minutes`. `LUCID_BENCH_OUTLETS` sets how many outlets; half are of
//! gas, half of water, each with ten factors a minute. Figures are scaled from there to 1,500
//! outlets and to a year, and say so. SQLite, one file.

mod generator;
mod packings;

use generator::{City, FACTORS};
use jiff::Timestamp;
use observations::{Recorder, Row};
use registry::{Medium, PointId, Registry, Snapshot};
use rulebook::Period;
use std::time::{Duration, Instant};
use store::{Migration, Store};
use validity::Month;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The outlets of the target.
const WANTED: f64 = 1500.0;
/// Outlets read and judged at once: one a core.
const AT_ONCE: usize = 2;

fn main() {
    // `cargo bench` hands its own flag to every benchmark; `cargo test --benches` wants no work.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let asked = std::env::var("LUCID_BENCH_OUTLETS").ok().and_then(|text| text.parse().ok());
    let outlets: usize = asked.unwrap_or(12);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run(outlets));
}

fn migrations() -> Vec<Migration> {
    [registry::MIGRATIONS, observations::MIGRATIONS, authority::MIGRATIONS, validity::MIGRATIONS]
        .concat()
}

fn month() -> Month {
    Month::new(2026, 10).expect("a month")
}

fn now() -> Timestamp {
    "2026-11-02T03:00:00Z".parse().expect("a time")
}

async fn run(outlets: usize) {
    let test = testkit::sqlite(&migrations()).await;
    let store = &test.store;
    let city = City::install(store, outlets).await;
    let registry = Registry::open(store).await.expect("a registry");
    let snapshot = registry.snapshot();
    let empty = size(store).await;
    let (rows, seconds) = record(store, &city, &snapshot, Period::Hour).await;
    println!("{outlets} outlets, {FACTORS} factors each, {}; seed {}", month(), generator::SEED);
    println!("hours: {rows} rows recorded in {seconds:.1} s");
    let hours = size(store).await;
    let (rows, seconds) = record(store, &city, &snapshot, Period::Minute).await;
    let minutes = size(store).await;
    let stored: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM observation WHERE period = 1")
        .fetch_one(store.reader())
        .await
        .expect("counted");
    assert_eq!(stored as usize, rows, "every row is stored once");
    let factor_rows = (rows * FACTORS) as f64;
    println!(
        "minutes: {rows} rows, {factor_rows:.0} factor-rows recorded in {seconds:.1} s, {:.0} \
         factor-rows/s; drawing them included",
        factor_rows / seconds
    );
    tell_size("hours and their log, as stored", hours - empty, factor_rows / 60.0, outlets);
    tell_size("minutes and their log, as stored", minutes - hours, factor_rows, outlets);
    payload(store, factor_rows).await;
    packings::tell(store, &snapshot, month()).await;
    judge(store, &snapshot, outlets, "hours as sent").await;
    forget_hours(store).await;
    judge(store, &snapshot, outlets, "every hour of gas made from its minutes").await;
    test.store.close().await;
}

/// Records a month of every outlet; gives how many rows, and how long it took.
async fn record(store: &Store, city: &City, snapshot: &Snapshot, period: Period) -> (usize, f64) {
    let recorder = Recorder::open(store).await.expect("a recorder");
    let started = Instant::now();
    let mut rows = 0;
    let (sender, mut batches) = tokio::sync::mpsc::channel(2);
    let drawing = city.deliveries(snapshot, month(), period);
    let drawing = tokio::task::spawn_blocking(move || {
        for batch in drawing {
            if sender.blocking_send(batch).is_err() {
                return;
            }
        }
    });
    while let Some(batch) = batches.recv().await {
        rows += batch.len();
        recorder.submit_all(batch).await.expect("recorded");
    }
    drawing.await.expect("drawn");
    let seconds = started.elapsed().as_secs_f64();
    recorder.close().await;
    (rows, seconds)
}

/// Bytes of the store's file when nothing waits beside it.
async fn size(store: &Store) -> f64 {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(store.reader())
        .await
        .expect("a checkpoint");
    let file = store.file().expect("a file");
    std::fs::metadata(file).map_or(0, |file| file.len()) as f64
}

fn tell_size(what: &str, bytes: f64, factor_rows: f64, outlets: usize) {
    let scale = WANTED / outlets as f64;
    println!(
        "{what}: {:.1} MB, {:.2} bytes a factor-row; 1,500 outlets: {:.1} GB a month, {:.0} GB a \
         year (scaled)",
        bytes / 1e6,
        bytes / factor_rows,
        bytes * scale / 1e9,
        bytes * scale * 12.0 / 1e9
    );
}

/// What of it are values, what the log of commits.
async fn payload(store: &Store, factor_rows: f64) {
    let sum = async |text: &'static str| -> f64 {
        let sum: Option<i64> =
            sqlx::query_scalar(text).fetch_one(store.reader()).await.expect("summed");
        sum.unwrap_or_default() as f64
    };
    let values =
        sum("SELECT CAST(SUM(LENGTH(payload)) AS BIGINT) FROM observation WHERE period = 1").await;
    let log =
        sum("SELECT CAST(SUM(LENGTH(bytes) + LENGTH(touched)) AS BIGINT) FROM raw_block").await;
    println!(
        "  of it the packed values {:.2} bytes a factor-row; the log of commits, without the bytes \
         of packets, {:.2}",
        values / factor_rows,
        log / factor_rows
    );
}

/// Judges the month of every outlet from what is stored.
async fn judge(store: &Store, snapshot: &Snapshot, outlets: usize, what: &str) {
    let (mut periods, mut amounts) = (0_usize, 0_usize);
    let started = Instant::now();
    validity::rejudge(store, snapshot, month(), now(), AT_ONCE, |record| {
        periods += record.periods.len();
        amounts += record.periods.iter().filter(|state| state.amount_kg.is_some()).count();
    })
    .await
    .expect("judged");
    let seconds = started.elapsed().as_secs_f64();
    assert!(periods > 0 && amounts > 0, "nothing was judged");
    let scaled = Duration::from_secs_f64(seconds * WANTED / outlets as f64);
    println!(
        "judging a month, {what}: {seconds:.2} s for {periods} hours and days of factors, {amounts} \
         with an amount; 1,500 outlets: {:.1} min (scaled)",
        scaled.as_secs_f64() / 60.0
    );
}

async fn forget_hours(store: &Store) {
    let mut transaction = store.begin().await.expect("a transaction");
    sqlx::query("DELETE FROM observation WHERE period = $1")
        .bind(Period::Hour.code())
        .execute(&mut *transaction)
        .await
        .expect("deleted");
    transaction.commit().await.expect("committed");
}

/// The minutes of an outlet's month.
async fn minutes(store: &Store, point: PointId, month: Month) -> Vec<Row> {
    let range = month.begins()..month.ends();
    observations::series(store, point, Period::Minute, range).await.expect("rows")
}

/// Waste gas or waste water.
const fn medium(number: usize) -> Medium {
    if number.is_multiple_of(2) { Medium::Gas } else { Medium::Water }
}
