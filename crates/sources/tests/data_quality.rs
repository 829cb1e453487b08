//! A month of data quality from hours to page, file, interface and the command's text: one set of
//! numbers, and who sees which of them.

use authority::{Actor, Attempt, Authority, Jurisdiction, NewUser, Origin, Purpose, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use evaluation::Worker;
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, NewRow, Origin as From, Recorder};
use registry::load::ListedDetail;
use registry::{PointId, PointKind, Registry};
use rulebook::{Decimal, Period};
use serde_json::Value;
use sources::data_quality::{self, Counts, Forecast, Ground, Report, text};
use std::path::Path;
use store::{Migration, Store};
use tower::ServiceExt as _;
use validity::Month;
use web::{AppState, Live, Parts};

const HOUR: i64 = 3600;
/// 2026-10-01 00:00 in Beijing.
const BEGIN: i64 = 1_790_784_000;
/// The hours of October.
const HOURS: i64 = 744;
const WORKS: &str = "DEMO-9001/DW001";
const STACK: &str = "DEMO-9002/DA001";
const API: &str = "/api/v1/data-quality?month=2026-10";
/// Hours of which nothing came from the stack.
const SILENT: std::ops::Range<i64> = 100..110;
/// Hours that the stack's device marks as maintenance.
const REPAIRED: std::ops::Range<i64> = 200..220;
/// Hours in which the stack's NOx is over its limit of 50.
const OVER: std::ops::Range<i64> = 300..305;

const DUTIES: &str = "unit,unit_name_zh,unit_name_en,division,outlet,factors,why,kind,\
    capacity_t_per_day,river,valid_from,valid_to,source,confidence,note\n\
    DEMO-9001,,,990102,DW001,w01018 w21003 w00000,key_unit,,,,2026-01-01,,list,fictitious,\n\
    DEMO-9002,,,990121,DA001,a34013 a21002,key_unit,,,,2026-01-01,,list,fictitious,\n\
    DEMO-9009,演示村污水站,Demo,990121,DW001,w01018,plan,sewage_plant,500,东溪,,,f,fictitious,\n\
    DEMO-9010,演示小站,Demo,990121,DW001,w01018,plan,sewage_plant,499,东溪,,,f,fictitious,\n";
const RULES: &str = "id,kind,medium,capacity_t_per_day_at_least,rivers,only_new,valid_from,valid_to,\
    source,confidence,note\n\
    plants,sewage_plant,water,500,东溪;西溪,no,2021-12-10,,plan,official,\n";

fn time(hour: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + hour * HOUR).expect("a time")
}

fn now() -> Timestamp {
    time(HOURS + 50) + SignedDuration::from_mins(30)
}

fn october() -> Month {
    Month::new(2026, 10).expect("a month")
}

fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        permits::MIGRATIONS,
        validity::MIGRATIONS,
        sources::MIGRATIONS,
    ]
    .concat()
}

struct City {
    state: AppState,
    router: Router,
    authority: Authority,
    works: PointId,
    stack: PointId,
}

