//! Durable ingest over loopback: 500 devices send minute packets of 10 factors and wait for the
//! answer, which comes after the commit; all judges follow. `cargo bench -p lucid`.
//!
//! Meanwhile outlets of their own send a day over its limit, one a second: how long it takes from
//! sending until the alert is in the store and told to open pages.
//!
//! Sender and receiver share the machine. `LUCID_BENCH_SECONDS` sets the length of a run,
//! `LUCID_TEST_POSTGRES` adds runs on PostgreSQL.

#[path = "../../ingest/tests/fixture/mod.rs"]
mod fixture;
#[path = "../../ingest/benches/load/mod.rs"]
mod load;

use evaluation::{Evaluation, Worker};
use fixture::{city, mn};
use ingest::hj212::{ReceiverSettings, listen};
use jiff::Timestamp;
use load::{Device, processor_times};
use observations::Recorder;
use registry::Registry;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::{Migration, Store};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DEVICES: usize = 500;
/// Outlets that exceed while the others send, each once.
const EXCEEDING: usize = 8;
const SENDER: &str = "send";
const WARM_UP: Duration = Duration::from_secs(1);

fn main() {
    let seconds = std::env::var("LUCID_BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    let length = Duration::from_secs(seconds.unwrap_or(10));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_name("receive")
        .enable_all()
        .build()
        .expect("a runtime");
    println!("{DEVICES} connections, packets of 10 factors, {} s a run", length.as_secs());
    runtime.block_on(async {
        for in_flight in [1, 2, 4] {
            let test = testkit::sqlite(&migrations()).await;
            run(&test.store, "SQLite", in_flight, length).await;
            test.store.close().await;
        }
        if let Some(test) = testkit::postgres(&migrations()).await {
            run(&test.store, "PostgreSQL", 2, length).await;
            test.store.close().await;
        }
    });
}

fn migrations() -> Vec<Migration> {
    [fixture::migrations(), evaluation::MIGRATIONS.to_vec()].concat()
}

async fn run(store: &Store, engine: &str, in_flight: usize, length: Duration) {
    let registry = city(store, DEVICES + EXCEEDING).await;
    let recorder = Recorder::open(store).await.expect("a recorder");
    let mut settings = ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"));
    settings.packets_per_second_max = 100_000;
    let receiver = listen(settings, store, &registry, &recorder).await.expect("it listens");
    let address = receiver.address();
    let mut judges = sources::automatic_monitoring::judges();
    judges.extend(environment::judges());
    let (worker, evaluation) =
        Worker::open(store, &registry, &recorder, judges, Timestamp::now).await.expect("judges");
    let (_running, stop) = watch::channel(false);
    let judging = tokio::spawn(worker.run(Duration::from_secs(10), stop));
    let first_block = recorder.health().block;
    let before = processor_times();
    let exceeding = tokio::spawn(exceed(address, registry.clone(), evaluation.clone(), length));
    let load = tokio::task::spawn_blocking(move || load(address, in_flight, length));
    let report = load.await.expect("the load ran");
    let answered = Instant::now();
    evaluation.wait_for(recorder.health().block).await.expect("it is judged");
    let lag = answered.elapsed();
    let after = processor_times();
    let commits = recorder.health().block - first_block;
    receiver.stop().await;
    recorder.close().await;
    judging.await.expect("the judges ended");
    let stored: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM observation")
        .fetch_one(store.reader())
        .await
        .expect("counted");
    let alerts = exceeding.await.expect("they exceeded");
    let expected = report.answered + EXCEEDING as u64;
    assert_eq!(stored as u64, expected, "every answered packet is stored once");
    let mut waits = report.waits;
    waits.sort_unstable();
    let wait = |share: f64| {
        let place = (waits.len() as f64 * share) as usize;
        f64::from(waits.get(place).copied().unwrap_or(0)) / 1e3
    };
    let rate = waits.len() as f64 / length.as_secs_f64();
    println!(
        "{engine}, {in_flight} in flight a connection: {rate:.0} packets/s, {:.0} values/s, \
         answer p50 {:.1} p99 {:.1} max {:.1} ms, {commits} commits of {:.0} packets, \
         the last judged {:.0} ms after its answer",
        rate * 10.0,
        wait(0.5),
        wait(0.99),
        wait(1.0 - f64::EPSILON),
        report.answered as f64 / commits as f64,
        lag.as_secs_f64() * 1e3
    );
    let spent: Vec<_> = after
        .iter()
        .map(|(name, ticks)| (name.as_str(), ticks - before.get(name).unwrap_or(&0)))
        .chain([(SENDER, report.ticks)])
        .filter(|(_, ticks)| *ticks > 5)
        .map(|(name, ticks)| {
            let micros = ticks as f64 * 1e4 / report.answered as f64;
            format!("{name} {micros:.1}")
        })
        .collect();
    if let Some(file) = store.file() {
        let size = std::fs::metadata(file).map_or(0, |file| file.len());
        let packed = raw_size(store).await;
        println!(
            "  {:.0} bytes a packet in the store, of them {:.0} the packet itself, compressed",
            size as f64 / report.answered as f64,
            packed as f64 / report.answered as f64
        );
    }
    let millis: Vec<String> =
        alerts.iter().map(|wait| format!("{:.0}", wait.as_secs_f64() * 1e3)).collect();
    println!("  from a day over its limit to its alert, stored and told: {} ms", millis.join(", "));
    println!("  processor time, microseconds a packet: {}", spent.join(", "));
}

/// One outlet after the other sends a day over its limit; how long each alert takes, shortest
/// first.
async fn exceed(
    address: SocketAddr,
    registry: Registry,
    evaluation: Evaluation,
    length: Duration,
) -> Vec<Duration> {
    let mut alerts = evaluation.alerts();
    let mut waits = Vec::new();
    let pause = length / EXCEEDING as u32;
    tokio::time::sleep(WARM_UP).await;
    for number in DEVICES..DEVICES + EXCEEDING {
        let snapshot = registry.snapshot();
        let point = snapshot.device(&mn(number)).expect("its device").point;
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let sent = Instant::now();
        stream.write_all(&day_over_its_limit(number)).await.expect("sent");
        loop {
            match alerts.recv().await {
                Ok(alert) if alert.subject.point == point => break,
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => panic!("no alert came"),
            }
        }
        waits.push(sent.elapsed());
        tokio::time::sleep(pause.saturating_sub(sent.elapsed())).await;
    }
    waits.sort_unstable();
    waits
}

fn day_over_its_limit(number: usize) -> Vec<u8> {
    let (time, day) = ("20260302001000", "20260301000000");
    let draft = hj212::Draft::new("2031").st("32").pw(fixture::PASSWORD).mn(&mn(number)).flag(5);
    let draft = draft.qn(&format!("{time}000")).item(&[("DataTime", day)]);
    draft.item(&[("w01018-Avg", "400.0"), ("w01018-Flag", "N")]).build()
}

async fn raw_size(store: &Store) -> i64 {
    sqlx::query_scalar("SELECT CAST(SUM(LENGTH(bytes)) AS BIGINT) FROM raw_block")
        .fetch_one(store.reader())
        .await
        .expect("summed")
}

struct Report {
    answered: u64,
    /// Microseconds from sending to the answer, after the warm-up.
    waits: Vec<u32>,
    /// Processor time of the sending thread, in hundredths of a second.
    ticks: u64,
}

/// Sends from one thread of its own.
fn load(address: SocketAddr, in_flight: usize, length: Duration) -> Report {
    let sending = move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let stop = Arc::new(AtomicBool::new(false));
            let measured_from = Instant::now() + WARM_UP;
            let senders: Vec<_> = (0..DEVICES)
                .map(|number| {
                    let device = Device::new(number);
                    tokio::spawn(device.send(address, in_flight, stop.clone(), measured_from))
                })
                .collect();
            tokio::time::sleep(WARM_UP + length).await;
            stop.store(true, Ordering::Relaxed);
            let mut report = Report { answered: 0, waits: Vec::new(), ticks: 0 };
            for sender in senders {
                let (answered, waits) = sender.await.expect("it sent");
                report.answered += answered;
                report.waits.extend(waits);
            }
            report.ticks = processor_times().get(SENDER).copied().unwrap_or(0);
            report
        })
    };
    let thread = std::thread::Builder::new().name(SENDER.to_owned()).spawn(sending);
    thread.expect("a thread").join().expect("it ended")
}
