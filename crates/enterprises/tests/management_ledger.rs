//! The management ledger: checked while typed, kept in versions, by whom, with the days that have
//! no page.

use authority::{
    Actor, Attempt, AuditFilter, Authority, Jurisdiction, NewUser, Origin, Purpose, Role,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use evaluation::Worker;
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, NewRow, Origin as From, Recorder};
use registry::{PointKind, Registry};
use rulebook::{Decimal, Period};
use serde_json::Value;
use store::{Migration, Store};
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

/// The permit of the plant in the district 990102; it asks for a ledger.
const LEDGER: &str = "/management-ledger/91990100MA0DE9001F001P";
const API: &str = "/api/v1/management-ledger";
const KIND: &str = "application/x-www-form-urlencoded";

fn now() -> Timestamp {
    "2026-11-29T04:00:00Z".parse().expect("a time")
}

fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        permits::MIGRATIONS,
        validity::MIGRATIONS,
        enterprises::MIGRATIONS,
    ]
    .concat()
}

struct City {
    router: Router,
    state: AppState,
    authority: Authority,
}

#[derive(Debug)]
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
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    fn to(&self) -> String {
        let to = self.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
        to.unwrap_or_default().to_owned()
    }
}

async fn city(store: &Store) -> City {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cities/example");
    let files = registry::load::read_city(std::path::Path::new(folder)).expect("a right city");
    registry::store::install(store, &files).await.expect("it installs");
    let drafts = permits::city::read(&files).expect("right permits");
    permits::city::install(store, &drafts, now()).await.expect("they are kept");
    let registry = Registry::open(store).await.expect("a registry");
    let recorder = Recorder::open(store).await.expect("a recorder");
    let (_, evaluation) =
        Worker::open(store, &registry, &recorder, Vec::new(), now).await.expect("a worker");
    let (authority, _) = Authority::open(store, now()).await.expect("authority");
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
    let slices = vec![
        enterprises::enterprise::slice(),
        enterprises::management_ledger::slice(),
        enterprises::own_desk::slice(),
    ];
    let state = AppState::new(parts, slices);
    City { router: web::router(state.clone()), state, authority }
}

/// The people of a test: cookies.
struct People {
    manager: String,
    other_manager: String,
    officer: String,
    elsewhere: String,
    observer: String,
}

impl City {
    async fn signed_in(&self, login: &str, grants: &[(Role, Jurisdiction)]) -> String {
        let actor = Actor::console();
        let new = NewUser { login: login.into(), name: login.into(), organisation: None };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        for (role, place) in grants {
            self.authority.grant(&actor, user, *role, place, now()).await.expect("granted");
        }
        let link = self.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let link = link.expect("a link");
        let attempt = self.authority.follow_link(&link, "", &Origin::default(), now()).await;
        let Ok(Attempt::In(begun)) = attempt else { panic!("not let in: {attempt:?}") };
        format!("lucid_session={}", begun.secret)
    }

    async fn people(&self) -> People {
        let of = |code: &str| Jurisdiction::Enterprise(code.into());
        let at = |code: &str| Jurisdiction::Division(code.into());
        let manager = Role::EnterpriseManager;
        let officer = Role::CountyOfficer;
        People {
            manager: self.signed_in("manager", &[(manager, of("DEMO-9001"))]).await,
            other_manager: self.signed_in("other", &[(manager, of("DEMO-9002"))]).await,
            officer: self.signed_in("officer", &[(officer, at("990102"))]).await,
            elsewhere: self.signed_in("elsewhere", &[(officer, at("990121"))]).await,
            observer: self
                .signed_in("observer", &[(Role::Observer, Jurisdiction::Everything)])
                .await,
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        cookie: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, kind)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 23).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(Method::GET, path, cookie, KIND, Vec::new()).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| {
            text.bytes()
                .map(|byte| match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => {
                        char::from(byte).to_string()
                    }
                    other => format!("%{other:02X}"),
                })
                .collect::<String>()
        };
        let pairs = form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&").into_bytes();
        self.send(Method::POST, path, cookie, KIND, body).await
    }
}