struct Answer {
    status: StatusCode,
    to: String,
    body: String,
    bytes: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

async fn city(store: &Store, duties: &str) -> City {
    city_with(store, duties, 0).await
}

/// The example city, with so many outlets more that never report.
async fn city_with(store: &Store, duties: &str, more: usize) -> City {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let mut files = registry::load::read_city(&folder).expect("a right city");
    let mut file = |name: &str, text: &str| {
        files.kept_files.insert(name.to_owned(), text.as_bytes().to_vec());
    };
    file("rules/monitoring_duties.csv", duties);
    file("rules/coverage_rules.csv", RULES);
    let outlet = files.points.iter().find(|point| point.what.code == WORKS).cloned();
    let outlet = outlet.expect("the works");
    files.points.extend((0..more).map(|number| {
        let mut point = outlet.clone();
        let word = format!("DW{:05}", 10_000 + number);
        point.what.code = format!("DEMO-9001/{word}");
        if let ListedDetail::Outlet { number, .. } = &mut point.what.detail {
            *number = word;
        }
        point
    }));
    registry::store::install(store, &files).await.expect("it installs");
    let registry = Registry::open(store).await.expect("a registry");
    let recorder = Recorder::open(store).await.expect("a recorder");
    let (_, evaluation) =
        Worker::open(store, &registry, &recorder, Vec::new(), now).await.expect("a worker");
    let (authority, _) = Authority::open(store, now()).await.expect("authority");
    let snapshot = registry.snapshot();
    let point = |code| snapshot.point_by_code(PointKind::Outlet, code).expect("an outlet").id;
    let (works, stack) = (point(WORKS), point(STACK));
    let parts = Parts {
        store: store.clone(),
        registry,
        recorder,
        evaluation,
        authority: authority.clone(),
        live: Live::default(),
        clock: now,
        started_at: now(),
        metrics: Box::new(String::new),
    };
    let state = AppState::new(parts, sources::slices());
    City { router: web::router(state.clone()), state, authority, works, stack }
}

impl City {
    /// October as the two outlets reported it.
    async fn record_october(&self) {
        let mut deliveries = Vec::new();
        for hour in 0..HOURS {
            let water = [("w01018", 3000), ("w21003", 150), ("w01001", 720), ("w00000", 1000)];
            deliveries.push(self.delivery(self.works, hour, &water, b'N'));
            if SILENT.contains(&hour) {
                continue;
            }
            let flag = if REPAIRED.contains(&hour) { b'M' } else { b'N' };
            let nox = if OVER.contains(&hour) { 8000 } else { 3000 };
            let gas = [("a34013", 500), ("a21026", 1200), ("a21002", nox), ("a19001", 600)];
            deliveries.push(self.delivery(self.stack, hour, &gas, flag));
        }
        self.state.recorder.submit_all(deliveries).await.expect("it is recorded");
    }

    fn delivery(&self, point: PointId, hour: i64, values: &[(&str, i64)], flag: u8) -> Delivery {
        let snapshot = self.state.snapshot();
        let value = |(code, hundredths): &(&str, i64)| {
            let number = Decimal::new(*hundredths, 2);
            FactorValue {
                flag: Some(flag),
                converted: code.starts_with("a2").then_some(number),
                ..FactorValue::of(snapshot.factor_by_code(code).expect("a factor").id, number)
            }
        };
        Delivery {
            raw: format!("##{} {hour}", point.0).into_bytes(),
            received_at: time(hour + 1) + SignedDuration::from_secs(40),
            origin: From { device: Some("MN".into()), peer: "10.0.0.1:1".into() },
            rows: vec![NewRow {
                point,
                period: Period::Hour,
                observed_at: time(hour),
                values: values.iter().map(value).collect(),
            }],
        }
    }

    /// The month as the command computes it.
    async fn check(&self) -> Report {
        let snapshot = self.state.snapshot();
        let ground = Ground { store: &self.state.store, snapshot: &snapshot, now: now() };
        data_quality::refresh(&ground, october()).await.expect("it is computed");
        data_quality::report(&ground, october()).await.expect("a report")
    }

    /// A user with a role somewhere, signed in: their cookie.
    async fn officer(&self, login: &str, role: Role, place: Jurisdiction) -> String {
        let actor = Actor::console();
        let new = NewUser { login: login.into(), name: login.into(), organisation: None };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        self.authority.grant(&actor, user, role, &place, now()).await.expect("granted");
        let link = self.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let link = link.expect("a link");
        let attempt = self.authority.follow_link(&link, "", &Origin::default(), now()).await;
        let Ok(Attempt::In(begun)) = attempt else { panic!("not let in: {attempt:?}") };
        format!("lucid_session={}", begun.secret)
    }

    async fn ask(&self, method: Method, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(form.to_owned()))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let to = parts.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
        let to = to.unwrap_or_default().to_owned();
        let bytes = to_bytes(body, 1 << 23).await.expect("a body").to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, to, body, bytes }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Method::GET, path, cookie, "").await
    }
}

