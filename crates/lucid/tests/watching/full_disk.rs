//! The whole server on a disk that fills up under load: it refuses and says why, loses nothing
//! that it acknowledged, and goes on by itself when there is room.

use crate::devices::{Device, FACTORS, answers, found, message, minute, values};
use crate::support::{Server, devices, must, select, until};
use sqlx::Row as _;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use testkit::{PATIENCE, TinyDisk, with_tiny_disk};

const DISK: u64 = 160 << 20;
/// How long a device that is not answered waits before it sends again.
const SILENCE: Duration = Duration::from_secs(1);

#[test]
fn with_a_reserve_the_server_refuses_loses_nothing_and_goes_on_when_there_is_room() {
    let name = "full_disk::\
        with_a_reserve_the_server_refuses_loses_nothing_and_goes_on_when_there_is_room";
    with_tiny_disk(name, DISK, |disk| fill_and_make_room(disk, "32"));
}

#[test]
fn without_a_reserve_the_database_itself_refuses_and_all_goes_on_as_well() {
    let name = "full_disk::without_a_reserve_the_database_itself_refuses_and_all_goes_on_as_well";
    with_tiny_disk(name, DISK, |disk| fill_and_make_room(disk, "0"));
}

/// What was acknowledged, by whom.
#[derive(Clone, Default)]
struct Acknowledged {
    packets: Arc<Mutex<BTreeSet<u64>>>,
    reports: Arc<Mutex<BTreeSet<u64>>>,
    /// Answers that refused a report for want of room.
    refused: Arc<AtomicU64>,
}

impl Acknowledged {
    fn counts(&self) -> (usize, usize) {
        let packets = self.packets.lock().expect("nobody panicked").len();
        (packets, self.reports.lock().expect("nobody panicked").len())
    }
}

fn fill_and_make_room(disk: &TinyDisk, reserve: &str) {
    let data = disk.path().join("data");
    let log = disk.path().join("log/lucid.log");
    must(&data, &["init", "--city", "example"]);
    let device = devices(&data).remove(0);
    let log_text = log.display().to_string();
    let settings = [
        ("LUCID_DISK_RESERVE_MB", reserve),
        ("LUCID_LOG_FILE", &*log_text),
        ("LUCID_HTTP_TRUSTS_PROXY", "yes"),
    ];
    let server = Server::start(&data, &settings);
    let (seen, stop) = (Acknowledged::default(), Arc::new(AtomicBool::new(false)));
    let load = load(&server, &device, &seen, &stop);

    until("the load is taken", || seen.counts().0 > 200 && seen.counts().1 > 10);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    until("the disk is known", || server.metric("lucid_disk_free_bytes") > Some(0.0));
    assert_eq!(server.metric("lucid_disk_full"), Some(0.0));

    let ballast = disk.fill();
    until("a report is refused", || seen.refused.load(Ordering::Relaxed) > 0);
    until("the server is not ready", || server.get("/readyz").starts_with("HTTP/1.1 503"));
    refuses_in_words(&server);
    until("the metrics say so", || server.metric("lucid_ready") == Some(0.0));
    assert!(server.metric("lucid_refused_without_room_total") > Some(0.0));
    if reserve != "0" {
        until("the disk counts as full", || server.metric("lucid_disk_full") == Some(1.0));
    }
    assert!(server.get("/").starts_with("HTTP/1.1 200"), "pages are read all the same");
    // Whatever gaps the database had are used up: nothing is taken any more, for a while.
    until("nothing is taken", || {
        let before = seen.counts();
        std::thread::sleep(Duration::from_secs(2));
        seen.counts() == before
    });
    let during = seen.counts();

    std::fs::remove_file(ballast).expect("room is made");
    until("the server is ready by itself", || server.get("/readyz").starts_with("HTTP/1.1 200"));
    until("packets are taken again", || seen.counts().0 > during.0 + 100);
    until("reports are taken again", || seen.counts().1 > during.1 + 5);
    until("the metrics say so", || server.metric("lucid_ready") == Some(1.0));
    stop.store(true, Ordering::Relaxed);
    for one in load {
        one.join().expect("a sender ends well");
    }
    // All that is committed is judged, too.
    until("evaluation has caught up", || {
        server.metric("lucid_observations_block") == server.metric("lucid_evaluation_block")
    });
    assert_eq!(server.end(), Some(0));
    eprintln!("reserve {reserve} MB: {:?} packets and reports, {during:?} before", seen.counts());
    verify(&data, &device, &seen);
    ends_and_starts_on_a_full_disk(disk, &data, &settings);
}

