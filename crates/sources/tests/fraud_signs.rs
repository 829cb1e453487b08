//! Signs of fraud from the hours of two outlets to the officers' pages: who sees them, who does
//! not, what becomes of a verdict.

use authority::{
    Actor, Attempt, AuditFilter, Authority, Jurisdiction, NewUser, Origin, Purpose, Role, UserId,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use evaluation::Worker;
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, NewRow, Origin as From, Recorder};
use registry::{PointId, PointKind, Registry};
use rulebook::{Decimal, Period};
use serde_json::Value;
use sources::fraud_signs::compute;
use std::path::Path;
use store::{Migration, Store};
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

const HOUR: i64 = 3600;
/// 2026-06-01 00:00 in Beijing.
const BEGIN: i64 = 1_780_243_200;
const HOURS: i64 = 40 * 24;
const WORKS: &str = "DEMO-9001/DW001";
const STACK: &str = "DEMO-9002/DA001";
const LIST: &str = "/api/v1/fraud-signs";
/// The hours of the stack that are those of the works.
const COPIED: (i64, i64) = (600, 700);
/// The hours in which the stack's dust stands still.
const STUCK: (i64, i64) = (300, 330);

fn time(hour: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + hour * HOUR).expect("a time")
}

fn now() -> Timestamp {
    time(HOURS) + SignedDuration::from_mins(30)
}

fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        sources::MIGRATIONS,
    ]
    .concat()
}

struct City {
    state: AppState,
    router: Router,
    authority: Authority,
    recorder: Recorder,
    works: PointId,
    stack: PointId,
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

/// Restless numbers around a level, the same for the same seed, in hundredths.
fn plant(seed: u64, level: i64) -> Vec<i64> {
    let mut word = seed;
    let mut value = 0_i64;
    (0..HOURS)
        .map(|_| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            value = value * 7 / 10 + ((word >> 33) % 601) as i64 - 300;
            level + value
        })
        .collect()
}

async fn city(store: &Store) -> City {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let files = registry::load::read_city(&folder).expect("a right city");
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
        recorder: recorder.clone(),
        evaluation,
        authority: authority.clone(),
        live: Live::default(),
        clock: now,
        started_at: now(),
        metrics: Box::new(String::new),
    };
    let state = AppState::new(parts, sources::slices());
    let city =
        City { router: web::router(state.clone()), state, authority, recorder, works, stack };
    city.record_history().await;
    city
}

impl City {
    /// Forty days of hours: the stack's NOx is copied for a while, its dust stands still for
    /// another.
    async fn record_history(&self) {
        let (model, mut copy, mut dust) = (plant(1, 3000), plant(2, 2000), plant(3, 800));
        for hour in COPIED.0 as usize..COPIED.1 as usize {
            copy[hour] = model[hour] * 8 / 10 + 100;
        }
        dust[STUCK.0 as usize..STUCK.1 as usize].fill(777);
        let mut deliveries = Vec::new();
        for hour in 0..HOURS {
            let place = hour as usize;
            deliveries.push(self.delivery(self.works, hour, &[("a21002", model[place])], 0));
            let values = [("a21002", copy[place]), ("a34013", dust[place])];
            deliveries.push(self.delivery(self.stack, hour, &values, 0));
        }
        self.recorder.submit_all(deliveries).await.expect("it is recorded");
    }

    fn delivery(&self, point: PointId, hour: i64, values: &[(&str, i64)], late: i64) -> Delivery {
        let snapshot = self.state.snapshot();
        let value = |(code, hundredths): &(&str, i64)| FactorValue {
            flag: Some(b'N'),
            ..FactorValue::of(
                snapshot.factor_by_code(code).expect("a listed factor").id,
                Decimal::new(*hundredths, 2),
            )
        };
        Delivery {
            raw: format!("##{} {hour} {late}", point.0).into_bytes(),
            received_at: time(hour + 1) + SignedDuration::from_secs(40 + late),
            origin: From { device: Some("MN".into()), peer: "10.0.0.1:1".into() },
            rows: vec![NewRow {
                point,
                period: Period::Hour,
                observed_at: time(hour),
                values: values.iter().map(value).collect(),
            }],
        }
    }