#[tokio::test]
async fn page_interface_file_and_command_tell_the_same_month() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, DUTIES).await;
        city.record_october().await;
        let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
        let before = city.get("/data-quality?month=2026-10&lang=en", &duty).await;
        assert!(before.body.contains("was not computed yet"), "{}", before.body);

        let report = city.check().await;
        let snapshot = city.state.snapshot();
        insta::assert_snapshot!("command", text::plain(&report, &snapshot));
        let told = text::json(&report, &snapshot);
        let answer = city.get(API, &duty).await.json();
        for part in ["divisions", "all", "pass_mark_percent", "judged_at", "doubts"] {
            assert_eq!(answer[part], told[part], "{part}");
        }
        let page = city.get("/data-quality?month=2026-10", &duty).await.body;
        let csv = city.get("/data-quality/files/table.csv?month=2026-10", &duty).await.body;
        let rows = text::rows(&report, &snapshot);
        assert_eq!(rows.len(), 3, "two counties and the city: {rows:?}");
        for row in &rows[..2] {
            assert!(csv.contains(&row.join(",").replace('—', "")), "{row:?} in {csv}");
            let connection = format!("{} / {}", row[4], row[2]);
            for cell in [&row[1], &row[7], &connection] {
                assert!(page.contains(cell.as_str()), "{cell} on the page");
            }
        }
        let file = city.get("/data-quality/files/table.xlsx?month=2026-10", &duty).await;
        assert!(file.bytes.starts_with(b"PK"), "a workbook");
    })
    .await;
}

#[tokio::test]
async fn a_month_is_counted_as_it_was_sent() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, DUTIES).await;
        city.record_october().await;
        let report = city.check().await;
        let line = |code| {
            let found = report.by_outlet().into_iter().find(|(of, _)| of == code);
            found.unwrap_or_else(|| panic!("no {code}")).1
        };
        let stack = line(STACK).counts;
        // Three factors an hour, ten hours silent, twenty in repair.
        assert_eq!((stack.due, stack.received, stack.valid), (744 * 3, 734 * 3, 714 * 3));
        assert_eq!((stack.exceedance_hours, stack.exceedance_days), (5, 0));
        assert_eq!((stack.unmarked_gaps, stack.unmarked_gap_periods), (1, 10));
        let works = line(WORKS).counts;
        assert_eq!((works.due, works.valid), (31 * 3, 31 * 3), "days of three factors");
        let rate = stack.effective_rate().map(|rate| rulebook::round_half_even(rate, 2));
        assert_eq!(rate, Some("95.97".parse().expect("a number")), "714 of 744");
        let total = report.total();
        assert_eq!((total.must, total.installed, total.connected), (3, 2, 2));
        assert_eq!((total.of_plan, total.of_plan_connected), (1, 0));

        // What is added up here is what the records say together.
        let mut records = Vec::new();
        for point in [city.works, city.stack] {
            let snapshot = city.state.snapshot();
            let record = validity::month(&store, &snapshot, point, october(), now()).await;
            records.push(record.expect("a record"));
        }
        let together = validity::rates(&records.iter().collect::<Vec<_>>());
        assert_eq!(total.counts, Counts::from(&together));

        let snapshot = city.state.snapshot();
        let ground = Ground { store: &store, snapshot: &snapshot, now: now() };
        let again = data_quality::refresh(&ground, october()).await.expect("it is computed");
        assert_eq!(again, 0, "nothing has changed since");
    })
    .await;
}

#[tokio::test]
async fn a_late_hour_changes_the_month() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, DUTIES).await;
    city.record_october().await;
    let before = city.check().await.total().counts;
    let gas = [("a34013", 500), ("a21026", 1200), ("a21002", 3000), ("a19001", 600)];
    let late = SILENT.map(|hour| city.delivery(city.stack, hour, &gas, b'N')).collect();
    city.state.recorder.submit_all(late).await.expect("it is recorded");
    let after = city.check().await.total().counts;
    assert_eq!(after.received - before.received, 30);
    assert_eq!((before.unmarked_gaps > 0, after.unmarked_gaps), (true, 0));
}

