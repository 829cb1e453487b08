//! What the tests of safekeeping share: the built binary, a server of it, devices and citizens that
//! know what was acknowledged, and a look into the stores.

use jiff::Timestamp;
use observations::RowKey;
use registry::PointId;
use rulebook::Period;
use serde_json::Value;
use sqlx::Row as _;
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use store::{Objects, Store};

/// Whatever is waited for comes sooner.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);
/// How many messages a device sends ahead of the answers.
const AHEAD: usize = 20;
const FACTORS: [&str; 4] = ["w00000", "w01018", "w21003", "w21011"];

/// A `lucid` that knows nothing of the settings of whoever runs the tests.
pub(crate) fn lucid(data: &Path, database: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lucid"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LUCID_") {
            command.env_remove(name);
        }
    }
    if let Some(url) = database {
        command.env("LUCID_DATABASE_URL", url);
    }
    command.arg("--data").arg(data).args(arguments);
    command
}

/// Runs a command to its end.
pub(crate) fn ran(data: &Path, database: Option<&str>, arguments: &[&str]) -> Output {
    lucid(data, database, arguments).output().expect("lucid starts")
}

/// Runs a command that has to do its work; what it said.
pub(crate) fn run(data: &Path, database: Option<&str>, arguments: &[&str]) -> String {
    let output = ran(data, database, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "lucid {arguments:?}: {told}{said}");
    told.into_owned()
}

