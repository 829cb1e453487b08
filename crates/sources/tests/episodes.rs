//! From hours over the limit to episodes and their evidence packets: over the border of a month,
//! recomputed when late data come, counted as acts, seen by whoever may, checked by anybody; on
//! both databases.

use authority::{
    Actor, Attempt, AuditFilter, Authority, Jurisdiction, NewUser, Origin, Purpose, Role,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use caseflow::CaseKind;
use cases::Cases;
use delivery::{Outbox, Settings};
use documents::FontShelf;
use evaluation::Worker;
use evidence::Evidence;
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, NewRow, Origin as From, Recorder};
use registry::{PointId, PointKind, Registry};
use rulebook::{Decimal, Period};
use serde_json::Value;
use sources::episodes::{check_file, check_with_store, compute, recompute};
use std::path::Path;
use store::{Migration, Store};
use tower::ServiceExt as _;
use transparency::{Log, Publications};
use web::{AppState, Live, Parts};

const HOUR: i64 = 3600;
/// 2026-06-01 00:00 in Beijing.
const BEGIN: i64 = 1_780_243_200;
const STACK: &str = "DEMO-9002/DA001";
const CASE_KIND: &str = include_str!("../../supervision/src/kinds/alert_disposal.toml");
const LIST: &str = "/api/v1/episodes";
/// The hours over the limit, counted from the beginning of June: from the last evening of May.
const OVER: std::ops::Range<i64> = -3..4;
/// An hour among them that the device marks as maintenance.
const MAINTAINED: i64 = 1;

fn time(hour: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + hour * HOUR).expect("a time")
}

/// The third of June, half past one in the night: the days before are over.
fn now() -> Timestamp {
    time(49) + SignedDuration::from_mins(30)
}

fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        transparency::MIGRATIONS,
        delivery::MIGRATIONS,
        cases::MIGRATIONS,
        permits::MIGRATIONS,
        validity::MIGRATIONS,
        sources::MIGRATIONS,
    ]
    .concat()
}

/// The fonts that the front end's build brings, where the system has none.
fn shelf() -> FontShelf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/assets/dist/fonts");
    FontShelf::new(
        None,
        Box::new(move || {
            let files = ["zcool-xiaowei.ttf", "dejavu-sans.ttf"];
            files.iter().filter_map(|file| std::fs::read(folder.join(file)).ok()).collect()
        }),
    )
}

struct City {
    state: AppState,
    router: Router,
    authority: Authority,
    recorder: Recorder,
    log: Log,
    stack: PointId,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    to: String,
    bytes: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}

/// A city with an hour over its limit here and there.
async fn city(store: &Store) -> City {
    let city = empty_city(store).await;
    let hours: Vec<Delivery> = (-24..48).map(|hour| city.hour(hour, None, 0)).collect();
    city.recorder.submit_all(hours).await.expect("it is recorded");
    city
}

async fn empty_city(store: &Store) -> City {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let files = registry::load::read_city(&folder).expect("a right city");
    registry::store::install(store, &files).await.expect("it installs");
    let registry = Registry::open(store).await.expect("a registry");
    let recorder = Recorder::open(store).await.expect("a recorder");
    let (_, evaluation) =
        Worker::open(store, &registry, &recorder, Vec::new(), now).await.expect("a worker");
    let (authority, _) = Authority::open(store, now()).await.expect("authority");
    let stack = registry.snapshot().point_by_code(PointKind::Outlet, STACK).expect("one").id;
    let data = tempfile::tempdir().expect("a folder");
    let log = Log::open(store, data.path(), "lucid.example/log", Publications::default(), now());
    let log = log.await.expect("a log");
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
    let evidence = Evidence::open(&data.path().join("evidence")).expect("a folder of evidence");
    let outbox = Outbox::new(store, Settings::default()).expect("an outbox");
    let kind = CaseKind::parse("alert_disposal.toml", CASE_KIND).expect("a right kind");
    let opened = Cases::open(store, &authority, &evidence, &outbox, data.path(), vec![kind]).await;
    let cases = opened.expect("the engine");
    let state = AppState::new(parts, sources::slices())
        .with(log.clone())
        .with(evidence)
        .with(cases)
        .with(shelf());
    let router = web::router(state.clone());
    City { state, router, authority, recorder, log, stack, _folder: data }
}

