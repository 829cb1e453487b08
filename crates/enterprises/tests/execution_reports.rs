//! Execution reports from the enterprise's draft to the public: who may, what the checks say, what
//! stays.

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

/// The permit of the plant in the district 990102: quarters due fifteen days after their end, years
/// on the last day of January.
const NUMBER: &str = "91990100MA0DE9001F001P";
const API: &str = "/api/v1/execution-reports";
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
        enterprises::execution_reports::slice(),
        enterprises::checks::slice(),
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

    /// Begins the report of a quarter; gives its address.
    async fn begin(&self, cookie: &str, from: &str) -> String {
        let form = [("permit", NUMBER), ("cycle", "quarter"), ("from", from)];
        let answer = self.post("/reports", cookie, &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        answer.to()
    }

    /// Files a report with this amount of COD; gives the answer.
    async fn file(&self, path: &str, cookie: &str, amount: &str, reason: Option<&str>) -> Answer {
        let mut form = filled(amount);
        if let Some(reason) = reason {
            for check in ["amount_unit_slip_last", "amount_above_permit", "amount_against_water"] {
                form.push((format!("reason:{check}@DW001/w01018/amount"), reason.to_owned()));
            }
        }
        form.push(("do".into(), "file".into()));
        let form: Vec<_> = form.iter().map(|(name, it)| (name.as_str(), it.as_str())).collect();
        self.post(path, cookie, &form).await
    }
}