#[tokio::test]
async fn each_sees_what_is_theirs() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, DUTIES).await;
    city.record_october().await;
    city.check().await;
    let division = |code: &str| Jurisdiction::Division(code.into());
    let here = city.officer("here", Role::CountyOfficer, division("990121")).await;
    let elsewhere = city.officer("elsewhere", Role::Inspector, division("990102")).await;
    let works = Jurisdiction::Enterprise("DEMO-9001".into());
    let manager = city.officer("manager", Role::EnterpriseManager, works).await;
    let (stack, water) =
        (format!("/data-quality/outlets/{STACK}"), format!("/data-quality/outlets/{WORKS}"));
    let pages = ["/data-quality", "/data-quality/coverage", &stack];
    let files = ["/data-quality/files/table.xlsx", "/data-quality/coverage/table.csv"];
    for path in pages {
        let answer = city.get(path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.to.starts_with("/sign-in"), "{path} leads to {}", answer.to);
    }
    assert_eq!(city.get(API, "").await.status, StatusCode::UNAUTHORIZED);
    for path in pages.iter().chain(&files) {
        assert_eq!(city.get(path, &here).await.status, StatusCode::OK, "{path}");
    }
    for cookie in [&elsewhere, &manager] {
        assert_eq!(city.get(&stack, cookie).await.status, StatusCode::FORBIDDEN);
        assert_eq!(city.get(&water, cookie).await.status, StatusCode::OK);
        for path in [API, "/data-quality/coverage/table.csv?month=2026-10"] {
            let body = city.get(path, cookie).await.body;
            assert!(body.contains("DEMO-9001") && !body.contains("DEMO-9002"), "{path}: {body}");
            assert!(!body.contains("DEMO-9009"), "{path}: {body}");
        }
        let order = city.ask(Method::POST, "/data-quality/compute", cookie, "month=2026-10").await;
        assert_eq!(order.status, StatusCode::FORBIDDEN);
    }
    let order = city.ask(Method::POST, "/data-quality/compute", &here, "month=2026-10").await;
    assert_eq!(order.status, StatusCode::SEE_OTHER, "{}", order.body);
    let anonymous = city.ask(Method::POST, "/data-quality/compute", "", "month=2026-10").await;
    assert_ne!(anonymous.to, "/data-quality?month=2026-10");
    for wrong in ["2026-13", "2027-01", "October"] {
        let answer = city.get(&format!("/api/v1/data-quality?month={wrong}"), &here).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let none = city.get("/data-quality/outlets/DEMO-9002/DA009", &here).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_calendar_tells_each_hour_by_a_sign_and_in_words() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, DUTIES).await;
    city.record_october().await;
    city.check().await;
    let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
    let path = format!("/data-quality/outlets/{STACK}?month=2026-10&lang=en");
    let page = city.get(&path, &duty).await.body;
    for (sign, words, count) in [("×", "missing, no mark", 10), ("▲", "over the limit", 5)] {
        let cells = page.matches(&format!("{words}\">{sign}</a>")).count();
        assert_eq!(cells, count, "{words}");
        assert!(page.contains(&format!("{words} {count} h")), "{words} in the sentence");
    }
    let hour = format!("/outlets/{STACK}/hours/2026-10-05T0400");
    assert!(page.contains(&format!("href=\"{hour}\"")), "a cell leads to its hour");
    assert_eq!(city.get(&hour, &duty).await.status, StatusCode::OK);
    let dust = city.get(&format!("{path}&factor=a34013"), &duty).await.body;
    assert!(!dust.contains(">▲</a>"), "the dust stays within its limit");
}

#[tokio::test]
async fn a_city_without_duties_is_told_what_to_do_and_wrong_tables_are_told() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "unit,outlet\n").await;
    let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
    let coverage = city.get("/data-quality/coverage?lang=en", &duty).await.body;
    assert!(coverage.contains("No outlet must be connected"), "{coverage}");
    let page = city.get("/data-quality?lang=en", &duty).await.body;
    assert!(page.contains("rules/monitoring_duties.csv: the columns are"), "{page}");
}

