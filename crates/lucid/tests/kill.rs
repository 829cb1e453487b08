//! The promise behind every answer: kill the server at random moments under load, fifty times,
//! and every acknowledged message is there exactly once, no half message is, and the store
//! opens without repair.

mod devices;

use devices::{Device, FACTORS, OF_OUTLETS, answers, found, message, minute, values};
use sqlx::Row as _;
use std::collections::{BTreeMap, HashSet};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const DEVICES: usize = 6;
/// How many messages a device sends ahead of the answers.
const AHEAD: usize = 40;

/// Rounds of killing: fifty where slow tests are wanted, three otherwise.
fn rounds() -> u64 {
    if std::env::var_os("LUCID_SLOW_TESTS").is_some() { 50 } else { 3 }
}

#[test]
fn what_was_acknowledged_survives_a_kill_exactly_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    lucid(data, &["init"]);
    let devices = devices(data);
    let acknowledged: Vec<Arc<Mutex<HashSet<u64>>>> =
        (0..DEVICES).map(|_| Arc::default()).collect();
    let mut next = [0_u64; DEVICES];
    let mut highest = [0_u64; DEVICES];
    for round in 0..rounds() {
        let receiver = free_address();
        let mut server = serve(data, receiver);
        wait_until_listening(receiver, &mut server);
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = devices
            .iter()
            .enumerate()
            .map(|(index, device)| {
                let (device, stop) = (device.clone(), Arc::clone(&stop));
                let (seen, from) = (Arc::clone(&acknowledged[index]), next[index]);
                std::thread::spawn(move || send(receiver, &device, from, &seen, &stop))
            })
            .collect();
        std::thread::sleep(moment(round));
        server.kill().expect("the server can be killed");
        server.wait().expect("the server ends");
        stop.store(true, Ordering::Relaxed);
        for (index, sender) in senders.into_iter().enumerate() {
            let sent = sender.join().expect("the device ends well");
            highest[index] = highest[index].max(sent);
            // A device sends again what was not answered: half of the rounds from the first gap.
            let seen = acknowledged[index].lock().expect("no sender panicked");
            let gap = (0..sent).find(|counter| !seen.contains(counter)).unwrap_or(sent);
            next[index] = if round % 2 == 0 { gap } else { sent };
        }
    }
    let total: usize = acknowledged.iter().map(|set| set.lock().map_or(0, |set| set.len())).sum();
    eprintln!("{} rounds, {total} messages acknowledged", rounds());
    assert!(total > 100, "the load was too small to prove anything: {total} acknowledged");
    verify(data, &devices, &acknowledged, &highest);
}

fn devices(data: &Path) -> Vec<Device> {
    let rows = select(data, OF_OUTLETS);
    let all: Vec<Device> = rows
        .iter()
        .map(|row| Device { mn: row.get(0), password: row.get(1), point: row.get(2) })
        .collect();
    assert!(all.len() >= DEVICES, "the city has {} devices", all.len());
    all.into_iter().take(DEVICES).collect()
}