impl City {
    /// An hour of the stack: NOx well within its limit of 50, or over it.
    fn hour(&self, hour: i64, value: Option<i64>, late: i64) -> Delivery {
        let snapshot = self.state.snapshot();
        let usual = if OVER.contains(&hour) { 6000 + hour * 100 } else { 3000 + hour * 7 };
        let factor = snapshot.factor_by_code("a21002").expect("a listed factor").id;
        let number = Decimal::new(value.unwrap_or(usual), 2);
        let flag = if hour == MAINTAINED { b'M' } else { b'N' };
        let value = FactorValue {
            flag: Some(flag),
            converted: Some(number),
            ..FactorValue::of(factor, number)
        };
        let raw = format!("##0100QN={hour};ST=31;CN=2061;PW=123456;MN=A;CP=&&{late}&&1A2B\r\n");
        Delivery {
            raw: raw.into_bytes(),
            received_at: time(hour + 1) + SignedDuration::from_secs(40 + late),
            origin: From { device: Some("MN".into()), peer: "10.0.0.1:1".into() },
            rows: vec![NewRow {
                point: self.stack,
                period: Period::Hour,
                observed_at: time(hour),
                values: vec![value],
            }],
        }
    }

    async fn officer(&self, login: &str, role: Role, place: Jurisdiction) -> String {
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

    async fn ask(
        &self,
        method: Method,
        path: &str,
        cookie: &str,
        kind: &str,
        body: Body,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, kind)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .body(body)
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let to = parts.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
        let to = to.unwrap_or_default().to_owned();
        let bytes = to_bytes(body, 1 << 25).await.expect("a body").to_vec();
        Answer { status: parts.status, to, bytes }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Method::GET, path, cookie, "text/plain", Body::empty()).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.ask(Method::POST, path, cookie, kind, Body::from(form.to_owned())).await
    }

    /// The page that says what a file is, sent by somebody who is not signed in.
    async fn verified(&self, pdf: &[u8]) -> String {
        let head = "--X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\
            content-type: application/pdf\r\n\r\n";
        let body = [head.as_bytes(), pdf, b"\r\n--X--\r\n"].concat();
        let kind = "multipart/form-data; boundary=X";
        let answer =
            self.ask(Method::POST, "/evidence/verify?lang=en", "", kind, Body::from(body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.text()
    }

    async fn episodes(&self, cookie: &str, query: &str) -> Vec<Value> {
        let answer = self.get(&format!("{LIST}{query}"), cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()["episodes"].as_array().expect("episodes").clone()
    }

    /// The number of the only episode.
    async fn only(&self, cookie: &str) -> i64 {
        let episodes = self.episodes(cookie, "").await;
        assert_eq!(episodes.len(), 1, "{episodes:#?}");
        episodes[0]["id"].as_i64().expect("a number")
    }
}

#[tokio::test]
async fn hours_over_the_limit_become_one_episode_over_the_border_of_the_month() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
        let empty = city.get("/episodes?lang=en", &duty).await.text();
        assert!(empty.contains("No episode"), "{empty}");
        let answer = city.post("/episodes/run", &duty, "").await;
        assert_eq!((answer.status, answer.to.as_str()), (StatusCode::SEE_OTHER, "/episodes"));

        let id = city.only(&duty).await;
        let one = city.get(&format!("{LIST}/{id}"), &duty).await.json();
        assert_eq!(one["point_code"], STACK);
        assert_eq!(
            (one["factor"].as_str(), one["period"].as_str()),
            (Some("a21002"), Some("hour"))
        );
        assert_eq!(one["began_at"], time(OVER.start).to_string());
        assert_eq!(one["ended_at"], time(OVER.end).to_string());
        assert_eq!(one["periods"], 6, "seven hours, one of them not valid: {one:#}");
        assert_eq!(one["highest"], "63");
        let multiple: Decimal =
            one["highest_multiple"].as_str().expect("one").parse().expect("a number");
        assert_eq!(multiple.round_dp(2), Decimal::new(26, 2));
        assert_eq!(one["is_open"], false);
        let basis = one["basis"].as_array().expect("a basis");
        let months: Vec<_> = basis.iter().map(|basis| basis["month"].clone()).collect();
        assert_eq!(months, ["2026-05", "2026-06"]);
        assert!(basis.iter().all(|basis| basis["version"].as_u64() > Some(0)), "{basis:#?}");
        let beside = one["beside"].as_array().expect("a list");
        assert_eq!(beside.len(), 1, "the maintained hour stands apart: {beside:#?}");
        assert_eq!(beside[0]["start"], time(MAINTAINED).as_millisecond());

        // Again: the same episode under the same number; its records judge again to the same bytes.
        compute(&city.state).await.expect("computed");
        assert_eq!(city.only(&duty).await, id);
        let again = recompute(&store, id).await.expect("judged").expect("it is there");
        assert_eq!(again.len(), 2);
        assert!(again.iter().all(|one| one.again.as_ref() == Some(&one.digest)), "{again:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_short_gap_is_outlasted_and_a_long_one_ends_an_episode() {
    let over = |hours: &[i64]| hours.to_vec();
    // Which hours are over the limit, which never come, and how many episodes that makes.
    let cases = [
        (over(&[5, 6, 9]), over(&[7, 8]), 1),
        (over(&[5, 6, 9]), over(&[]), 2),
        (over(&[-10, 20]), (-9..20).collect(), 2),
        (over(&[-10, 14]), (-9..14).collect(), 1),
    ];
    for (over, missing, wanted) in cases {
        let test = testkit::sqlite(&migrations()).await;
        let city = empty_city(&test.store).await;
        let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
        let hours = (-24..48).filter(|hour| !missing.contains(hour)).map(|hour| {
            city.hour(hour, Some(if over.contains(&hour) { 6000 } else { 3000 + hour }), 0)
        });
        city.recorder.submit_all(hours.collect()).await.expect("it is recorded");
        compute(&city.state).await.expect("computed");
        let found = city.episodes(&duty, "").await;
        assert_eq!(found.len(), wanted, "{over:?} without {missing:?}: {found:#?}");
    }
}

#[tokio::test]
async fn a_corrected_hour_supersedes_the_episode_which_stays_to_be_read() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
        compute(&city.state).await.expect("computed");
        let id = city.only(&duty).await;
        // The second hour comes again within the limit: two episodes instead of one.
        city.recorder.submit_all(vec![city.hour(-2, Some(4000), 9000)]).await.expect("recorded");
        compute(&city.state).await.expect("computed");
        let current = city.episodes(&duty, "").await;
        assert_eq!(current.len(), 2, "{current:#?}");
        assert_eq!(city.episodes(&duty, "?state=all").await.len(), 3);
        let old = city.get(&format!("{LIST}/{id}"), &duty).await.json();
        assert!(old["superseded_at"].is_string(), "{old:#}");
        let by = old["superseded_by"].as_i64();
        assert!(current.iter().any(|one| one["id"].as_i64() == by), "{old:#}");
        let page = city.get(&format!("/episodes/{id}?lang=en"), &duty).await.text();
        assert!(page.contains("computed anew"), "the page says so");

        // Everything within the limit: nothing is left, nothing is lost.
        let hours = OVER.filter(|hour| *hour != -2).map(|hour| city.hour(hour, Some(4000), 9500));
        city.recorder.submit_all(hours.collect()).await.expect("recorded");
        compute(&city.state).await.expect("computed");
        assert_eq!(city.episodes(&duty, "").await, Vec::<Value>::new());
        assert_eq!(city.episodes(&duty, "?state=all").await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_packet_is_signed_issued_once_logged_and_told_from_an_altered_one() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
        compute(&city.state).await.expect("computed");
        let registry = Registry::open(&store).await.expect("a registry");
        let sequencer = city.log.sequencer(&registry);
        sequencer.sequence_all(now()).await.expect("logged");
        let id = city.only(&duty).await;
        let file = format!("/episodes/{id}/packet.pdf");
        assert_eq!(city.get(&file, &duty).await.status, StatusCode::NOT_FOUND, "not issued yet");
        let issued = city.post(&format!("{LIST}/{id}/packet"), &duty, "").await;
        assert_eq!(issued.status, StatusCode::CREATED, "{}", issued.text());
        let packet = issued.json();
        assert_eq!(packet["number"], "2026-1");

        let pdf = city.get(&file, &duty).await.bytes;
        assert!(pdf.starts_with(b"%PDF-"), "it is a PDF");
        assert_eq!(packet["size"].as_u64(), Some(pdf.len() as u64));
        let again = city.post(&format!("{LIST}/{id}/packet"), &duty, "").await.json();
        assert_eq!(again, packet, "it is issued once");
        assert_eq!(city.get(&file, &duty).await.bytes, pdf);

        let like_a_checkpoint = city.log.sign("lucid.example/log\n5\nAAAA\n");
        assert_eq!(like_a_checkpoint, None, "the key signs nothing that passes for a checkpoint");
        assert_eq!(city.log.sign("without an end of line"), None);
        let keys = [city.log.key().clone()];
        assert!(check_file(&pdf, &keys).is_right(), "{:?}", check_file(&pdf, &keys));
        let early = check_with_store(&store, &pdf, &keys).await.expect("checked");
        assert!(!early.is_right(), "the record of issuing is not logged yet");
        sequencer.sequence_all(now()).await.expect("logged");
        let found = check_with_store(&store, &pdf, &keys).await.expect("checked");
        assert!(found.is_right(), "{found:?}");
        assert_eq!(found.number.as_deref(), Some("2026-1"));
        assert!(city.verified(&pdf).await.contains("not altered"), "the page says so");

        let mut altered = pdf.clone();
        altered[2000] ^= 1;
        assert!(!check_file(&altered, &keys).is_right(), "a byte was changed");
        assert!(city.verified(&altered).await.contains("It is not right"), "the page says so");
        assert!(!check_file(&pdf[..pdf.len() - 40], &keys).is_right(), "its end was cut off");
        let stranger = tempfile::tempdir().expect("a folder");
        let other = transparency::open_key(stranger.path(), "lucid.example/log").expect("a key");
        assert!(!check_file(&pdf, &[other.public().clone()]).is_right(), "another key");

        let filter = AuditFilter { action: "evidence.".into(), ..AuditFilter::default() };
        let audit = city.authority.audit(&filter, None, 10).await.expect("the audit");
        assert_eq!(audit.len(), 1);
        assert_eq!(Some(audit[0].id), packet["audit"].as_i64());
        let code = packet["code"].as_str().expect("a code");
        let page = city.get(&format!("/evidence/verify?lang=en&code={code}"), "").await.text();
        assert!(page.contains("Issued: 2026-1"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn officers_count_episodes_as_acts_with_a_reason_and_take_it_back() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
        compute(&city.state).await.expect("computed");
        let id = city.only(&duty).await;
        let path = format!("/episodes/{id}/decisions");
        let acts = async || {
            let one = city.get(&format!("{LIST}/{id}"), &duty).await.json();
            one["acts"].as_array().expect("acts").len()
        };
        assert_eq!(acts().await, 1);
        let at = time(2).as_millisecond();
        for wrong in [
            format!("choice=split&at={at}&reason=+"),
            format!("choice=maybe&at={at}&reason=x"),
            "choice=split&at=5&reason=x".to_owned(),
            format!("choice=merge&with={id}&reason=x"),
        ] {
            let answer = city.post(&path, &duty, &wrong).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        }
        let split = format!("choice=split&at={at}&reason=the+kiln+was+relit");
        let answer = city.post(&path, &duty, &split).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        assert_eq!(acts().await, 2);
        let one = city.get(&format!("{LIST}/{id}"), &duty).await.json();
        assert_eq!(one["periods"], 6, "what was computed stays");
        let decision = one["decisions"][0]["id"].as_i64().expect("a number");
        let back = format!("choice=withdraw&decision={decision}");
        assert_eq!(city.post(&path, &duty, &back).await.status, StatusCode::SEE_OTHER);
        assert_eq!(acts().await, 1);
        assert_eq!(city.post(&path, &duty, &back).await.status, StatusCode::NOT_FOUND);
        let filter = AuditFilter { action: "episode.".into(), ..AuditFilter::default() };
        let audit = city.authority.audit(&filter, None, 10).await.expect("the audit");
        let actions: Vec<_> = audit.iter().map(|record| record.action.as_str()).collect();
        assert_eq!(actions, ["episode.withdraw_decision", "episode.decide"]);
    })
    .await;
}

#[tokio::test]
async fn an_episode_becomes_one_case_to_which_its_packet_is_attached() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store).await;
        let county = Jurisdiction::Division("990121".into());
        let officer = city.officer("officer", Role::CountyOfficer, county).await;
        let observer = city.officer("observer", Role::Observer, Jurisdiction::Everything).await;
        compute(&city.state).await.expect("computed");
        let id = city.only(&officer).await;
        let (case, packet) =
            (format!("/episodes/{id}/case"), format!("/episodes/{id}/case/packet"));
        for path in [&case, &packet] {
            let answer = city.post(path, &observer, "").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        let early = city.post(&packet, &officer, "").await;
        assert_eq!(early.status, StatusCode::BAD_REQUEST, "there is neither case nor packet");
        let first = city.post(&case, &officer, "").await;
        assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text());
        assert!(first.to.starts_with("/cases/"), "{}", first.to);
        assert_eq!(city.post(&case, &officer, "").await.to, first.to, "it is opened once");
        city.post(&format!("/episodes/{id}/packet"), &officer, "").await;
        let attached = city.post(&packet, &officer, "").await;
        assert_eq!(attached.status, StatusCode::SEE_OTHER, "{}", attached.text());
        assert_eq!(attached.to, first.to);

        // What supersedes the episode keeps its case and leads to it.
        city.recorder.submit_all(vec![city.hour(3, Some(7000), 9000)]).await.expect("recorded");
        compute(&city.state).await.expect("computed");
        let next = city.only(&officer).await;
        assert_ne!(next, id);
        assert_eq!(city.post(&format!("/episodes/{next}/case"), &officer, "").await.to, first.to);
        let page = city.get(&format!("/episodes/{next}?lang=en"), &officer).await.text();
        assert!(page.contains(&format!("/episodes/{id}\"")), "it leads to what it superseded");
        assert!(page.contains("Issue the packet"), "what differs has a packet of its own");
    })
    .await;
}

