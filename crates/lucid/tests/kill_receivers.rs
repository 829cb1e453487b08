//! The promise behind every answer of several receivers: under load the leader of the stream is
//! killed, a receiver, the server that records, and the next leader; every acknowledged message
//! is there exactly once, and no packet stands in the commit log more often than it was sent.
//! Needs `LUCID_TEST_NATS` and `LUCID_TEST_POSTGRES`.

mod devices;

use devices::{Device, OF_OUTLETS, answers, counter_in, message, minute, texts, values};
use observations::{Row, series};
use registry::PointId;
use rulebook::Period;
use sqlx::{Executor as _, Row as _};
use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::{Objects, Store};
use testkit::Guarded;
use testkit::nats::{Cluster, free_addresses};

const DEVICES: usize = 8;
/// How many messages a device sends ahead of the answers.
const AHEAD: u64 = 40;
/// Messages acknowledged between two blows.
const BETWEEN: u64 = 400;
/// Longer than a new leader takes on a loaded machine, and than a receiver's patience.
const PATIENCE: Duration = Duration::from_mins(3);
const RECEIVERS: usize = 2;

#[test]
fn what_any_receiver_acknowledged_survives_every_blow_exactly_once() {
    let Ok(server) = std::env::var("LUCID_TEST_POSTGRES") else {
        eprintln!("SKIPPED: LUCID_TEST_POSTGRES names no server");
        return;
    };
    let Some(mut cluster) = Cluster::start() else { return };
    let site = Site::new(&server, &cluster);
    let devices = site.devices();
    let mut recording = site.serve();
    let mut receivers: Vec<_> = (0..RECEIVERS).map(|number| site.receive(number)).collect();
    let load = Load::begin(&devices, &site.doors);

    load.wait_for_more();
    let leader = cluster.leader("LUCID");
    cluster.kill(leader);
    load.wait_for_more();
    cluster.start_again(leader);

    receivers[0].kill();
    load.wait_for_more();
    receivers[0] = site.receive(0);

    recording.kill();
    load.wait_for_more();
    recording = site.serve();

    let leader = cluster.leader("LUCID");
    cluster.kill(leader);
    receivers[1].kill();
    load.wait_for_more();
    receivers[1] = site.receive(1);
    load.wait_for_more();

    let sent = load.end();
    site.verify(&devices, &sent);
    for mut process in receivers.into_iter().chain([recording]) {
        process.end();
    }
}

/// A city in a database of its own, the folders and the addresses of its programs.
struct Site {
    folder: tempfile::TempDir,
    database: String,
    nats: String,
    doors: Vec<SocketAddr>,
    runtime: tokio::runtime::Runtime,
}