/// A device and two citizens who go on whatever happens, and send again what was not taken.
fn load(
    server: &Server,
    device: &Device,
    seen: &Acknowledged,
    stop: &Arc<AtomicBool>,
) -> Vec<std::thread::JoinHandle<()>> {
    let (http, hj212) = (server.http.clone(), server.hj212.clone());
    let mut load = Vec::new();
    let (device, own, ends) = (device.clone(), seen.clone(), Arc::clone(stop));
    load.push(std::thread::spawn(move || deliver(&hj212, &device, &own, &ends)));
    for first in 0..2 {
        let (http, own, ends) = (http.clone(), seen.clone(), Arc::clone(stop));
        load.push(std::thread::spawn(move || report_on(&http, first, &own, &ends)));
    }
    load
}

/// Sends twenty messages at a time; those without an answer are sent again.
fn deliver(hj212: &str, device: &Device, seen: &Acknowledged, stop: &AtomicBool) {
    let mut stream = TcpStream::connect(hj212).expect("the receiver listens");
    stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
    let (mut next, mut buffer) = (0_u64, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        for counter in next..next + 20 {
            stream.write_all(&message(device, counter)).expect("the line holds");
        }
        let sent_at = Instant::now();
        while sent_at.elapsed() < SILENCE && !stop.load(Ordering::Relaxed) {
            let mut chunk = [0_u8; 8192];
            match stream.read(&mut chunk) {
                Ok(0) => panic!("the receiver closed the line"),
                Ok(read) => buffer.extend_from_slice(&chunk[..read]),
                Err(_silent) => {}
            }
            let mut known = seen.packets.lock().expect("nobody panicked");
            known.extend(answers(&mut buffer));
            if (next..next + 20).all(|counter| known.contains(&counter)) {
                next += 20;
                break;
            }
        }
    }
}

/// What stands in a photo: a long text.
fn photo(number: u64) -> String {
    format!("photo {number}\n").repeat(1500)
}

fn words(number: u64) -> String {
    format!("smoke {number:06} over the river")
}

