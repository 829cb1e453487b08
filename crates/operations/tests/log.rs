//! The public log over a city whose air and water are judged: what its pages and interface say to
//! whoever downloaded a figure.

use authority::Authority;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use evaluation::Worker;
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, NewRow, Origin, Recorder};
use registry::{PointKind, Registry};
use rulebook::Period;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use store::{Migration, Store};
use tokio::sync::watch;
use tower::ServiceExt as _;
use transparency::{Checkpoint, EntryName, Log, Note, Proof, check_proof};
use web::{AppState, Live, Parts};

fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        ingest::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        transparency::MIGRATIONS,
    ]
    .concat()
}

fn now() -> Timestamp {
    "2026-06-01T05:30:00Z".parse().expect("a time")
}

struct City {
    router: Router,
    log: Log,
    _folder: tempfile::TempDir,
    _running: watch::Sender<bool>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// A city with three judged hours of a station and one of a section, all in its log.
async fn city(store: &Store) -> City {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let files = registry::load::read_city(&folder).expect("a right city");
    registry::store::install(store, &files).await.expect("it installs");
    let registry = Registry::open(store).await.expect("a registry");
    let recorder = Recorder::open(store).await.expect("a recorder");
    let opened = Worker::open(store, &registry, &recorder, environment::judges(), now).await;
    let (worker, evaluation) = opened.expect("a worker");
    let (running, stop) = watch::channel(false);
    tokio::spawn(worker.run(Duration::from_mins(10), stop));
    let air = "a21026=6 a21004=13 a34002=39 a21005=0.60 a05024=39 a34004=";
    let water = "w01001=7.12 w01009=8.4 w01019=2.5 w21003=0.11 w21011=0.06 w01010=20.1";
    let mut last = 0;
    for (kind, code, hour, values) in [
        (PointKind::AirStation, "9901A", 2, format!("{air}21")),
        (PointKind::AirStation, "9901A", 3, format!("{air}30.5")),
        (PointKind::AirStation, "9901A", 4, format!("{air}40:M")),
        (PointKind::WaterSection, "EX-BRIDGE", 4, water.to_owned()),
    ] {
        let snapshot = registry.snapshot();
        let value = |text: &str| {
            let (code, rest) = text.split_once('=').expect("code=value");
            let (number, flag) = rest.split_once(':').unwrap_or((rest, "N"));
            let factor = snapshot.factor_by_code(code).expect("a listed factor").id;
            let number = number.parse().expect("a number");
            FactorValue { flag: flag.bytes().next(), ..FactorValue::of(factor, number) }
        };
        let at: Timestamp = format!("2026-06-01T0{hour}:00:00Z").parse().expect("a time");
        let row = NewRow {
            point: snapshot.point_by_code(kind, code).expect("the point").id,
            period: Period::Hour,
            observed_at: at,
            values: values.split(' ').map(value).collect(),
        };
        let delivery = Delivery {
            raw: b"##".to_vec(),
            received_at: at + SignedDuration::from_mins(63),
            origin: Origin { device: None, peer: "10.0.0.1:1".into() },
            rows: vec![row],
        };
        last = recorder.submit(delivery).await.expect("it is recorded").source.block;
    }
    evaluation.wait_for(last).await.expect("it is judged");
    let (authority, _) = Authority::open(store, now()).await.expect("authority");
    let folder = tempfile::tempdir().expect("a folder");
    let publications = environment::publications();
    let log = Log::open(store, folder.path(), "city.example/log", publications, now()).await;
    let log = log.expect("a log");
    log.sequencer(&registry).sequence_all(now()).await.expect("it is appended");
    let parts = Parts {
        store: store.clone(),
        registry,
        recorder,
        evaluation,
        authority,
        live: Live::default(),
        clock: now,
        started_at: now(),
        metrics: Box::new(String::new),
    };
    let slices = [environment::slices(), sources::slices(), operations::slices()].concat();
    let state = AppState::new(parts, slices).with(log.clone());
    City { router: web::router(state), log, _folder: folder, _running: running }
}

impl City {
    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 23).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::ACCEPT_LANGUAGE, "en");
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// What the page says of a text that is pasted, or of a file where it has a name.
    async fn check(&self, text: &str, file: Option<&str>) -> String {
        let part = |head: &str, body: &str| {
            format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
        };
        let mut form = part("name=\"point\"", "");
        form += &part("name=\"text\"", if file.is_none() { text } else { "" });
        let name = file.unwrap_or_default();
        let sent = if file.is_some() { text } else { "" };
        form += &part(&format!("name=\"file\"; filename=\"{name}\""), sent);
        form += "--edge--\r\n";
        let request = Request::post("/log/check")
            .header(header::ACCEPT_LANGUAGE, "en")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(Body::from(form))
            .expect("a request");
        let answer = self.send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.text()
    }
}