    /// A user with a role somewhere, signed in: their cookie.
    async fn officer(&self, login: &str, role: Role, place: Jurisdiction) -> (UserId, String) {
        let actor = Actor::console();
        let new =
            NewUser { login: login.into(), name: format!("{login}'s name"), organisation: None };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        self.authority.grant(&actor, user, role, &place, now()).await.expect("granted");
        let link = self.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let link = link.expect("a link");
        let attempt = self.authority.follow_link(&link, "", &Origin::default(), now()).await;
        let Ok(Attempt::In(begun)) = attempt else { panic!("not let in: {attempt:?}") };
        (user, format!("lucid_session={}", begun.secret))
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
        let body = to_bytes(body, 1 << 23).await.expect("a body");
        Answer { status: parts.status, to, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Method::GET, path, cookie, "").await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        self.ask(Method::POST, path, cookie, form).await
    }

    /// The open signs of the outlet at the head of the list.
    async fn first(&self, cookie: &str) -> Value {
        let answer = self.get(LIST, cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()["outlets"][0].clone()
    }

    /// The number of the open sign of a detector.
    async fn sign(&self, cookie: &str, detector: &str) -> i64 {
        let first = self.first(cookie).await;
        let signs = first["signs"].as_array().expect("signs");
        let found = signs.iter().find(|sign| sign["detector"] == detector);
        found.unwrap_or_else(|| panic!("no {detector}: {first:#}"))["id"]
            .as_i64()
            .expect("a number")
    }
}

#[tokio::test]
async fn what_stands_still_and_what_is_copied_is_first_on_the_list() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let everywhere = Jurisdiction::Everything;
        let (_, duty) = city.officer("duty", Role::DutyOfficer, everywhere).await;
        let empty = city.get("/fraud-signs?lang=en", &duty).await;
        assert!(empty.body.contains("Not computed yet"), "{}", empty.body);
        let answer = city.post("/fraud-signs/run", &duty, "").await;
        assert_eq!((answer.status, answer.to.as_str()), (StatusCode::SEE_OTHER, "/fraud-signs"));

        let first = city.first(&duty).await;
        assert_eq!(first["point_code"], STACK);
        let copied = city.sign(&duty, "copied").await;
        let one = city.get(&format!("{LIST}/{copied}"), &duty).await.json();
        assert_eq!(one["twin"]["point_code"], WORKS);
        assert_eq!(one["factor"], "a21002");
        let from: Timestamp = one["span"]["from"].as_str().expect("a time").parse().expect("one");
        let away = from.duration_since(time(COPIED.0)).abs();
        assert!(away < SignedDuration::from_hours(4), "{one:#}");

        // Again: the same signs under the same numbers.
        compute(&city.state).await.expect("computed");
        assert_eq!(city.sign(&duty, "copied").await, copied);
        let stuck = city.sign(&duty, "stuck").await;

        // The dust comes again with other values: the sign is withdrawn, and told to whoever asks.
        let other = plant(9, 800);
        let corrected: Vec<_> = (STUCK.0..STUCK.1)
            .map(|hour| city.delivery(city.stack, hour, &[("a34013", other[hour as usize])], 9000))
            .collect();
        city.recorder.submit_all(corrected).await.expect("it is recorded");
        compute(&city.state).await.expect("computed");
        let detectors: Vec<_> = city.first(&duty).await["signs"]
            .as_array()
            .expect("signs")
            .iter()
            .map(|sign| sign["detector"].clone())
            .collect();
        assert!(!detectors.contains(&"stuck".into()), "{detectors:?}");
        let gone = city.get(&format!("{LIST}/{stuck}"), &duty).await.json();
        assert!(gone["withdrawn_at"].is_string(), "{gone:#}");
    })
    .await;
}

