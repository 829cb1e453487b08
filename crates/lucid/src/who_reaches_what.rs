//! Every address of the assembled router, asked by everyone: compared with a table, so that nothing
//! is reachable that nobody has thought of. `LUCID_BLESS=1` writes it anew.
//!
//! Addresses are those the router itself names, so that a new one cannot be forgotten here.

use authority::{Actor, Attempt, Authority, Jurisdiction, NewUser, Origin, Purpose, Role, UserId};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use cases::Cases;
use delivery::Outbox;
use evaluation::Worker;
use evidence::Evidence;
use jiff::Timestamp;
use observations::Recorder;
use registry::Registry;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;
use tower::ServiceExt as _;
use transparency::Log;
use web::{AppState, Live, Parts};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/who_reaches_what.txt");
/// What any form asks for, so that nobody is turned away for an empty field.
const FORM: &str = "login=nobody&name=x&role=observer&place=everything%3A&kind=everything&code=zz\
    &organisation=&name_zh=x&name_en=x&token=x&password=x&next=/&ticket=x&secret=x&old=x&new=x\
    &days=1";

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

struct City {
    state: AppState,
    router: axum::Router,
    authority: Authority,
    _store: testkit::TestStore,
    _folder: tempfile::TempDir,
}

async fn city() -> City {
    let migrations: Vec<_> = crate::slices::migrations().concat();
    let store = testkit::sqlite(&migrations).await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cities/example");
    let files = registry::load::read_city(std::path::Path::new(folder)).expect("a right city");
    registry::store::install(&store.store, &files).await.expect("it installs");
    let registry = Registry::open(&store.store).await.expect("a registry");
    let recorder = Recorder::open(&store.store).await.expect("a recorder");
    let (_, evaluation) =
        Worker::open(&store.store, &registry, &recorder, Vec::new(), now).await.expect("a worker");
    let (authority, _) = Authority::open(&store.store, now()).await.expect("authority");
    let parts = Parts {
        store: store.store.clone(),
        registry,
        recorder,
        evaluation,
        authority: authority.clone(),
        live: Live::default(),
        clock: now,
        started_at: now(),
        metrics: Box::new(String::new),
    };
    let folder = tempfile::tempdir().expect("a folder");
    let state = equipped(AppState::of_areas(parts, crate::slices::areas()), folder.path()).await;
    City { router: web::router(state.clone()), state, authority, _store: store, _folder: folder }
}

/// The state with what the server gives to pages beside it.
async fn equipped(state: AppState, folder: &std::path::Path) -> AppState {
    let evidence = Evidence::open(&folder.join("evidence")).expect("a folder of files");
    let outbox = Outbox::new(&state.store, delivery::Settings::default()).expect("an outbox");
    let kinds = supervision::kinds::all(&[]).expect("right kinds");
    let (store, authority) = (&state.store, &state.authority);
    let cases = Cases::open(store, authority, &evidence, &outbox, folder, kinds).await;
    let publications = environment::publications();
    let log = Log::open(store, folder, "lucid/example/log", publications, now()).await;
    let (cases, log) = (cases.expect("the engine"), log.expect("a log"));
    state.with(cases).with(evidence).with(outbox).with(log)
}

/// Someone who asks.
struct Asker {
    name: String,
    user: Option<UserId>,
    cookie: String,
}

impl City {
    async fn askers(&self) -> Vec<Asker> {
        let snapshot = self.state.snapshot();
        let division = snapshot.divisions.iter().find(|row| row.parent.is_some());
        let division = Jurisdiction::Division(division.expect("a county").code.clone());
        let enterprise = snapshot.enterprises().next().expect("an enterprise").code.clone();
        let enterprise = Jurisdiction::Enterprise(enterprise);
        let mut asked: Vec<_> =
            Role::ALL.map(|role| (role, Jurisdiction::Everything)).into_iter().collect();
        for role in [Role::Administrator, Role::CountyOfficer, Role::Inspector] {
            asked.push((role, division.clone()));
        }
        asked.push((Role::EnterpriseManager, enterprise));
        let mut askers =
            vec![Asker { name: "anonymous".into(), user: None, cookie: String::new() }];
        askers.push(self.asker("nothing granted", None).await);
        for (role, place) in asked {
            let kind = place.parts().0;
            let name = match kind {
                "everything" => role.as_str().to_owned(),
                _ => format!("{}@{kind}", role.as_str()),
            };
            askers.push(self.asker(&name, Some((role, place))).await);
        }
        askers
    }

    async fn asker(&self, name: &str, grant: Option<(Role, Jurisdiction)>) -> Asker {
        let actor = Actor::console();
        let login: String = name
            .chars()
            .map(|letter| if letter.is_ascii_lowercase() { letter } else { '-' })
            .collect();
        let new = NewUser { login, name: name.to_owned(), organisation: None };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        if let Some((role, place)) = grant {
            self.authority.grant(&actor, user, role, &place, now()).await.expect("granted");
        }
        Asker { name: name.to_owned(), user: Some(user), cookie: self.cookie(user).await }
    }

