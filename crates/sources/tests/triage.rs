//! Findings from hours over the limit to the duty desk: merged, ranked, judged, made into orders
//! that reach the enterprise and the county; who may do what; on both databases.

use authority::{
    Actor, Attempt, AuditFilter, Authority, Jurisdiction, NewOrganisation, NewUser, OrganisationId,
    OrganisationKind, Origin, Purpose, Role, UserId,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use caseflow::CaseKind;
use cases::{Act, By, CaseId, Cases, Upload, Viewer, Visibility};
use delivery::{Outbox, Settings};
use evaluation::{Evaluation, Worker};
use evidence::Evidence;
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, NewRow, Recorder};
use registry::{PointId, PointKind, Registry};
use rulebook::{Decimal, Period};
use serde_json::{Value, json};
use sources::triage::look;
use std::cell::Cell;
use std::path::Path;
use std::time::Duration;
use store::{Migration, Store};
use tokio::sync::watch;
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

const HOUR: i64 = 3600;
/// 2026-06-01 00:00 in Beijing.
const BEGIN: i64 = 1_780_243_200;
const HOURS: i64 = 48;
const STACK: &str = "DEMO-9002/DA001";
/// The county of the stack.
const COUNTY: &str = "990121";
const LIST: &str = "/api/v1/findings";
const ORDER_KIND: &str = include_str!("../../supervision/src/kinds/supervision_order.toml");

fn time(hour: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + hour * HOUR).expect("a time")
}

thread_local! {
    /// Minutes that have passed since the test began; each test has its own thread.
    static PASSED: Cell<i64> = const { Cell::new(0) };
}

fn now() -> Timestamp {
    time(HOURS) + SignedDuration::from_mins(5 + PASSED.get())
}

fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        delivery::MIGRATIONS,
        cases::MIGRATIONS,
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
    cases: Cases,
    recorder: Recorder,
    evaluation: Evaluation,
    stack: PointId,
    county: OrganisationId,
    _running: watch::Sender<bool>,
    _folder: tempfile::TempDir,
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

async fn city(store: &Store) -> City {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let files = registry::load::read_city(&folder).expect("a right city");
    registry::store::install(store, &files).await.expect("it installs");
    let registry = Registry::open(store).await.expect("a registry");
    let recorder = Recorder::open(store).await.expect("a recorder");
    let judges = sources::automatic_monitoring::judges();
    let judges = judges.into_iter().filter(|judge| judge.name() == "permit limit").collect();
    let opened = Worker::open(store, &registry, &recorder, judges, now).await;
    let (worker, evaluation) = opened.expect("a worker");
    let (running, stop) = watch::channel(false);
    tokio::spawn(worker.run(Duration::from_mins(10), stop));
    let (authority, _) = Authority::open(store, now()).await.expect("authority");
    let county = NewOrganisation {
        parent: None,
        kind: OrganisationKind::County,
        code: COUNTY.into(),
        name_zh: "西山县".into(),
        name_en: "Xishan".into(),
    };
    let county = authority.add_organisation(&Actor::console(), &county, now()).await;
    let county = county.expect("a county");
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = Evidence::open(&folder.path().join("evidence")).expect("a folder of files");
    let outbox = Outbox::new(store, Settings::default()).expect("an outbox");
    let kind = CaseKind::parse("supervision_order.toml", ORDER_KIND).expect("a right kind");
    let opened =
        Cases::open(store, &authority, &evidence, &outbox, folder.path(), vec![kind]).await;
    let cases = opened.expect("the engine");
    let snapshot = registry.snapshot();
    let stack = snapshot.point_by_code(PointKind::Outlet, STACK).expect("an outlet").id;
    let parts = Parts {
        store: store.clone(),
        registry,
        recorder: recorder.clone(),
        evaluation: evaluation.clone(),
        authority: authority.clone(),
        live: Live::default(),
        clock: now,
        started_at: now(),
        metrics: Box::new(String::new),
    };
    let state = AppState::new(parts, sources::slices()).with(cases.clone());
    City {
        router: web::router(state.clone()),
        state,
        authority,
        cases,
        recorder,
        evaluation,
        stack,
        county,
        _running: running,
        _folder: folder,
    }
}

