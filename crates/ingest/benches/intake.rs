//! Intake through JetStream: 500 devices send minute packets of 10 factors to two receivers and
//! wait for the answers, which come when most of three NATS servers have the packets; a server
//! records them meanwhile. In the middle the leader of the stream is killed, and started again.
//! Beside it the same load recorded directly. `cargo xtask bench intake`.
//!
//! All of it, the senders too, shares the machine; NATS runs as processes of its own.
//! `LUCID_BENCH_SECONDS` sets the length of a run, `LUCID_TEST_POSTGRES` lets PostgreSQL record
//! instead of SQLite.

#[path = "../tests/fixture/mod.rs"]
mod fixture;
mod load;

use fixture::{city, mn};
use ingest::hj212::{Receiver, ReceiverSettings, listen, listen_into};
use ingest::stream::{Intake, IntakeStanding, Publisher, StreamSettings, inspect, take_in};
use ingest::{Place, Sink};
use load::{Device, processor_times};
use observations::Recorder;
use registry::Registry;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::Store;
use testkit::nats::Cluster;
use tokio::runtime::Runtime;
use tokio::sync::watch;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DEVICES: usize = 500;
const RECEIVERS: usize = 2;
const WARM_UP: Duration = Duration::from_secs(2);
/// After the load everything has to be recorded within this time.
const DRAIN: Duration = Duration::from_mins(3);

fn main() {
    let Some(program) = std::env::var_os("LUCID_TEST_NATS") else {
        println!("LUCID_TEST_NATS names no nats-server: run `cargo xtask bench intake`");
        return;
    };
    let seconds = std::env::var("LUCID_BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    let length = Duration::from_secs(seconds.unwrap_or(20));
    println!("{DEVICES} connections, packets of 10 factors, {} s a run", length.as_secs());
    let threads = Threads {
        send: threads("send", 1),
        receive: threads("receive", 2),
        record: threads("record", 2),
    };
    for in_flight in [2, 4] {
        directly(&threads, in_flight, length);
        for sync in ["always", "2m"] {
            through_stream(&threads, Path::new(&program), sync, in_flight, length);
        }
    }
}

/// The parts, each on threads of its own name, so that their processor time can be told.
struct Threads {
    send: Runtime,
    receive: Runtime,
    record: Runtime,
}

fn threads(name: &str, count: usize) -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.thread_name(name).worker_threads(count).enable_all().build().expect("a runtime")
}

async fn store() -> testkit::TestStore {
    match testkit::postgres(&fixture::migrations()).await {
        Some(store) => store,
        None => testkit::sqlite(&fixture::migrations()).await,
    }
}

fn name_of(store: &Store) -> &'static str {
    if store.file().is_some() { "SQLite" } else { "PostgreSQL" }
}

fn at(place: Place) -> ReceiverSettings {
    let mut settings = ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"));
    (settings.packets_per_second_max, settings.place) = (100_000, place);
    settings
}

fn directly(threads: &Threads, in_flight: usize, length: Duration) {
    let (test, recorder, receiver) = threads.record.block_on(async {
        let test = store().await;
        let registry = city(&test.store, DEVICES).await;
        let recorder = Recorder::open(&test.store).await.expect("a recorder");
        let receiver = listen(at(Place::alone()), &test.store, &registry, &recorder).await;
        (test, recorder, receiver.expect("it listens"))
    });
    let before = processor_times();
    let doors = [receiver.address()];
    let answered = threads.send.block_on(load(&doors, in_flight, length, || {}));
    let after = processor_times();
    threads.record.block_on(async {
        receiver.stop().await;
        recorder.close().await;
        check(&test.store, &answered.of_each).await;
        let title = format!("{}, directly, {in_flight} in flight", name_of(&test.store));
        answered.print(&title, length);
        print_times(&before, &after, &[], answered.total());
        test.store.close().await;
    });
}