fn report_on(http: &str, first: u64, seen: &Acknowledged, stop: &AtomicBool) {
    let mut number = first;
    while !stop.load(Ordering::Relaxed) {
        let answer = report(http, number, "en");
        if answer.starts_with("HTTP/1.1 201") {
            if answer.contains("These files were not taken") {
                // The disk filled up between the report and its photo: it is said, and the same
                // form sent again brings the photo.
                let told = answer.split("These files were not taken").nth(1);
                assert!(answer.contains("disk is full"), "{told:?}");
                seen.refused.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(100));
                continue;
            }
            seen.reports.lock().expect("nobody panicked").insert(number);
            number += 2;
        } else {
            assert!(answer.starts_with("HTTP/1.1 507"), "report {number}: {answer}");
            assert!(answer.to_lowercase().contains("retry-after: "), "{answer}");
            assert!(answer.contains("the server's disk is full"), "{answer}");
            seen.refused.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn report(http: &str, number: u64, language: &str) -> String {
    // From ever another address: one that sends again and again would be throttled.
    static SENT: AtomicU64 = AtomicU64::new(0);
    let sent = SENT.fetch_add(1, Ordering::Relaxed);
    let (key, text, photo) = (format!("{number:032}"), words(number), photo(number));
    let file = format!("photo\"; filename=\"photo-{number}.txt");
    let parts = [("key", &*key), ("field.element", "air"), ("text", &text), (&file, &photo)];
    let part = |(name, value): (&str, &str)| {
        format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = parts.map(part).concat() + "--part--\r\n";
    let head = format!(
        "POST /report?lang={language} HTTP/1.1\r\nHost: {http}\r\nConnection: close\r\n\
         Sec-Fetch-Site: same-origin\r\nX-Forwarded-For: 198.51.{}.{}\r\n\
         Content-Type: multipart/form-data; boundary=part\r\nContent-Length: {}\r\n\r\n",
        sent / 200 % 200,
        sent % 200 + 1,
        body.len()
    );
    let mut stream = TcpStream::connect(http).expect("the door is open");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.write_all(head.as_bytes()).expect("it listens");
    stream.write_all(body.as_bytes()).expect("it listens");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

/// A person is told in their language, a program in both.
fn refuses_in_words(server: &Server) {
    let chinese = report(&server.http, 900_000, "zh");
    assert!(chinese.starts_with("HTTP/1.1 507"), "{chinese}");
    assert!(chinese.contains("服务器磁盘空间不足"), "{chinese}");
    let body = "key=a-key-of-a-program&field.element=air&text=smoke";
    let head = format!(
        "POST /report HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n\
         Sec-Fetch-Site: same-origin\r\nX-Forwarded-For: 198.51.100.77\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n",
        server.http
    );
    let program = server.send(&head, body.as_bytes());
    assert!(program.starts_with("HTTP/1.1 507"), "{program}");
    for wanted in ["problem+json", "web.no_room", "detail_zh", "服务器磁盘空间不足"] {
        assert!(program.contains(wanted), "{wanted}: {program}");
    }
    let ready = server.get("/readyz");
    assert!(ready.contains("full") || ready.contains("held back"), "{ready}");
}

/// The rows of a point, read as everybody reads: months of long ago move into the history.
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
    let packed =
        |row: &observations::Row| (row.observed_at.as_second(), observations::pack(&row.values));
    rows.iter().map(packed).collect()
}

/// Holds what is stored against what was acknowledged.
fn verify(data: &Path, device: &Device, seen: &Acknowledged) {
    let check: String = select(data, "PRAGMA integrity_check")[0].get(0);
    assert_eq!(check, "ok");
    let revised: i64 = select(data, "SELECT COUNT(*) FROM observation_revision")[0].get(0);
    assert_eq!(revised, 0, "a message sent again is a duplicate");
    let rows = stored(data, device.point);
    for counter in seen.packets.lock().expect("nobody panicked").iter() {
        let payload = rows.get(&minute(*counter)).unwrap_or_else(|| panic!("{counter} is lost"));
        assert_eq!(found(payload), values(*counter));
    }
    for (at, payload) in &rows {
        let values = observations::unpack(payload).expect("a whole row");
        assert_eq!(values.len(), FACTORS.len(), "half a message at {at}");
    }
    let reports = select(
        data,
        "SELECT body, case_id FROM case_report \
         WHERE case_id IN (SELECT id FROM case_file WHERE kind = 'public_complaint')",
    );
    let mut cases: BTreeMap<String, i64> = BTreeMap::new();
    for row in &reports {
        let again = cases.insert(row.get(0), row.get(1));
        assert_eq!(again, None, "one report became two cases");
    }
    let files = select(data, "SELECT case_id, digest FROM case_evidence");
    let digest = |row: &sqlx::any::AnyRow| {
        evidence::Digest::from_slice(&row.get::<Vec<u8>, _>(1)).expect("a digest")
    };
    let folder = evidence::Evidence::open(&data.join("evidence")).expect("the folder opens");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let all = runtime.block_on(folder.verify_all(Some(files.iter().map(digest).collect())));
    let all = all.expect("a look at every file");
    assert!(all.is_sound(), "{all:?}");
    for number in seen.reports.lock().expect("nobody panicked").iter() {
        let case = cases.get(&words(*number));
        let case = *case.unwrap_or_else(|| panic!("report {number} is lost"));
        let own: Vec<_> = files.iter().filter(|row| row.get::<i64, _>(0) == case).collect();
        assert_eq!(own.len(), 1, "report {number} has one photo");
        let bytes = runtime.block_on(folder.read(digest(own[0]))).expect("its bytes");
        assert_eq!(bytes, photo(*number).into_bytes(), "the photo of report {number}");
    }
    must(data, &["log", "verify"]);
}

/// A server that is told to end on a full disk ends, and one that is started there serves what
/// there is to read and goes on when there is room.
fn ends_and_starts_on_a_full_disk(disk: &TinyDisk, data: &Path, with: &[(&str, &str)]) {
    let server = Server::start(data, with);
    disk.fill();
    let refused = report(&server.http, 900_001, "en");
    // A few pages of the database may have had room still, the photo had none.
    assert!(refused.contains("disk is full"), "{refused}");
    assert_eq!(server.end(), Some(0), "it ends in order");

    // What the server has given back when it ended is used up as well.
    let ballast = disk.fill();
    let again = Server::start(data, with);
    assert!(again.get("/").starts_with("HTTP/1.1 200"), "pages are read");
    let refused = report(&again.http, 900_002, "en");
    assert!(refused.contains("disk is full"), "{refused}");
    std::fs::remove_file(ballast).expect("room is made");
    until("it is ready by itself", || again.get("/readyz").starts_with("HTTP/1.1 200"));
    until("reports are taken", || report(&again.http, 900_003, "en").starts_with("HTTP/1.1 201"));
    assert_eq!(again.end(), Some(0));
}