impl Site {
    fn new(server: &str, cluster: &Cluster) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let name = format!("lucid_receivers_{}", std::process::id());
        sqlx::any::install_default_drivers();
        runtime.block_on(async {
            let url = format!("{server}/postgres");
            let admin = sqlx::AnyPool::connect(&url).await.expect("the server");
            let made = admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await;
            made.expect("a new database");
            admin.close().await;
        });
        let site = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            database: format!("{server}/{name}"),
            nats: cluster.addresses(),
            doors: free_addresses(RECEIVERS),
            runtime,
        };
        let made = site.lucid("server").arg("init").output().expect("lucid starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        site
    }

    /// The program with what all of them have in common.
    fn lucid(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lucid"));
        let log =
            std::fs::File::options().create(true).append(true).open(self.log(name)).expect("a log");
        command
            .arg("--data")
            .arg(self.folder.path().join(name))
            .arg("--json")
            .env("LUCID_DATABASE_URL", &self.database)
            .env("LUCID_INTAKE_NATS", &self.nats)
            .env("LUCID_INTAKE_MAX_MEGABYTES", "64")
            .stdout(Stdio::piped())
            .stderr(log);
        command
    }

    fn log(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(format!("{name}.log"))
    }

    fn serve(&self) -> Running {
        let mut command = self.lucid("server");
        let [http, hj212] = free_addresses(2)[..] else { panic!("two addresses") };
        command
            .arg("serve")
            .env("LUCID_HTTP_LISTEN", http.to_string())
            .env("LUCID_HJ212_LISTEN", hj212.to_string());
        Running::start(command, &self.log("server"))
    }

    fn receive(&self, number: usize) -> Running {
        let name = format!("receiver-{number}");
        let mut command = self.lucid(&name);
        command.args(["receive", "--name", &name, "--http", "127.0.0.1:0"]);
        command.arg("--hj212").arg(self.doors[number].to_string());
        Running::start(command, &self.log(&name))
    }

    fn devices(&self) -> Vec<Device> {
        self.runtime.block_on(async {
            let pool = sqlx::AnyPool::connect(&self.database).await.expect("the database");
            let rows = sqlx::query(OF_OUTLETS).fetch_all(&pool).await.expect("devices");
            pool.close().await;
            let device = |row: &sqlx::any::AnyRow| Device {
                mn: row.get(0),
                password: row.get(1),
                point: row.get(2),
            };
            let all: Vec<_> = rows.iter().map(device).take(DEVICES).collect();
            assert_eq!(all.len(), DEVICES, "the city has too few devices");
            all
        })
    }

    /// Waits until all that was acknowledged is recorded, then holds the store against it.
    fn verify(&self, devices: &[Device], sent: &[Sent]) {
        self.runtime.block_on(async {
            let store = Store::open_as_it_is(&self.database).await.expect("the store opens");
            // The server has begun to move what is old into its history; both are read as one.
            let history = self.folder.path().join("server/history");
            std::fs::create_dir_all(&history).expect("a folder");
            let store = store.with_objects(Objects::in_folder(&history).expect("a plain folder"));
            let start = Instant::now();
            for (device, sent) in devices.iter().zip(sent) {
                loop {
                    let rows = rows(&store, device.point).await;
                    let missing = sent.acknowledged.iter().find(|one| !rows.contains_key(one));
                    let Some(missing) = missing else {
                        check(device, &rows, sent);
                        break;
                    };
                    assert!(
                        start.elapsed() < PATIENCE,
                        "{} lost {missing}; {}",
                        device.mn,
                        std::fs::read_to_string(self.log("server")).unwrap_or_default()
                    );
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            check_log(&store, devices, sent).await;
            let revised = count(&store, "SELECT COUNT(*) FROM observation_revision").await;
            assert_eq!(revised, 0, "a message sent again is a duplicate, not a revision");
            store.close().await;
        });
    }
}

async fn count(store: &Store, text: &'static str) -> i64 {
    let row = sqlx::query(text).fetch_one(store.reader()).await.expect("readable");
    row.get(0)
}

/// The rows of a point by the counters of their messages.
async fn rows(store: &Store, point: i64) -> HashMap<u64, Vec<String>> {
    let instant = |counter| jiff::Timestamp::from_second(minute(counter)).expect("a time");
    let range = instant(0)..instant(1_000_000);
    let rows = series(store, PointId(point), Period::Minute, range).await.expect("readable");
    let of = |row: &Row| {
        let counter = (row.observed_at.as_second() - minute(0)) / 60;
        (u64::try_from(counter).expect("a counter"), texts(&row.values))
    };
    rows.iter().map(of).collect()
}

/// Every row is whole and was sent; the acknowledged ones are among them already.
fn check(device: &Device, rows: &HashMap<u64, Vec<String>>, sent: &Sent) {
    for (counter, found) in rows {
        assert!(sent.times.contains_key(counter), "{} was never sent {counter}", device.mn);
        assert_eq!(*found, values(*counter), "{} at {counter}", device.mn);
    }
}

/// No packet stands in the commit log more often than it was sent: no message of the stream was
/// recorded twice.
async fn check_log(store: &Store, devices: &[Device], sent: &[Sent]) {
    let mut logged: HashMap<(String, u64), u64> = HashMap::new();
    let last = observations::last_block(store).await.expect("readable");
    for block in 1..=last {
        for packet in observations::raw_block(store, block).await.expect("readable") {
            let counter = counter_in(&String::from_utf8_lossy(&packet.bytes));
            let key = packet.device.zip(counter).expect("a packet of a device of this test");
            *logged.entry(key).or_default() += 1;
        }
    }
    let mut total = 0;
    for (device, sent) in devices.iter().zip(sent) {
        for counter in &sent.acknowledged {
            assert!(
                logged.contains_key(&(device.mn.clone(), *counter)),
                "the packet {counter} of {} is not in the log",
                device.mn
            );
        }
        for (counter, times) in &sent.times {
            let found = logged.get(&(device.mn.clone(), *counter)).copied().unwrap_or(0);
            assert!(found <= *times, "{} sent {counter} {times} times, {found} stand", device.mn);
            total += found;
        }
    }
    eprintln!("{total} packets in {last} commits");
}

/// A program that says in JSON when it is ready.
struct Running {
    process: Child,
}

impl Running {
    fn start(mut command: Command, log: &Path) -> Self {
        let mut process = command.spawn().expect("lucid starts");
        let guard = Guarded::of(&process, PATIENCE);
        let mut line = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("readable");
        drop(guard);
        let said = || std::fs::read_to_string(log).unwrap_or_default();
        assert!(line.contains("hj212"), "it does not say where it listens: {}", said());
        Self { process }
    }

    fn kill(&mut self) {
        self.process.kill().expect("it can be killed");
        self.process.wait().expect("it ends");
    }

    /// Asks it to end and waits until it has.
    fn end(&mut self) {
        let _guard = Guarded::of(&self.process, PATIENCE);
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(asked.success());
        let status = self.process.wait().expect("it ends");
        assert!(status.success(), "it ended with {status}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|status| status.is_none()) {
            self.kill();
        }
    }
}

/// What a device has sent, how often, and what was acknowledged.
#[derive(Default)]
struct Sent {
    times: HashMap<u64, u64>,
    acknowledged: HashSet<u64>,
}

/// Devices that send without a break through whatever receiver takes them, as a balancer would
/// spread them.
struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicU64>,
    senders: Vec<std::thread::JoinHandle<Sent>>,
}

