//! The promise behind every receipt: kill the server at random moments while citizens report, and
//! each report that was acknowledged is one case with its photo whole on the disk, whose reporter
//! is told at least once and always under one key. A report that was not answered is sent again,
//! as phones do, and is still one case.

use sqlx::Row as _;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const CITIZENS: u64 = 4;
const PATIENCE: Duration = Duration::from_mins(1);
const SECRET: &str = "a secret of the gateway and us";

/// Rounds of killing: many where slow tests are wanted, three otherwise.
fn rounds() -> u64 {
    if std::env::var_os("LUCID_SLOW_TESTS").is_some() { 25 } else { 3 }
}

#[test]
fn a_report_that_was_acknowledged_survives_a_kill_with_its_photo_and_its_message() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    let gateway = Gateway::start();
    run(data, &["init"]);
    let acknowledged: Arc<Mutex<BTreeSet<u64>>> = Arc::default();
    let mut next: Vec<u64> = (0..CITIZENS).collect();
    for round in 0..rounds() {
        let (mut server, address) = serve(data, &gateway);
        let stop = Arc::new(AtomicBool::new(false));
        let citizens: Vec<_> = next
            .iter()
            .map(|first| {
                let (first, seen, stop) = (*first, Arc::clone(&acknowledged), Arc::clone(&stop));
                std::thread::spawn(move || report_on(address, first, &seen, &stop))
            })
            .collect();
        std::thread::sleep(moment(round));
        server.kill().expect("the server can be killed");
        server.wait().expect("the server ends");
        stop.store(true, Ordering::Relaxed);
        next = citizens.into_iter().map(|one| one.join().expect("a citizen")).collect();
    }
    // What was under way when the server died is due again after a while: now.
    change(data, "UPDATE outbox_message SET due_at = 0 WHERE state = 'waiting'");
    let (mut server, _) = serve(data, &gateway);
    wait_until_all_are_told(data);
    server.kill().expect("the server can be killed");
    server.wait().expect("the server ends");
    let acknowledged = acknowledged.lock().expect("no citizen panicked").clone();
    eprintln!("{} rounds, {} reports acknowledged", rounds(), acknowledged.len());
    assert!(acknowledged.len() as u64 > rounds(), "too few to prove anything");
    verify(data, &acknowledged, &gateway.told());
}