/// A page in which nothing is wrong but, perhaps, the electricity.
fn filled<'typed>(electricity: &'typed str, seen: &'typed str) -> Vec<(&'typed str, &'typed str)> {
    vec![
        ("seen", seen),
        ("-/-/production_hours", "24"),
        ("-/-/facility_hours", "24"),
        ("-/-/electricity", electricity),
        ("-/-/reagent", "120"),
        ("-/-/water_in", "10000"),
        ("-/-/water_out", "9800"),
        ("-/-/was_stopped", "no"),
        ("-/-/recorder", "林"),
        ("DW001/w01018/concentration_in", "320"),
        ("DW001/w01018/concentration_out", "24.1"),
    ]
}

fn findings(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let all = json["findings"].as_array().expect("findings").iter();
    all.filter_map(|one| one["check"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_page_is_checked_while_typed_recorded_and_read_by_its_officer() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let people = city.people().await;
        let page = format!("{LEDGER}/2026-11-20");
        let told = city.post(&format!("{page}/check"), &people.manager, &filled("0", "0")).await;
        assert!(findings(&told).contains(&"electricity_zero_while_running".into()), "{told:?}");
        let slot = &told.json()["slots"]["-/-/electricity"];
        assert!(slot.as_str().is_some_and(|it| it.contains("textarea")), "{slot}");

        // A contradiction is stopped softly: what was typed is shown again.
        let answer = city.post(&page, &people.manager, &filled("0", "0")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("value=\"9800\""), "{}", answer.text());
        assert_eq!(city.get(API, &people.manager).await.json()["pages"], Value::Array(vec![]));

        // With a reason it is recorded, and the officer reads the reason.
        let mut form = filled("0", "0");
        form.push(("reason:electricity_zero_while_running@-/-/electricity", "meter exchanged"));
        let answer = city.post(&page, &people.manager, &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let read = city.get(&page, &people.officer).await.text();
        assert!(read.contains("meter exchanged") && !read.contains("id=\"form\""), "{read}");

        // What cannot be is refused, whatever the reason.
        let mut form = filled("-3", "1");
        form.push(("reason:ledger_negative@-/-/electricity", "it is so"));
        let answer = city.post(&page, &people.manager, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let nothing = [("-/-/recorded_on", "2026-11-29"), ("-/-/recorder", "林")];
        let empty = format!("{LEDGER}/2026-11-21");
        let answer = city.post(&empty, &people.manager, &nothing).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "it says nothing");
        let ahead = format!("{LEDGER}/2026-11-30");
        let answer = city.post(&ahead, &people.manager, &filled("300", "0")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "no page ahead of its day");
        let early = city.get(&format!("{LEDGER}/2020-01-01"), &people.manager).await;
        assert_eq!(early.status, StatusCode::NOT_FOUND, "the permit did not hold");
    })
    .await;
}

#[tokio::test]
async fn a_correction_is_a_new_version_and_nothing_is_overwritten() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let people = city.people().await;
        let page = format!("{LEDGER}/2026-11-20");
        city.post(&page, &people.manager, &filled("300", "0")).await;
        let answer = city.post(&page, &people.manager, &filled("310", "1")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        // Who saw the first version alone is told.
        let late = city.post(&page, &people.manager, &filled("320", "1")).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text());
        // The same again is no new version.
        let same = city.post(&page, &people.manager, &filled("310", "2")).await;
        assert_eq!(same.status, StatusCode::SEE_OTHER);

        let pages = city.get(API, &people.officer).await.json();
        let all = pages["pages"].as_array().expect("pages");
        assert_eq!(all.len(), 1, "{pages:#}");
        assert_eq!(all[0]["version"], 2);
        let first = city.get(&format!("{page}?version=1"), &people.officer).await.text();
        assert!(first.contains("300"), "the first version is as it was: {first}");
        // The page of the next day has it beside its fields.
        let next = city.get(&format!("{LEDGER}/2026-11-21?lang=en"), &people.manager).await.text();
        assert!(next.contains("day before</span> 310"), "{next}");
        let later = city.get(&format!("{LEDGER}/2026-11-25?lang=en"), &people.manager).await;
        assert!(later.text().contains("310 (2026-11-20)"), "the last page: {}", later.text());
        let year = city.get(&format!("{LEDGER}/2027-11-20?lang=en"), &people.officer).await.text();
        assert!(year.contains("Nothing is recorded"), "{year}");

        let filter = AuditFilter { action: "management_ledger.".into(), ..AuditFilter::default() };
        let audit = city.authority.audit(&filter, None, 10).await.expect("the audit");
        let acts: Vec<_> = audit.iter().map(|it| (it.action.as_str(), it.who.as_str())).collect();
        assert_eq!(acts, [("management_ledger.record", "manager"); 2]);
    })
    .await;
}