/// When to kill: spread over start-up, the first commits and full load; the same in every run.
fn moment(round: u64) -> Duration {
    let mixed = (round + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    Duration::from_millis(20 + mixed % 600)
}

/// Sends messages from counter `from` on until the connection breaks; notes what was answered.
/// Returns the first counter that was never sent.
fn send(
    receiver: SocketAddr,
    device: &Device,
    from: u64,
    acknowledged: &Mutex<HashSet<u64>>,
    stop: &AtomicBool,
) -> u64 {
    let mut sent = from;
    let Ok(mut stream) = TcpStream::connect(receiver) else { return sent };
    stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
    let mut waiting = 0_usize;
    let mut buffer = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        while waiting < AHEAD {
            if stream.write_all(&message(device, sent)).is_err() {
                return sent + 1;
            }
            sent += 1;
            waiting += 1;
        }
        let mut chunk = [0_u8; 8192];
        match stream.read(&mut chunk) {
            Ok(0) => return sent,
            Ok(read) => buffer.extend_from_slice(&chunk[..read]),
            Err(error) if is_timeout(&error) => continue,
            Err(_) => return sent,
        }
        for counter in answers(&mut buffer) {
            acknowledged.lock().expect("no other panicked").insert(counter);
            waiting = waiting.saturating_sub(1);
        }
    }
    sent
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

/// Holds the store against what was acknowledged.
fn verify(
    data: &Path,
    devices: &[Device],
    acknowledged: &[Arc<Mutex<HashSet<u64>>>],
    sent: &[u64],
) {
    let check: String = select(data, "PRAGMA integrity_check")[0].get(0);
    assert_eq!(check, "ok");
    let revised: i64 = select(data, "SELECT COUNT(*) FROM observation_revision")[0].get(0);
    assert_eq!(revised, 0, "a message sent again is a duplicate, not a revision");
    for ((device, acknowledged), sent) in devices.iter().zip(acknowledged).zip(sent) {
        let stored = stored(data, device.point);
        for counter in acknowledged.lock().expect("no sender panicked").iter() {
            let payload = stored.get(&minute(*counter));
            let payload = payload.unwrap_or_else(|| panic!("{} lost {counter}", device.mn));
            assert_eq!(found(payload), values(*counter), "{} at {counter}", device.mn);
        }
        for (at, payload) in &stored {
            let values = observations::unpack(payload).expect("a whole row");
            assert_eq!(values.len(), FACTORS.len(), "half a message of {} at {at}", device.mn);
            let counter = (at - minute(0)) / 60;
            assert!(
                counter <= *sent as i64 + AHEAD as i64,
                "{} was never sent {counter}",
                device.mn
            );
        }
    }
}

/// Read as everybody reads: months of long ago move into the history while the server is killed.
fn stored(data: &Path, point: i64) -> BTreeMap<i64, Vec<u8>> {
    let url = format!("sqlite:{}", data.join("lucid.sqlite").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let rows = runtime.expect("a runtime").block_on(async {
        let store = store::Store::open_as_it_is(&url).await.expect("the store opens");
        let all = jiff::Timestamp::MIN..jiff::Timestamp::MAX;
        let point = registry::PointId(point);
        let rows = observations::series(&store, point, rulebook::Period::Minute, all).await;
        store.close().await;
        rows.expect("readable")
    });
    let found: BTreeMap<_, _> = rows
        .iter()
        .map(|row| (row.observed_at.as_second(), observations::pack(&row.values)))
        .collect();
    assert_eq!(found.len(), rows.len(), "one row a key");
    found
}

fn select(data: &Path, text: &str) -> Vec<sqlx::any::AnyRow> {
    sqlx::any::install_default_drivers();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let address = format!("sqlite://{}?mode=rw", data.join("lucid.sqlite").display());
        let pool = sqlx::AnyPool::connect(&address).await.expect("the store opens");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text.to_owned())).fetch_all(&pool).await;
        pool.close().await;
        rows.expect("it answers")
    })
}

fn lucid(data: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_lucid"))
        .arg("--data")
        .arg(data)
        .args(arguments)
        .output()
        .expect("lucid starts");
    assert!(
        output.status.success(),
        "lucid {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn serve(data: &Path, receiver: SocketAddr) -> Child {
    Command::new(env!("CARGO_BIN_EXE_lucid"))
        .arg("--data")
        .arg(data)
        .arg("serve")
        .env("LUCID_HTTP_LISTEN", free_address().to_string())
        .env("LUCID_HJ212_LISTEN", receiver.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("lucid starts")
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address")
}

fn wait_until_listening(address: SocketAddr, server: &mut Child) {
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(status) = server.try_wait().expect("the server can be asked") {
            panic!("the server ended with {status} instead of opening its store");
        }
        assert!(start.elapsed() < Duration::from_mins(1), "the server does not listen");
        std::thread::yield_now();
    }
}
