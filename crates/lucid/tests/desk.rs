//! From a packet to the duty desk: a value over its limit, sent through a socket to the whole
//! server, makes a finding and tells whoever follows.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use testkit::Guarded;

const PATIENCE: Duration = Duration::from_mins(1);

/// A `lucid` that knows nothing of the settings of whoever runs the tests.
fn lucid(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lucid"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LUCID_") {
            command.env_remove(name);
        }
    }
    command.arg("--data").arg(data).args(arguments);
    command.env("LUCID_HTTP_LISTEN", "127.0.0.1:0").env("LUCID_HJ212_LISTEN", "127.0.0.1:0");
    command
}

/// A server with its addresses, ended with the test.
struct Server {
    child: Child,
    http: String,
    hj212: String,
    sign_in: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut child = lucid(data, &["--json", "serve"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("lucid starts");
        let mut line = String::new();
        let _guard = Guarded::of(&child, PATIENCE);
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        lines.read_line(&mut line).expect("a line");
        let told: serde_json::Value = serde_json::from_str(&line).expect("where it listens");
        let text = |name: &str| told[name].as_str().expect("a text").to_owned();
        Self { child, http: text("http"), hj212: text("hj212"), sign_in: text("sign_in") }
    }

    fn connect(address: &str) -> TcpStream {
        let stream = TcpStream::connect(address).expect("the door is open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    }

    fn get(&self, path: &str, cookie: &str) -> String {
        let mut stream = Self::connect(&self.http);
        let host = &self.http;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("it listens");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The events as they come, from the moment at which the stream has begun.
    fn follow(&self) -> BufReader<TcpStream> {
        let mut stream = Self::connect(&self.http);
        let request = format!("GET /live HTTP/1.1\r\nHost: {}\r\n\r\n", self.http);
        stream.write_all(request.as_bytes()).expect("it listens");
        let mut lines = BufReader::new(stream);
        until(&mut lines, ": follow");
        lines
    }

    /// The operator, signed in: their cookie.
    fn operator(&self) -> String {
        let path = self.sign_in.split(&self.http).nth(1).expect("a path").trim().to_owned();
        let answer = self.get(&path, "");
        let cookie = answer.split("lucid_operator=").nth(1).expect("a cookie");
        format!("lucid_operator={}", cookie.split(';').next().expect("a value"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads lines until one begins like this.
fn until(lines: &mut BufReader<TcpStream>, wanted: &str) -> String {
    let mut line = String::new();
    let start = Instant::now();
    loop {
        line.clear();
        // Signs of life come as long as the stream is open.
        assert!(start.elapsed() < PATIENCE, "{wanted:?} does not come");
        let read = lines.read_line(&mut line).expect("the stream goes on");
        assert!(read > 0, "the stream ended before {wanted:?}");
        if line.trim().starts_with(wanted) {
            return line;
        }
    }
}

/// An hour of the example's stack with nitrogen oxides over their limit.
fn packet() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let devices = std::fs::read_to_string(folder.join("devices.csv")).expect("the devices");
    let line = devices.lines().find(|line| line.contains("DEMO-9002/DA001")).expect("the stack's");
    let cells: Vec<&str> = line.split(',').collect();
    let hour = Timestamp::now() - SignedDuration::from_hours(1);
    let hour = rulebook::beijing_offset().to_datetime(hour);
    let (day, qn) = (hour.strftime("%Y%m%d%H"), hour.strftime("%Y%m%d%H%M%S"));
    let segment = format!(
        "QN={qn}001;ST=31;CN=2061;PW={};MN={};Flag=5;CP=&&DataTime={day}0000;\
         a21002-Avg=80.0,a21002-ZsAvg=80.0,a21002-Flag=N&&",
        cells[1], cells[0]
    );
    hj212::encode::frame(segment.as_bytes())
}

#[test]
fn a_packet_over_the_limit_makes_a_finding_and_tells_the_desk() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    let made = lucid(data, &["init", "--city", "example"]).output().expect("lucid starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let server = Server::start(data);
    let operator = server.operator();
    let over = "\"what\":\"exceedance\"";
    assert!(!server.get("/api/v1/findings", &operator).contains(over), "nothing is over yet");

    let mut events = server.follow();
    let mut device = Server::connect(&server.hj212);
    device.write_all(&packet()).expect("it listens");
    // Devices that never spoke make findings as well: the one wanted holds an exceedance.
    loop {
        until(&mut events, "event: finding");
        let told = until(&mut events, "data:");
        assert!(!told.contains("DEMO"), "the event says nothing of whom it is about: {told}");
        let findings = server.get("/api/v1/findings", &operator);
        if findings.contains(over) {
            assert!(findings.contains("\"times_limit\":\"1.6\""), "{findings}");
            return;
        }
    }
}