#[tokio::test]
async fn days_without_a_page_are_shown_where_the_permit_asks_for_a_ledger() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let people = city.people().await;
        city.post(&format!("{LEDGER}/2026-11-20"), &people.manager, &filled("300", "0")).await;
        let month = city.get(&format!("{LEDGER}?lang=en"), &people.officer).await.text();
        // The 29th is not over.
        assert_eq!(month.matches("no page").count(), 27, "{month}");
        let desk = city.get("/my-enterprise?lang=en", &people.manager).await.text();
        assert!(desk.contains("2026-11: 27 days without a page"), "{desk}");
        let list = city.get("/management-ledger?lang=en", &people.officer).await.text();
        assert!(list.contains("Donghu Wastewater Plant"), "{list}");
        let other = city.get("/management-ledger?lang=en", &people.other_manager).await.text();
        assert!(!other.contains("Donghu Wastewater Plant"), "{other}");
        let before = city.get(&format!("{LEDGER}?month=2024-01&lang=en"), &people.officer).await;
        assert_eq!(before.text().matches("no page").count(), 0, "the permit did not hold yet");
        assert!(city.get("/management-ledger.xlsx", &people.officer).await.body.starts_with(b"PK"));
    })
    .await;
}

/// Hours of steady waste water on the twentieth of October: 20 mg/L of COD in 10 L/s.
async fn measure(city: &City) {
    let snapshot = city.state.snapshot();
    let outlet = snapshot.point_by_code(PointKind::Outlet, "DEMO-9001/DW001").expect("it is there");
    let value = |code: &str, number: i64| FactorValue {
        flag: Some(b'N'),
        ..FactorValue::of(
            snapshot.factor_by_code(code).expect("a listed factor").id,
            Decimal::from(number),
        )
    };
    let begin: Timestamp = "2026-10-19T16:00:00Z".parse().expect("a time");
    let deliveries = (0..24).map(|hour| {
        let observed_at = begin + SignedDuration::from_hours(hour);
        Delivery {
            raw: format!("##{hour}").into_bytes(),
            received_at: observed_at + SignedDuration::from_mins(61),
            origin: From { device: Some("MN".into()), peer: "10.0.0.1:1".into() },
            rows: vec![NewRow {
                point: outlet.id,
                period: Period::Hour,
                observed_at,
                values: vec![value("w01018", 20), value("w00000", 10)],
            }],
        }
    });
    city.state.recorder.submit_all(deliveries.collect()).await.expect("it is recorded");
    let month = validity::Month::new(2026, 10).expect("a month");
    validity::month(&city.state.store, &snapshot, outlet.id, month, now())
        .await
        .expect("it is judged");
}

#[tokio::test]
async fn valid_measured_values_stand_beside_the_fields() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        measure(&city).await;
        let people = city.people().await;
        let measured = "measured on the day</span> ";
        let page = city.get(&format!("{LEDGER}/2026-10-20?lang=en"), &people.manager).await.text();
        // 86 400 s of 10 L/s are 864 m3.
        for value in ["20", "864"] {
            assert!(page.contains(&format!("{measured}{value}<")), "{value}: {page}");
        }
        assert!(page.contains("limit of the permit</span> 50"), "{page}");
        let other = city.get(&format!("{LEDGER}/2026-10-21?lang=en"), &people.manager).await.text();
        assert!(!other.contains(measured), "nothing was measured on that day: {other}");
    })
    .await;
}