impl Load {
    fn begin(devices: &[Device], doors: &[SocketAddr]) -> Self {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let sender = |(number, device): (usize, &Device)| {
            let mut sender = Sender {
                device: device.clone(),
                doors: doors.to_vec(),
                stop: Arc::clone(&stop),
                total: Arc::clone(&acknowledged),
                sent: Sent::default(),
                next: 0,
            };
            std::thread::spawn(move || {
                let mut turn = number;
                while !sender.stop.load(Ordering::Relaxed) {
                    sender.connect_and_send(turn);
                    turn += 1;
                }
                sender.sent
            })
        };
        let senders = devices.iter().enumerate().map(sender).collect();
        Self { stop, acknowledged, senders }
    }

    /// Waits until more has been acknowledged, and by that much.
    fn wait_for_more(&self) {
        let (goal, start) = (self.acknowledged.load(Ordering::Relaxed) + BETWEEN, Instant::now());
        while self.acknowledged.load(Ordering::Relaxed) < goal {
            let so_far = self.acknowledged.load(Ordering::Relaxed);
            assert!(start.elapsed() < PATIENCE, "{so_far} of {goal} acknowledged");
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("{goal} acknowledged after {:?}", start.elapsed());
    }

    fn end(self) -> Vec<Sent> {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.senders.into_iter().map(|sender| sender.join().expect("it ends well"));
        ended.collect()
    }
}

struct Sender {
    device: Device,
    doors: Vec<SocketAddr>,
    stop: Arc<AtomicBool>,
    total: Arc<AtomicU64>,
    sent: Sent,
    /// The first message that is not acknowledged.
    next: u64,
}

impl Sender {
    /// Connects to a receiver and sends from the first message that was not acknowledged, until
    /// the connection breaks or nothing is answered for long.
    fn connect_and_send(&mut self, turn: usize) {
        let door = self.doors[turn % self.doors.len()];
        let Ok(mut stream) = TcpStream::connect_timeout(&door, Duration::from_secs(1)) else {
            std::thread::sleep(Duration::from_millis(50));
            return;
        };
        stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
        let (mut buffer, mut at, mut heard) = (Vec::new(), self.next, Instant::now());
        while !self.stop.load(Ordering::Relaxed) && heard.elapsed() < Duration::from_secs(30) {
            while at < self.next + AHEAD {
                *self.sent.times.entry(at).or_default() += 1;
                if stream.write_all(&message(&self.device, at)).is_err() {
                    return;
                }
                at += 1;
            }
            let mut chunk = [0_u8; 8192];
            match stream.read(&mut chunk) {
                Ok(0) => return,
                Ok(read) => buffer.extend_from_slice(&chunk[..read]),
                Err(error) if is_timeout(&error) => continue,
                Err(_) => return,
            }
            heard = Instant::now();
            for counter in answers(&mut buffer) {
                if self.sent.acknowledged.insert(counter) {
                    self.total.fetch_add(1, Ordering::Relaxed);
                }
            }
            while self.sent.acknowledged.contains(&self.next) {
                self.next += 1;
            }
        }
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

/// Who wants receivers without a stream, or on SQLite, is told what to set.
#[test]
fn a_receiver_says_what_it_lacks() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lucid"));
        command.arg("--data").arg(folder.path()).arg("receive");
        command.env_remove("LUCID_DATABASE_URL").env_remove("LUCID_INTAKE_NATS");
        let output = command.envs(variables.iter().copied()).output().expect("lucid starts");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("text")
    };
    let said = run(&[]);
    assert!(said.contains("intake.nats") && said.contains("receive.no_stream"), "{said}");
    let said = run(&[("LUCID_INTAKE_NATS", "nats://127.0.0.1:1")]);
    assert!(said.contains("database.url") && said.contains("receive.sqlite"), "{said}");
    let said = run(&[("LUCID_INTAKE_NATS", "nats://127.0.0.1:1"), ("LUCID_INTAKE_STREAM", "a b")]);
    assert!(said.contains("intake.stream"), "{said}");
}
