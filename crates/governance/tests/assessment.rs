//! Score sheets on pages: who states, who verifies, who decides, who sees what before and after the
//! publication.

use authority::{
    Actor, Attempt, AuditFilter, Authority, Jurisdiction, NewUser, Origin, Purpose, Role,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use evaluation::Worker;
use jiff::Timestamp;
use observations::Recorder;
use registry::Registry;
use std::path::Path;
use store::{Migration, Store};
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

const BOOK: &str = r#"
id = "lakes_2026"
version = 1
year = 2026
name = { zh = "示例责任书", en = "Sample book" }
source = "invented"
confidence = "low"
assessed = ["990102", "990121"]
groups = [{ id = "air", name = { zh = "大气", en = "Air" } }]
grades = [
  { id = "good", name = { zh = "良好", en = "good" }, at_least = "80" },
  { id = "fail", name = { zh = "不合格", en = "fail" }, at_least = "0" },
]
vetoes = [{ id = "forged", name = { zh = "弄虚作假", en = "Forged data" } }]
[[items]]
id = "pm10"
group = "air"
name = { zh = "PM10 年均浓度", en = "Annual mean of PM10" }
unit = "µg/m³"
full_marks = "100"
rule = { kind = "linear", better = "lower", target = "60", step = "1", points = "5" }
"#;
const LIST: &str = "/plan/assessment";
const SHEET: &str = "/plan/assessment/lakes_2026/990102";
const API: &str = "/api/v1/assessments/lakes_2026/990102";

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        governance::MIGRATIONS,
    ]
    .concat()
}

struct City {
    router: Router,
    authority: Authority,
}

struct Answer {
    status: StatusCode,
    body: String,
}

async fn city(store: &Store, book: &str) -> City {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let mut files = registry::load::read_city(&folder).expect("a right city");
    files.kept_files.insert("assessment/lakes_2026.toml".into(), book.into());
    registry::store::install(store, &files).await.expect("it installs");
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
    City { router: web::router(AppState::new(parts, governance::slices())), authority }
}

impl City {
    /// Somebody with a role somewhere, signed in: their cookie.
    async fn person(&self, login: &str, role: Role, place: Jurisdiction) -> String {
        let actor = Actor::console();
        let new =
            NewUser { login: login.into(), name: format!("{login}'s name"), organisation: None };
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
        let body = to_bytes(body, 1 << 23).await.expect("a body");
        Answer { status: parts.status, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Method::GET, path, cookie, "").await
    }

    async fn enter(&self, cookie: &str, kind: &str, value: &str) -> StatusCode {
        let item = if kind.starts_with("veto") { "forged" } else { "pm10" };
        let form = format!("kind={kind}&item={item}&value={value}&note=from+the+stations");
        self.ask(Method::POST, &format!("{SHEET}/entries"), cookie, &form).await.status
    }
}

