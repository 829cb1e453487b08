//! A server that is started, asked and ended.

use crate::devices::{Device, OF_OUTLETS};
use sqlx::Row as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use testkit::{Guarded, PATIENCE};

/// A `lucid` that knows nothing of the settings of whoever runs the tests.
pub(crate) fn lucid(data: &Path, arguments: &[&str]) -> Command {
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

pub(crate) fn run(data: &Path, arguments: &[&str]) -> Output {
    lucid(data, arguments).output().expect("lucid starts")
}

pub(crate) fn must(data: &Path, arguments: &[&str]) {
    let output = run(data, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "lucid {arguments:?}: {said}");
}

/// A server, ended with the test.
pub(crate) struct Server {
    child: Child,
    pub(crate) http: String,
    pub(crate) hj212: String,
}

impl Server {
    pub(crate) fn start(data: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = lucid(data, &["--json", "serve"]);
        command.envs(settings.iter().copied());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("lucid starts");
        let guard = Guarded::of(&child, PATIENCE);
        let mut line = String::new();
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        lines.read_line(&mut line).expect("a line");
        drop(guard);
        let told: serde_json::Value = serde_json::from_str(&line).expect("where it listens");
        let text = |name: &str| told[name].as_str().expect("a text").to_owned();
        // Its later lines are of no interest, but somebody must take them.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { http: text("http"), hj212: text("hj212"), child }
    }

    /// Asks with these headers; the whole answer.
    pub(crate) fn ask(&self, path: &str, headers: &str) -> String {
        let host = &self.http;
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}"), &[])
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.ask(path, "")
    }

    /// Sends a head (without the last headers) and a body; the whole answer.
    pub(crate) fn send(&self, head: &str, body: &[u8]) -> String {
        let head = format!("{head}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        let mut stream = TcpStream::connect(&self.http).expect("the door is open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(head.as_bytes()).expect("it listens");
        stream.write_all(body).expect("it listens");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The value of a metric: of the first line that begins so.
    pub(crate) fn metric(&self, name: &str) -> Option<f64> {
        let page = self.get("/metrics");
        let line = page.lines().find(|line| line.starts_with(name))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    /// Asks it to end as a system does, and waits until it has.
    pub(crate) fn end(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(asked.success());
        let mut ended = None;
        until("the server ends", || {
            ended = self.child.try_wait().expect("it can be asked");
            ended.is_some()
        });
        ended.and_then(|status| status.code())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn devices(data: &Path) -> Vec<Device> {
    let rows = select(data, OF_OUTLETS);
    let all: Vec<Device> = rows
        .iter()
        .map(|row| Device { mn: row.get(0), password: row.get(1), point: row.get(2) })
        .collect();
    assert!(!all.is_empty(), "the city has devices");
    all
}

pub(crate) fn select(data: &Path, text: &str) -> Vec<sqlx::any::AnyRow> {
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
