//! Mover and compaction killed (`kill -9`) at step after step and at random moments, while packets
//! come, late ones among them: what was acknowledged is there once, in the state it would have had
//! nothing ever moved; what was broken off is finished or undone; no file is left that belongs to
//! nothing.
//!
//! `LUCID_KILL_ROUNDS` sets how often it is killed at random (6 by default).

use jiff::{SignedDuration, Timestamp};
use observations::history::{self, Rules};
use observations::{
    Delivery, FactorValue, MIGRATIONS, NewRow, Origin, Recorder, Row, revisions, series,
};
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::{Objects, Store};
use testkit::Guarded;

const URL: &str = "LUCID_KILL_STORE";
const FOLDER: &str = "LUCID_KILL_FOLDER";
const STEP: &str = "LUCID_KILL_STEP";
const ROUND: &str = "LUCID_KILL_ROUND";
const NEXT: &str = "LUCID_KILL_NEXT";

const POINTS: i64 = 4;
/// Deliveries before anything moves.
const FIRST: u64 = 400;

fn main() {
    if std::env::var_os(URL).is_some() {
        runtime().block_on(keep());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("killed.sqlite").display());
    kill_again_and_again(&url, &folder.path().join("history"));
    if let Ok(server) = std::env::var("LUCID_TEST_POSTGRES") {
        let name = format!("lucid_test_killed_{}", std::process::id());
        runtime().block_on(async {
            sqlx::any::install_default_drivers();
            let admin = sqlx::AnyPool::connect(&format!("{server}/postgres")).await;
            let admin = admin.expect("the server");
            let text = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
            sqlx::query(text).execute(&admin).await.expect("a new database");
            admin.close().await;
        });
        let folder = tempfile::tempdir().expect("a folder");
        kill_again_and_again(&format!("{server}/{name}"), &folder.path().join("history"));
    } else {
        println!("SKIPPED on PostgreSQL: LUCID_TEST_POSTGRES names no server");
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

async fn open(url: &str, folder: &Path) -> Store {
    let store = Store::open(url, MIGRATIONS).await.expect("the store opens without repair");
    store.with_objects(Objects::in_folder(folder).expect("a folder's name"))
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// The moment of a round: each is a day after the one before it, so that whatever was broken off is
/// known to be.
fn moment(round: i64) -> Timestamp {
    let first: Timestamp = "2030-01-01T00:00:00Z".parse().expect("a time");
    first + SignedDuration::from_hours(24 * round)
}

/// The delivery of a number: some rows of two months, most of them there already and other now.
fn delivery(number: u64) -> Delivery {
    let mut seed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    let rows = (0..3).map(|_| NewRow {
        point: PointId(1 + next(POINTS as u64) as i64),
        period: Period::Minute,
        observed_at: Timestamp::from_second(1_769_702_400 + next(90) as i64 * 40_000)
            .expect("a time"),
        values: (1..=2)
            .map(|factor| {
                FactorValue::of(FactorId(factor), Decimal::new(next(5) as i64, next(2) as u32))
            })
            .collect(),
    });
    Delivery {
        raw: number.to_string().into_bytes(),
        received_at: moment(0),
        origin: Origin { device: None, peer: "test".into() },
        rows: rows.collect(),
    }
}

/// Records one delivery after the other and keeps the history meanwhile, until it is killed.
async fn keep() {
    let url = std::env::var(URL).expect("the store");
    let folder = std::env::var(FOLDER).expect("the folder");
    let (round, mut next) = (number(ROUND).unwrap_or(0), number(NEXT).unwrap_or(0));
    let step: Option<usize> = number(STEP);
    let store = open(&url, Path::new(&folder)).await;
    let recorder = Recorder::open(&store).await.expect("a recorder");
    while next < FIRST {
        record(&recorder, next).await;
        next += 1;
    }
    let recording = tokio::spawn({
        let recorder = recorder.clone();
        async move {
            loop {
                record(&recorder, next).await;
                next += 1;
            }
        }
    });
    let seen = AtomicUsize::new(0);
    let steps = |_| {
        if Some(seen.fetch_add(1, Ordering::Relaxed)) == step {
            let mut kill = Command::new("kill");
            kill.args(["-9", &std::process::id().to_string()]).status().expect("killed");
        }
    };
    let (rules, now) = (Rules::default(), moment(round));
    history::mend(&store, now, &steps).await.expect("mended");
    history::move_closed(&store, &rules, now, &steps).await.expect("moved");
    for _ in 0..3 {
        history::compact(&store, true, now, &steps).await.expect("compacted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    history::delete_replaced(&store, now).await.expect("deleted");
    println!("steps {}", seen.load(Ordering::Relaxed));
    if step.is_none() {
        // Killed from outside, whenever that is.
        loop {
            history::compact(&store, true, now, &steps).await.expect("compacted");
        }
    }
    recording.abort();
}

async fn record(recorder: &Recorder, number: u64) {
    recorder.submit(delivery(number)).await.expect("recorded");
    println!("recorded {number}");
}

/// How a run ended.
struct Ended {
    /// The first delivery that was not acknowledged.
    next: u64,
    /// The steps made, where the run came to its end.
    steps: Option<usize>,
}

fn run(url: &str, folder: &Path, round: i64, next: u64, step: Option<usize>) -> Ended {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.env(URL, url).env(FOLDER, folder).env(ROUND, round.to_string());
    command.env(NEXT, next.to_string()).stdout(Stdio::piped());
    if let Some(step) = step {
        command.env(STEP, step.to_string());
    }
    let mut process = command.spawn().expect("it starts");
    let _guard = Guarded::of(&process, testkit::PATIENCE);
    if step.is_none() {
        // A fixed row of moments, unlike each other.
        let mixed = (round as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let id = process.id().to_string();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(150 + mixed % 700));
            // It may have ended.
            let _ended = Command::new("kill").args(["-9", &id]).status();
        });
    }
    let mut ended = Ended { next, steps: None };
    let output = process.stdout.take().expect("its output");
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        match line.split_once(' ') {
            Some(("recorded", number)) => {
                // A line may be cut by the kill; the next run sends that delivery again.
                if let Ok(number) = number.parse::<u64>()
                    && number == ended.next
                {
                    ended.next = number + 1;
                }
            }
            Some(("steps", number)) => ended.steps = number.parse().ok(),
            _ => {}
        }
    }
    process.wait().expect("it ended");
    ended
}

fn kill_again_and_again(url: &str, folder: &Path) {
    let rounds: i64 = number("LUCID_KILL_ROUNDS").unwrap_or(6);
    let (mut round, mut next, mut step) = (0, 0, 0);
    let stride = if std::env::var_os("LUCID_SLOW_TESTS").is_some() { 2 } else { 7 };
    loop {
        let ended = run(url, folder, round, next, Some(step));
        next = ended.next;
        round += 1;
        runtime().block_on(check(url, folder, next));
        if ended.steps.is_some() {
            assert!(round > 5, "it was killed at {round} steps only");
            break;
        }
        step += stride;
        assert!(step < 200, "the steps have no end");
    }
    for _ in 0..rounds {
        next = run(url, folder, round, next, None).next;
        round += 1;
        runtime().block_on(check(url, folder, next));
    }
    runtime().block_on(finish(url, folder, round, next));
    println!(
        "killed at steps up to {step} and {rounds} moments; {next} deliveries, all there once"
    );
}

/// What the rows are when nothing moves: a plain store, the same deliveries.
async fn plain(until: u64) -> testkit::TestStore {
    let test = testkit::sqlite(MIGRATIONS).await;
    let recorder = Recorder::open(&test.store).await.expect("a recorder");
    let all: Vec<_> = (0..until).map(delivery).collect();
    for part in all.chunks(500) {
        recorder.submit_all(part.to_vec()).await.expect("recorded");
    }
    recorder.close().await;
    test
}

async fn rows(store: &Store, point: i64) -> Vec<Row> {
    let all = Timestamp::MIN..Timestamp::MAX;
    series(store, PointId(point), Period::Minute, all).await.expect("readable")
}

/// A row apart from the number of its commit: what was sent again took one.
fn said(rows: &[Row]) -> Vec<(Timestamp, u32, &[FactorValue])> {
    rows.iter().map(|row| (row.observed_at, row.version, row.values.as_slice())).collect()
}

/// Everything acknowledged is there, and nothing else but the one delivery under way.
async fn check(url: &str, folder: &Path, acknowledged: u64) {
    let store = open(url, folder).await;
    let mut found = Vec::new();
    for point in 1..=POINTS {
        found.push(rows(&store, point).await);
    }
    let mut differences = Vec::new();
    for until in [acknowledged, acknowledged + 1] {
        let plain = plain(until).await;
        let mut same = true;
        for (found, point) in found.iter().zip(1..) {
            let wanted = rows(&plain.store, point).await;
            if said(found) != said(&wanted) {
                differences.push(format!("{until}: point {point}"));
                same = false;
            }
        }
        if same {
            store.close().await;
            return;
        }
    }
    panic!("what is read differs from what was acknowledged: {differences:?}");
}

/// After one round that nobody breaks off, nothing is left of all that was broken off.
async fn finish(url: &str, folder: &Path, round: i64, next: u64) {
    let store = open(url, folder).await;
    let recorder = Recorder::open(&store).await.expect("a recorder");
    recorder.submit(delivery(next)).await.expect("recorded");
    recorder.close().await;
    let now = moment(round);
    history::mend(&store, now, &|_| {}).await.expect("mended");
    history::move_closed(&store, &Rules::default(), now, &|_| {}).await.expect("moved");
    history::compact(&store, true, now, &|_| {}).await.expect("compacted");
    history::delete_replaced(&store, moment(round + 1)).await.expect("deleted");
    assert_eq!(history::verify(&store, |_, _| {}).await.expect("verified"), []);
    let status = history::status(&store).await.expect("readable");
    assert_eq!((status.moves, status.replaced), (0, 0));
    let parts: u64 = status.periods.iter().map(|of| of.parts).sum();
    assert_eq!(files_below(folder), 2 * parts, "files that are none of the history's");
    let recent: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM observation")
        .fetch_one(store.reader())
        .await
        .expect("it counts");
    assert_eq!(recent, POINTS, "only the newest rows stay recent");
    let plain = plain(next + 1).await;
    for point in 1..=POINTS {
        let (found, wanted) = (rows(&store, point).await, rows(&plain.store, point).await);
        assert_eq!(said(&found), said(&wanted));
        for (found, wanted) in found.iter().zip(&wanted) {
            let older = revisions(&store, found.key()).await.expect("readable");
            let then = revisions(&plain.store, wanted.key()).await.expect("readable");
            let of = |all: &[observations::Revision]| -> Vec<_> {
                all.iter().map(|one| (one.row.version, one.row.values.clone())).collect()
            };
            assert_eq!(of(&older), of(&then));
        }
    }
    store.close().await;
}

fn files_below(folder: &Path) -> u64 {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("readable") {
        let entry = entry.expect("readable");
        if entry.file_type().expect("readable").is_dir() {
            count += files_below(&entry.path());
        } else {
            count += 1;
        }
    }
    count
}