impl City {
    /// Hours of the stack, each with a factor and its converted value in tenths.
    async fn hours(&self, factor: &str, values: &[(i64, i64)]) {
        let snapshot = self.state.snapshot();
        let id = snapshot.factor_by_code(factor).expect("a listed factor").id;
        let mut block = 0;
        for (hour, tenths) in values {
            let value = Decimal::new(*tenths, 1);
            let value = FactorValue {
                flag: Some(b'N'),
                converted: Some(value),
                ..FactorValue::of(id, value)
            };
            let delivery = Delivery {
                raw: format!("##{factor} {hour} {tenths}").into_bytes(),
                received_at: time(hour + 1) + SignedDuration::from_secs(40),
                origin: observations::Origin { device: None, peer: "10.0.0.1:1".into() },
                rows: vec![NewRow {
                    point: self.stack,
                    period: Period::Hour,
                    observed_at: time(*hour),
                    values: vec![value],
                }],
            };
            let recorded = self.recorder.submit(delivery).await.expect("it is recorded");
            block = recorded.source.block;
        }
        self.evaluation.wait_for(block).await.expect("it is judged");
    }

    /// A user with a role somewhere, signed in: their number and cookie.
    async fn person(&self, login: &str, role: Role, place: Jurisdiction) -> (UserId, String) {
        let actor = Actor::console();
        let organisation = (place.parts().1 == COUNTY).then_some(self.county);
        let new = NewUser { login: login.into(), name: format!("{login}'s name"), organisation };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        self.authority.grant(&actor, user, role, &place, now()).await.expect("granted");
        let link = self.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let attempt =
            self.authority.follow_link(&link.expect("a link"), "", &Origin::default(), now()).await;
        let Ok(Attempt::In(begun)) = attempt else { panic!("not let in: {attempt:?}") };
        (user, format!("lucid_session={}", begun.secret))
    }

    async fn duty(&self) -> String {
        self.person("duty", Role::DutyOfficer, Jurisdiction::Everything).await.1
    }

    async fn ask(&self, method: Method, path: &str, cookie: &str, body: (&str, String)) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, body.0)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body.1))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let to = parts.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
        let to = to.unwrap_or_default().to_owned();
        let body = to_bytes(body, 1 << 23).await.expect("a body");
        Answer { status: parts.status, to, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Method::GET, path, cookie, ("text/plain", String::new())).await
    }

    async fn form(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let form = ("application/x-www-form-urlencoded", form.to_owned());
        self.ask(Method::POST, path, cookie, form).await
    }

    async fn json(&self, path: &str, cookie: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, cookie, ("application/json", body.to_string())).await
    }

    /// Takes a step of an order as somebody, with a file.
    async fn step(&self, user: UserId, id: CaseId, transition: &str, fields: &[(&str, &str)]) {
        let principal = self.authority.principal(user).await.expect("read").expect("a user");
        let by = By::Person { principal: &principal, address: "192.0.2.1" };
        let view = self.cases.case(&Viewer::Person(&principal), id, now()).await.expect("theirs");
        let mut act = Act::new(transition, view.case.version);
        for (field, value) in fields {
            act.fields.insert((*field).to_owned(), (*value).to_owned());
        }
        let needed = view.kind.transition(transition).map_or(0, |way| way.needs.evidence);
        for _ in 0..needed {
            let bytes = b"%PDF-1.4\n%proof\n".to_vec();
            let upload =
                Upload { name: "proof.pdf".into(), bytes, visibility: Visibility::Parties };
            let kept = self.cases.attach(&by, id, upload, now()).await.expect("it is kept");
            act.evidence.push(kept);
        }
        let taken = self.cases.take(&by, id, act, now()).await;
        taken.unwrap_or_else(|error| panic!("{transition}: {error}"));
    }

    /// The findings that wait, as the interface gives them.
    async fn waiting(&self, cookie: &str) -> Vec<Value> {
        let answer = self.get(LIST, cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()["findings"].as_array().expect("findings").clone()
    }

    async fn judge(&self, cookie: &str, id: i64, conclusion: &str) {
        let body = json!({ "conclusion": conclusion, "reason": "seen on site" });
        let answer = self.json(&format!("{LIST}/{id}/verdicts"), cookie, &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    }
}

fn id_of(finding: &Value) -> i64 {
    finding["id"].as_i64().expect("a number")
}

#[tokio::test]
async fn alarms_close_together_are_one_finding_and_those_apart_are_two() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let duty = city.duty().await;
        // Dust and nitrogen oxides in the same night; dust again a day later, going on.
        city.hours("a34013", &[(2, 90), (3, 150), (4, 90)]).await;
        city.hours("a21002", &[(5, 490), (6, 750), (7, 490)]).await;
        city.hours("a34013", &[(46, 90), (47, 200)]).await;
        let looked = look(&city.state, None).await.expect("it looks");
        assert_eq!((looked.opened.len(), looked.changed.len()), (2, 0), "{looked:?}");
        let findings = city.waiting(&duty).await;
        let members = |finding: &Value| finding["members"].as_array().map(Vec::len);
        let told: Vec<_> =
            findings.iter().map(|one| (members(one), one["is_active"].clone())).collect();
        assert!(told.contains(&(Some(2), json!(false))), "{findings:#?}");
        assert!(told.contains(&(Some(1), json!(true))), "{findings:#?}");

        // Looked at again, in part and in whole: nothing new.
        for points in [Some(&[city.stack][..]), None] {
            let again = look(&city.state, points).await.expect("it looks");
            assert_eq!(again, sources::triage::Looked::default());
        }
        let one = &findings[0];
        let factor = |name: &str, unit: &str| one[name][unit].as_i64().expect("a number");
        let product = factor("likely", "millionths")
            * factor("harm", "thousandths")
            * factor("clock", "thousandths")
            / 1_000_000;
        assert_eq!(one["score_millionths"], product);
        assert!(
            findings[0]["score_millionths"].as_i64() >= findings[1]["score_millionths"].as_i64()
        );
    })
    .await;
}