    async fn cookie(&self, user: UserId) -> String {
        let actor = Actor::console();
        let link = self.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let origin = Origin::default();
        let attempt = self.authority.follow_link(&link.expect("a link"), "", &origin, now()).await;
        let Ok(Attempt::In(begun)) = attempt else { panic!("not let in: {attempt:?}") };
        format!("lucid_session={}", begun.secret)
    }

    /// What comes of asking: the status, or that one is led to the sign-in.
    async fn ask(&self, asker: &mut Asker, method: &Method, path: &str, count: u32) -> String {
        // Programs send JSON, and files as forms do.
        let is_json = path.starts_with("/api/") && !path.ends_with("/evidence");
        let (kind, sent) = if is_json {
            ("application/json", "{}")
        } else {
            ("application/x-www-form-urlencoded", FORM)
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, kind)
            .header("sec-fetch-site", "same-origin");
        if asker.user.is_some() {
            request = request.header(header::COOKIE, &asker.cookie);
        }
        let body = if *method == Method::GET { "" } else { sent };
        let mut request = request.body(Body::from(body)).expect("a request");
        // Each request from an address of its own: the throttle is tried elsewhere.
        let address = SocketAddr::from((count.to_be_bytes(), 1));
        request.extensions_mut().insert(ConnectInfo(address));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let to = response.headers().get(header::LOCATION);
        let to = to.and_then(|to| to.to_str().ok()).unwrap_or_default();
        let status = response.status();
        if status == StatusCode::SEE_OTHER
            && path.contains("sign-out")
            && let Some(user) = asker.user
        {
            asker.cookie = self.cookie(user).await;
        }
        match status {
            StatusCode::SEE_OTHER if to.starts_with("/sign-in") => "sign-in".to_owned(),
            StatusCode::UNAUTHORIZED => "401".to_owned(),
            other => other.as_u16().to_string(),
        }
    }
}

/// The addresses that the router names, from what it says about itself.
fn addresses(router: &axum::Router) -> BTreeSet<String> {
    let text = format!("{router:?}");
    let inner = text.split('"').skip(1).step_by(2);
    inner
        .filter(|part| part.starts_with('/') && !part.contains("__private"))
        .map(str::to_owned)
        .collect()
}

/// An address with something in the place of each parameter, which nothing has for its number.
fn filled(address: &str) -> String {
    let parts = address.split('/').map(|part| if part.contains('{') { "999999" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn table() -> String {
    let city = city().await;
    let mut askers = city.askers().await;
    let names: Vec<String> = askers.iter().map(|asker| asker.name.clone()).collect();
    let mut text = format!(
        "# Method and address, then each answer with those who get it. Written by the test.\n\
         # Askers: {}.\n\
         # `sign-in` leads to the form; 404 means that one may ask and nothing has that number.\n",
        names.join(", ")
    );
    let all = addresses(&city.router);
    assert!(all.contains("/users/{id}") && all.contains("/api/v1/alerts"), "{all:?}");
    let mut count = 0;
    for address in &all {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let mut answers: Vec<(String, Vec<String>)> = Vec::new();
            for asker in &mut askers {
                count += 1;
                let answer = city.ask(asker, &method, &filled(address), count).await;
                match answers.iter_mut().find(|(known, _)| *known == answer) {
                    Some((_, who)) => who.push(asker.name.clone()),
                    None => answers.push((answer, vec![asker.name.clone()])),
                }
            }
            if answers.iter().all(|(answer, _)| answer == "405") {
                continue;
            }
            let _ = write!(text, "{method} {address}:");
            for (answer, who) in &answers {
                let all = who.len() == askers.len();
                let who = if all { "everyone".to_owned() } else { who.join(", ") };
                let _ = write!(text, " {answer} {who};");
            }
            text.push('\n');
        }
    }
    text
}

#[tokio::test]
async fn nothing_is_reachable_but_what_the_table_says() {
    let found = table().await;
    if std::env::var_os("LUCID_BLESS").is_some() {
        std::fs::write(TABLE, &found).expect("the table can be written");
    }
    let wanted = std::fs::read_to_string(TABLE).expect("the table is there");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (found, wanted) = (lines(&found), lines(&wanted));
    let new: Vec<_> = found.difference(&wanted).collect();
    let gone: Vec<_> = wanted.difference(&found).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "the router differs from {TABLE}; look at each line, then write it with LUCID_BLESS=1\n\
         now: {new:#?}\nbefore: {gone:#?}"
    );
}

#[tokio::test]
async fn every_page_that_a_plan_names_is_there() {
    let city = city().await;
    let mut asker = city.asker("auditor", Some((Role::Auditor, Jurisdiction::Everything))).await;
    for name in crate::city::built_in() {
        let files = crate::city::read(&name).unwrap_or_else(|failure| panic!("{failure}"));
        let plan = crate::city::plan(&files).expect("sound").expect("each of them has a plan");
        for module in plan.measures.iter().flat_map(|measure| &measure.modules) {
            let answer = city.ask(&mut asker, &Method::GET, &module.path, 1).await;
            assert!(!["404", "405"].contains(&answer.as_str()), "{name}: {} {answer}", module.path);
        }
    }
}