#[tokio::test]
async fn a_sheet_goes_from_the_unit_to_the_public_and_each_step_is_another_persons() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, BOOK).await;
        let division = |code: &str| Jurisdiction::Division(code.into());
        let all = || Jurisdiction::Everything;
        let county = city.person("county", Role::CountyOfficer, division("990102")).await;
        let neighbour = city.person("neighbour", Role::CountyOfficer, division("990121")).await;
        let bureau = city.person("bureau", Role::CountyOfficer, all()).await;
        let leader = city.person("leader", Role::Leader, all()).await;
        let inspector = city.person("inspector", Role::Inspector, all()).await;
        let works = Jurisdiction::Enterprise("DEMO-9001".into());
        let manager = city.person("manager", Role::EnterpriseManager, works).await;

        for (who, cookie, kind, value, wanted) in [
            ("nobody", "", "stated", "60", StatusCode::SEE_OTHER),
            ("another county", neighbour.as_str(), "stated", "60", StatusCode::FORBIDDEN),
            ("an inspector", &inspector, "stated", "60", StatusCode::FORBIDDEN),
            ("an enterprise", &manager, "stated", "60", StatusCode::FORBIDDEN),
            ("the county, no number", &county, "stated", "sixty", StatusCode::BAD_REQUEST),
            ("the county", &county, "stated", "60", StatusCode::SEE_OTHER),
            ("the county itself", &county, "verified", "60", StatusCode::FORBIDDEN),
            ("the bureau", &bureau, "verified", "65", StatusCode::SEE_OTHER),
            ("the county", &county, "appealed", "61", StatusCode::SEE_OTHER),
            ("the bureau", &bureau, "decided", "61", StatusCode::FORBIDDEN),
            ("the bureau, too early", &bureau, "published", "", StatusCode::UNPROCESSABLE_ENTITY),
            ("a leader", &leader, "decided", "62", StatusCode::SEE_OTHER),
        ] {
            let entered = city.enter(cookie, kind, value).await;
            assert_eq!(entered, wanted, "{who} enters {kind}");
        }
        for (cookie, wanted) in [
            ("", StatusCode::NOT_FOUND),
            (manager.as_str(), StatusCode::NOT_FOUND),
            (&neighbour, StatusCode::NOT_FOUND),
            (&county, StatusCode::OK),
            (&leader, StatusCode::OK),
        ] {
            assert_eq!(city.get(SHEET, cookie).await.status, wanted);
            assert_eq!(city.get(API, cookie).await.status, wanted);
        }
        let text = format!("{SHEET}/sheet.txt");
        let before = city.get(&text, &county).await.body;
        assert!(
            before.contains("item\tpm10\tair\t60\t60\t62\tfrom the stations\tdecided\t90\t100")
        );
        assert_eq!(before, city.get(&text, &leader).await.body, "the same bytes each time");

        assert_eq!(city.enter(&bureau, "published", "").await, StatusCode::SEE_OTHER);
        assert_eq!(city.enter(&leader, "vetoed", "").await, StatusCode::UNPROCESSABLE_ENTITY);
        let public: serde_json::Value =
            serde_json::from_str(&city.get(API, "").await.body).expect("JSON");
        assert_eq!((&public["total"], &public["grade"]), (&"90".into(), &"good".into()));
        let page = city.get(&format!("{SHEET}?lang=en"), "").await.body;
        assert!(page.contains("decided on appeal") && !page.contains("<textarea"), "{page}");
        let excel = city.get(&format!("{SHEET}?format=xlsx"), "").await;
        assert_eq!(excel.status, StatusCode::OK);

        let filter = AuditFilter { action: "assessment.enter".into(), ..AuditFilter::default() };
        let records = city.authority.audit(&filter, None, 100).await.expect("an audit");
        assert_eq!(records.len(), 5, "one for each that was entered");
    })
    .await;
}

#[tokio::test]
async fn the_list_shows_totals_of_what_may_be_seen_and_what_is_wrong_with_a_book() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, BOOK).await;
    let leader = city.person("leader", Role::Leader, Jurisdiction::Everything).await;
    let list = city.get(&format!("{LIST}?lang=en"), "").await.body;
    assert!(list.contains("not published yet") && list.contains("Donghu District"), "{list}");
    let list = city.get(&format!("{LIST}?lang=en"), &leader).await.body;
    assert!(list.contains("0 of 1 items have a value"), "{list}");
    assert_eq!(
        city.get("/plan/assessment/lakes_2026/990199", "").await.status,
        StatusCode::NOT_FOUND
    );
    let years = format!("{LIST}/years");
    let page = city.get(&format!("{years}?lang=en"), &leader).await.body;
    assert!(page.contains("/plan/assessment/lakes_2026/990121"), "{page}");
    let public = city.get(&format!("{years}?lang=en"), "").await.body;
    assert!(!public.contains("/plan/assessment/lakes_2026/990121"), "{public}");
    assert_eq!(city.get(&format!("{years}?format=xlsx"), "").await.status, StatusCode::OK);

    let wrong = testkit::sqlite(&migrations()).await;
    let wrong = self::city(&wrong.store, &BOOK.replace("step = \"1\"", "step = \"0\"")).await;
    let list = wrong.get(&format!("{LIST}?lang=en"), "").await.body;
    assert!(list.contains("must be a decimal above 0"), "{list}");
    assert!(list.contains("The city has no book"), "{list}");
}
