//! Marks from the enterprise's form to the officer's decision and the chain of an hour: who may,
//! who may not, what each sees.

use authority::{
    Actor, Attempt, AuditFilter, Authority, Jurisdiction, NewUser, Origin, Purpose, Role,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use evaluation::Worker;
use evidence::Evidence;
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, NewRow, Origin as From, Recorder};
use registry::{PointKind, Registry};
use rulebook::{Decimal, Period};
use serde_json::Value;
use std::path::Path;
use store::{Migration, Store};
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

/// 2026-10-05 00:00 in Beijing.
const BEGIN: i64 = 1_791_129_600;
const STACK: &str = "DEMO-9002/DA001";
const OTHER: &str = "DEMO-9001/DW001";
const HOUR_PAGE: &str = "/outlets/DEMO-9002/DA001/hours/2026-10-05T0300?factor=a21002";
const MONTH_PAGE: &str = "/outlets/DEMO-9002/DA001/months/2026-10";
/// From 02:00 to 05:00 of the first day.
const STRETCH: &str = "from=2026-10-05T02:00&to=2026-10-05T05:00";

/// Ten in the morning of the second day.
fn now() -> Timestamp {
    Timestamp::from_second(BEGIN + 34 * 3600).expect("a time")
}

fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        validity::MIGRATIONS,
        sources::MIGRATIONS,
    ]
    .concat()
}

struct City {
    router: Router,
    authority: Authority,
    recorder: Recorder,
    state: AppState,
    _files: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    to: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

impl City {
    /// A day of a stack that is over its limit, but for one hour that is missing.
    async fn new(store: &Store) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
        let city = registry::load::read_city(&folder).expect("a right city");
        registry::store::install(store, &city).await.expect("it installs");
        let registry = Registry::open(store).await.expect("a registry");
        let recorder = Recorder::open(store).await.expect("a recorder");
        let (_, evaluation) =
            Worker::open(store, &registry, &recorder, Vec::new(), now).await.expect("a worker");
        let (authority, _) = Authority::open(store, now()).await.expect("authority");
        let parts = Parts {
            store: store.clone(),
            registry,
            recorder: recorder.clone(),
            evaluation,
            authority: authority.clone(),
            live: Live::default(),
            clock: now,
            started_at: now(),
            metrics: Box::new(String::new),
        };
        let files = tempfile::tempdir().expect("a folder");
        let evidence = Evidence::open(files.path()).expect("a folder of files");
        let state = AppState::new(parts, sources::slices()).with(evidence);
        let router = web::router(state.clone());
        let city = Self { router, authority, recorder, state, _files: files };
        city.record().await;
        city
    }

    async fn record(&self) {
        let snapshot = self.state.snapshot();
        let factor = |code: &str| snapshot.factor_by_code(code).expect("a factor").id;
        let point = snapshot.point_by_code(PointKind::Outlet, STACK).expect("the stack").id;
        let hours = (0..24).filter(|hour| *hour != 9).map(|hour| NewRow {
            point,
            period: Period::Hour,
            observed_at: Timestamp::from_second(BEGIN + hour * 3600).expect("a time"),
            values: vec![FactorValue {
                converted: Some(Decimal::from(80)),
                flag: Some(b'N'),
                ..FactorValue::of(factor("a21002"), Decimal::from(60))
            }],
        });
        let delivery = Delivery {
            raw: b"##a day".to_vec(),
            received_at: now() - SignedDuration::from_hours(9),
            origin: From { device: Some("MN".into()), peer: "10.0.0.1:1".into() },
            rows: hours.collect(),
        };
        self.recorder.submit(delivery).await.expect("it is recorded");
    }

