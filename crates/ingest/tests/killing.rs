//! A receiver that is killed at random moments under load: what it has acknowledged is there
//! exactly once after the restart, nothing is there by halves, the store opens without repair.
//!
//! `LUCID_KILL_ROUNDS` sets how often it is killed (8 by default).

mod fixture;

use fixture::{FACTORS, city, migrations, minute_packet, mn, time_text};
use ingest::hj212::{ReceiverSettings, listen};
use observations::{Recorder, series};
use registry::Registry;
use rulebook::{Period, parse_beijing};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::Store;
use testkit::Guarded;

const DEVICES: usize = 8;
const STORE: &str = "LUCID_KILL_STORE";

fn main() {
    if let Ok(url) = std::env::var(STORE) {
        serve(&url);
    } else {
        kill_again_and_again();
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

/// The receiver: says its address and serves until it is killed.
fn serve(url: &str) {
    runtime().block_on(async {
        let store = Store::open(url, &migrations()).await.expect("the store opens");
        let registry = match Registry::open(&store).await {
            Ok(registry) if registry.snapshot().device(&mn(0)).is_some() => registry,
            _ => city(&store, DEVICES).await,
        };
        let recorder = Recorder::open(&store).await.expect("a recorder");
        let settings = ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"));
        let receiver = listen(settings, &store, &registry, &recorder).await.expect("it listens");
        println!("{}", receiver.address());
        std::future::pending::<()>().await;
    });
}

struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(url: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .env(STORE, url)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a receiver");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output");
        let guard = Guarded::of(&process, testkit::PATIENCE);
        BufReader::new(output).read_line(&mut line).expect("its address");
        drop(guard);
        let address = line.trim().parse().expect("an address");
        Self { process, address }
    }

    fn kill(mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
    }
}

fn kill_again_and_again() {
    let rounds: u32 =
        std::env::var("LUCID_KILL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("killed.sqlite").display());
    let acknowledged: Arc<Vec<AtomicU64>> =
        Arc::new((0..DEVICES).map(|_| AtomicU64::new(0)).collect());
    // A fixed row of moments, unlike each other, from 5 ms to 400 ms.
    let mut moment = 0x2545_F491_u64;
    for round in 0..rounds {
        let server = Server::start(&url);
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..DEVICES)
            .map(|device| {
                let (acknowledged, stop, address) =
                    (acknowledged.clone(), stop.clone(), server.address);
                std::thread::spawn(move || send(device, address, &acknowledged[device], &stop))
            })
            .collect();
        let goal = total(&acknowledged) + u64::from(round % 4) * 50;
        let start = Instant::now();
        while total(&acknowledged) < goal {
            let so_far = total(&acknowledged);
            assert!(start.elapsed() < testkit::PATIENCE, "{so_far} of {goal} acknowledged");
            std::thread::yield_now();
        }
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::thread::sleep(Duration::from_millis(5 + (moment >> 40) % 395));
        server.kill();
        stop.store(true, Ordering::Relaxed);
        for sender in senders {
            sender.join().expect("a sender");
        }
        runtime().block_on(check(&url, &acknowledged));
    }
    println!("killed {rounds} times; {} packets acknowledged, all there", total(&acknowledged));
}

fn total(acknowledged: &[AtomicU64]) -> u64 {
    acknowledged.iter().map(|count| count.load(Ordering::Relaxed)).sum()
}

/// Sends one minute after the other, three at a time, until the connection breaks; what was not
/// acknowledged is sent again in the next round.
fn send(device: usize, address: SocketAddr, acknowledged: &AtomicU64, stop: &AtomicBool) {
    let Ok(mut stream) = TcpStream::connect(address) else { return };
    stream.set_read_timeout(Some(testkit::PATIENCE)).expect("a timeout");
    let mut buffer = [0; 4096];
    while !stop.load(Ordering::Relaxed) {
        let next = acknowledged.load(Ordering::Relaxed);
        let packets: Vec<_> = (next..next + 3)
            .flat_map(|minute| minute_packet(&mn(device), minute, 5, minute))
            .collect();
        if stream.write_all(&packets).is_err() {
            return;
        }
        let mut missing = 3;
        while missing > 0 {
            match stream.read(&mut buffer) {
                Ok(length @ 1..) => {
                    let answers = buffer[..length].iter().filter(|byte| **byte == b'\n').count();
                    acknowledged.fetch_add(answers as u64, Ordering::Relaxed);
                    missing -= answers;
                }
                _ => return,
            }
        }
    }
}

async fn check(url: &str, acknowledged: &[AtomicU64]) {
    let store = Store::open(url, &migrations()).await.expect("the store opens without repair");
    let nouns = Registry::open(&store).await.expect("a registry").snapshot();
    let time = |text: &str| parse_beijing(text).expect("a time");
    let range = time("20260101000000")..time("20270101000000");
    for (device, count) in acknowledged.iter().enumerate() {
        let point = nouns.device(&mn(device)).expect("registered").point;
        let rows = series(&store, point, Period::Minute, range.clone()).await.expect("readable");
        let count = count.load(Ordering::Relaxed);
        assert!(rows.len() as u64 >= count, "device {device}: {} of {count}", rows.len());
        for (minute, row) in rows.iter().enumerate() {
            assert_eq!(row.observed_at, time(&time_text(minute as u64)), "a gap");
            assert_eq!(row.values.len(), FACTORS.len(), "half a packet");
            assert_eq!(row.version, 1, "a packet sent again changed nothing");
            let hundredths = (minute as u64 + 7) % 100;
            let value = row.values[0].value.expect("a value").to_string();
            assert_eq!(value, format!("10.{hundredths:02}"));
        }
    }
    store.close().await;
}