/// A report in which nothing is wrong but, perhaps, the amount of COD.
fn filled(amount: &str) -> Vec<(String, String)> {
    let pairs = [
        ("-/-/production_hours", "2100"),
        ("-/-/product_amount", "180000"),
        ("-/-/product_unit", "吨"),
        ("-/-/facility_abnormal", "no"),
        ("-/-/ledger_kept", "yes"),
        ("-/-/self_monitoring_done", "yes"),
        ("DW001/-/flow", "180000"),
        ("DW001/-/operating_hours", "2150"),
        ("DW001/w01001/concentration_min", "6.8"),
        ("DW001/w01001/concentration_mean", "7.2"),
        ("DW001/w01001/concentration_max", "7.9"),
        ("DW001/w01018/concentration_min", "12.4"),
        ("DW001/w01018/concentration_mean", "22.1"),
        ("DW001/w01018/concentration_max", "38.5"),
        ("DW001/w01018/exceedance_hours", "0"),
        ("DW001/w01018/amount", amount),
        ("DW001/w21003/concentration_min", "0.214"),
        ("DW001/w21003/concentration_mean", "1.105"),
        ("DW001/w21003/concentration_max", "2.871"),
        ("DW001/w21003/amount", "0.199"),
    ];
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn findings(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let all = json["findings"].as_array().expect("findings").iter();
    all.filter_map(|one| one["check"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_report_is_checked_filed_accepted_and_then_public() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let people = city.people().await;
        let list = city.get("/reports?lang=en", &people.manager).await.text();
        assert!(list.contains("2026 Q3") && list.contains("days overdue"), "{list}");

        let path = city.begin(&people.manager, "2026-04-01").await;
        let answer = city.file(&path, &people.manager, "3.98", None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        // Nobody but the enterprise and its officers sees it before it is accepted.
        let api = path.replace("/reports", API);
        assert_eq!(city.get(&api, "").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(city.get(&api, &people.other_manager).await.status, StatusCode::NOT_FOUND);
        assert_eq!(city.get(API, "").await.json()["reports"], Value::Array(vec![]));

        let decision = format!("{path}/decision");
        let accept = [("decision", "accept"), ("note", "")];
        let answer = city.post(&decision, &people.officer, &accept).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let public = city.get(&format!("{path}?lang=en"), "").await;
        assert_eq!(public.status, StatusCode::OK);
        assert!(public.text().contains("accepted") && public.text().contains("3.98"));
        let all = city.get(API, "").await.json();
        assert_eq!(all["reports"][0]["permit"], NUMBER);
        let one = city.get(&api, "").await.json();
        assert_eq!(one["state"], "accepted");
        assert!(one["findings"].is_null(), "what the checks found is not public: {one:#}");

        let filter = AuditFilter { action: "execution_report.".into(), ..AuditFilter::default() };
        let audit = city.authority.audit(&filter, None, 10).await.expect("the audit");
        let acts: Vec<_> = audit.iter().map(|it| (it.action.as_str(), it.who.as_str())).collect();
        let wanted = [
            ("execution_report.decide", "officer"),
            ("execution_report.file", "manager"),
            ("execution_report.begin", "manager"),
        ];
        assert_eq!(acts, wanted);
    })
    .await;
}

#[tokio::test]
async fn a_thousandfold_amount_is_stopped_softly_and_its_reason_is_kept() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let people = city.people().await;
        let before = city.begin(&people.manager, "2026-04-01").await;
        city.file(&before, &people.manager, "3.98", None).await;
        let path = city.begin(&people.manager, "2026-07-01").await;

        // While it is typed.
        let form = filled("3980");
        let form: Vec<_> = form.iter().map(|(name, it)| (name.as_str(), it.as_str())).collect();
        let told = city.post(&format!("{path}/check"), &people.manager, &form).await;
        let found = findings(&told);
        // The same mistake is told once, and once more by the numbers beside it.
        for (check, is_told) in [
            ("amount_unit_slip_last", true),
            ("amount_against_water", true),
            ("amount_above_permit", false),
        ] {
            assert_eq!(found.iter().any(|one| one == check), is_told, "{check}: {found:?}");
        }
        let slots = &told.json()["slots"]["DW001/w01018/amount"];
        assert!(slots.as_str().is_some_and(|it| it.contains("textarea")), "{slots}");

        // Filed without a reason it is shown again, and what was typed is kept.
        let answer = city.file(&path, &people.manager, "3980", None).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("value=\"3980\""), "{}", answer.text());
        let api = path.replace("/reports", API);
        assert_eq!(city.get(&api, &people.manager).await.json()["state"], "draft");

        // With reasons it passes, and the officer reads them.
        let answer = city.file(&path, &people.manager, "3980", Some("as the meter says")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let page = city.get(&path, &people.officer).await.text();
        assert!(page.contains("as the meter says"), "{page}");
        let list = city.get("/reports?implausible=yes&lang=en", &people.officer).await.text();
        assert!(list.contains("2026 Q3") && !list.contains("2026 Q2"), "{list}");

        // What cannot be is refused, whatever the reason.
        let other = city.begin(&people.manager, "2026-01-01").await;
        let answer = city.file(&other, &people.manager, "-3", Some("it is so")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test]
async fn a_returned_report_is_mended_in_a_new_version_and_the_old_one_stays() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let people = city.people().await;
        let path = city.begin(&people.manager, "2026-07-01").await;
        city.file(&path, &people.manager, "3.98", None).await;
        let decision = format!("{path}/decision");
        let nothing = [("decision", "return"), ("note", " ")];
        let answer = city.post(&decision, &people.officer, &nothing).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "it says what is to be mended");
        let returned = [("decision", "return"), ("note", "check the volume")];
        city.post(&decision, &people.officer, &returned).await;
        let again = city.post(&decision, &people.officer, &returned).await;
        assert_eq!(again.status, StatusCode::CONFLICT);

        let answer = city.post(&format!("{path}/versions"), &people.manager, &[]).await;
        let next = answer.to();
        assert_ne!(next, path);
        city.file(&next, &people.manager, "4.02", None).await;
        let old = city.get(&path.replace("/reports", API), &people.manager).await.json();
        assert_eq!((old["state"].as_str(), old["version"].as_i64()), (Some("returned"), Some(1)));
        assert!(old["content"].to_string().contains("3.98"), "{old:#}");
        let new = city.get(&next.replace("/reports", API), &people.manager).await.json();
        assert_eq!((new["state"].as_str(), new["version"].as_i64()), (Some("filed"), Some(2)));
        // What was filed is not changed any more.
        let answer = city.file(&next, &people.manager, "9", None).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        // Two people who have the same draft open: the second is told.
        let draft = city.begin(&people.manager, "2026-04-01").await;
        let mut form = vec![("revision", "0"), ("DW001/w01018/amount", "4.1")];
        let first = city.post(&draft, &people.manager, &form).await;
        assert_eq!(first.status, StatusCode::SEE_OTHER);
        form[1].1 = "5";
        let second = city.post(&draft, &people.manager, &form).await;
        assert_eq!(second.status, StatusCode::CONFLICT, "{}", second.text());
    })
    .await;
}