/// What a command says that has to refuse: its exit code and words.
pub(crate) fn refused(data: &Path, database: Option<&str>, arguments: &[&str]) -> (i32, String) {
    let output = ran(data, database, arguments);
    let code = output.status.code().expect("an exit code");
    assert_ne!(code, 0, "lucid {arguments:?} did its work");
    (code, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What the doctor finds bad when it looks at everything: name and words.
pub(crate) fn found_by_doctor(data: &Path, database: Option<&str>) -> Vec<(String, String)> {
    let output = ran(data, database, &["doctor", "--deep", "--json"]);
    let checks: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let checks = checks.as_array().expect("a list").clone();
    let deep = ["database", "commit log", "recent rows", "revisions", "history", "cursors"];
    for name in deep {
        assert!(checks.iter().any(|check| check["check"] == name), "{name} was not looked at");
    }
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    checks
        .iter()
        // A port that is taken, or a small disk, is not what these tests are about.
        .filter(|check| check["verdict"] == "bad")
        .filter(|check| !text(&check["check"]).starts_with("port") && check["check"] != "disk")
        .map(|check| (text(&check["check"]), text(&check["what"])))
        .collect()
}

/// Nothing is bad.
pub(crate) fn is_sound(data: &Path, database: Option<&str>) {
    let found = found_by_doctor(data, database);
    assert!(found.is_empty(), "{}: {found:?}", data.display());
}

/// A running server; it is killed when it goes.
pub(crate) struct Server {
    child: Child,
    pub(crate) http: SocketAddr,
    pub(crate) hj212: SocketAddr,
}

impl Server {
    pub(crate) fn start(data: &Path, database: Option<&str>) -> Self {
        Self::start_with(data, database, &[])
    }

    pub(crate) fn start_with(
        data: &Path,
        database: Option<&str>,
        settings: &[(&str, &str)],
    ) -> Self {
        let (http, hj212) = (free_address(), free_address());
        let child = lucid(data, database, &["serve"])
            .env("LUCID_HTTP_LISTEN", http.to_string())
            .env("LUCID_HJ212_LISTEN", hj212.to_string())
            .env("LUCID_HTTP_TRUSTS_PROXY", "yes")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("lucid starts");
        let mut server = Self { child, http, hj212 };
        let start = Instant::now();
        while TcpStream::connect(hj212).is_err() || TcpStream::connect(http).is_err() {
            if let Some(status) = server.child.try_wait().expect("the server can be asked") {
                panic!("the server ended with {status} instead of opening its store");
            }
            assert!(start.elapsed() < PATIENCE, "the server does not listen");
            std::thread::yield_now();
        }
        server
    }

    /// Asks for a page without signing in.
    pub(crate) fn get(&self, path: &str) -> String {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.http);
        ask(self.http, request.as_bytes()).expect("an answer")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server ends");
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address")
}

fn ask(address: SocketAddr, request: &[u8]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// What was acknowledged: counters of a device's messages, or numbers of reports.
pub(crate) type Acknowledged = Arc<Mutex<BTreeSet<u64>>>;

/// What is acknowledged by now.
pub(crate) fn so_far(acknowledged: &Acknowledged) -> BTreeSet<u64> {
    acknowledged.lock().expect("nobody panicked").clone()
}

/// Waits until so many are acknowledged.
pub(crate) fn wait_for(acknowledged: &Acknowledged, count: usize) {
    let start = Instant::now();
    while so_far(acknowledged).len() < count {
        let found = so_far(acknowledged).len();
        assert!(start.elapsed() < PATIENCE, "{found} of {count} were acknowledged");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A device as the store knows it.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) mn: String,
    pub(crate) password: String,
    pub(crate) point: i64,
}

/// The first devices of outlets.
pub(crate) fn devices(data: &Path, count: usize) -> Vec<Device> {
    let rows = select(
        &sqlite(data),
        "SELECT device.mn, device.password, device.point FROM device \
         JOIN monitoring_point ON monitoring_point.id = device.point \
         WHERE monitoring_point.kind = 'outlet' AND length(device.mn) = 24 ORDER BY device.mn",
    );
    let all =
        rows.iter().map(|row| Device { mn: row.get(0), password: row.get(1), point: row.get(2) });
    let all: Vec<Device> = all.take(count).collect();
    assert_eq!(all.len(), count, "the city has too few devices");
    all
}

/// Sends messages from a counter on until told to stop or the connection breaks.
pub(crate) fn send(
    receiver: SocketAddr,
    device: &Device,
    from: u64,
    acknowledged: &Acknowledged,
    stop: &AtomicBool,
) {
    let Ok(mut stream) = TcpStream::connect(receiver) else { return };
    stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
    let (mut sent, mut waiting, mut buffer) = (from, 0_usize, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        while waiting < AHEAD {
            if stream.write_all(&message(device, sent)).is_err() {
                return;
            }
            sent += 1;
            waiting += 1;
        }
        let mut chunk = [0_u8; 8192];
        match stream.read(&mut chunk) {
            Ok(0) => return,
            Ok(read) => buffer.extend_from_slice(&chunk[..read]),
            Err(error) if is_timeout(&error) => continue,
            Err(_) => return,
        }
        for counter in answers(&mut buffer) {
            acknowledged.lock().expect("nobody panicked").insert(counter);
            waiting = waiting.saturating_sub(1);
        }
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

/// The minute of a counter: 2026-03-01 00:00 Beijing time plus that many minutes.
fn minute(counter: u64) -> i64 {
    1_772_294_400 + counter as i64 * 60
}

/// Delivers one message, and the same again with other values: a correction.
pub(crate) fn correct(receiver: SocketAddr, device: &Device, counter: u64) {
    let mut stream = TcpStream::connect(receiver).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let first = message(device, counter);
    let text = String::from_utf8(first.clone()).expect("ASCII");
    let segment = text[6..text.len() - 6].replace("-Avg=", "-Avg=1");
    let crc = crc(segment.as_bytes());
    let second = format!("##{:04}{segment}{crc:04X}\r\n", segment.len()).into_bytes();
    for message in [first, second] {
        stream.write_all(&message).expect("it is sent");
        let (mut buffer, mut chunk) = (Vec::new(), [0_u8; 1024]);
        while answers(&mut buffer).is_empty() {
            let read = stream.read(&mut chunk).expect("an answer");
            assert!(read > 0, "the server has hung up");
            buffer.extend_from_slice(&chunk[..read]);
        }
    }
}

/// The value of a factor, in tenths.
fn tenths(counter: u64, index: usize) -> u64 {
    (counter * 7 + index as u64 * 13) % 900 + 1
}

fn message(device: &Device, counter: u64) -> Vec<u8> {
    let instant = Timestamp::from_second(minute(counter)).expect("a time");
    let civil = jiff::tz::offset(8).to_datetime(instant).strftime("%Y%m%d%H%M%S").to_string();
    let factors = FACTORS.iter().enumerate().map(|(index, code)| {
        let tenths = tenths(counter, index);
        format!("{code}-Avg={}.{},{code}-Flag=N", tenths / 10, tenths % 10)
    });
    let segment = format!(
        "QN=20260301{counter:09};ST=32;CN=2051;PW={};MN={};Flag=5;CP=&&DataTime={civil};{}&&",
        device.password,
        device.mn,
        factors.collect::<Vec<_>>().join(";")
    );
    format!("##{:04}{segment}{:04X}\r\n", segment.len(), crc(segment.as_bytes())).into_bytes()
}

fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF_u16, |register, byte| {
        let mut register = (register >> 8) ^ u16::from(*byte);
        for _ in 0..8 {
            let carry = register & 1 == 1;
            register >>= 1;
            if carry {
                register ^= 0xA001;
            }
        }
        register
    })
}

/// Takes the whole answers out of the buffer and returns the counters that they confirm.
fn answers(buffer: &mut Vec<u8>) -> Vec<u64> {
    let mut confirmed = Vec::new();
    while let Some(end) = buffer.windows(2).position(|pair| pair == b"\r\n") {
        let line = String::from_utf8(buffer.drain(..end + 2).collect()).expect("ASCII answers");
        if line.contains("CN=9014") {
            let digits = line.split("QN=20260301").nth(1).expect("the request's QN");
            confirmed.push(digits[..9].parse().expect("a counter"));
        }
    }
    confirmed
}

/// Reports one thing after another until told to stop or the server is gone.
pub(crate) fn report_on(address: SocketAddr, acknowledged: &Acknowledged, stop: &AtomicBool) {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        match report(address, number) {
            Ok(answer) if answer.starts_with("HTTP/1.1 201") => {
                acknowledged.lock().expect("nobody panicked").insert(number);
                number += 1;
            }
            Ok(answer) if answer.contains("\r\n\r\n") => panic!("report {number}: {answer}"),
            _ => return,
        }
    }
}

fn photo(number: u64) -> String {
    format!("photo {number}\n").repeat(400)
}

fn words(number: u64) -> String {
    format!("smoke {number:06} over the river")
}

/// One report of a citizen with a photo.
pub(crate) fn report(address: SocketAddr, number: u64) -> std::io::Result<String> {
    let (key, text, photo) = (format!("{number:032}"), words(number), photo(number));
    let file = format!("photo\"; filename=\"photo-{number}.txt");
    let parts = [
        ("key", &*key),
        ("field.element", "air"),
        ("text", &text),
        ("phone", "13812345678"),
        (&file, &photo),
    ];
    let part = |(name, value): (&str, &str)| {
        format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = parts.map(part).concat() + "--part--\r\n";
    let head = format!(
        "POST /report?lang=en HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Sec-Fetch-Site: same-origin\r\nX-Forwarded-For: 198.51.{}.{}\r\n\
         Content-Type: multipart/form-data; boundary=part\r\nContent-Length: {}\r\n\r\n",
        number / 200 % 200,
        number % 200 + 1,
        body.len()
    );
    ask(address, (head + &body).as_bytes())
}

/// The address of the SQLite store of a data folder.
pub(crate) fn sqlite(data: &Path) -> String {
    format!("sqlite:{}", data.join("lucid.sqlite").display())
}

/// Runs what has to be waited for to its end.
pub(crate) fn wait<Work: Future>(work: Work) -> Work::Output {
    sqlx::any::install_default_drivers();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

/// Rows of a store, or what a change of it gives back; past the program.
pub(crate) fn select(url: &str, text: &str) -> Vec<sqlx::any::AnyRow> {
    wait(async {
        let pool = sqlx::AnyPool::connect(url).await.expect("the store opens");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text.to_owned())).fetch_all(&pool).await;
        pool.close().await;
        rows.unwrap_or_else(|error| panic!("{text}: {error}"))
    })
}

/// An empty database on the server of the tests, or `None` (with a line that says so) without one.
pub(crate) fn new_database(name: &str) -> Option<String> {
    let Ok(server) = std::env::var("LUCID_TEST_POSTGRES") else {
        eprintln!("SKIPPED on PostgreSQL: LUCID_TEST_POSTGRES names no server");
        return None;
    };
    let name = format!("lucid_{name}_{}", std::process::id());
    select(&format!("{server}/postgres"), &format!("CREATE DATABASE {name}"));
    Some(format!("{server}/{name}"))
}

/// Every message that was acknowledged is there with its values, recent or in the history.
pub(crate) fn holds_messages(
    url: &str,
    data: &Path,
    device: &Device,
    acknowledged: &BTreeSet<u64>,
) {
    let key = |counter: &u64| RowKey {
        point: PointId(device.point),
        period: Period::Minute,
        observed_at: Timestamp::from_second(minute(*counter)).expect("a time"),
    };
    let keys: Vec<RowKey> = acknowledged.iter().map(key).collect();
    let rows = wait(async {
        let store = Store::open_as_it_is(url).await.expect("the store opens");
        let objects = Objects::in_folder(&data.join("history")).expect("a folder");
        let store = store.with_objects(objects);
        let rows = observations::rows_at(&store, &keys).await.expect("the rows");
        store.close().await;
        rows
    });
    assert_eq!(rows.len(), keys.len(), "{} lost messages", device.mn);
    for (counter, key) in acknowledged.iter().zip(keys) {
        let row = rows.iter().find(|row| row.key() == key).expect("the row");
        let found: Vec<String> = row
            .values
            .iter()
            .map(|value| value.value.expect("a value").normalize().to_string())
            .collect();
        let wanted: Vec<String> = (0..FACTORS.len())
            .map(|index| {
                let tenths = tenths(*counter, index);
                let text = format!("{}.{}", tenths / 10, tenths % 10);
                text.trim_end_matches(".0").to_owned()
            })
            .collect();
        assert_eq!(found, wanted, "{} at {counter}", device.mn);
    }
}

/// Every report that was acknowledged is one case with its photo whole.
pub(crate) fn holds_reports(url: &str, data: &Path, acknowledged: &BTreeSet<u64>) {
    let bodies = select(url, "SELECT body, case_id FROM case_report");
    let files = select(url, "SELECT case_id, digest FROM case_evidence");
    let kept = evidence::Evidence::open(&data.join("evidence")).expect("the folder opens");
    for number in acknowledged {
        let wanted = words(*number);
        let own: Vec<i64> = bodies
            .iter()
            .filter(|row| row.get::<String, _>(0) == wanted)
            .map(|row| row.get(1))
            .collect();
        assert_eq!(own.len(), 1, "report {number} was acknowledged and is {own:?}");
        let photos = files.iter().filter(|row| row.get::<i64, _>(0) == own[0]);
        let photos: Vec<Vec<u8>> = photos.map(|row| row.get(1)).collect();
        assert_eq!(photos.len(), 1, "report {number} has one photo");
        let digest = evidence::Digest::from_slice(&photos[0]).expect("a digest");
        let bytes = wait(kept.read(digest)).expect("its bytes");
        assert_eq!(bytes, photo(*number).into_bytes(), "the photo of report {number}");
    }
}

/// The root over the first entries of a store's log, as anybody computes it from them.
pub(crate) fn root(url: &str, size: u64) -> String {
    let text = format!("SELECT entry FROM log_entry WHERE position < {size} ORDER BY position");
    let entries = select(url, &text);
    assert_eq!(entries.len() as u64, size, "the log is shorter");
    let tiles = transparency::tile::Tiles::default();
    let mut tree = transparency::tile::Growing::new(0, tiles).expect("an empty tree");
    for row in &entries {
        tree.push(transparency::Hash::of_leaf(row.get::<String, _>(0).as_bytes()));
    }
    tree.root().to_base64()
}

/// Size and root of the newest checkpoint that a store has.
pub(crate) fn head(url: &str) -> (u64, String) {
    let rows = select(url, "SELECT note FROM log_checkpoint ORDER BY size DESC LIMIT 1");
    let note: String = rows.first().expect("a checkpoint").get(0);
    let mut lines = note.lines().skip(1);
    let size = lines.next().expect("a size").parse().expect("a number");
    (size, lines.next().expect("a root").to_owned())
}
