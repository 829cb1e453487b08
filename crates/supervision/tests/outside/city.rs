//! A small city with the engine of cases, and requests to it.

use authority::{
    Actor, Attempt, Authority, Jurisdiction, NewUser, OrganisationId, OrganisationKind, Origin,
    Purpose, Role, UserId,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use cases::{By, CaseId, Cases, Viewer};
use delivery::{Outbox, Partner, Secret, Settings};
use evaluation::Worker;
use evidence::Evidence;
use jiff::Timestamp;
use observations::Recorder;
use registry::Registry;
use store::Store;
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

/// The county in which things happen.
pub(crate) const COUNTY: &str = "990102";
/// The secret of the partner of exchange.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

pub(crate) struct City {
    pub(crate) router: Router,
    pub(crate) authority: Authority,
    pub(crate) cases: Cases,
    pub(crate) outbox: Outbox,
    pub(crate) store: Store,
    pub(crate) unit: OrganisationId,
    _store: testkit::TestStore,
    _folder: tempfile::TempDir,
}

/// Someone with an account.
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) cookie: String,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A city on SQLite.
pub(crate) async fn city() -> City {
    city_in(testkit::sqlite(&migrations()).await).await
}

/// A city on PostgreSQL, where a server is named.
pub(crate) async fn city_on_postgres() -> Option<City> {
    Some(city_in(testkit::postgres(&migrations()).await?).await)
}

fn migrations() -> Vec<store::Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        delivery::MIGRATIONS,
        cases::MIGRATIONS,
        permits::MIGRATIONS,
        supervision::MIGRATIONS,
    ]
    .concat()
}

async fn city_in(kept: testkit::TestStore) -> City {
    let store = kept.store.clone();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cities/example");
    let files = registry::load::read_city(std::path::Path::new(folder)).expect("a right city");
    registry::store::install(&store, &files).await.expect("it installs");
    let registry = Registry::open(&store).await.expect("a registry");
    let recorder = Recorder::open(&store).await.expect("a recorder");
    let (_, evaluation) =
        Worker::open(&store, &registry, &recorder, Vec::new(), now).await.expect("a worker");
    let (authority, _) = Authority::open(&store, now()).await.expect("authority");
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = Evidence::open(&folder.path().join("evidence")).expect("a folder of files");
    let outbox = Outbox::new(&store, settings()).expect("an outbox");
    let kinds = supervision::kinds::all(&[]).expect("right kinds");
    let unit = organisation(&authority).await;
    let cases = Cases::open(&store, &authority, &evidence, &outbox, folder.path(), kinds).await;
    let cases = cases.expect("the engine");
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
    let enterprises = vec![enterprises::enterprise::slice(), enterprises::own_desk::slice()];
    let state = AppState::new(parts, [supervision::slices(), enterprises].concat())
        .with(cases.clone())
        .with(evidence)
        .with(outbox.clone());
    let router = web::router(state);
    City { router, authority, cases, outbox, store, unit, _store: kept, _folder: folder }
}

fn settings() -> Settings {
    let partner = Partner {
        name: "hotline".into(),
        address: "http://127.0.0.1:9/exchange".into(),
        secret: Secret(SECRET.into()),
    };
    Settings { partners: vec![partner], ..Settings::default() }
}

async fn organisation(authority: &Authority) -> OrganisationId {
    let new = authority::NewOrganisation {
        parent: None,
        kind: OrganisationKind::County,
        code: COUNTY.into(),
        name_zh: "东湖区".into(),
        name_en: "Donghu".into(),
    };
    authority.add_organisation(&Actor::console(), &new, now()).await.expect("a county")
}

impl City {
    /// Someone with a role in a place, signed in; of the county's unit.
    pub(crate) async fn person(&self, login: &str, role: Option<(Role, Jurisdiction)>) -> Person {
        let actor = Actor::console();
        let organisation = Some(self.unit);
        let new = NewUser { login: login.into(), name: login.into(), organisation };
        let id = self.authority.add_user(&actor, &new, now()).await.expect("added");
        if let Some((role, place)) = role {
            self.authority.grant(&actor, id, role, &place, now()).await.expect("granted");
        }
        let link = self.authority.make_link(&actor, id, Purpose::SignIn, now()).await;
        let origin = Origin::default();
        let attempt = self.authority.follow_link(&link.expect("a link"), "", &origin, now()).await;
        let Ok(Attempt::In(begun)) = attempt else { panic!("not let in: {attempt:?}") };
        Person { id, cookie: format!("lucid_session={}", begun.secret) }
    }

    pub(crate) async fn everywhere(&self, login: &str, role: Role) -> Person {
        self.person(login, Some((role, Jurisdiction::Everything))).await
    }

    pub(crate) async fn in_county(&self, login: &str, role: Role) -> Person {
        self.person(login, Some((role, Jurisdiction::Division(COUNTY.into())))).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 1 << 24).await.expect("a body");
        Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub(crate) async fn get(&self, cookie: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// A form without files, as a browser sends it from a page of ours.
    pub(crate) async fn post(&self, cookie: &str, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(encoded(pairs))).expect("a request")).await
    }

    /// A form with files.
    pub(crate) async fn post_files(
        &self,
        path: &str,
        pairs: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Answer {
        const BOUNDARY: &str = "----lucid-test-boundary";
        let mut body = Vec::new();
        for (name, value) in pairs {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"");
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n").bytes());
        }
        for (name, bytes) in files {
            let head = format!(
                "Content-Disposition: form-data; name=\"photo\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream"
            );
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    pub(crate) async fn put(&self, cookie: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let request = Request::builder()
            .method(Method::PUT)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, kind)
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(body.to_vec())).expect("a request")).await
    }

    /// How a case stands for an auditor who sees everything.
    pub(crate) async fn case(&self, number: &str) -> cases::CaseView {
        let id = self.cases.find(number).await.expect("there is one");
        let all = authority::Principal::of_role(Role::Auditor);
        self.cases.case(&Viewer::Person(&all), id, now()).await.expect("readable")
    }

    /// Takes a step of a case as somebody, with fields.
    pub(crate) async fn step(
        &self,
        who: &Person,
        id: CaseId,
        transition: &str,
        fields: &[(&str, &str)],
    ) {
        let principal = self.authority.principal(who.id).await.expect("it works").expect("a user");
        let by = By::Person { principal: &principal, address: "192.0.2.1" };
        let view = self.cases.case(&Viewer::Person(&principal), id, now()).await.expect("readable");
        let mut act = cases::Act::new(transition, view.case.version);
        act.note = "ok".into();
        act.unit = Some(self.unit);
        act.fields =
            fields.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
        let taken = self.cases.take(&by, id, act, now()).await;
        taken.unwrap_or_else(|error| panic!("{transition}: {error}"));
    }
}

/// Pairs as the body of a form.
pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// What stands between two texts of a page.
pub(crate) fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page.split(before).nth(1).unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split(after).next().expect("a part")
}

/// The smallest picture: a grey point as PNG.
pub(crate) const PICTURE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b,
    0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x68, 0x00, 0x00, 0x00,
    0x82, 0x00, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae,
    0x42, 0x60, 0x82,
];