#[tokio::test]
async fn amounts_without_a_permit_say_so() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, DUTIES).await;
        city.record_october().await;
        city.check().await;
        let snapshot = city.state.snapshot();
        let ground = Ground { store: &store, snapshot: &snapshot, now: now() };
        let works = snapshot.enterprise_by_code("DEMO-9001").expect("the works");
        let years = data_quality::year_of(&ground, works).await.expect("amounts");
        let cod = snapshot.factor_by_code("w01018").expect("a factor").id;
        let year = years.iter().find(|year| year.factor == cod).expect("its year");
        assert_eq!(year.progress.forecast, Forecast::NoAmount);
        assert_eq!(year.progress.permitted, None);
        assert!(year.progress.used > Decimal::ZERO, "{year:?}");
        assert_eq!(year.sources, [] as [String; 0]);
    })
    .await;
}

/// A permit of the works: so many tonnes of COD a year, ammonia measured by instruments.
fn permit(tonnes: &str) -> permits::PermitDraft {
    let content = serde_json::json!({
        "class": "key", "holder": "演示", "valid_from": "2026-01-01", "valid_to": "2030-12-31",
        "in_force_from": "2026-01-01", "reason": "first", "source": "invented",
        "confidence": "fictitious",
        "amounts": [{ "pollutant": "w01018", "kind": "yearly", "tonnes": tonnes }],
        "duties": [{ "kind": "self_monitoring", "outlet": "DW002", "pollutant": "w21003",
            "method": "automatic", "frequency": "continuous" }],
    });
    permits::PermitDraft {
        number: "91990100MA0DE90018001P".to_owned(),
        enterprise: "DEMO-9001".to_owned(),
        content: serde_json::from_value(content).expect("a permit"),
        background: None,
    }
}

#[tokio::test]
async fn a_permit_sets_the_amount_and_what_must_be_connected() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, DUTIES).await;
        city.record_october().await;
        let snapshot = city.state.snapshot();
        let works = snapshot.enterprise_by_code("DEMO-9001").expect("the works");
        let actor = Actor::console();
        permits::keep(&store, &actor, &snapshot, works.id, &permit("1"), now())
            .await
            .expect("it is kept");
        let report = city.check().await;
        let stage = report.must.iter().find(|must| must.code == "DEMO-9001/DW002");
        assert_eq!(stage.map(|must| must.stage), Some(data_quality::Stage::Missing));

        let ground = Ground { store: &store, snapshot: &snapshot, now: now() };
        let years = data_quality::year_of(&ground, works).await.expect("amounts");
        let cod = snapshot.factor_by_code("w01018").expect("a factor").id;
        let year = years.iter().find(|year| year.factor == cod).expect("its year");
        // 30 mg/L in 10 L/s are 25.92 kg a day; 31 days of them are behind, 59 to come.
        let number = |text: &str| text.parse::<Decimal>().expect("a number");
        assert_eq!(year.progress.used.normalize(), number("803.52"));
        assert_eq!(year.progress.percent().map(|it| it.normalize()), Some(number("80.352")));
        let Forecast::GoesOn(outlook) = &year.progress.forecast else { panic!("{year:?}") };
        assert_eq!(outlook.mean.normalize(), number("25.92"));
        // 196.48 kg are left for 7 whole days from 3 November on.
        assert_eq!(outlook.day.map(|day| day.to_string()).as_deref(), Some("2026-11-11"));
        assert_eq!(year.sources.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_outlets_are_shown_page_by_page_and_taken_away_whole() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city_with(&test.store, DUTIES, 10_000).await;
    let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
    let path = "/data-quality?by=outlet&lang=en";
    let first = city.get(path, &duty).await.body;
    let rows = |page: &str| page.matches("/data-quality/outlets/DEMO-9001/DW").count();
    assert_eq!(rows(&first), 200);
    assert!(first.contains("after=200"), "there is a next page");
    let last = city.get(&format!("{path}&after=10000"), &duty).await.body;
    assert!((1..200).contains(&rows(&last)) && !last.contains("after=10200"), "the last page");
    let file = city.get("/data-quality/files/table.csv?by=outlet", &duty).await.body;
    assert!(file.lines().count() > 10_000, "{} lines", file.lines().count());
}