#[tokio::test]
async fn each_does_what_is_theirs() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    let people = city.people().await;
    let begin = [("permit", NUMBER), ("cycle", "quarter"), ("from", "2026-07-01")];
    let strangers = [&people.other_manager, &people.officer, &people.elsewhere, &people.observer];
    for cookie in strangers {
        let answer = city.post("/reports", cookie, &begin).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "only its manager begins one");
    }
    let answer = city.post("/reports", "", &begin).await;
    assert!(answer.to().starts_with("/sign-in"), "{}", answer.to());
    for (cycle, from, wanted) in [
        ("month", "2026-07-01", StatusCode::NOT_FOUND),
        ("quarter", "2026-08-01", StatusCode::NOT_FOUND),
        ("quarter", "2019-07-01", StatusCode::NOT_FOUND),
        ("quarter", "soon", StatusCode::BAD_REQUEST),
    ] {
        let form = [("permit", NUMBER), ("cycle", cycle), ("from", from)];
        let answer = city.post("/reports", &people.manager, &form).await;
        assert_eq!(answer.status, wanted, "{cycle} {from}: {}", answer.text());
    }
    let path = city.begin(&people.manager, "2026-07-01").await;
    // A draft is nobody's business but the enterprise's.
    for cookie in strangers {
        assert_eq!(city.get(&path, cookie).await.status, StatusCode::NOT_FOUND);
        for act in ["", "/check", "/versions", "/decision", "/wrong-rows.xlsx"] {
            let answer = city.post(&format!("{path}{act}"), cookie, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{act}");
        }
        let book = city.get(&format!("{path}/template.xlsx"), cookie).await;
        assert_eq!(book.status, StatusCode::NOT_FOUND);
    }
    assert!(city.get(&path, "").await.to().starts_with("/sign-in"));
    city.file(&path, &people.manager, "3.98", None).await;
    let accept = [("decision", "accept"), ("note", "")];
    let decision = format!("{path}/decision");
    for (cookie, wanted) in [
        (&people.manager, StatusCode::FORBIDDEN),
        (&people.observer, StatusCode::NOT_FOUND),
        (&people.elsewhere, StatusCode::NOT_FOUND),
        (&people.other_manager, StatusCode::NOT_FOUND),
    ] {
        let answer = city.post(&decision, cookie, &accept).await;
        assert_eq!(answer.status, wanted, "{}", answer.text());
    }
    assert_eq!(city.get(&path, &people.officer).await.status, StatusCode::OK);
    for act in ["", "/check", "/versions"] {
        let answer = city.post(&format!("{path}{act}"), &people.officer, &[]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{act}");
    }
}

#[tokio::test]
async fn who_files_does_not_accept() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    let both = [
        (Role::EnterpriseManager, Jurisdiction::Enterprise("DEMO-9001".into())),
        (Role::CountyOfficer, Jurisdiction::Division("990102".into())),
    ];
    let cookie = city.signed_in("both", &both).await;
    let path = city.begin(&cookie, "2026-07-01").await;
    city.file(&path, &cookie, "3.98", None).await;
    let decision = format!("{path}/decision");
    let answer = city.post(&decision, &cookie, &[("decision", "accept")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("他人"), "{}", answer.text());
}

#[tokio::test]
async fn dates_are_those_of_the_permit() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    let people = city.people().await;
    let path = city.begin(&people.manager, "2026-07-01").await;
    let json = city.get(&path.replace("/reports", API), &people.manager).await.json();
    assert_eq!(json["due_on"], "2026-10-15", "fifteen days after the end of the quarter");
    let page = city.get(&format!("{path}?lang=en"), &people.manager).await.text();
    assert!(page.contains("45 days late"), "{page}");
    // The yearly report stands in the place of the last quarter's.
    let list = city.get("/reports?standing=replaced&lang=en", &people.manager).await.text();
    assert!(list.contains("2025 Q4"), "{list}");
    // The list of another enterprise's manager has other permits.
    let other = city.get("/reports?lang=en", &people.other_manager).await.text();
    assert!(!other.contains("Donghu Wastewater Plant"), "{other}");
    let file = city.get("/reports.xlsx", &people.officer).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.body.starts_with(b"PK"), "a workbook");
}

