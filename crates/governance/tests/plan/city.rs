//! A city with its plan, cases and people, and a clock that the test moves.

use authority::{
    Actor, Attempt, Authority, Jurisdiction, NewOrganisation, NewUser, OrganisationId,
    OrganisationKind, Origin, Purpose, Role,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use caseflow::CaseKind;
use cases::Cases;
use delivery::{Outbox, Settings};
use evaluation::Worker;
use evidence::Evidence;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use observations::{Delivery, FactorValue, NewRow, Origin as From, Recorder};
use registry::{PointKind, Registry};
use rulebook::{Decimal, Period, beijing_offset};
use serde_json::Value;
use std::cell::Cell;
use std::path::Path;
use store::{Migration, Store};
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

thread_local! {
    /// Each test runs on its own thread and moves its own time.
    static NOW: Cell<i64> = const { Cell::new(0) };
}

/// What the clock says.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(NOW.get()).expect("a time")
}

/// Noon in Beijing on a day.
pub(crate) fn noon(day: Date) -> Timestamp {
    beijing_offset().to_timestamp(day.at(12, 0, 0, 0)).expect("a time")
}

/// Moves the clock to the noon of a day.
pub(crate) fn set(day: Date) {
    NOW.set(noon(day).as_second());
}

/// A day on which nothing of these plans is late yet.
pub(crate) const FIRST_DAY: Date = date(2026, 11, 20);

pub(crate) struct City {
    pub(crate) state: AppState,
    pub(crate) store: Store,
    pub(crate) cases: Cases,
    pub(crate) recorder: Recorder,
    authority: Authority,
    router: Router,
    _folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) to: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

pub(crate) fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        delivery::MIGRATIONS,
        cases::MIGRATIONS,
        permits::MIGRATIONS,
        validity::MIGRATIONS,
        governance::MIGRATIONS,
    ]
    .concat()
}

fn kind(name: &str) -> CaseKind {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../supervision/src/kinds");
    let text = std::fs::read_to_string(folder.join(name)).expect("the kind");
    CaseKind::load(name, &text).unwrap_or_else(|wrong| panic!("{wrong:#?}"))
}

/// The city of a folder, as its files stand.
pub(crate) async fn city(store: &Store, name: &str) -> City {
    set(FIRST_DAY);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities").join(name);
    let files = registry::load::read_city(&folder).expect("a right city");
    registry::store::install(store, &files).await.expect("it installs");
    let registry = Registry::open(store).await.expect("a registry");
    let recorder = Recorder::open(store).await.expect("a recorder");
    let (_, evaluation) =
        Worker::open(store, &registry, &recorder, Vec::new(), now).await.expect("a worker");
    let (authority, _) = Authority::open(store, now()).await.expect("authority");
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = Evidence::open(&folder.path().join("evidence")).expect("a folder of files");
    let outbox = Outbox::new(store, Settings::default()).expect("an outbox");
    let kinds = vec![
        kind("plan_duty.toml"),
        kind("inspection_rectification.toml"),
        kind("assessment.toml"),
    ];
    let cases = Cases::open(store, &authority, &evidence, &outbox, folder.path(), kinds).await;
    let cases = cases.expect("the engine");
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
    let state =
        AppState::new(parts, governance::slices()).with(cases.clone()).with(evidence.clone());
    City {
        router: web::router(state.clone()),
        store: store.clone(),
        state,
        cases,
        recorder,
        authority,
        _folder: folder,
    }
}

impl City {
    /// A unit of the administration.
    pub(crate) async fn unit(&self, kind: OrganisationKind, code: &str) -> OrganisationId {
        let new = NewOrganisation {
            parent: None,
            kind,
            code: code.into(),
            name_zh: code.into(),
            name_en: code.into(),
        };
        self.authority.add_organisation(&Actor::console(), &new, now()).await.expect("added")
    }

    /// Somebody with a role somewhere, signed in: their cookie and principal.
    pub(crate) async fn person(
        &self,
        login: &str,
        role: Role,
        place: Jurisdiction,
        organisation: Option<OrganisationId>,
    ) -> (String, authority::Principal) {
        let actor = Actor::console();
        let new = NewUser { login: login.into(), name: login.into(), organisation };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        self.authority.grant(&actor, user, role, &place, now()).await.expect("granted");
        let principal = self.authority.principal(user).await.expect("it works").expect("a user");
        (self.sign_in(&principal).await, principal)
    }