#[tokio::test]
async fn a_verdict_takes_a_finding_off_the_queue_and_an_alarm_that_comes_later_brings_it_back() {
    testkit::on_both(&migrations(), async |store| {
        PASSED.set(0);
        let city = city(&store).await;
        let duty = city.duty().await;
        city.hours("a34013", &[(44, 150), (45, 90)]).await;
        look(&city.state, None).await.expect("it looks");
        let id = id_of(&city.waiting(&duty).await[0]);
        let before = city.get("/api/v1/findings/precision", "").await.json();
        assert_eq!(
            (before["all"]["judged"].clone(), before["is_enough"].clone()),
            (json!(0), json!(false))
        );
        city.judge(&duty, id, "device").await;
        assert_eq!(city.waiting(&duty).await.len(), 0);
        city.judge(&duty, id, "real").await;

        let precision = city.get("/api/v1/findings/precision", "").await.json();
        assert_eq!(precision["all"]["judged"], 1, "the newest verdict holds: {precision:#}");
        assert_eq!(precision["all"]["verdicts"]["real"], 1);
        let one = city.get(&format!("{LIST}/{id}"), &duty).await.json();
        let verdicts = one["verdicts"].as_array().expect("verdicts");
        let told: Vec<_> = verdicts.iter().map(|it| it["conclusion"].clone()).collect();
        assert_eq!(told, ["device", "real"], "none is overwritten");
        assert_eq!(verdicts[0]["rank"], 1);
        let filter = AuditFilter { action: "finding.".into(), ..AuditFilter::default() };
        let written = city.authority.audit(&filter, None, 10).await.expect("the audit").len();
        assert_eq!(written, 2);

        // An alarm that comes later brings it back, ranked by what was concluded before.
        PASSED.set(60);
        city.hours("a34013", &[(46, 150), (47, 90)]).await;
        look(&city.state, None).await.expect("it looks");
        let next = &city.waiting(&duty).await[0];
        assert_eq!(id_of(next), id);
        assert!(next["likely"]["millionths"].as_i64() > Some(8188), "{next:#}");
    })
    .await;
}

