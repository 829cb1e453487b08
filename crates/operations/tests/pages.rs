//! The operator's pages over packets that came through a real receiver on a real socket.

use authority::{Action, Authority, Principal, Role, Subject, decide};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use evaluation::Worker;
use hj212::Draft;
use ingest::hj212::{Receiver, ReceiverSettings, listen};
use jiff::Timestamp;
use observations::Recorder;
use operations::backups::{Backups, KeptBackup};
use registry::Registry;
use serde_json::Value;
use std::path::Path;
use store::{Migration, Store};
use testkit::TestStore;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

const OUTLET: &str = "990100E000000000000000C1";
const AIR: &str = "990100A000000000000000A1";
const PASSWORD: &str = "123456";

fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        ingest::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
    ]
    .concat()
}

struct City {
    router: Router,
    operator: String,
    observer: String,
    store: Store,
    authority: Authority,
    receiver: Receiver,
    _keys: tempfile::TempDir,
    _test: TestStore,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

async fn city() -> City {
    city_with(None).await
}

async fn city_with(backups: Option<Backups>) -> City {
    let test = testkit::sqlite(&migrations()).await;
    let store = test.store.clone();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let files = registry::load::read_city(&folder).expect("a right city");
    registry::store::install(&store, &files).await.expect("it installs");
    let registry = Registry::open(&store).await.expect("a registry");
    let recorder = Recorder::open(&store).await.expect("a recorder");
    let opened = Worker::open(&store, &registry, &recorder, Vec::new(), Timestamp::now).await;
    let (_worker, evaluation) = opened.expect("a worker");
    let keys = tempfile::tempdir().expect("a temporary folder");
    let settings = ReceiverSettings {
        keys_folder: Some(keys.path().to_owned()),
        ..ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"))
    };
    let receiver = listen(settings, &store, &registry, &recorder).await.expect("it listens");
    let now = Timestamp::now();
    let (authority, token) = Authority::open(&store, now).await.expect("authority");
    let observer = authority.issue(&store, Role::Observer, now).await.expect("a token");
    let parts = Parts {
        store: store.clone(),
        registry,
        recorder,
        evaluation,
        authority: authority.clone(),
        live: Live::default(),
        clock: Timestamp::now,
        started_at: now,
        metrics: Box::new(String::new),
    };
    let mut state = AppState::new(parts, operations::slices())
        .with(receiver.devices().clone())
        .with(receiver.commands().clone());
    if let Some(backups) = backups {
        state = state.with(backups);
    }
    let operator = token.expect("a first token");
    City {
        router: web::router(state),
        operator,
        observer,
        store,
        authority,
        receiver,
        _keys: keys,
        _test: test,
    }
}

/// A real-time packet of a device.
fn packet(mn: &str, password: &str, factor: &str, value: &str) -> Vec<u8> {
    Draft::new("2011")
        .st("32")
        .pw(password)
        .mn(mn)
        .flag(5)
        .qn("20260601000000000")
        .item(&[("DataTime", "20260601000000")])
        .item(&[(&format!("{factor}-Rtd"), value), (&format!("{factor}-Flag"), "N")])
        .build()
}

impl City {
    async fn ask(&self, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 23).await.expect("a body");
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        self.ask(path, &[(header::AUTHORIZATION, &format!("Bearer {token}"))]).await
    }

    async fn page(&self, path: &str, language: &str) -> String {
        let bearer = format!("Bearer {}", self.operator);
        let headers =
            [(header::AUTHORIZATION, bearer.as_str()), (header::ACCEPT_LANGUAGE, language)];
        let answer = self.ask(path, &headers).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer.body
    }

    async fn send(&self, bytes: &[u8]) {
        let mut stream = TcpStream::connect(self.receiver.address()).await.expect("connected");
        stream.write_all(bytes).await.expect("sent");
        stream.shutdown().await.expect("ended");
    }

    /// Waits until as many packets are kept; the block of the last.
    async fn recorded(&self, blocks: i64) -> i64 {
        testkit::until("packets are recorded", async || {
            let last = observations::last_block(&self.store).await.expect("readable");
            (last >= blocks).then_some(last)
        })
        .await
    }

