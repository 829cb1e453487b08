//! The pages and the interface of this area, asked as a browser and a program would.

use authority::{Authority, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use evaluation::Worker;
use jiff::Timestamp;
use observations::{Delivery, FactorValue, NewRow, Origin, Recorder};
use registry::{PointKind, Registry};
use rulebook::Period;
use serde_json::Value;
use sources::automatic_monitoring::judges;
use std::path::Path;
use std::time::Duration;
use store::Migration;
use testkit::TestStore;
use tokio::sync::watch;
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

const HOUR: i64 = 3600;
/// 2026-06-01 00:00 in Beijing.
const BEGIN: i64 = 1_780_243_200;
const STACK: &str = "DEMO-9002/DA001";
const LIST: &str = "/api/v1/alerts";

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + seconds).expect("a time")
}

fn now() -> Timestamp {
    time(30 * HOUR)
}

fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        permits::MIGRATIONS,
    ]
    .concat()
}

struct City {
    router: Router,
    operator: String,
    observer: String,
    point: i64,
    _running: watch::Sender<bool>,
    _store: TestStore,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    fn kind(&self) -> &str {
        self.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("")
    }
}

/// A city with thirty hours of a stack: the second, third and the newest are over the limit of
/// 50, the fifth was sent again with another value, the seventh never came.
async fn city() -> City {
    let store = testkit::sqlite(&migrations()).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let files = registry::load::read_city(&folder).expect("a right city");
    registry::store::install(&store.store, &files).await.expect("it installs");
    let registry = Registry::open(&store.store).await.expect("a registry");
    let recorder = Recorder::open(&store.store).await.expect("a recorder");
    let opened = Worker::open(&store.store, &registry, &recorder, judges(), now).await;
    let (worker, evaluation) = opened.expect("a worker");
    let (running, stop) = watch::channel(false);
    tokio::spawn(worker.run(Duration::from_millis(5), stop));
    let snapshot = registry.snapshot();
    let point = snapshot.point_by_code(PointKind::Outlet, STACK).expect("the stack").id;
    let factor = snapshot.factor_by_code("a21002").expect("a listed factor").id;
    let mut last = 0;
    let hours = (0..30)
        .filter(|hour| *hour != 6)
        .map(|hour| (hour, if [1, 2, 29].contains(&hour) { 80 } else { 20 + hour }));
    for (hour, number) in hours.chain([(4, 44)]) {
        let row = NewRow {
            point,
            period: Period::Hour,
            observed_at: time(hour * HOUR),
            values: vec![FactorValue {
                converted: Some(number.into()),
                flag: Some(b'N'),
                ..FactorValue::of(factor, number.into())
            }],
        };
        let delivery = Delivery {
            raw: format!("##{hour} {number}").into_bytes(),
            received_at: time((hour + 1) * HOUR + 30),
            origin: Origin { device: Some("MN".into()), peer: "10.0.0.1:1".into() },
            rows: vec![row],
        };
        last = recorder.submit(delivery).await.expect("it is recorded").source.block;
    }
    evaluation.wait_for(last).await.expect("it is judged");
    let (authority, token) = Authority::open(&store.store, now()).await.expect("authority");
    let observer = authority.issue(&store.store, Role::Observer, now()).await.expect("a token");
    let parts = Parts {
        store: store.store.clone(),
        registry,
        recorder,
        evaluation,
        authority,
        live: Live::default(),
        clock: now,
        started_at: now(),
        metrics: Box::new(String::new),
    };
    let router = {
        let slices = [sources::slices(), vec![enterprises::enterprise::slice()]].concat();
        web::router(AppState::new(parts, slices))
    };
    let operator = token.expect("a first token");
    City { router, operator, observer, point: point.0, _running: running, _store: store }
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

    async fn get(&self, path: &str) -> Answer {
        self.ask(path, &[]).await
    }

    async fn get_with(&self, path: &str, token: &str) -> Answer {
        self.ask(path, &[(header::AUTHORIZATION, &format!("Bearer {token}"))]).await
    }

    /// The alerts in a state, as the operator reads them.
    async fn alerts(&self, query: &str) -> Vec<Value> {
        let answer = self.get_with(&format!("{LIST}?{query}"), &self.operator).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
        answer.json()["alerts"].as_array().expect("a list").clone()
    }
}