#[tokio::test]
async fn an_enterprise_sees_its_own_episodes_and_nobody_anothers() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    compute(&city.state).await.expect("computed");
    let division = |code: &str| Jurisdiction::Division(code.into());
    let enterprise = |code: &str| Jurisdiction::Enterprise(code.into());
    let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
    let here = city.officer("here", Role::CountyOfficer, division("990121")).await;
    let elsewhere = city.officer("elsewhere", Role::CountyOfficer, division("990102")).await;
    let own = city.officer("own", Role::EnterpriseManager, enterprise("DEMO-9002")).await;
    let other = city.officer("other", Role::EnterpriseManager, enterprise("DEMO-9001")).await;
    let observer = city.officer("observer", Role::Observer, Jurisdiction::Everything).await;
    let id = city.only(&duty).await;
    city.post(&format!("/episodes/{id}/packet"), &here, "").await;
    let (page, one) = (format!("/episodes/{id}"), format!("{LIST}/{id}"));
    let file = format!("/episodes/{id}/packet.pdf");

    for path in ["/episodes", "/episodes/file.xlsx", page.as_str(), file.as_str()] {
        let answer = city.get(path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.to.starts_with("/sign-in"), "{path} leads to {}", answer.to);
    }
    for path in [LIST, one.as_str()] {
        assert_eq!(city.get(path, "").await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in [page.as_str(), one.as_str(), file.as_str()] {
        for cookie in [&duty, &here, &own, &observer] {
            assert_eq!(city.get(path, cookie).await.status, StatusCode::OK, "{path}");
        }
        for cookie in [&elsewhere, &other] {
            assert_eq!(city.get(path, cookie).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    for cookie in [&elsewhere, &other] {
        assert_eq!(city.episodes(cookie, "").await, Vec::<Value>::new());
    }
    for cookie in [&here, &own] {
        assert_eq!(city.only(cookie).await, id);
    }
    for (path, form) in [
        (format!("/episodes/{id}/packet"), ""),
        (format!("/episodes/{id}/decisions"), "choice=split&at=1&reason=x"),
        ("/episodes/run".to_owned(), ""),
    ] {
        for cookie in [&own, &other, &observer] {
            let answer = city.post(&path, cookie, form).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        let answer = city.post(&path, "", form).await;
        assert!(answer.status != StatusCode::OK, "{path}: {}", answer.status);
    }
    assert_eq!(city.get(&format!("{LIST}/999"), &duty).await.status, StatusCode::NOT_FOUND);
    let wrong = city.get(&format!("{LIST}?factor=x1"), &duty).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(city.get("/evidence/verify", "").await.status, StatusCode::OK, "for anybody");
}

#[tokio::test]
async fn a_page_tells_what_an_episode_rests_on_in_both_languages() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store).await;
    compute(&city.state).await.expect("computed");
    let duty = city.officer("duty", Role::DutyOfficer, Jurisdiction::Everything).await;
    let id = city.only(&duty).await;
    for (zh, en) in [
        ("超标排放量", "Over the limit"),
        ("逐时段数据与标记", "Values and marks"),
        ("判定依据", "What it rests on"),
        ("签发证据包", "Issue the packet"),
        ("拆分", "Split"),
        ("fictitious permit", "fictitious permit"),
    ] {
        for (language, wanted) in [("zh", zh), ("en", en)] {
            let page = city.get(&format!("/episodes/{id}?lang={language}"), &duty).await.text();
            assert!(page.contains(wanted), "the page in {language} lacks {wanted:?}");
        }
    }
    let page = city.get(&format!("/episodes/{id}"), &duty).await.text();
    assert!(page.contains("<svg"), "the course is drawn");
    let xlsx = city.get("/episodes/file.xlsx", &duty).await.bytes;
    assert!(xlsx.starts_with(b"PK"), "the list is a file");
}
