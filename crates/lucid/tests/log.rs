//! The log of a served city from the command line: clean as long as nobody touches the database,
//! and the record named when somebody has.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
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

fn run(data: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = lucid(data, arguments).output().expect("lucid starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("a code"), text(&output.stdout), text(&output.stderr))
}

/// A server, ended with the test.
struct Server {
    child: Child,
    http: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut command = lucid(data, &["serve"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("lucid starts");
        let guard = Guarded::of(&child, PATIENCE);
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        while !line.contains("pages and API") {
            line.clear();
            assert!(lines.read_line(&mut line).expect("text") > 0, "it says where it listens");
        }
        drop(guard);
        let rest = line.split("http://").nth(1).expect("an address");
        let http = rest.split('/').next().expect("an address").trim().to_owned();
        // Its later lines are of no interest, but somebody must take them.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { child, http }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.http).expect("the door is open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.http);
        stream.write_all(request.as_bytes()).expect("it listens");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does something to the database behind the program's back.
async fn behind_its_back(data: &Path, statement: &str) {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite:{}", data.join("lucid.sqlite").display());
    let pool = sqlx::AnyPool::connect(&url).await.expect("the database opens");
    let done = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&pool).await;
    assert_eq!(done.expect("it is done").rows_affected(), 1);
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_changed_by_hand_is_found_and_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    assert_eq!(run(data, &["init", "--city", "example"]).0, 0);
    let (code, _, err) = run(data, &["log", "key"]);
    assert_eq!((code, err.contains("log.key")), (3, true), "the key is made by the server: {err}");

    let server = Server::start(data);
    assert_eq!(run(data, &["user", "add", "li.na", "--name", "Li Na"]).0, 0);
    let start = Instant::now();
    let is_logged = |out: &str| out.contains("user.add") && out.contains("li.na");
    let mut record = 1;
    loop {
        let (code, out, _) = run(data, &["log", "prove", &format!("audit:{record}")]);
        match code {
            0 if is_logged(&out) => break,
            0 => record += 1,
            _ => assert!(start.elapsed() < PATIENCE, "the record does not come into the log"),
        }
    }
    let key = run(data, &["log", "key"]).1;
    assert!(server.get("/log/key").ends_with(&key), "the same key as the server says: {key}");
    let (code, out, err) = run(data, &["log", "verify"]);
    assert_eq!(code, 0, "while it runs: {out}{err}");
    assert!(out.contains("the database is as the log says"), "{out}");
    assert!(server.get("/log").starts_with("HTTP/1.1 200"));
    drop(server);

    let change = |from: &str, to: &str| {
        format!(
            "UPDATE audit_record SET after = replace(after, '{from}', '{to}') WHERE id = {record}"
        )
    };
    behind_its_back(data, &change("Li Na", "Li Nb")).await;
    let (code, out, _) = run(data, &["log", "verify"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains(&format!("audit:{record} ")) && out.contains("1 findings"), "{out}");
    let (code, out, _) = run(data, &["log", "verify", "--json"]);
    assert!(code == 1 && out.contains("\"log.audit_changed\""), "{out}");
    behind_its_back(data, &change("Li Nb", "Li Na")).await;
    assert_eq!(run(data, &["log", "verify", "--key", key.trim()]).0, 0, "put back");
    assert_eq!(run(data, &["log", "verify", "--key", "x"]).0, 2);
    assert_eq!(run(data, &["log", "prove", "audit:999999"]).0, 1);
}