    /// A user with a role somewhere, signed in: their cookie.
    async fn person(&self, login: &str, role: Role, place: Jurisdiction) -> String {
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

    async fn manager(&self, enterprise: &str) -> String {
        let place = Jurisdiction::Enterprise(enterprise.into());
        self.person(&enterprise.to_lowercase(), Role::EnterpriseManager, place).await
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
        let to = parts.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
        let to = to.unwrap_or_default().to_owned();
        let body = to_bytes(body, 1 << 23).await.expect("a body");
        Answer { status: parts.status, to, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(Method::GET, path, cookie, "text/plain", Vec::new()).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.send(Method::POST, path, cookie, kind, form.into()).await
    }

    async fn post_json(&self, path: &str, cookie: &str, json: &Value) -> Answer {
        let body = json.to_string().into_bytes();
        self.send(Method::POST, path, cookie, "application/json", body).await
    }

    /// Marks the stretch by the form; gives the mark's page.
    async fn mark(&self, cookie: &str, outlet: &str) -> Answer {
        let form = format!(
            "outlet={outlet}&factor=a21002&{STRETCH}&kind=device_fault&facility=\
             &reason=the+sampling+line+was+blocked"
        );
        self.post("/marks", cookie, &form).await
    }

    async fn audited(&self, action: &str) -> usize {
        let filter = AuditFilter { action: action.into(), ..AuditFilter::default() };
        self.authority.audit(&filter, None, 100).await.expect("readable").len()
    }
}

#[tokio::test]
async fn a_mark_goes_from_the_form_to_the_decision_and_the_hour_tells_of_both() {
    testkit::on_both(&migrations(), async |store| {
        let city = City::new(&store).await;
        let manager = city.manager("DEMO-9002").await;
        let place = Jurisdiction::Division("990121".into());
        let officer = city.person("county", Role::CountyOfficer, place).await;
        let before = city.get(&format!("{HOUR_PAGE}&lang=en"), &officer).await;
        assert_eq!(before.status, StatusCode::OK, "{}", before.body);
        assert!(before.body.contains("80 is over ≤ 50 mg/m³ by 0.6"), "{}", before.body);
        assert!(before.body.contains("no mark: no objection"));

        let made = city.mark(&manager, STACK).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
        assert_eq!(city.mark(&manager, STACK).await.to, made.to, "sent twice is one mark");
        let page = city.get(&format!("{}?lang=en", made.to), &manager).await;
        for wanted in ["the sampling line was blocked", "in time", "to be decided", "Withdraw"] {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        assert!(!page.body.contains("Do not accept"), "an enterprise decides nothing");
        let hour = city.get(&format!("{HOUR_PAGE}&lang=en"), &manager).await;
        for wanted in ["the data do not count, it is no exceedance", "nothing decided", "/packets/"]
        {
            assert!(hour.body.contains(wanted), "{wanted}: {}", hour.body);
        }

        let list = city.get("/marks?lang=en", &officer).await;
        assert!(list.body.contains("name=\"mark\""), "{}", list.body);
        let id = made.to.rsplit('/').next().expect("a number").to_owned();
        let form = format!("mark={id}&verdict=rejected&reason=no+record+of+a+repair");
        let decided = city.post("/marks/decisions", &officer, &form).await;
        assert_eq!((decided.status, decided.to.as_str()), (StatusCode::SEE_OTHER, "/marks"));
        let hour = city.get(&format!("{HOUR_PAGE}&lang=en"), &officer).await;
        for wanted in ["did not accept the mark", "no record of a repair", "is over ≤ 50"] {
            assert!(hour.body.contains(wanted), "{wanted}: {}", hour.body);
        }
        assert!(!hour.body.contains("it is no exceedance"), "{}", hour.body);
        assert_eq!((city.audited("mark.make").await, city.audited("mark.decide").await), (1, 1));

        // The officer holds the stretch invalid by themselves: that stands above the rejection.
        let form = format!("factor=a21002&{STRETCH}&verdict=invalid&reason=seen+at+the+site");
        let path = format!("/outlets/{STACK}/decisions");
        let held = city.post(&path, &officer, &form).await;
        assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.body);
        let hour = city.get(&format!("{HOUR_PAGE}&lang=en"), &officer).await;
        assert!(hour.body.contains("held invalid by the bureau"), "{}", hour.body);
        city.recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_marks_or_decides_beyond_their_own() {
    let test = testkit::sqlite(&migrations()).await;
    let city = City::new(&test.store).await;
    let division = |code: &str| Jurisdiction::Division(code.into());
    let manager = city.manager("DEMO-9002").await;
    let neighbour = city.manager("DEMO-9001").await;
    let officer = city.person("here", Role::CountyOfficer, division("990121")).await;
    let elsewhere = city.person("elsewhere", Role::CountyOfficer, division("990102")).await;
    let observer = city.person("observer", Role::Observer, Jurisdiction::Everything).await;
    let made = city.mark(&manager, STACK).await;
    let one = made.to.clone();
    let api = format!("/api/v1{one}");
    let decisions = format!("{one}/decisions");
    let verdict = "verdict=accepted&reason=seen+at+the+site";
    let data = format!("/outlets/{STACK}/decisions");
    let held = format!("factor=a21002&{STRETCH}&verdict=valid&reason=seen+at+the+site");

    for path in ["/marks", "/marks/new", one.as_str(), HOUR_PAGE, MONTH_PAGE] {
        let answer = city.get(path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.to.starts_with("/sign-in"), "{path} leads to {}", answer.to);
    }
    let states = "/api/v1/data-states?outlet=DEMO-9002/DA001&month=2026-10";
    for path in ["/api/v1/marks", api.as_str(), states] {
        assert_eq!(city.get(path, "").await.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(city.get(path, &officer).await.status, StatusCode::OK, "{path}");
    }
    // Of another's mark nobody is told that it exists.
    for cookie in [&neighbour, &elsewhere] {
        assert_eq!(city.get(&one, cookie).await.status, StatusCode::NOT_FOUND);
        assert_eq!(city.get(&api, cookie).await.status, StatusCode::NOT_FOUND);
        assert_eq!(city.get(HOUR_PAGE, cookie).await.status, StatusCode::FORBIDDEN);
        assert_eq!(city.get(states, cookie).await.status, StatusCode::FORBIDDEN);
        let decided = city.post(&decisions, cookie, verdict).await;
        let is_officer = cookie == &elsewhere;
        let wanted = if is_officer { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
        assert_eq!(decided.status, wanted);
        assert_eq!(city.post(&data, cookie, &held).await.status, StatusCode::FORBIDDEN);
        let list = city.get("/api/v1/marks", cookie).await.json();
        assert_eq!(list["marks"].as_array().map(Vec::len), Some(0), "{list:#}");
    }
    for cookie in [&neighbour, &officer, &elsewhere, &observer] {
        assert_eq!(city.mark(cookie, STACK).await.status, StatusCode::FORBIDDEN);
    }
    // Who may not is told so before anybody looks at what they sent.
    let nothing = Value::Null;
    for (path, cookie) in [("/api/v1/marks", &officer), (&*format!("{api}/decisions"), &manager)] {
        assert_eq!(city.post_json(path, cookie, &nothing).await.status, StatusCode::FORBIDDEN);
    }
    let answer = city.post_json("/api/v1/marks", &manager, &nothing).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(city.mark(&manager, OTHER).await.status, StatusCode::FORBIDDEN);
    for cookie in [&manager, &observer] {
        assert_eq!(city.post(&decisions, cookie, verdict).await.status, StatusCode::FORBIDDEN);
        assert_eq!(city.post(&data, cookie, &held).await.status, StatusCode::FORBIDDEN);
    }
    let id = one.rsplit('/').next().expect("a number");
    let several = format!("mark={id}&{verdict}");
    let answer = city.post("/marks/decisions", &elsewhere, &several).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(city.get("/marks/new", &officer).await.status, StatusCode::FORBIDDEN);
    let withdrawal = format!("{one}/withdrawal");
    let why = "reason=entered+twice";
    assert_eq!(city.post(&withdrawal, &officer, why).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post(&withdrawal, &neighbour, why).await.status, StatusCode::NOT_FOUND);
    assert_eq!(city.post(&withdrawal, &manager, why).await.status, StatusCode::SEE_OTHER);
    assert_eq!(city.audited("mark.decide").await, 0);
    let answer = city.post(&decisions, &officer, verdict).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "a withdrawn mark is not decided on");
}

#[tokio::test]
async fn programs_mark_decide_and_read_states() {
    let test = testkit::sqlite(&migrations()).await;
    let city = City::new(&test.store).await;
    let manager = city.manager("DEMO-9002").await;
    let officer = city.person("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
    let mark = serde_json::json!({ "outlet": STACK, "from": "2026-10-05T02:00",
        "to": "2026-10-04T21:00:00Z", "kind": "stopped", "reason": "the boiler stood still" });
    let made = city.post_json("/api/v1/marks", &manager, &mark).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let made = made.json();
    assert_eq!((&made["is_late"], &made["factor"]), (&Value::Bool(false), &Value::Null));
    assert_eq!(made["due_at"], "2026-10-06T04:00:00Z");
    let path = format!("/api/v1/marks/{}/decisions", made["id"]);
    let verdict = serde_json::json!({ "verdict": "accepted", "reason": "power was off" });
    let decided = city.post_json(&path, &officer, &verdict).await;
    assert_eq!(decided.status, StatusCode::CREATED, "{}", decided.body);
    assert_eq!(decided.json()["decisions"][0]["verdict"], "accepted");
    let wrong = serde_json::json!({ "verdict": "perhaps", "reason": "power was off" });
    assert_eq!(city.post_json(&path, &officer, &wrong).await.status, StatusCode::BAD_REQUEST);

    let path = "/api/v1/data-states?outlet=DEMO-9002/DA001&month=2026-10&factor=a21002&period=hour";
    let states = city.get(path, &officer).await.json();
    let of_fifth: Vec<&Value> = states["states"]
        .as_array()
        .expect("states")
        .iter()
        .filter(|state| state["start"].as_str().is_some_and(|at| at >= "2026-10-04T16"))
        .collect();
    let words: Vec<&str> = of_fifth.iter().filter_map(|one| one["state"].as_str()).collect();
    assert_eq!(words.len(), 24);
    assert_eq!(words[1..6], ["valid", "stopped", "stopped", "stopped", "valid"]);
    assert_eq!(words[9], "missing");
    assert_eq!(of_fifth[0]["multiple"], "0.60");
    let page = city.get(&format!("{MONTH_PAGE}?lang=en&factor=a21002&state=over"), &officer).await;
    assert!(page.body.contains("10-05 00:00"), "{}", page.body);
    let file = city.get(&format!("{MONTH_PAGE}/states.xlsx"), &officer).await;
    assert_eq!(file.status, StatusCode::OK);
    let file = city.get("/marks/file.xlsx?list=all", &officer).await;
    assert_eq!(file.status, StatusCode::OK);
}

#[tokio::test]
async fn a_mark_carries_its_proof() {
    let test = testkit::sqlite(&migrations()).await;
    let city = City::new(&test.store).await;
    let manager = city.manager("DEMO-9002").await;
    let neighbour = city.manager("DEMO-9001").await;
    let fields = [
        ("outlet", STACK),
        ("factor", ""),
        ("from", "2026-10-05T09:00"),
        ("to", "2026-10-05T10:00"),
        ("kind", "missing"),
        ("facility", "boiler"),
        ("reason", "power failed in the cabin"),
    ];
    let part = |(name, text): (&str, &str)| {
        format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let file = "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"log.txt\"\r\n\
        Content-Type: text/plain\r\n\r\npower off 09:01\r\n--cut--\r\n";
    let mut parts: Vec<String> = fields.map(part).to_vec();
    parts.push(file.to_owned());
    let body = parts.concat();
    let kind = "multipart/form-data; boundary=cut";
    let made = city.send(Method::POST, "/marks", &manager, kind, body.into_bytes()).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let file = format!("{}/evidence", made.to);
    assert_eq!(city.get(&file, &manager).await.body, "power off 09:01");
    assert_eq!(city.get(&file, &neighbour).await.status, StatusCode::NOT_FOUND);
    assert_eq!(city.get(&file, "").await.status, StatusCode::SEE_OTHER);
}