#[tokio::test]
async fn officers_see_signs_of_their_own_place_and_enterprises_see_none() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    compute(&city.state).await.expect("computed");
    let division = |code: &str| Jurisdiction::Division(code.into());
    let (_, duty) = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
    let (_, here) = city.officer("here", Role::CountyOfficer, division("990121")).await;
    let (_, elsewhere) = city.officer("elsewhere", Role::Inspector, division("990102")).await;
    let (_, observer) = city.officer("observer", Role::Observer, Jurisdiction::Everything).await;
    let works = Jurisdiction::Enterprise("DEMO-9002".into());
    let (_, manager) = city.officer("manager", Role::EnterpriseManager, works).await;
    let (id, copied) = (city.sign(&duty, "stuck").await, city.sign(&duty, "copied").await);
    let (page, one) = (format!("/fraud-signs/{id}"), format!("{LIST}/{id}"));
    let verdict = format!("/fraud-signs/{id}/verdicts");
    let filled = "conclusion=not_real&visited_on=2026-07-01&note=nothing+found";

    for path in ["/fraud-signs", page.as_str()] {
        let answer = city.get(path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.to.starts_with("/sign-in"), "{path} leads to {}", answer.to);
    }
    for path in [LIST, one.as_str()] {
        assert_eq!(city.get(path, "").await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in ["/fraud-signs", page.as_str(), LIST, one.as_str()] {
        let answer = city.get(path, &manager).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!answer.body.contains("777"), "{path} tells: {}", answer.body);
        for cookie in [&duty, &here, &observer] {
            assert_eq!(city.get(path, cookie).await.status, StatusCode::OK, "{path}");
        }
    }
    for path in [page.as_str(), one.as_str()] {
        assert_eq!(city.get(path, &elsewhere).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    // What is copied from an outlet of theirs is seen on either side, and nothing else.
    let list = city.get(LIST, &elsewhere).await.json();
    let told = |outlet: &Value| (outlet["point_code"].clone(), outlet["signs"][0]["id"].clone());
    let outlets = list["outlets"].as_array().expect("outlets");
    let both: Vec<_> = outlets.iter().map(told).collect();
    assert_eq!(both, [(STACK.into(), copied.into()), (WORKS.into(), copied.into())]);
    assert!(outlets.iter().all(|it| it["signs"].as_array().map(Vec::len) == Some(1)));
    assert_eq!(city.get(&format!("{LIST}/{copied}"), &elsewhere).await.status, StatusCode::OK);

    for cookie in [&manager, &observer, &elsewhere] {
        assert_eq!(city.post(&verdict, cookie, filled).await.status, StatusCode::FORBIDDEN);
    }
    for cookie in [&manager, &observer] {
        assert_eq!(city.post("/fraud-signs/run", cookie, "").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(city.get(&format!("{LIST}/999"), &duty).await.status, StatusCode::NOT_FOUND);
    let wrong = city.get(&format!("{LIST}?detector=guess"), &duty).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_page_shows_why_says_it_is_no_proof_and_what_else_it_may_be_in_both_languages() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    compute(&city.state).await.expect("computed");
    let (_, duty) = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
    let id = city.sign(&duty, "copied").await;
    for (path, zh, en) in [
        ("/fraud-signs".to_owned(), "不是证据", "They are no proof"),
        ("/fraud-signs".to_owned(), "数据雷同", "copied values"),
        ("/fraud-signs".to_owned(), "可能的正常原因", "It may also be"),
        (format!("/fraud-signs/{id}"), "不是证据", "They are no proof"),
        (format!("/fraud-signs/{id}"), "还可能是什么", "What else it may be"),
        (format!("/fraud-signs/{id}"), "记录结论", "Record the verdict"),
        ("/fraud-signs/detectors".to_owned(), "属实率", "Precision"),
    ] {
        for (language, wanted) in [("zh", zh), ("en", en)] {
            let answer = city.get(&format!("{path}?lang={language}"), &duty).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(answer.body.contains(wanted), "{path} in {language} lacks {wanted:?}");
        }
    }
    let page = city.get(&format!("/fraud-signs/{id}?lang=en"), &duty).await.body;
    let lines = page.matches("<path d=\"M").count();
    assert!(page.contains("<svg") && lines >= 2, "both outlets are drawn: {lines} lines");
    assert!(page.contains("Demo Donghu Wastewater Plant"), "the other outlet is named");
    // Definitions and precision are for everybody.
    let public = city.get("/fraud-signs/detectors", "").await;
    assert_eq!(public.status, StatusCode::OK);
    let json = city.get(&format!("{LIST}/detectors"), "").await.json();
    assert_eq!(json["detectors"].as_array().map(Vec::len), Some(11));
}

#[tokio::test]
async fn a_verdict_settles_a_sign_is_audited_and_makes_the_precision() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        compute(&city.state).await.expect("computed");
        let (user, duty) = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
        let (copied, stuck) = (city.sign(&duty, "copied").await, city.sign(&duty, "stuck").await);
        let path = |id: i64| format!("/fraud-signs/{id}/verdicts");
        for wrong in [
            "",
            "conclusion=maybe&note=x",
            "conclusion=real&note=+",
            "conclusion=real&note=x&visited_on=2027-01-01",
            "conclusion=real&note=x&visited_on=yesterday",
        ] {
            let answer = city.post(&path(copied), &duty, wrong).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong:?}");
        }
        let filled = "conclusion=real&visited_on=2026-07-05&note=one+computer+serves+both";
        let answer = city.post(&path(copied), &duty, filled).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(answer.to, format!("/fraud-signs/{copied}#verdict"));
        city.post(&path(stuck), &duty, "conclusion=real&note=a+second+look+is+due").await;
        city.post(&path(stuck), &duty, "conclusion=device&note=the+pump+was+blocked").await;

        let list = city.get(LIST, &duty).await.json();
        assert_eq!(list["outlets"], Value::Array(vec![]), "all is settled: {list:#}");
        assert_eq!(list["settled"].as_array().map(Vec::len), Some(2));
        let one = city.get(&format!("{LIST}/{stuck}"), &duty).await.json();
        let conclusions: Vec<_> = one["verdicts"]
            .as_array()
            .expect("verdicts")
            .iter()
            .map(|verdict| verdict["conclusion"].clone())
            .collect();
        assert_eq!(conclusions, ["real", "device"], "the first stays beside the second");

        let json = city.get(&format!("{LIST}/detectors"), "").await.json();
        let record = |detector: &str| {
            let all = json["detectors"].as_array().expect("detectors");
            let found = all.iter().find(|one| one["detector"] == detector).expect("it is listed");
            (found["judged"].as_i64(), found["precision_percent"].as_f64())
        };
        assert_eq!(record("copied"), (Some(1), Some(100.0)));
        assert_eq!(record("stuck"), (Some(1), Some(0.0)), "the newest verdict counts");
        assert_eq!(record("narrow"), (Some(0), None));

        let filter = AuditFilter { action: "fraud_sign.".into(), ..AuditFilter::default() };
        let audit = city.authority.audit(&filter, None, 10).await.expect("the audit");
        assert_eq!(audit.len(), 3);
        assert!(audit.iter().all(|record| record.user == Some(user) && record.who == "duty"));
        let after = audit[0].after.as_deref().unwrap_or_default();
        assert!(after.contains("device") && after.contains("pump"), "{after}");
        assert_eq!(audit[0].subject, format!("fraud sign {stuck}"));

        // What is settled stays so when it is computed again.
        compute(&city.state).await.expect("computed");
        let list = city.get(LIST, &duty).await.json();
        assert_eq!(list["settled"].as_array().map(Vec::len), Some(2), "{list:#}");
    })
    .await;
}