fn counts(page: &str) -> [u32; 3] {
    ["found as published", "altered", "not in the log"].map(|words| {
        let found = page.split_once(&format!("{words}: "));
        let (_, rest) = found.unwrap_or_else(|| panic!("no summary: {page}"));
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a count")
    })
}

#[tokio::test]
async fn what_the_interface_gives_is_found_in_the_log() {
    testkit::on_both(&migrations(), |store| async move {
        let city = city(&store).await;
        let table = [
            ("/api/v1/air/stations/9901A/series?period=hour", 3),
            ("/api/v1/air/stations", 1),
            ("/api/v1/water/sections/EX-BRIDGE/series", 1),
            ("/api/v1/water/sections", 1),
            ("/api/v1/verdicts/1", 1),
        ];
        for (path, figures) in table {
            let page = city.check(&city.get(path).await.text(), None).await;
            assert_eq!(counts(&page), [figures, 0, 0], "{path}");
            assert!(page.contains("SHA-256(0x01"), "the steps are shown: {path}");
        }
        for path in ["/air/stations/9901A/hour.csv", "/water/sections/EX-BRIDGE/hour.csv"] {
            let answer = city.get(path).await;
            let name = answer.headers[header::CONTENT_DISPOSITION].to_str().expect("a name");
            let name = name.split('"').nth(1).expect("a file name").to_owned();
            let page = city.check(&answer.text(), Some(&name)).await;
            let figures = answer.text().lines().count() as u32 - 1;
            assert_eq!(counts(&page), [figures, 0, 0], "{path} {name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_figure_that_was_altered_or_never_published_is_told_apart() {
    testkit::on_both(&migrations(), |store| async move {
        let city = city(&store).await;
        let csv = city.get("/air/stations/9901A/hour.csv").await.text();
        let file = Some("air-9901A-hour.csv");
        let page = city.check(&csv.replace("30.5", "29.5"), file).await;
        assert_eq!(counts(&page), [2, 1, 0]);
        assert!(page.contains("yours 29.5, published 30.5"), "{page}");
        let page = city.check(&csv.replace("06-01 11:00", "05-01 11:00"), file).await;
        assert_eq!(counts(&page), [2, 0, 1]);
        let verdict = city.get("/api/v1/verdicts/1").await.text();
        let page = city.check(&verdict.replace("HJ 633-2026", "HJ 633-2012"), None).await;
        assert_eq!(counts(&page), [0, 1, 0]);
        for (text, wanted) in [
            ("", "nothing to read"),
            ("<b>x</b>", "choose the station"),
            ("{\"a\":1}", "no published figure"),
            ("{\"point\":\"air-station/9901A\",\"period\":\"day\",\"series\":[]}", "the hours"),
        ] {
            let page = city.check(text, None).await;
            assert!(page.contains(wanted), "{text}: {page}");
            assert!(!page.contains("<b>x"), "what was sent is text");
        }
    })
    .await;
}

#[tokio::test]
async fn the_log_is_served_as_the_specification_wants_it() {
    testkit::on_both(&migrations(), |store| async move {
        let city = city(&store).await;
        let checkpoint = city.get("/log/checkpoint").await;
        assert_eq!(checkpoint.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
        assert_eq!(checkpoint.headers[header::CACHE_CONTROL], "no-cache");
        let note: Note = checkpoint.text().parse().expect("a note");
        let head = note.text.parse::<Checkpoint>().expect("a checkpoint").head;
        let key = city.get("/log/key").await.text();
        assert_eq!(key.trim().parse().as_ref(), Ok(city.log.key()));
        assert!(city.log.key().check(&note).is_ok());
        assert_eq!(head.size, 7, "four figures, two hours of packets, the operator's token");
        for (path, length) in [("0/000.p/7", Some(224)), ("entries/000.p/7", None)] {
            let tile = city.get(&format!("/log/tile/{path}")).await;
            assert_eq!(tile.status, StatusCode::OK, "{path}");
            assert_eq!(tile.headers[header::CONTENT_TYPE], "application/octet-stream");
            let kept = tile.headers[header::CACHE_CONTROL].to_str().expect("a text");
            assert!(kept.contains("immutable"), "{kept}");
            assert!(length.is_none_or(|length| length == tile.body.len()), "{path}");
        }
        for path in ["0/000", "0/000.p/8", "1/000.p/1", "x/000", "0/0", "entries/001.p/1"] {
            let answer = city.get(&format!("/log/tile/{path}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_proof_is_given_to_whoever_asks() {
    testkit::on_both(&migrations(), |store| async move {
        let city = city(&store).await;
        let id = "figure:air-station/9901A:hour:2026-06-01T03:00:00Z";
        let answer = city.get(&format!("/api/v1/log/proof?id={id}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        let proof = Proof::of_json(&answer.json()).expect("a proof");
        assert_eq!(proof.entry.name(), id.parse::<EntryName>().expect("a name"));
        assert!(check_proof(&proof, &[city.log.key().clone()]).is_ok());
        assert_eq!(answer.json()["key"], city.log.key().to_string());
        // By nothing but SHA-256 over what the documentation says.
        let figure = "{\"period\":\"hour\",\"point\":\"air-station/9901A\",\
            \"time\":\"2026-06-01T03:00:00Z\",\"values\":{\"a05024\":\"39\",\"a21004\":\"13\",\
            \"a21005\":\"0.6\",\"a21026\":\"6\",\"a34002\":\"39\",\"a34004\":\"30.5\",\
            \"aqi\":\"43\"}}";
        let digest = transparency::Hash::of(&[figure.as_bytes()]).to_hex();
        assert_eq!(answer.json()["entry"]["digest"], digest);
        for (id, status) in [
            ("audit:1", StatusCode::OK),
            ("audit:2", StatusCode::NOT_FOUND),
            ("packets:2026-06-01T03:00:00Z", StatusCode::OK),
            ("packets:2026-06-01T05:00:00Z", StatusCode::NOT_FOUND),
            ("figure:air-station/9901A:hour:2026-06-01T09:00:00Z", StatusCode::NOT_FOUND),
            ("something", StatusCode::BAD_REQUEST),
        ] {
            let answer = city.get(&format!("/api/v1/log/proof?id={id}")).await;
            assert_eq!(answer.status, status, "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_pages_show_the_log_in_both_languages() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    let page = city.get("/log").await.text();
    for wanted in ["Transparency log", "Published figure", "Raw packets", "Donghu Park", "/log/key"]
    {
        assert!(page.contains(wanted), "{wanted}");
    }
    let chinese = city.get("/log?lang=zh").await.text();
    assert!(chinese.contains("透明日志") && chinese.contains("东湖公园"));
    let older = city.get("/log?after=1").await.text();
    assert_eq!(older.matches("data-key=\"entry-").count(), 1);
    let packets = city.get("/log?kind=packets").await.text();
    assert_eq!(packets.matches("data-key=\"entry-").count(), 2);
    let entry = city.get("/log/entries/2").await;
    assert_eq!(entry.status, StatusCode::OK);
    assert!(entry.text().contains("The proof holds"));
    assert_eq!(city.get("/log/entries/99").await.status, StatusCode::NOT_FOUND);
    assert_eq!(city.get("/log/check").await.status, StatusCode::OK);
}
