//! The pages of permits: everybody reads them, county officers bring versions where they answer.

use authority::{Actor, Authority, Jurisdiction, NewUser, Origin, Purpose, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use evaluation::Worker;
use jiff::Timestamp;
use observations::Recorder;
use permits::{PermitDraft, workbook};
use registry::{PointKind, Registry, Snapshot};
use rulebook::{Decimal, Period};
use serde_json::Value;
use store::{Migration, Store};
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

/// The permit of the plant in the district 990102.
const NUMBER: &str = "91990100MA0DE9001F001P";

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

    fn to(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("")
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
    let state = AppState::new(parts, enterprises::slices());
    City { router: web::router(state.clone()), state, authority }
}

/// A form with a file.
fn form(bytes: &[u8]) -> (&'static str, Vec<u8>) {
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.xlsx\"\r\n\r\n";
    let body = [head.as_bytes(), bytes, b"\r\n--x--\r\n"].concat();
    ("multipart/form-data; boundary=x", body)
}

impl City {
    /// Somebody signed in with a role somewhere: their cookie.
    async fn signed_in(&self, login: &str, role: Role, place: Jurisdiction) -> String {
        let actor = Actor::console();
        let new = NewUser { login: login.into(), name: login.into(), organisation: None };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        self.authority.grant(&actor, user, role, &place, now()).await.expect("granted");
        let link = self.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let link = link.expect("a link");
        let attempt = self.authority.follow_link(&link, "", &Origin::default(), now()).await;
        let Ok(authority::Attempt::In(begun)) = attempt else { panic!("not in: {attempt:?}") };
        format!("lucid_session={}", begun.secret)
    }

    async fn officer(&self, login: &str, division: &str) -> String {
        let place = Jurisdiction::Division(division.to_owned());
        self.signed_in(login, Role::CountyOfficer, place).await
    }

    async fn ask(&self, cookie: &str, request: axum::http::request::Builder, body: Body) -> Answer {
        let request = request
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .body(body)
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 24).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn get(&self, cookie: &str, path: &str) -> Answer {
        self.ask(cookie, Request::get(path), Body::empty()).await
    }

    async fn post(&self, cookie: &str, path: &str, (kind, body): (&str, Vec<u8>)) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, kind);
        self.ask(cookie, request, Body::from(body)).await
    }

    async fn upload(&self, cookie: &str, bytes: &[u8]) -> Answer {
        self.post(cookie, "/permits/import", form(bytes)).await
    }

    /// Sends the hidden form of a preview.
    async fn accept(&self, cookie: &str, preview: &str) -> Answer {
        let begin = preview.split_once("name=\"file\" value=\"").map(|(_, rest)| rest);
        let file = begin.and_then(|rest| rest.split_once('"')).map(|(file, _)| file);
        let file = file.expect("the preview carries the file").replace('+', "%2B");
        let body = format!("file={}&checked=yes", file.replace('=', "%3D").replace('/', "%2F"));
        let kind = "application/x-www-form-urlencoded";
        self.post(cookie, "/permits/import/accept", (kind, body.into_bytes())).await
    }

    fn snapshot(&self) -> std::sync::Arc<Snapshot> {
        self.state.snapshot()
    }

    /// The permit as it would be brought again.
    async fn draft(&self) -> PermitDraft {
        let all = permits::by_number(&self.state.store, NUMBER).await.expect("read");
        let newest = all.last().expect("a version");
        PermitDraft::of(&self.state.store, &self.snapshot(), newest).await.expect("a draft")
    }

    /// A version from this year on with a stricter limit of COD.
    async fn stricter(&self) -> Vec<u8> {
        let mut draft = self.draft().await;
        draft.content.in_force_from = "2026-01-01".parse().expect("a day");
        draft.content.reason = permits::ChangeReason::ByAuthority;
        for limit in &mut draft.content.limits {
            if limit.pollutant == "w01018" {
                limit.at_most = Decimal::new(40, 0);
            }
        }
        workbook::write(&draft, &self.snapshot()).expect("a workbook")
    }

    fn limit(&self, on: &str) -> Option<registry::LimitBound> {
        let snapshot = self.snapshot();
        let point = snapshot.point_by_code(PointKind::Outlet, "DEMO-9001/DW001")?.id;
        let factor = snapshot.factor_by_code("w01018")?.id;
        let on = on.parse().expect("a day");
        snapshot.limit(point, factor, Period::Day, on).map(|limit| limit.bound.clone())
    }
}