#[tokio::test]
async fn an_order_reaches_the_enterprise_and_the_county_is_answered_and_accepted_by_another() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let duty = city.duty().await;
        let county = Jurisdiction::Division(COUNTY.into());
        let (officer, _) = city.person("county", Role::CountyOfficer, county).await;
        let works = Jurisdiction::Enterprise("DEMO-9002".into());
        let (manager, _) = city.person("manager", Role::EnterpriseManager, works).await;
        city.hours("a34013", &[(46, 90), (47, 200)]).await;
        look(&city.state, None).await.expect("it looks");
        let desk = city.get("/duty?lang=en", &duty).await;
        assert_eq!(desk.status, StatusCode::OK, "{}", desk.body);
        let id = id_of(&city.waiting(&duty).await[0]);
        let path = format!("/triage/{id}/order");
        assert!(desk.body.contains(&format!("href=\"{path}\"")), "the desk leads to the order");

        // What the form holds is enough: nobody types anything.
        let form = city.get(&format!("{path}?lang=en"), &duty).await;
        assert!(form.body.contains("Confirm the order") && form.body.contains("key unit · 4 h"));
        let made = city.form(&path, &duty, "").await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
        let twice = city.form(&path, &duty, "unit_class=other").await;
        assert_eq!(twice.to, made.to, "a finding has one order at a time");
        let case = CaseId(made.to.trim_start_matches("/cases/").parse().expect("a number"));

        // The county sees its clock of four hours, the enterprise that of its own answer.
        for (user, clock) in [(officer, "check_key"), (manager, "answer")] {
            let principal = city.authority.principal(user).await.expect("read").expect("a user");
            let viewer = Viewer::Person(&principal);
            let view = city.cases.case(&viewer, case, now()).await.expect("it is theirs to see");
            assert_eq!(view.case.state, "issued");
            let found = view.clocks.iter().find(|one| one.id == clock).expect("a clock");
            if user == officer {
                assert_eq!(found.due_at, Some(now() + SignedDuration::from_hours(4)));
            }
        }
        for user in [officer, manager] {
            let told = city.cases.notifications(user, None, 10).await.expect("read");
            assert!(told.iter().any(|notice| notice.case == case), "{user:?} is told");
        }
        let ordered = &city.get(&format!("{LIST}/{id}"), &duty).await.json();
        assert_eq!(ordered["orders"].as_array().map(Vec::len), Some(1));
        assert_eq!(ordered["clock"]["thousandths"], 500, "its own clock runs now");

        // Acknowledged, answered with evidence, accepted by another: then it may be ordered again.
        city.step(manager, case, "acknowledge", &[]).await;
        let answer = [("cause", "treatment"), ("answer", "A bag was torn and is replaced.")];
        city.step(manager, case, "answer", &answer).await;
        city.step(officer, case, "accept", &[("conclusion", "process")]).await;
        let again = city.form(&path, &duty, "").await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        assert_ne!(again.to, made.to, "the first order is over");
        let one = city.get(&format!("{LIST}/{id}"), &duty).await.json();
        assert_eq!(one["orders"].as_array().map(Vec::len), Some(2));
    })
    .await;
}