#[tokio::test]
async fn a_workbook_goes_down_and_comes_up_with_row_and_column_of_what_is_wrong() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    let people = city.people().await;
    let path = city.begin(&people.manager, "2026-07-01").await;
    let book = city.get(&format!("{path}/template.xlsx"), &people.manager).await;
    assert!(book.body.starts_with(b"PK"), "{}", book.text());
    let import = format!("{path}/import");
    let up = |bytes: Vec<u8>| {
        let mut body =
            b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n"
                .to_vec();
        body.extend(bytes);
        body.extend(b"\r\n--x--\r\n");
        body
    };
    let kind = "multipart/form-data; boundary=x";
    // As it is: nothing is wrong with it.
    let answer =
        city.send(Method::POST, &import, &people.manager, kind, up(book.body.clone())).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let answer = city.send(Method::POST, &import, &people.manager, kind, up(b"no".to_vec())).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);

    let filled_in = workbook(&[
        ["DW001", "w01018", "3.98"],
        ["DW001", "w21003", "about 0.2 t"],
        ["DW009", "w01018", "1"],
        ["DW001", "w01018", "4"],
    ]);
    let answer = city.send(Method::POST, &import, &people.manager, kind, up(filled_in)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text();
    for told in ["D 实际排放量(t)", "重复", "许可证没有这个排放口"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let json = city.get(&path.replace("/reports", API), &people.manager).await.json();
    assert!(json["content"].to_string().contains("3.98"), "right rows are taken: {json:#}");
    let negative = workbook(&[["DW001", "w21003", "-0.2"]]);
    let answer = city.send(Method::POST, &import, &people.manager, kind, up(negative)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "what cannot be is not taken");

    let rows =
        r#"[{"sheet":"污染物","number":3,"cells":["DW001","w21003"],"faults":[["D","错"]]}]"#;
    let wrong = format!("{path}/wrong-rows.xlsx");
    let answer = city.post(&wrong, &people.manager, &[("rows", rows)]).await;
    assert!(answer.body.starts_with(b"PK"), "{}", answer.text());
    let answer = city.post(&wrong, &people.manager, &[("rows", "{")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

/// A workbook with amounts of factors.
fn workbook(rows: &[[&str; 3]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("污染物").expect("a name");
    let titles = ["排放口编号", "污染物代码", "污染物名称", "实际排放量(t)"];
    for (column, title) in (0_u16..).zip(titles) {
        sheet.write_string(0, column, title).expect("written");
    }
    for (row, [outlet, factor, amount]) in (1_u32..).zip(rows) {
        for (column, text) in [(0_u16, outlet), (1, factor), (3, amount)] {
            sheet.write_string(row, column, *text).expect("written");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[tokio::test]
async fn every_check_is_explained_to_everybody_in_both_languages() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    let json = city.get("/api/v1/checks", "").await.json();
    let checks = json["checks"].as_array().expect("checks").clone();
    assert!(checks.len() >= 60);
    for language in ["zh", "en"] {
        let list = city.get(&format!("/checks?lang={language}"), "").await.text();
        for check in &checks {
            let id = check["id"].as_str().expect("an id");
            assert!(list.contains(&format!("/checks/{id}")), "{id} is not listed");
        }
        for check in checks.iter().step_by(9) {
            let id = check["id"].as_str().expect("an id");
            let page = city.get(&format!("/checks/{id}?lang={language}"), "").await;
            assert_eq!(page.status, StatusCode::OK, "{id}");
            for part in ["what", "why", "cure"] {
                let text = check[part][language].as_str().expect("a text");
                let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                let escaped = escaped.replace('"', "&quot;");
                assert!(page.text().contains(&escaped), "{id} lacks {text:?}");
            }
        }
    }
    assert_eq!(city.get("/checks/nothing", "").await.status, StatusCode::NOT_FOUND);
    assert!(city.get("/checks.xlsx", "").await.body.starts_with(b"PK"));
}

/// Hours of steady waste water: 20 mg/L of COD in 10 L/s, from July to September.
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
    let begin: Timestamp = "2026-06-30T16:00:00Z".parse().expect("a time");
    let deliveries = (0..92 * 24).map(|hour| {
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
    for month in 7..=9 {
        let month = validity::Month::new(2026, month).expect("a month");
        validity::month(&city.state.store, &snapshot, outlet.id, month, now())
            .await
            .expect("it is judged");
    }
}

#[tokio::test]
async fn what_was_measured_is_filled_in_and_what_differs_from_it_is_told() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        measure(&city).await;
        let people = city.people().await;
        let path = city.begin(&people.manager, "2026-07-01").await;
        let json = city.get(&path.replace("/reports", API), &people.manager).await.json();
        let value = |place: &str| {
            let content = json["content"].as_array().expect("content").iter();
            let found = content.clone().find(|one| one["place"] == place);
            found.and_then(|one| one["value"].as_str()).map(str::to_owned)
        };
        // 92 days of 86 400 s of 10 L/s are 79 488 m3; with 20 mg/L of COD 1.5898 t.
        assert_eq!(value("DW001/-/flow").as_deref(), Some("79488"), "{json:#}");
        assert_eq!(value("DW001/w01018/amount").as_deref(), Some("1.5898"));
        assert_eq!(value("DW001/w01018/concentration_max").as_deref(), Some("20"));
        // The limit is one of days: hours of exceedance are not made from it.
        assert_eq!(value("DW001/w01018/exceedance_hours"), None);
        for (amount, check) in [
            ("1589.8", "amount_unit_slip_measured"),
            ("0.4", "amount_below_half_of_measured"),
            ("2.4", "amount_differs_from_measured"),
            ("0", "amount_zero_while_measured"),
        ] {
            let form = [("DW001/w01018/amount", amount)];
            let told = city.post(&format!("{path}/check"), &people.manager, &form).await;
            let found = findings(&told);
            assert!(found.iter().any(|one| one == check), "{amount}: {found:?}");
        }
        let form = [("DW001/w01018/amount", "1.59")];
        let told = city.post(&format!("{path}/check"), &people.manager, &form).await;
        let of_amount = told.json()["slots"]["DW001/w01018/amount"].clone();
        assert!(of_amount.is_null(), "{of_amount}");
        // A quarter of which a month is not judged says so, and fills in nothing.
        let path = city.begin(&people.manager, "2026-04-01").await;
        let page = city.get(&format!("{path}?lang=en"), &people.manager).await.text();
        assert!(page.contains("No valid monitoring data of this period"), "{page}");
    })
    .await;
}