    async fn refused(&self, count: usize) -> Vec<ingest::RefusedPacket> {
        testkit::until("packets are refused", async || {
            let found = ingest::refused_packets(&self.store, None, 1000).await.expect("readable");
            (found.len() >= count).then_some(found)
        })
        .await
    }
}

#[test]
fn an_observer_reads_all_and_imports_nothing() {
    let table = [
        (Action::ReadAlerts, true, true),
        (Action::ReadOperations, true, true),
        (Action::ImportObservations, true, false),
    ];
    for (action, operator, observer) in table {
        for (role, wanted) in [(Role::Operator, operator), (Role::Observer, observer)] {
            let decision = decide(&Principal::of_role(role), action, &Subject::installation());
            assert_eq!(decision.is_allowed(), wanted, "{role:?} {action:?}");
        }
    }
}

#[tokio::test]
async fn every_address_of_operations_needs_a_right_token() {
    let city = city().await;
    for path in
        ["/api/v1/operations/pulse", "/api/v1/operations/devices", "/api/v1/operations/history"]
    {
        for answer in [city.ask(path, &[]).await, city.get(path, "wrong").await] {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{path}");
        }
        for token in [&city.operator, &city.observer] {
            assert_eq!(city.get(path, token).await.status, StatusCode::OK, "{path}");
        }
    }
    for path in [
        "/operator",
        "/operator/devices",
        "/operator/refused",
        "/operator/refused/1",
        "/operator/backups",
        "/operator/history",
        "/packets/1/0",
    ] {
        let answer = city.ask(path, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let to = answer.headers[header::LOCATION].to_str().expect("an address");
        assert!(to.starts_with("/sign-in"), "{path} leads to {to}");
    }
}

#[tokio::test]
async fn empty_pages_say_so_and_unknown_numbers_are_not_found() {
    let city = city().await;
    for (path, zh, en) in [
        ("/operator", "没有被拒的数据包", "No packet was refused"),
        ("/operator/refused", "没有被拒的数据包", "No packet was refused"),
        ("/operator/devices", "从未连接", "never connected"),
        ("/operator/backups", "未设置定时备份", "No backup is made by the clock"),
        ("/operator/history", "还没有转存的月份", "Nothing has moved yet"),
    ] {
        assert!(city.page(path, "zh").await.contains(zh), "{path} lacks {zh:?}");
        assert!(city.page(path, "en").await.contains(en), "{path} lacks {en:?}");
    }
    for path in ["/operator/refused/999", "/packets/999/0"] {
        let answer = city.get(path, &city.operator).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn an_accepted_packet_shows_its_bytes_and_what_they_say() {
    let city = city().await;
    city.send(&packet(OUTLET, PASSWORD, "w01018", "31.5")).await;
    let block = city.recorded(1).await;
    let page = city.page(&format!("/packets/{block}/0"), "en").await;
    for wanted in [OUTLET, "w01018-Rtd", "31.5", "HJ 212-2017", "9014", "0000", "mg/L"] {
        assert!(page.contains(wanted), "the viewer lacks {wanted:?}");
    }
    let devices = city.get("/api/v1/operations/devices", &city.operator).await.body;
    let devices: Value = serde_json::from_str(&devices).expect("JSON");
    assert_eq!(devices["devices"][0]["mn"], OUTLET);
    assert_eq!(devices["devices"][0]["packets"], 1);
}

#[tokio::test]
async fn no_page_shows_a_password() {
    let city = city().await;
    let secret = "s3cr3tpw";
    city.send(&packet(OUTLET, secret, "w01018", "1")).await;
    let id = city.refused(1).await[0].id;
    let refused = city.page(&format!("/operator/refused/{id}"), "en").await;
    city.send(&packet(OUTLET, PASSWORD, "w01018", "31.5")).await;
    let block = city.recorded(1).await;
    let accepted = city.page(&format!("/packets/{block}/0"), "en").await;
    for (page, password) in [(&refused, secret), (&accepted, PASSWORD)] {
        assert!(!page.contains(password), "the text shows the password");
        let digits: Vec<String> = password.bytes().map(|byte| format!("{byte:02X}")).collect();
        assert!(!page.contains(&digits.join(" ")), "the bytes show the password");
    }
}

#[tokio::test]
async fn a_password_within_the_data_is_covered_too() {
    let city = city().await;
    let bytes = Draft::new("2011")
        .st("32")
        .pw(PASSWORD)
        .mn(OUTLET)
        .flag(5)
        .qn("20260601000100000")
        .item(&[("DataTime", "20260601000100")])
        .item(&[("w01018-Rtd", "5"), ("w01018-Flag", "N")])
        .item(&[("NewPW", "654321")])
        .build();
    city.send(&bytes).await;
    let block = city.recorded(1).await;
    let page = city.page(&format!("/packets/{block}/0"), "en").await;
    assert!(!page.contains("654321"), "the table of fields shows the new password");
}

#[tokio::test]
async fn a_packet_of_an_air_station_has_the_units_of_the_air() {
    let city = city().await;
    city.send(&packet(AIR, PASSWORD, "a21026", "12")).await;
    let block = city.recorded(1).await;
    let page = city.page(&format!("/packets/{block}/0"), "en").await;
    assert!(page.contains("SO2 µg/m³"), "sulphur dioxide of the air is not in mg/m3");
}

#[tokio::test]
async fn refused_packets_have_a_reason_and_a_cure_and_come_page_by_page() {
    let city = city().await;
    let mut broken = packet(OUTLET, PASSWORD, "w01018", "31.5");
    let check = broken.len() - 3;
    broken[check] = if broken[check] == b'0' { b'1' } else { b'0' };
    city.send(&broken).await;
    let id = city.refused(1).await[0].id;
    let page = city.page(&format!("/operator/refused/{id}"), "zh").await;
    for wanted in ["如何改正", "附录 A", "hj212."] {
        assert!(page.contains(wanted), "the page lacks {wanted:?}");
    }
    // Of one address at most 64 are kept between two writings.
    for round in 1..=2 {
        city.send(&packet("UNKNOWN00000000000000001", PASSWORD, "w01018", "1").repeat(60)).await;
        city.refused(1 + round * 60).await;
    }
    let first = city.page("/operator/refused", "en").await;
    let links = |page: &str| {
        let links = page.split("/operator/refused/").skip(1);
        links
            .filter_map(|rest| rest.split('"').next()?.parse::<i64>().ok())
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(links(&first).len(), 100);
    let after = first.split("after=").nth(1).and_then(|rest| rest.split('"').next());
    let next = format!("/operator/refused?after={}", after.expect("a next page"));
    let second = city.page(&next, "en").await;
    assert!(!links(&second).is_empty() && links(&first).is_disjoint(&links(&second)));
}

#[tokio::test]
async fn programs_read_refused_and_raw_packets_too() {
    let city = city().await;
    city.send(&packet(OUTLET, PASSWORD, "w01018", "31.5")).await;
    let block = city.recorded(1).await;
    for path in
        ["/api/v1/operations/refused".to_owned(), format!("/api/v1/operations/packets/{block}/0")]
    {
        assert_eq!(city.get(&path, &city.operator).await.status, StatusCode::OK, "{path}");
        assert_eq!(city.ask(&path, &[]).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn anyone_reads_the_standards_by_which_they_are_judged() {
    let city = city().await;
    let read = async |path: &str| city.ask(path, &[]).await;
    let all = read("/standards?lang=en").await;
    assert_eq!(all.status, StatusCode::OK);
    assert!(all.body.contains("/standards/GB3095") && all.body.contains("/standards/GB18918"));
    let one = read("/standards/GB3095?on=2026-06-01&lang=en").await;
    assert!(one.body.contains("in force that day") && one.body.contains("read in the official"));
    let older = read("/standards/GB3095?on=2020-06-01").await;
    assert!(older.body.contains(">75<") && !one.body.contains(">75<"));
    assert!(older.body.contains("<summary>表 1</summary>"), "{}", older.body);
    assert!(one.body.contains("<summary>table 1"), "{}", one.body);
    let changed = read("/standards/GB3095/differences?before=2026-02-28&after=2026-03-01").await;
    assert!(changed.body.contains("<strong>60</strong>"), "{}", changed.body);
    let same = read("/standards/GB3095/differences?before=2027-01-01&after=2028-01-01&lang=en");
    assert!(same.await.body.contains("Nothing differs between these days"));
    for (path, status) in [
        ("/standards/GB1", StatusCode::NOT_FOUND),
        ("/standards/GB3095?on=June", StatusCode::BAD_REQUEST),
        ("/standards/GB3095/differences?before=x", StatusCode::BAD_REQUEST),
        ("/standards/CWQI/differences", StatusCode::BAD_REQUEST),
        ("/api/v1/standards/GB1", StatusCode::NOT_FOUND),
        ("/api/v1/standards/GB3095?on=x", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(read(path).await.status, status, "{path}");
    }
    let answer = read("/api/v1/standards/GB3095-2026").await;
    let found: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(found["standard"]["id"], "GB3095");
    assert!(found["tables"][0]["rows"].as_array().is_some_and(|rows| rows.len() > 10));
    // A method without a table and a day before every edition are said, not broken.
    for path in ["/standards/CWQI?lang=en", "/standards/HJ633?on=1999-01-01&lang=en"] {
        assert!(read(path).await.body.contains("empty-title"), "{path}");
    }
}

impl City {
    async fn post(&self, path: &str, token: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 23).await.expect("a body");
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

#[tokio::test]
async fn a_command_is_asked_for_with_a_reason_and_shown_without_its_password() {
    let city = city().await;
    let console = format!("/operator/devices/{OUTLET}");
    for (language, wanted) in [("zh", "下发指令"), ("en", "Send a command")] {
        assert!(city.page(&console, language).await.contains(wanted), "{language}");
    }
    assert!(city.page(&format!("{console}?cn=2061"), "zh").await.contains("BeginTime"));
    let commands = format!("{console}/commands");
    let recall = "cn=2061&BeginTime=20261129010000&EndTime=20261129030000&reason=gap";
    let asked = city.post(&commands, &city.operator, recall).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    let page = asked.headers[header::LOCATION].to_str().expect("an address").to_owned();
    assert!(city.page(&page, "zh").await.contains("待下发"));
    let password = city.post(&commands, &city.operator, "cn=1072&NewPW=s3cr3t&reason=x").await;
    let page = password.headers[header::LOCATION].to_str().expect("an address").to_owned();
    let shown = city.page(&page, "en").await;
    assert!(shown.contains("waits for a second person") && !shown.contains("s3cr3t"));
    let own = city.post(&format!("{page}/agree"), &city.operator, "").await;
    assert_eq!(own.status, StatusCode::CONFLICT, "who asked does not agree");
    let back = city.post(&format!("{page}/withdraw"), &city.operator, "").await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    let interface = format!("/api/v1/operations/devices/{OUTLET}/commands");
    let answer = city.get(&interface, &city.operator).await;
    assert!(!answer.body.contains("s3cr3t"), "{}", answer.body);
    let listed: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(listed["commands"].as_array().map(Vec::len), Some(2));
    for (form, wanted) in [("cn=2061&reason=x", 400), ("cn=1061&reason=", 400)] {
        let refused = city.post(&commands, &city.operator, form).await;
        assert_eq!(refused.status.as_u16(), wanted, "{form}");
    }
    let observed = city.post(&commands, &city.observer, recall).await;
    assert_eq!(observed.status, StatusCode::FORBIDDEN, "who reads does not command");
    let audit = authority::AuditFilter::default();
    let authority = Authority::open(&city.store, Timestamp::now()).await.expect("authority").0;
    let records = authority.audit(&audit, None, 100).await.expect("records");
    let done: Vec<&str> = records.iter().map(|one| one.action.as_str()).collect();
    assert!(done.contains(&"device.command") && done.contains(&"device.command_withdraw"));
    assert!(records.iter().all(|one| !format!("{one:?}").contains("s3cr3t")));
}

#[tokio::test]
async fn a_key_is_set_by_who_commands_and_never_shown() {
    let city = city().await;
    let console = format!("/operator/devices/{OUTLET}");
    let (set, remove) = (format!("{console}/key"), format!("{console}/key/remove"));
    let form = "key=k7Qw2mZp9LxT4vBn&reason=networking";
    assert!(city.page(&console, "en").await.contains("No key is set"));
    for (path, form, token, status) in [
        (&set, form, city.observer.as_str(), 403),
        (&set, "key=short&reason=x", city.operator.as_str(), 400),
        (&set, "key=0000000000000000&reason=x", city.operator.as_str(), 400),
        (&set, "key=k7Qw2mZp9LxT4vBn&reason=", city.operator.as_str(), 400),
        (&remove, "reason=x", city.operator.as_str(), 404),
        (&set, form, city.operator.as_str(), 303),
    ] {
        assert_eq!(city.post(path, token, form).await.status.as_u16(), status, "{path} {form}");
    }
    let stranger = city.post(&remove, "wrong", "reason=x").await;
    let to = stranger.headers[header::LOCATION].to_str().expect("an address");
    assert!(to.starts_with("/sign-in"), "{to}");
    let initialise = format!("{console}/initialise");
    for (token, status) in [(&city.observer, 403), (&city.operator, 303)] {
        let answer = city.post(&initialise, token, "reason=new").await;
        assert_eq!(answer.status.as_u16(), status);
    }
    for language in ["zh", "en"] {
        assert!(!city.page(&console, language).await.contains("k7Qw2mZp9LxT4vBn"));
    }
    assert!(city.page(&console, "zh").await.contains("已登记密钥"));
    // The device goes on in the clear: refused, with what to do.
    let snapshot = Registry::open(&city.store).await.expect("a registry").snapshot();
    let password = snapshot.device(OUTLET).expect("registered").password.clone();
    city.send(&packet(OUTLET, &password, "w01018", "40.1")).await;
    let refused = city.refused(1).await;
    assert_eq!(refused[0].reason, "hj212.plain_text");
    assert_eq!(city.post(&remove, &city.operator, "reason=x").await.status.as_u16(), 303);
    let authority = Authority::open(&city.store, Timestamp::now()).await.expect("authority").0;
    let records = authority.audit(&authority::AuditFilter::default(), None, 100).await;
    let records = records.expect("records");
    let done: Vec<&str> = records.iter().map(|one| one.action.as_str()).collect();
    assert!(done.contains(&"device.key_set") && done.contains(&"device.key_remove"));
    assert!(records.iter().all(|one| !format!("{one:?}").contains("k7Qw2mZp9LxT4vBn")));
}

#[tokio::test]
async fn backups_are_shown_with_their_age_and_what_went_wrong() {
    let backups = Backups::default();
    let city = city_with(Some(backups.clone())).await;
    let now = Timestamp::now();
    backups.note(|standing| {
        standing.folder = "/mnt/backup/lucid".into();
        standing.every_hours = 24;
        standing.keep = (7, 5, 12);
        standing.running_since = Some(now);
    });
    let first = city.page("/operator/backups", "en").await;
    assert!(first.contains("There is none yet") && first.contains("Being made since"), "{first}");
    backups.note(|standing| {
        standing.running_since = None;
        standing.failure = Some((now, "no room <left>".into()));
        standing.kept = vec![KeptBackup {
            name: "lucid-2026-11-29T020000.lucid".into(),
            made_at: now - jiff::SignedDuration::from_hours(30),
            program: "0.1.0".into(),
            rows: 1_234_567,
            bytes: 15 << 20,
            files: 42,
            file_bytes: 7 << 20,
        }];
    });
    let english = city.page("/operator/backups", "en").await;
    for words in [
        "30 h ago",
        "every 24 hours; the newest of each of 7 days, 5 weeks and 12 months is kept",
        "lucid-2026-11-29T020000.lucid",
        "15.0",
        "The last backup failed",
        "no room &lt;left&gt;",
    ] {
        assert!(english.contains(words), "{words} is missing: {english}");
    }
    let chinese = city.page("/operator/backups", "zh").await;
    assert!(chinese.contains("30 小时前") && chinese.contains("上次备份失败"), "{chinese}");

    // Folder and failures are of the house: a leader has no use for them.
    let leader = city.authority.issue(&city.store, Role::Leader, now).await;
    let leader = leader.expect("a token");
    let answer = city.get("/operator/backups", &leader).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