#[tokio::test]
async fn officers_see_findings_of_their_place_and_enterprises_see_none() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    city.hours("a34013", &[(46, 90), (47, 200)]).await;
    look(&city.state, None).await.expect("it looks");
    let division = |code: &str| Jurisdiction::Division(code.into());
    let duty = city.duty().await;
    let (_, here) = city.person("here", Role::CountyOfficer, division(COUNTY)).await;
    let (_, elsewhere) = city.person("elsewhere", Role::CountyOfficer, division("990102")).await;
    let (_, observer) = city.person("observer", Role::Observer, Jurisdiction::Everything).await;
    let works = Jurisdiction::Enterprise("DEMO-9002".into());
    let (_, manager) = city.person("manager", Role::EnterpriseManager, works).await;
    let id = id_of(&city.waiting(&duty).await[0]);
    let (page, order) = (format!("/triage/{id}"), format!("/triage/{id}/order"));
    let (one, verdicts) = (format!("{LIST}/{id}"), format!("/triage/{id}/verdicts"));
    let (ordered, judged) = (format!("{LIST}/{id}/order"), format!("{LIST}/{id}/verdicts"));

    for path in ["/duty", page.as_str(), order.as_str(), "/duty/queue.xlsx", "/duty/day.xlsx"] {
        let answer = city.get(path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.to.starts_with("/sign-in"), "{path} leads to {}", answer.to);
        assert_eq!(city.get(path, &manager).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(city.get(path, &here).await.status, StatusCode::OK, "{path}");
    }
    for path in [LIST, one.as_str()] {
        assert_eq!(city.get(path, "").await.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(city.get(path, &manager).await.status, StatusCode::FORBIDDEN, "{path}");
        for cookie in [&duty, &here, &observer] {
            assert_eq!(city.get(path, cookie).await.status, StatusCode::OK, "{path}");
        }
    }
    for path in [page.as_str(), order.as_str(), one.as_str()] {
        assert_eq!(city.get(path, &elsewhere).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(city.waiting(&elsewhere).await.len(), 0);

    let concluded = json!({ "conclusion": "device", "reason": "a pump" });
    for path in [ordered.as_str(), judged.as_str()] {
        let answer = city.json(path, "", &concluded).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        for cookie in [&manager, &observer, &elsewhere] {
            let answer = city.json(path, cookie, &concluded).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    for path in [verdicts.as_str(), order.as_str()] {
        for cookie in [&manager, &observer, &elsewhere] {
            let answer = city.form(path, cookie, "conclusion=real&reason=x").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    for wrong in ["conclusion=guess&reason=x", "conclusion=real&reason="] {
        assert_eq!(city.form(&verdicts, &here, wrong).await.status, StatusCode::BAD_REQUEST);
    }
    for wrong in ["unit_class=tiny", "answer_by=2026-06-01", "answer_by=soon"] {
        assert_eq!(city.form(&order, &here, wrong).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(city.get(&format!("{LIST}/999"), &duty).await.status, StatusCode::NOT_FOUND);
    assert_eq!(city.get(&format!("{LIST}?order=odd"), &duty).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        city.form(&verdicts, &here, "conclusion=real&reason=x").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(city.json(&ordered, &here, &json!({})).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_pages_speak_both_languages_and_say_that_nothing_follows_by_itself() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    let duty = city.duty().await;
    let empty = city.get("/duty?lang=en", &duty).await.body;
    assert!(empty.contains("Nothing waits for a verdict"), "{empty}");
    city.hours("a34013", &[(46, 90), (47, 200)]).await;
    look(&city.state, None).await.expect("it looks");
    let id = id_of(&city.waiting(&duty).await[0]);
    let one = format!("/triage/{id}");
    for (path, zh, en) in [
        ("/duty", "值班台", "Duty desk"),
        ("/duty", "不会自动处罚", "no penalty follows from it"),
        ("/duty", "超标 1 倍", "1 times over"),
        (one.as_str(), "真实可能性", "likely real"),
        (one.as_str(), "528/64487", "528 of 64487"),
        (one.as_str(), "记录结论", "Record the verdict"),
        ("/triage/precision", "结论还太少", "Too few verdicts"),
        ("/triage/precision", "n = 0", "n = 0"),
    ] {
        for (language, wanted) in [("zh", zh), ("en", en)] {
            let answer = city.get(&format!("{path}?lang={language}"), &duty).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(answer.body.contains(wanted), "{path} in {language} lacks {wanted:?}");
        }
    }
    let queue = city.get("/duty/queue.xlsx", &duty).await;
    assert!(queue.status == StatusCode::OK && queue.body.starts_with("PK"));
}

/// Restless hours around a level in tenths, the same each time.
fn restless(hours: i64, level: i64) -> Vec<(i64, i64)> {
    let mut word: u64 = 7;
    let mut value = 0_i64;
    (0..hours)
        .map(|hour| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            value = value * 7 / 10 + ((word >> 33) % 41) as i64 - 20;
            (hour, level + value)
        })
        .collect()
}

#[tokio::test]
async fn a_sign_that_is_withdrawn_takes_its_finding_with_it_and_nothing_is_told_again() {
    testkit::on_both(&migrations(), async |store| {
        // Forty days later: dust that stood still for thirty hours of the last day but one.
        const LONG: i64 = 40 * 24;
        PASSED.set((LONG - HOURS) * 60);
        let city = city(&store).await;
        let duty = city.duty().await;
        let right = restless(LONG, 500);
        let mut still = right.clone();
        for (hour, tenths) in &mut still {
            if (LONG - 60..LONG - 30).contains(hour) {
                *tenths = 333;
            }
        }
        city.hours("a19001", &still).await;
        sources::fraud_signs::compute(&city.state).await.expect("computed");
        look(&city.state, None).await.expect("it looks");
        let findings = city.waiting(&duty).await;
        let member = |finding: &Value| finding["members"][0]["what"].clone();
        let found = findings.iter().find(|finding| member(finding) == "stuck");
        let id = id_of(found.unwrap_or_else(|| panic!("no sign: {findings:#?}")));

        let corrected: Vec<_> = right.into_iter().filter(|(hour, _)| *hour >= LONG - 60).collect();
        city.hours("a19001", &corrected).await;
        sources::fraud_signs::compute(&city.state).await.expect("computed");
        look(&city.state, None).await.expect("it looks");
        let one = city.get(&format!("{LIST}/{id}"), &duty).await.json();
        assert_eq!(one["state"], "lapsed", "{one:#}");
        let again = look(&city.state, None).await.expect("it looks");
        assert_eq!(again, sources::triage::Looked::default(), "what stands is not told again");
        PASSED.set(0);
    })
    .await;
}