    /// The same for who belongs nowhere and is only looked at: their cookie.
    pub(crate) async fn cookie(&self, login: &str, role: Role, place: Jurisdiction) -> String {
        self.person(login, role, place, None).await.0
    }

    /// Signs somebody in anew, when the clock has moved far: their cookie.
    pub(crate) async fn sign_in(&self, who: &authority::Principal) -> String {
        let user = who.user.expect("a user");
        let link = self.authority.make_link(&Actor::console(), user, Purpose::SignIn, now()).await;
        let link = link.expect("a link");
        let attempt = self.authority.follow_link(&link, "", &Origin::default(), now()).await;
        let Ok(Attempt::In(begun)) = attempt else { panic!("not let in: {attempt:?}") };
        format!("lucid_session={}", begun.secret)
    }

    /// What comes back for a look at an address, with its bytes.
    pub(crate) async fn response(&self, path: &str, cookie: &str) -> axum::response::Response {
        let request = Request::builder()
            .uri(path)
            .header(header::COOKIE, cookie)
            .body(Body::empty())
            .expect("a request");
        self.router.clone().oneshot(request).await.expect("an answer")
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, cookie: &str, form: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.send(method, path, cookie, kind, Body::from(form.to_owned())).await
    }

    /// Sends a body of some kind.
    pub(crate) async fn send(
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
        let body = to_bytes(body, 1 << 23).await.expect("a body");
        Answer { status: parts.status, to, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Method::GET, path, cookie, "").await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        self.ask(Method::POST, path, cookie, form).await
    }

    /// The hours of a station on a day: PM2.5 and PM10 at a level, the gases low.
    pub(crate) async fn air(&self, station: &str, day: Date, pm25: i64, late: i64) {
        let snapshot = self.state.snapshot();
        let point = snapshot.point_by_code(PointKind::AirStation, station).expect("a station").id;
        let factors = [
            ("a21026", 8),
            ("a21004", 20),
            ("a34002", 50),
            ("a34004", pm25),
            ("a21005", 1),
            ("a05024", 60),
        ];
        let values: Vec<FactorValue> = factors
            .iter()
            .filter_map(|(code, value)| {
                let factor = snapshot.factor_by_code(code)?.id;
                Some(FactorValue {
                    flag: Some(b'N'),
                    ..FactorValue::of(factor, Decimal::from(*value))
                })
            })
            .collect();
        let deliveries = (0..24_i64).map(|hour| {
            let at = beijing_offset().to_timestamp(day.at(0, 0, 0, 0)).expect("a time");
            let observed_at = Timestamp::from_second(at.as_second() + hour * 3600).expect("a time");
            Delivery {
                raw: format!("##{station} {day} {hour} {pm25}").into_bytes(),
                received_at: Timestamp::from_second(observed_at.as_second() + 3600 + late)
                    .expect("a time"),
                origin: From { device: Some("MN".into()), peer: "10.0.0.1:1".into() },
                rows: vec![NewRow {
                    point,
                    period: Period::Hour,
                    observed_at,
                    values: values.clone(),
                }],
            }
        });
        self.recorder.submit_all(deliveries.collect()).await.expect("it is recorded");
    }
}

impl City {
    /// What was done, by the beginning of its word, oldest first.
    pub(crate) async fn audited(&self, action: &str) -> Vec<String> {
        let filter = authority::AuditFilter { action: action.into(), ..Default::default() };
        let mut records = self.authority.audit(&filter, None, 100).await.expect("records");
        records.reverse();
        records.into_iter().map(|record| record.action).collect()
    }

    /// Installs the city's files again, with one more.
    pub(crate) async fn with_file(&self, path: &str, text: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
        let mut files = registry::load::read_city(&folder).expect("a right city");
        files.kept_files.insert(path.into(), text.into());
        registry::store::install(&self.store, &files).await.expect("it installs");
    }

    /// Installs the city's files again, without the folder of its plan.
    pub(crate) async fn without_plan(&self) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
        let mut files = registry::load::read_city(&folder).expect("a right city");
        files.kept_files.retain(|path, _| !path.starts_with("plan/"));
        registry::store::install(&self.store, &files).await.expect("it installs");
    }
}