#[tokio::test]
async fn each_reads_and_fills_in_what_is_theirs() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    let people = city.people().await;
    let page = format!("{LEDGER}/2026-11-20");
    let reads = ["", "/2026-11-20", "/month.xlsx?month=2026-11"];
    let acts = ["/2026-11-20", "/2026-11-20/check"];
    let own = "?enterprise=DEMO-9001";
    for path in reads {
        let path = format!("{LEDGER}{path}");
        assert!(city.get(&path, "").await.to().starts_with("/sign-in"), "{path}");
        for (cookie, wanted) in [
            (&people.manager, StatusCode::OK),
            (&people.officer, StatusCode::OK),
            (&people.other_manager, StatusCode::FORBIDDEN),
            (&people.elsewhere, StatusCode::FORBIDDEN),
        ] {
            assert_eq!(city.get(&path, cookie).await.status, wanted, "{path}");
        }
    }
    for act in acts {
        let path = format!("{LEDGER}{act}");
        assert!(city.post(&path, "", &[]).await.to().starts_with("/sign-in"), "{path}");
        let others = [&people.other_manager, &people.elsewhere, &people.officer, &people.observer];
        for cookie in others {
            let answer = city.post(&path, cookie, &filled("300", "0")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    city.post(&page, &people.manager, &filled("300", "0")).await;
    assert_eq!(city.get(API, "").await.status, StatusCode::UNAUTHORIZED);
    for (cookie, wanted) in [
        (&people.other_manager, StatusCode::FORBIDDEN),
        (&people.elsewhere, StatusCode::FORBIDDEN),
        (&people.officer, StatusCode::OK),
    ] {
        assert_eq!(city.get(&format!("{API}{own}"), cookie).await.status, wanted);
    }
    let elsewhere = city.get(API, &people.elsewhere).await.json();
    assert_eq!(elsewhere["pages"], Value::Array(vec![]), "{elsewhere:#}");
    let unknown = city.get("/management-ledger/91990100MA0DE9009F001P", &people.officer).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_workbook_is_taken_whole_or_not_at_all() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let people = city.people().await;
        let book = city.get(&format!("{LEDGER}/month.xlsx"), &people.manager).await;
        assert!(book.body.starts_with(b"PK"), "{}", book.text());
        let up = async |cookie: &str, bytes: Vec<u8>| {
            let mut body =
                b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\
                Content-Type: application/octet-stream\r\n\r\n"
                    .to_vec();
            body.extend(bytes);
            body.extend(b"\r\n--x--\r\n");
            let kind = "multipart/form-data; boundary=x";
            city.send(Method::POST, &format!("{LEDGER}/import"), cookie, kind, body).await
        };
        // As it was downloaded it holds nothing, and records nothing.
        let answer = up(&people.manager, book.body.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let answer = up(&people.officer, book.body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let answer = up(&people.manager, b"no".to_vec()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);

        let answer = up(
            &people.manager,
            workbook(&[
                ["2026-11-18", "24", "300", ""],
                ["2026-11-19", "24", "about 300", ""],
                ["2026-11-20", "24", "0", ""],
                ["2026-12-20", "24", "300", ""],
                ["2026-11-18", "24", "310", ""],
            ]),
        )
        .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = answer.text();
        for told in ["C 治理设施用电量(kWh)", "about 300", "日期未到", "重复", "写明原因"]
        {
            assert!(page.contains(told), "{told}: {page}");
        }
        assert_eq!(city.get(API, &people.manager).await.json()["pages"], Value::Array(vec![]));

        let right = workbook(&[
            ["2026-11-18", "24", "300", ""],
            ["2026-11-20", "24", "0", "meter exchanged"],
        ]);
        for _ in 0..2 {
            let answer = up(&people.manager, right.clone()).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        }
        let pages = city.get(API, &people.officer).await.json();
        let versions = pages["pages"].as_array().expect("pages").iter();
        let versions: Vec<_> = versions.map(|page| page["version"].as_i64()).collect();
        assert_eq!(versions, [Some(1), Some(1)], "the second time nothing is new: {pages:#}");
        assert!(pages.to_string().contains("meter exchanged"), "{pages:#}");
        // What is recorded comes down again and goes up without a change.
        let book = city.get(&format!("{LEDGER}/month.xlsx"), &people.manager).await;
        let answer = up(&people.manager, book.body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let pages = city.get(API, &people.officer).await.json();
        assert!(!pages.to_string().contains("\"version\":2"), "{pages:#}");
    })
    .await;
}

/// A workbook with day, hours of the facility, electricity and reason.
fn workbook(rows: &[[&str; 4]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("台账").expect("a name");
    let titles = ["台账日期", "治理设施运行时间(h)", "治理设施用电量(kWh)", "说明"];
    for (column, title) in (0_u16..).zip(titles) {
        sheet.write_string(0, column, title).expect("written");
    }
    for (row, cells) in (1_u32..).zip(rows) {
        for (column, text) in (0_u16..).zip(cells) {
            sheet.write_string(row, column, *text).expect("written");
        }
    }
    book.save_to_buffer().expect("a workbook")
}