fn through_stream(
    threads: &Threads,
    program: &Path,
    sync: &str,
    in_flight: usize,
    length: Duration,
) {
    let mut cluster = Cluster::of(program, sync);
    let stream = StreamSettings { bytes_max: 3 << 30, ..StreamSettings::at(cluster.addresses()) };
    let site = threads.record.block_on(Recording::begin(&stream));
    let receivers = threads.receive.block_on(receive(&stream, &site.test.store));
    let doors: Vec<_> = receivers.iter().map(|(receiver, _)| receiver.address()).collect();
    let before = (processor_times(), cluster.processor_ticks());
    let started = Instant::now();
    let mut blow = || {
        let leader = cluster.leader("LUCID");
        let ticks = cluster.processor_ticks();
        cluster.kill(leader);
        (leader, ticks)
    };
    let mut killed = None;
    let answered = threads.send.block_on(load(&doors, in_flight, length, || killed = Some(blow())));
    let recorded_then = site.standing.recorded();
    let (leader, ticks_then) = killed.expect("the leader was killed");
    // What the killed server had used is no longer to be read.
    let lost = ticks_then[leader];
    let after = (processor_times(), cluster.processor_ticks());
    cluster.start_again(leader);
    let all = threads.receive.block_on(async {
        for (receiver, publisher) in receivers {
            receiver.stop().await;
            publisher.close().await;
        }
        let mut tries = 0;
        loop {
            match inspect(&stream).await {
                Ok(standing) => break standing.last,
                Err(problem) if tries > 60 => panic!("{problem}"),
                Err(_) => tries += 1,
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    let name = name_of(&site.test.store);
    let drained = threads.record.block_on(async {
        let start = Instant::now();
        while site.standing.recorded() < all {
            let failure = site.standing.failure();
            assert!(start.elapsed() < DRAIN, "{} of {all}: {failure:?}", site.standing.recorded());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let drained = started.elapsed();
        site.end(&answered.of_each).await;
        drained
    });
    answered.print(&format!("{name}, R3 (sync {sync}), {in_flight} in flight"), length);
    let packets = answered.total() as f64;
    println!(
        "  {all} messages of {:.0} packets; {} of them recorded when the last answer came, all \
         {:.1} s after the first packet: {:.0} packets/s recorded",
        packets / all as f64,
        recorded_then,
        drained.as_secs_f64(),
        packets / drained.as_secs_f64()
    );
    let nats: u64 = (0..3)
        .map(|node| {
            let end = if node == leader { lost } else { after.1[node] };
            end.saturating_sub(before.1[node])
        })
        .sum();
    print_times(&before.0, &after.0, &[("three NATS servers", nats)], answered.total());
}

/// A server that records what comes through the stream.
struct Recording {
    test: testkit::TestStore,
    recorder: Recorder,
    server: Receiver,
    standing: IntakeStanding,
    stop: watch::Sender<bool>,
    intake: tokio::task::JoinHandle<()>,
}

impl Recording {
    async fn begin(settings: &StreamSettings) -> Self {
        let test = store().await;
        let store = test.store.clone();
        let registry = city(&store, DEVICES).await;
        let recorder = Recorder::open(&store).await.expect("a recorder");
        let server = listen(at(Place::server()), &store, &registry, &recorder).await;
        let server = server.expect("it listens");
        let devices = server.devices().clone();
        let (settings, recording) = (settings.clone(), recorder.clone());
        let what = Intake { settings, store, recorder: recording, registry, devices };
        let (stop, stopping) = watch::channel(false);
        let (standing, intake) = take_in(what, stopping);
        Self { test, recorder, server, standing, stop, intake }
    }

    async fn end(self, answered: &[u64]) {
        self.server.stop().await;
        self.stop.send_replace(true);
        self.intake.await.expect("it ends");
        self.recorder.close().await;
        check(&self.test.store, answered).await;
        self.test.store.close().await;
    }
}

async fn receive(stream: &StreamSettings, store: &Store) -> Vec<(Receiver, Publisher)> {
    let mut receivers = Vec::new();
    for number in 0..RECEIVERS {
        let name = format!("receiver-{number}");
        let start = Instant::now();
        let publisher = loop {
            match Publisher::open(stream, &name).await {
                Ok(publisher) => break publisher,
                Err(problem) => assert!(start.elapsed() < DRAIN, "{problem}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let registry = Registry::open(store).await.expect("a registry");
        let sink = Sink::Stream(publisher.clone());
        let receiver = listen_into(at(Place::receiver(name)), store, &registry, sink).await;
        receivers.push((receiver.expect("it listens"), publisher));
    }
    receivers
}

/// Nothing that was answered is missing, nothing stands there twice.
async fn check(store: &Store, answered: &[u64]) {
    let nouns = Registry::open(store).await.expect("a registry").snapshot();
    for (number, answered) in answered.iter().enumerate() {
        let point = nouns.device(&mn(number)).expect("registered").point;
        let count = async |text: &'static str| -> u64 {
            let count = sqlx::query_scalar(text).bind(point.0).fetch_one(store.reader()).await;
            i64::cast_unsigned(count.expect("counted"))
        };
        let rows = count("SELECT COUNT(*) FROM observation WHERE point = $1").await;
        let revised = count("SELECT COUNT(*) FROM observation_revision WHERE point = $1").await;
        assert_eq!((rows, revised), (*answered, 0), "device {number}");
    }
}

/// What the devices saw.
struct Answered {
    of_each: Vec<u64>,
    /// Microseconds from sending to the answer, after the warm-up.
    waits: Vec<u32>,
}

impl Answered {
    fn total(&self) -> u64 {
        self.of_each.iter().sum()
    }

    fn print(&self, title: &str, length: Duration) {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        let wait = |share: f64| {
            let place = (waits.len() as f64 * share) as usize;
            f64::from(waits.get(place.min(waits.len() - 1)).copied().unwrap_or(0)) / 1e3
        };
        println!(
            "{title}: {:.0} packets/s answered, p50 {:.0} p99 {:.0} max {:.0} ms",
            waits.len() as f64 / length.as_secs_f64(),
            wait(0.5),
            wait(0.99),
            wait(1.0)
        );
    }
}

/// Lets all devices send; `blow` falls in the middle of the time.
async fn load(
    doors: &[SocketAddr],
    in_flight: usize,
    length: Duration,
    blow: impl FnOnce(),
) -> Answered {
    let stop = Arc::new(AtomicBool::new(false));
    let measured_from = Instant::now() + WARM_UP;
    let senders: Vec<_> = (0..DEVICES)
        .map(|number| {
            let door = doors[number % doors.len()];
            let device = Device::new(number);
            tokio::spawn(device.send(door, in_flight, stop.clone(), measured_from))
        })
        .collect();
    tokio::time::sleep(WARM_UP + length / 2).await;
    blow();
    tokio::time::sleep(measured_from + length - Instant::now().min(measured_from + length)).await;
    stop.store(true, Ordering::Relaxed);
    let mut answered = Answered { of_each: Vec::new(), waits: Vec::new() };
    for sender in senders {
        let (count, waits) = sender.await.expect("it sent");
        answered.of_each.push(count);
        answered.waits.extend(waits);
    }
    answered
}

fn print_times(
    before: &BTreeMap<String, u64>,
    after: &BTreeMap<String, u64>,
    others: &[(&str, u64)],
    packets: u64,
) {
    let spent = after
        .iter()
        .map(|(name, ticks)| (name.as_str(), ticks - before.get(name).unwrap_or(&0)))
        .chain(others.iter().copied())
        .filter(|(_, ticks)| *ticks > 5)
        .map(|(name, ticks)| format!("{name} {:.1}", ticks as f64 * 1e4 / packets as f64));
    let spent: Vec<_> = spent.collect();
    println!("  processor time, microseconds a packet: {}", spent.join(", "));
}