/// When to kill: spread over the first reports; the same in every run.
fn moment(round: u64) -> Duration {
    let mixed = (round + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    Duration::from_millis(150 + mixed % 900)
}

/// Reports one thing after another until the server is gone; gives the first that nobody took.
fn report_on(
    address: SocketAddr,
    first: u64,
    acknowledged: &Mutex<BTreeSet<u64>>,
    stop: &AtomicBool,
) -> u64 {
    let mut number = first;
    while !stop.load(Ordering::Relaxed) {
        match report(address, number) {
            Ok(answer) if answer.starts_with("HTTP/1.1 201") => {
                assert!(!answer.contains("These files were not taken"), "{answer}");
                acknowledged.lock().expect("no other panicked").insert(number);
                number += CITIZENS;
            }
            Ok(answer) if answer.is_empty() => return number,
            Ok(answer) if !answer.contains("\r\n\r\n") => return number,
            Ok(answer) => panic!("report {number}: {answer}"),
            Err(_) => return number,
        }
    }
    number
}

/// What stands in the photo: a long text, so that it is caught half written.
fn photo(number: u64) -> String {
    format!("photo {number}\n").repeat(4000)
}

fn words(number: u64) -> String {
    format!("smoke {number:06} over the river")
}

fn report(address: SocketAddr, number: u64) -> std::io::Result<String> {
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
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The gateway of text messages: takes each and remembers it.
struct Gateway {
    address: SocketAddr,
    told: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
}

impl Gateway {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let told: Arc<Mutex<BTreeMap<String, Vec<String>>>> = Arc::default();
        let seen = Arc::clone(&told);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || {
                    // A server that is killed in the middle of a message has sent none.
                    while let Some((key, body)) = take(&stream) {
                        seen.lock().expect("no other panicked").entry(key).or_default().push(body);
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                        if (&stream).write_all(answer).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, told }
    }

    fn told(&self) -> BTreeMap<String, Vec<String>> {
        self.told.lock().expect("nobody panicked").clone()
    }
}

/// One request: its key and its body, when it is whole and signed.
fn take(mut stream: &TcpStream) -> Option<(String, String)> {
    let mut read = Vec::new();
    let mut byte = [0_u8];
    while !read.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        read.push(byte[0]);
    }
    let head = String::from_utf8(read).ok()?;
    let header = |name: &str| {
        let found = head.lines().filter_map(|line| line.split_once(": "));
        let mut found = found.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let mut body = vec![0; header("Content-Length").parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    let request = delivery::signature::Request { method: "POST", path: "/sms", body: &body };
    let signed = delivery::signature::sign(
        SECRET.as_bytes(),
        request,
        &header("X-Lucid-Timestamp"),
        &header("X-Lucid-Nonce"),
    );
    assert_eq!(signed, header("X-Lucid-Signature"));
    Some((header("Idempotency-Key"), String::from_utf8(body).ok()?))
}

fn wait_until_all_are_told(data: &Path) {
    let start = Instant::now();
    let waiting = "SELECT COUNT(*) FROM outbox_message WHERE state = 'waiting'";
    while select(data, waiting)[0].get::<i64, _>(0) > 0 {
        assert!(start.elapsed() < PATIENCE, "messages are still waiting");
        std::thread::yield_now();
    }
}

/// Holds the store, the folder and what the gateway got against what was acknowledged.
fn verify(data: &Path, acknowledged: &BTreeSet<u64>, told: &BTreeMap<String, Vec<String>>) {
    let check: String = select(data, "PRAGMA integrity_check")[0].get(0);
    assert_eq!(check, "ok");
    let reports = select(
        data,
        "SELECT case_id, body FROM case_report \
        WHERE case_id IN (SELECT id FROM case_file WHERE kind = 'public_complaint')",
    );
    let mut cases: BTreeMap<String, i64> = BTreeMap::new();
    for row in &reports {
        let again = cases.insert(row.get(1), row.get(0));
        assert_eq!(again, None, "one report became two cases");
    }
    let files = select(data, "SELECT case_id, name, digest, size FROM case_evidence");
    let digest = |row: &sqlx::any::AnyRow| {
        evidence::Digest::from_slice(&row.get::<Vec<u8>, _>(2)).expect("a digest")
    };
    let store = evidence::Evidence::open(&data.join("evidence")).expect("the folder opens");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let found = runtime.block_on(store.verify_all(Some(files.iter().map(digest).collect())));
    let found = found.expect("a look at every file");
    assert!(found.is_sound(), "{found:?}");
    for number in acknowledged {
        let case = cases.get(&words(*number));
        let case = *case.unwrap_or_else(|| panic!("report {number} was acknowledged and is lost"));
        let own: Vec<_> = files.iter().filter(|row| row.get::<i64, _>(0) == case).collect();
        assert_eq!(own.len(), 1, "report {number} has one photo");
        let bytes = runtime.block_on(store.read(digest(own[0]))).expect("its bytes");
        assert_eq!(bytes, photo(*number).into_bytes(), "the photo of report {number}");
        let messages = told.iter().filter(|(key, _)| key.starts_with(&format!("case-{case}-")));
        assert_eq!(messages.count(), 1, "the reporter of {number} is told under one key");
    }
    for (key, bodies) in told {
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{key}: {bodies:?}");
    }
    let ended = "SELECT COUNT(*) FROM outbox_message WHERE state = 'sent'";
    let sent: i64 = select(data, ended)[0].get(0);
    assert_eq!(sent, reports.len() as i64, "a message for each case, each taken");
}

fn select(data: &Path, text: &str) -> Vec<sqlx::any::AnyRow> {
    in_store(data, text)
}

fn change(data: &Path, text: &str) {
    in_store(data, text);
}

fn in_store(data: &Path, text: &str) -> Vec<sqlx::any::AnyRow> {
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

/// A `lucid` that knows nothing of the settings of whoever runs the tests.
fn lucid(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lucid"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LUCID_") {
            command.env_remove(name);
        }
    }
    command.arg("--data").arg(data).args(arguments);
    command
}

fn run(data: &Path, arguments: &[&str]) {
    let output = lucid(data, arguments).output().expect("lucid starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "lucid {arguments:?}: {said}");
}

fn serve(data: &Path, gateway: &Gateway) -> (Child, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let mut server = lucid(data, &["serve"])
        .env("LUCID_HTTP_LISTEN", address.to_string())
        .env("LUCID_HJ212_LISTEN", "127.0.0.1:0")
        .env("LUCID_HTTP_TRUSTS_PROXY", "yes")
        .env("LUCID_SMS_GATEWAY", format!("http://{}/sms", gateway.address))
        .env("LUCID_SMS_SECRET", SECRET)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("lucid starts");
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(status) = server.try_wait().expect("the server can be asked") {
            panic!("the server ended with {status} instead of opening its store");
        }
        assert!(start.elapsed() < PATIENCE, "the server does not listen");
        std::thread::yield_now();
    }
    (server, address)
}