#[tokio::test]
async fn public_pages_are_readable_in_both_languages_without_a_token() {
    let city = city().await;
    let outlet = format!("/outlets/{STACK}");
    let table = [
        ("/outlets", "排放口现状", "Outlets now"),
        ("/outlets?medium=gas&standing=exceeding&division=990121", "超标告警", "exceedance alert"),
        ("/outlets?division=none", "没有符合条件的排放口", "No outlet fits"),
        (outlet.as_str(), "许可限值", "Limits of the permit"),
        ("/verdicts/1", "评判依据", "Why this verdict"),
    ];
    for (path, zh, en) in table {
        for (language, wanted) in [("zh", zh), ("en", en)] {
            let answer = city.ask(path, &[(header::ACCEPT_LANGUAGE, language)]).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(answer.body.contains(wanted), "{path} in {language} lacks {wanted:?}");
        }
    }
    assert!(city.get(&outlet).await.body.contains("虚构企业"));
}

#[tokio::test]
async fn alerts_need_a_token_and_every_role_may_read_them() {
    let city = city().await;
    for path in ["/api/v1/alerts", "/api/v1/alerts/1"] {
        for answer in [city.get(path).await, city.get_with(path, "wrong").await] {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(answer.kind(), "application/problem+json", "{path}");
        }
        for token in [&city.operator, &city.observer] {
            assert_eq!(city.get_with(path, token).await.status, StatusCode::OK, "{path}");
        }
    }
    for path in ["/alerts", "/alerts/1"] {
        let answer = city.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let to = answer.headers[header::LOCATION].to_str().expect("an address");
        assert!(to.starts_with("/sign-in"), "{path} leads to {to}");
        assert_eq!(city.get_with(path, &city.operator).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_or_not_understood_is_a_problem_in_json() {
    let city = city().await;
    let observations = format!("/api/v1/points/{}/observations", city.point);
    let series = format!("/api/v1/points/{}/series", city.point);
    let table = [
        ("/api/v1/points/999999/series".to_owned(), 404),
        ("/api/v1/points/999999/observations".to_owned(), 404),
        ("/api/v1/verdicts/999999".to_owned(), 404),
        ("/api/v1/alerts/999999".to_owned(), 404),
        (format!("{series}?factor=zzz"), 404),
        (format!("{series}?period=week"), 400),
        (format!("{series}?from=yesterday"), 400),
        (format!("{observations}?after=x"), 400),
        ("/api/v1/alerts?state=odd".to_owned(), 400),
        ("/api/v1/alerts?kind=odd".to_owned(), 400),
        ("/api/v1/alerts?from=odd".to_owned(), 400),
        ("/api/v1/alerts?after=odd".to_owned(), 400),
    ];
    for (path, status) in table {
        let answer = city.get_with(&path, &city.operator).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.kind(), "application/problem+json", "{path}");
        assert_eq!(answer.json()["status"], status, "{path}");
    }
    for path in ["/outlets/DEMO-9002/NONE", "/outlets/DEMO-9002/DA001/week.csv", "/verdicts/999999"]
    {
        assert_eq!(city.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn observations_come_page_by_page_and_none_twice() {
    let city = city().await;
    let base = format!("/api/v1/points/{}/observations?period=hour&limit=7", city.point);
    let mut seen = Vec::new();
    let mut path = base.clone();
    loop {
        let page = city.get(&path).await.json();
        let rows = page["observations"].as_array().expect("rows").clone();
        assert!(rows.len() <= 7);
        seen.extend(rows.iter().map(|row| row["observed_at"].as_str().expect("a time").to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{base}&after={next}");
    }
    let wanted: Vec<String> =
        (0..30).rev().filter(|hour| *hour != 6).map(|hour| time(hour * HOUR).to_string()).collect();
    assert_eq!(seen, wanted);
}

#[tokio::test]
async fn observations_come_as_csv_to_whoever_accepts_it() {
    let city = city().await;
    let path = format!("/api/v1/points/{}/observations?period=hour", city.point);
    let answer = city.ask(&path, &[(header::ACCEPT, "text/csv")]).await;
    assert!(answer.kind().starts_with("text/csv"), "{}", answer.kind());
    let mut lines = answer.body.trim_start_matches('\u{feff}').lines();
    assert!(lines.next().expect("heads").starts_with("observed_at,received_at,factor,value"));
    let newest = lines.next().expect("a row");
    assert!(newest.starts_with(&format!("{},", time(29 * HOUR))), "{newest}");
    assert!(newest.contains(",a21002,80,"), "{newest}");
    assert_eq!(lines.count(), 28);
    let outlet = format!("/outlets/{STACK}/hour");
    let csv = city.get(&format!("{outlet}.csv")).await;
    assert_eq!(csv.status, StatusCode::OK);
    assert_eq!(csv.body.lines().count(), 30);
    let xlsx = city.get(&format!("{outlet}.xlsx")).await;
    assert!(xlsx.body.starts_with("PK"), "a workbook is a zip file");
}

#[tokio::test]
async fn a_series_has_values_marks_and_the_limit() {
    let city = city().await;
    let path = format!("/api/v1/points/{}/series?period=hour&factor=a21002", city.point);
    let series = city.get(&path).await.json();
    let points = series["series"][0]["points"].as_array().expect("points").clone();
    let at = |hour: i64| {
        let at = time(hour * HOUR).to_string();
        points.iter().find(|point| point[0] == at.as_str()).expect("the hour").clone()
    };
    assert_eq!((at(1)[1].as_str(), at(1)[2].as_str()), (Some("80"), Some("exceeds")));
    assert_eq!((at(4)[1].as_str(), at(4)[2].as_str()), (Some("44"), None));
    assert_eq!(series["limits"][0]["value"], "50");
    let range = format!("&from={}&to={}", time(2 * HOUR), time(5 * HOUR));
    let part = city.get(&format!("{path}{range}")).await.json();
    assert_eq!(part["series"][0]["points"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_missing_hour_is_a_gap_in_the_series_and_in_the_table() {
    let city = city().await;
    let path = format!("/api/v1/points/{}/series?period=hour&factor=a21002", city.point);
    let series = city.get(&path).await.json();
    let missing = time(6 * HOUR).to_string();
    let points = series["series"][0]["points"].as_array().expect("points");
    let gap = points.iter().find(|point| point[0] == missing.as_str());
    assert!(gap.is_some_and(|gap| gap[1].is_null()), "no null at the hour that never came");
    let page = city.get(&format!("/outlets/{STACK}?period=hour")).await.body;
    assert!(page.contains("2026-06-01 06:00"), "the table says nothing of the missing hour");
}

#[tokio::test]
async fn a_value_that_was_superseded_can_be_read_with_its_time() {
    let city = city().await;
    let page = city.get(&format!("/outlets/{STACK}?period=hour")).await.body;
    assert!(page.contains(">v2<"), "the page does not tell that the hour was sent again");
    assert!(page.contains("24.0 mg/m³"), "the page does not tell what it said before");
    let path = format!("/api/v1/points/{}/revisions?period=hour&at=", city.point);
    let before = city.get(&format!("{path}{}", time(4 * HOUR))).await.json();
    let before = before["revisions"].as_array().expect("a list").clone();
    assert_eq!(before.len(), 1);
    assert_eq!(before[0]["values"][0]["value"], "24");
    assert!(before[0]["superseded_at"].is_string());
    let others = city.get(&format!("{path}{}", time(5 * HOUR))).await.json();
    assert_eq!(others["revisions"].as_array().map(Vec::len), Some(0));
    assert_eq!(city.get(&format!("{path}odd")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_span_that_nobody_can_read_is_not_answered_whole() {
    let city = city().await;
    let path = format!("/api/v1/points/{}/series?period=realtime", city.point);
    let answer =
        city.get(&format!("{path}&from=0000-01-01T00:00:00Z&to=9999-12-30T00:00:00Z")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "anybody may ask for all of history");
}

#[tokio::test]
async fn alerts_can_be_filtered_and_show_their_evidence() {
    let city = city().await;
    let open = city.alerts("kind=exceedance").await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!((open[0]["last_value"].as_str(), &open[0]["closed_at"]), (Some("80"), &Value::Null));
    assert_eq!(city.alerts("kind=exceedance&state=closed").await.len(), 1);
    assert_eq!(city.alerts("kind=exceedance&state=all").await.len(), 2);
    assert_eq!(city.alerts("state=all&division=990102").await.len(), 0);
    assert_eq!(city.alerts("kind=exceedance&state=all&from=2026-06-02").await.len(), 1);
    assert_eq!(city.alerts("kind=exceedance&state=all&to=2026-06-01").await.len(), 1);
    let id = &open[0]["id"];
    let one = city.get_with(&format!("{LIST}/{id}"), &city.operator).await.json();
    assert_eq!(one["events"][0]["what"], "opened");
    let page = city.get_with(&format!("/alerts/{id}"), &city.operator).await.body;
    for wanted in ["data-island=\"series\"", "/packets/", "timeline", "a21002"] {
        assert!(page.contains(wanted), "the alert's page lacks {wanted:?}");
    }
}

#[tokio::test]
async fn a_verdict_says_why() {
    let city = city().await;
    let outlet = city.get(&format!("/outlets/{STACK}?period=hour")).await.body;
    let at = outlet.find("/verdicts/").expect("a link to a verdict") + "/verdicts/".len();
    let id: String = outlet[at..].chars().take_while(char::is_ascii_digit).collect();
    let one = city.get(&format!("/api/v1/verdicts/{id}")).await.json();
    assert_eq!(one["outcome"], "exceeds");
    for part in ["standard", "edition", "clause", "source", "confidence", "inputs", "explanation"] {
        assert!(!one["reasons"][part].is_null(), "the reasons lack {part}");
    }
    let page = city.get(&format!("/verdicts/{id}")).await.body;
    let packet = format!("/packets/{}/{}", one["source"]["block"], one["source"]["index"]);
    assert!(page.contains(&packet), "the page does not lead to {packet}");
}

#[tokio::test]
async fn the_map_shades_an_outlet_by_its_alerts() {
    let city = city().await;
    let map = city.get("/api/v1/map").await.json();
    let features = map["features"].as_array().expect("features");
    let shade = |path: &str| {
        let of = features.iter().find(|f| f["properties"]["path"] == path).expect("the outlet");
        of["properties"]["shade"].as_str().expect("a shade").to_owned()
    };
    assert_eq!(shade(&format!("/outlets/{STACK}")), "status-bad");
    assert_eq!(shade("/outlets/DEMO-9001/DW001"), "status-quiet");
    assert!(city.get("/").await.body.contains("href=\"/outlets\""));
}

#[tokio::test]
async fn outlets_are_compared_hour_by_hour() {
    let city = city().await;
    let path = format!("/outlets/compare?outlet={STACK}&outlet=DEMO-9001/DW001&factor=a21002");
    let answer = city.ask(&path, &[(header::ACCEPT_LANGUAGE, "en")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    // Six days and six hours have passed; one hour of the stack never came, three are above 50.
    for wanted in ["29 / 150", "0 / 150", "<svg", "limit 50", "value=\"DEMO-9001/DW001\""] {
        assert!(answer.body.contains(wanted), "{wanted}");
    }
    let rest = answer.body.split("29 / 150").nth(1).expect("a row");
    let cells: Vec<&str> = rest.split("</td>").skip(1).take(9).collect();
    let numbers = ["20", "38", "", "80", "80", "50", "76", "3"];
    for (cell, number) in cells.iter().zip(numbers) {
        assert!(cell.contains(number), "{number} in {cell}");
    }
    let file = city.get(&path.replace("compare?", "compare.xlsx?")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.kind().contains("spreadsheet"), "{}", file.kind());
    let seven = (1..8).map(|number| format!("outlet=x{number}")).collect::<Vec<_>>().join("&");
    for (query, status) in [
        (String::new(), 200),
        ("outlet=none".to_owned(), 404),
        (format!("outlet={STACK}&factor=none"), 404),
        (format!("outlet={STACK}&from=2026-06-02&to=2026-06-01"), 400),
        (format!("outlet={STACK}&from=2025-06-02&to=2026-06-01"), 400),
        (format!("outlet={STACK}&from=yesterday"), 400),
        (seven, 400),
    ] {
        let answer = city.get(&format!("/outlets/compare?{query}")).await;
        assert_eq!(answer.status.as_u16(), status, "{query}");
    }
    let outlet = city.get(&format!("/outlets/{STACK}")).await;
    assert!(outlet.body.contains(&format!("/outlets/compare?outlet={STACK}")));
}

#[tokio::test]
async fn an_enterprises_page_shows_outlets_to_all_and_alerts_to_who_may_read_them() {
    let city = city().await;
    let page = "/enterprises/DEMO-9002?lang=en";
    let public = city.get(page).await;
    assert_eq!(public.status, StatusCode::OK, "{}", public.body);
    assert!(public.body.contains("Outlets now") && public.body.contains(STACK));
    assert!(!public.body.contains("/alerts/"), "alerts are not everybody's");
    let read = city.get_with(page, &city.operator).await.body;
    let timeline = read.split("id=\"timeline\"").nth(1).expect("a timeline");
    for wanted in ["exceedance", "/alerts/", "alert closed"] {
        assert!(timeline.contains(wanted), "{wanted}");
    }
    assert!(city.get(&format!("/outlets/{STACK}")).await.body.contains("/enterprises/DEMO-9002"));
    let alert = city.get_with("/alerts/1", &city.operator).await.body;
    assert!(alert.contains("/enterprises/DEMO-9002"));
}
