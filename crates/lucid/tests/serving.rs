//! The served city, from outside: doors, pages, the doctor beside it, an orderly end.

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
    lines: BufReader<std::process::ChildStdout>,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("lucid starts");
        let lines = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, lines }
    }

    /// The first line that holds `text`.
    fn line_with(&mut self, text: &str) -> String {
        let mut line = String::new();
        // The month of a demo takes its time.
        let _guard = Guarded::of(&self.child, PATIENCE * 4);
        loop {
            line.clear();
            let read = self.lines.read_line(&mut line).expect("lines of text");
            assert!(read > 0, "it ended before it said {text:?}");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Asks it to end as a system does, and waits until it has.
    fn end(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(asked.success());
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                return status.code();
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the door is open");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it listens");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The address in a line such as `pages and API    http://127.0.0.1:33041/`.
fn address_in(line: &str) -> String {
    let rest = line.split("http://").nth(1).expect("an address");
    rest.split('/').next().expect("an address").trim().to_owned()
}

#[test]
fn a_served_city_shows_its_token_once_and_ends_in_order() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    assert_eq!(run(data, &["serve"]).0, 2, "there is no store yet");
    assert_eq!(run(data, &["init", "--city", "example"]).0, 0);
    let mut server = Server::start(lucid(data, &["serve"]));
    let http = address_in(&server.line_with("pages and API"));
    let line = server.line_with("HJ 212 devices");
    let hj212 = line.split_whitespace().last().expect("an address").to_owned();
    let sign_in = server.line_with("sign in with it");
    let path = sign_in.split(&http).nth(1).expect("a path").trim().to_owned();
    assert!(get(&http, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(get(&http, "/").starts_with("HTTP/1.1 200"));
    assert!(get(&http, "/metrics").contains("lucid_"), "metrics are counted");
    let first = server.line_with("administrator, choose a password");
    let first = first.split(&http).nth(1).expect("a path").trim().to_owned();
    assert!(get(&http, &first).starts_with("HTTP/1.1 200"), "a form for the password");
    keep_people(data, &http);
    let signed_in = get(&http, &path);
    assert!(signed_in.starts_with("HTTP/1.1 303") && signed_in.contains("lucid_operator="));

    let (_, out, err) = run(data, &["doctor", "--json"]);
    assert!(out.contains(&format!("lucid runs and is ready on {http}")), "{out}{err}");
    let checks: Vec<serde_json::Value> = serde_json::from_str(&out).expect("JSON");
    // Room on the disk and fonts are this machine's, not the city's.
    let is_ours = |check: &&serde_json::Value| check["check"] != "disk" && check["check"] != "font";
    for check in checks.iter().filter(is_ours) {
        assert_eq!(check["verdict"], "ok", "{check}");
    }
    let (code, _, err) = run(data, &["serve"]);
    assert_eq!(code, 3);
    assert!(err.contains("another lucid works in the data folder"), "{err}");
    let backup = folder.path().join("while-it-runs.lucid");
    assert_eq!(run(data, &["backup", &backup.display().to_string()]).0, 0);
    import_while_it_runs(data);
    deliver_by_hand(data, &hj212);
    assert_eq!(server.end(), Some(0));

    let mut again = Server::start(lucid(data, &["serve", "--json"]));
    let line = again.line_with("\"http\"");
    assert!(line.contains("\"token\":null"), "the token is shown once: {line}");
    assert_eq!(again.end(), Some(0));
}

/// People are kept beside a running server, which sees each change at once.
fn keep_people(data: &Path, http: &str) {
    let add = ["user", "add", "li.na", "--name", "Li Na", "--role", "leader"];
    let (code, out, err) = run(data, &add);
    assert_eq!(code, 0, "{out}{err}");
    let link = |out: &str| {
        let line = out.lines().find(|line| line.contains("/sign-in/link")).expect("a link");
        line.split(http).nth(1).expect("a path of the running server").to_owned()
    };
    let first = link(&out);
    assert!(get(http, &first).starts_with("HTTP/1.1 200"));
    assert_eq!(run(data, &add).0, 2, "the login is taken");
    let (code, out, err) = run(data, &["user", "reset", "li.na"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(get(http, &first).starts_with("HTTP/1.1 410"), "the earlier link is withdrawn");
    let second = link(&out);
    assert_eq!(run(data, &["user", "disable", "li.na"]).0, 0);
    assert!(get(http, &second).starts_with("HTTP/1.1 410"), "disabled");
    assert_eq!(run(data, &["user", "enable", "li.na"]).0, 0);
    let grant = ["user", "grant", "li.na", "--role", "auditor"];
    assert!(run(data, &grant).1.contains("granted"));
    assert!(run(data, &grant).1.contains("had it already"));
    let nowhere = ["user", "grant", "li.na", "--role", "auditor", "--where", "division:999999"];
    let (code, _, err) = run(data, &nowhere);
    assert!(code == 2 && err.contains("no place that this city knows"), "{err}");
    let (_, out, _) = run(data, &["user", "list"]);
    assert!(out.contains("li.na") && out.contains("auditor@everything"), "{out}");
    assert!(out.contains("administrator"), "{out}");
    let (code, _, err) = run(data, &["user", "disable", "nobody"]);
    assert!(code == 2 && err.contains("nobody signs in as"), "{err}");
}

/// The running server does the work and this process prints its report.
fn import_while_it_runs(data: &Path) {
    let table = data.join("values.csv");
    let header = "point_kind,point,period,observed_at,factor,value\n";
    let city = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let first = |file: &str| {
        let text = std::fs::read_to_string(city.join(file)).expect("a file of the city");
        let mut lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
        let line = lines.next().expect("a row").to_owned();
        line.split(',').next().expect("a code").to_owned()
    };
    let (station, factor) = (first("air_stations.csv"), first("factors.csv"));
    let line =
        |value: &str| format!("air-station,{station},hour,2026-03-01 08:00,{factor},{value}\n");
    std::fs::write(&table, format!("{header}{}", line("7.1"))).expect("a table");
    let name = table.display().to_string();
    let (code, out, err) = run(data, &["import", "observations", &name]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("1 lines taken, rows: 1 new"), "{out}");
    std::fs::write(&table, format!("{header}{}", line("many"))).expect("a table");
    let (code, _, err) = run(data, &["import", "observations", &name]);
    assert_eq!(code, 1);
    assert!(err.contains("line 2, column value: \"many\" is no number"), "{err}");
    let left = std::fs::read_dir(data.join("inbox")).expect("the inbox").count();
    assert_eq!(left, 0, "the inbox is clean again");
}

/// A device of the city is answered after its data are kept; one that nobody knows is not.
fn deliver_by_hand(data: &Path, hj212: &str) {
    let city = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let text = std::fs::read_to_string(city.join("devices.csv")).expect("a file of the city");
    let mut lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let cells: Vec<&str> = lines.next().expect("a device").split(',').collect();
    let simulate = |mn: &str| {
        let factor = ["--factor", "w01018=35.2", "--count", "2", "--timeout", "2"];
        let mut arguments = vec!["hj212", "simulate", "--to", hj212, "--mn", mn];
        arguments.extend(["--password", cells[1]]);
        arguments.extend(factor);
        run(data, &arguments)
    };
    let (code, out, err) = simulate(cells[0]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(out.matches("CN=9014").count(), 2, "{out}");
    let (code, out, _) = simulate("0000000000000000000000FF");
    assert_ne!(code, 0, "{out}");
    assert!(!out.contains("CN=9014"), "{out}");
}

#[test]
fn the_demo_lives_and_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    let demo = |arguments: &[&str]| {
        let mut command = lucid(data, arguments);
        command.env("LUCID_CITY", "example");
        command
    };
    let once = demo(&["demo", "--once", "--json"]).output().expect("lucid starts");
    assert!(once.status.success(), "{}", String::from_utf8_lossy(&once.stderr));
    let loaded = String::from_utf8_lossy(&once.stdout).into_owned();
    assert!(loaded.contains("\"city\":\"example\"") && loaded.contains("\"packets\":"), "{loaded}");
    let mut server = Server::start(demo(&["demo", "--port", "0"]));
    let line = server.line_with("simulated devices deliver");
    let sign_in = server.line_with("/operator/sign-in?token=");
    let http = address_in(&sign_in);
    let home = get(&http, "/");
    assert!(home.starts_with("HTTP/1.1 200"), "{home}");
    let start = Instant::now();
    while !get(&http, "/metrics").contains("lucid_ingest_packets_total") {
        assert!(start.elapsed() < PATIENCE, "no device delivers: {line}");
    }
    assert_eq!(server.end(), Some(0));
    let mut again = Server::start(demo(&["demo", "--port", "0"]));
    let same = again.line_with("/operator/sign-in?token=");
    let token = |line: &str| line.split("token=").nth(1).map(str::to_owned);
    assert_eq!(token(&same), token(&sign_in), "the demo's link stays the same");
    assert_eq!(again.end(), Some(0));
}