#[tokio::test]
async fn everybody_reads_what_a_permit_says() {
    testkit::on_both(&migrations(), |store| async move {
        let city = city(&store).await;
        let one = format!("/permits/{NUMBER}");
        let table = [
            ("/permits", "示例"),
            ("/permits?text=nobody", "没有符合条件的许可证"),
            (one.as_str(), "许可排放浓度限值"),
            ("/permits/amounts", "环评批复"),
        ];
        for (path, wanted) in table {
            let answer = city.get("", path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
            let text = answer.text();
            assert!(text.contains(wanted) || text.contains(NUMBER), "{path} lacks {wanted}");
        }
        for path in ["/permits/list.xlsx", "/permits/amounts.xlsx", "/permits/template.xlsx"] {
            let answer = city.get("", path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(answer.body.starts_with(b"PK"), "{path}");
        }
        assert!(!city.get("", &one).await.text().contains("/permits/import"), "no way to the form");
        for (path, status) in [
            ("/permits/none", StatusCode::NOT_FOUND),
            ("/permits?class=none", StatusCode::BAD_REQUEST),
            ("/permits?expiry=soon", StatusCode::BAD_REQUEST),
            ("/permits/amounts?year=1", StatusCode::BAD_REQUEST),
        ] {
            assert_eq!(city.get("", path).await.status, status, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn programs_read_permits_without_a_token() {
    let store = testkit::sqlite(&migrations()).await;
    let city = city(&store.store).await;
    let json = |answer: Answer| serde_json::from_slice::<Value>(&answer.body).expect("JSON");
    let all = json(city.get("", "/api/v1/permits?division=990102").await);
    assert_eq!(all["count"], 1);
    assert_eq!(all["permits"][0]["number"], NUMBER);
    let one = json(city.get("", &format!("/api/v1/permits/{NUMBER}")).await);
    assert_eq!(one["enterprise"], "DEMO-9001");
    assert_eq!(one["version"], 1);
    assert!(one["content"]["limits"].as_array().is_some_and(|all| !all.is_empty()));
    assert!(one["amounts"]["rows"][0]["permitted_t"].is_string());
    let missing = city.get("", "/api/v1/permits/none").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_who_manages_permits_there_brings_them() {
    let store = testkit::sqlite(&migrations()).await;
    let city = city(&store.store).await;
    let file = city.stricter().await;
    let elsewhere = city.officer("elsewhere", "990121").await;
    let own = Jurisdiction::Enterprise("DEMO-9001".to_owned());
    let manager = city.signed_in("manager", Role::EnterpriseManager, own).await;
    for path in ["/permits/import"] {
        let answer = city.get("", path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.to().starts_with("/sign-in"), "{path}");
        assert_eq!(city.get(&manager, path).await.status, StatusCode::FORBIDDEN);
        assert_eq!(city.get(&elsewhere, path).await.status, StatusCode::OK);
    }
    let end = format!("/permits/{NUMBER}/end");
    let ending = || {
        let body = "last_day=2026-12-31&reason=closed";
        ("application/x-www-form-urlencoded", body.as_bytes().to_vec())
    };
    for (cookie, status) in [
        ("", StatusCode::SEE_OTHER),
        (manager.as_str(), StatusCode::FORBIDDEN),
        (elsewhere.as_str(), StatusCode::FORBIDDEN),
    ] {
        assert_eq!(city.upload(cookie, &file).await.status, status, "{cookie}");
        assert_eq!(city.post(cookie, &end, ending()).await.status, status, "{cookie}");
    }
    let officer = city.officer("officer", "990102").await;
    let preview = city.upload(&officer, &file).await;
    assert_eq!(preview.status, StatusCode::OK);
    let denied = city.accept(&elsewhere, &preview.text()).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    assert_eq!(permits::by_number(&store.store, NUMBER).await.expect("read").len(), 1);
}

#[tokio::test]
async fn a_version_is_kept_after_an_officer_saw_what_it_changes() {
    testkit::on_both(&migrations(), |store| async move {
        let city = city(&store).await;
        let officer = city.officer("officer", "990102").await;
        let file = city.stricter().await;
        let preview = city.upload(&officer, &file).await;
        assert_eq!(preview.status, StatusCode::OK, "{}", preview.text());
        let text = preview.text();
        assert!(text.contains("≤ 50 mg/L") && text.contains("≤ 40 mg/L"), "{text}");
        assert_eq!(permits::by_number(&store, NUMBER).await.expect("read").len(), 1);
        let kept = city.accept(&officer, &text).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text());
        assert_eq!(kept.to(), format!("/permits/{NUMBER}?version=2"));
        let most = |number: i64| Some(registry::LimitBound::AtMost(number.into()));
        assert_eq!(city.limit("2026-01-01"), most(40));
        assert_eq!(city.limit("2025-12-31"), most(50));
        let compared = city.get("", &format!("/permits/{NUMBER}/versions?from=1&to=2")).await;
        assert!(compared.text().contains("≤ 40 mg/L"), "{}", compared.text());
        let again = city.upload(&officer, &file).await;
        assert!(again.text().contains("无需导入"), "{}", again.text());
        let audit = authority::audit::after(&store, 0, 500).await.expect("the audit");
        let record = audit.iter().rfind(|one| one.action == "permit.version").expect("a record");
        assert_eq!(record.who, "officer");
        assert!(record.rule.contains("county_officer"), "{}", record.rule);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_file_is_told_and_nothing_is_kept() {
    let store = testkit::sqlite(&migrations()).await;
    let city = city(&store.store).await;
    let officer = city.officer("officer", "990102").await;
    let mut draft = city.draft().await;
    draft.content.limits[0].pollutant = "w99999".to_owned();
    let file = workbook::write(&draft, &city.snapshot()).expect("a workbook");
    let told = city.upload(&officer, &file).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text().contains("许可限值 第4行 污染物代码"), "{}", told.text());
    let no_book = city.upload(&officer, b"no workbook").await;
    assert_eq!(no_book.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(permits::by_number(&store.store, NUMBER).await.expect("read").len(), 1);
}

#[tokio::test]
async fn notes_are_ticked_before_a_version_is_kept() {
    let store = testkit::sqlite(&migrations()).await;
    let city = city(&store.store).await;
    let officer = city.officer("officer", "990102").await;
    let mut draft = city.draft().await;
    draft.content.valid_to = "2027-01-31".parse().expect("a day");
    let file = workbook::write(&draft, &city.snapshot()).expect("a workbook");
    let preview = city.upload(&officer, &file).await.text();
    assert!(preview.contains("有效期不是5年"), "{preview}");
    let without = preview.split_once("value=\"").map(|(_, rest)| rest);
    let file = without.and_then(|rest| rest.split_once('"')).expect("the file").0;
    let body = format!("file={}", file.replace('+', "%2B").replace('=', "%3D"));
    let kind = "application/x-www-form-urlencoded";
    let stopped = city.post(&officer, "/permits/import/accept", (kind, body.into_bytes())).await;
    assert_eq!(stopped.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(city.accept(&officer, &preview).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn checks_of_entries_are_told_before_a_version_is_kept() {
    let store = testkit::sqlite(&migrations()).await;
    let city = city(&store.store).await;
    let officer = city.officer("officer", "990102").await;
    let mut draft = city.draft().await;
    draft.content.in_force_from = "2026-01-01".parse().expect("a day");
    for amount in &mut draft.content.amounts {
        amount.tonnes *= Decimal::ONE_THOUSAND;
    }
    let file = workbook::write(&draft, &city.snapshot()).expect("a workbook");
    let preview = city.upload(&officer, &file).await.text();
    for wanted in ["请核对", "许可排放量 第1条 许可排放量(t)", "核对单位"] {
        assert!(preview.contains(wanted), "{wanted}: {preview}");
    }
}

#[tokio::test]
async fn an_officer_ends_a_permit() {
    let store = testkit::sqlite(&migrations()).await;
    let city = city(&store.store).await;
    let officer = city.officer("officer", "990102").await;
    let path = format!("/permits/{NUMBER}/end");
    let kind = "application/x-www-form-urlencoded";
    let wrong = city.post(&officer, &path, (kind, b"last_day=soon&reason=x".to_vec())).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let body = b"last_day=2026-10-31&reason=closed".to_vec();
    let ended = city.post(&officer, &path, (kind, body)).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.text());
    let page = city.get("", &format!("/permits/{NUMBER}")).await.text();
    assert!(page.contains("许可证已于该日终止"), "{page}");
}

#[tokio::test]
async fn a_permit_that_a_command_kept_is_taken_over() {
    let store = testkit::sqlite(&migrations()).await;
    let city = city(&store.store).await;
    let before = permits::stamp(&store.store).await.expect("read");
    let mut draft = city.draft().await;
    draft.content.in_force_from = "2026-02-01".parse().expect("a day");
    let holder = city.snapshot().enterprise_by_code("DEMO-9001").expect("the plant").id;
    let (actor, snapshot) = (Actor::console(), city.snapshot());
    permits::keep(&store.store, &actor, &snapshot, holder, &draft, now()).await.expect("kept");
    assert_ne!(permits::stamp(&store.store).await.expect("read"), before);
}
