//! The pages of enterprises and their own desk, as different people see them.

use authority::{Actor, Authority, Jurisdiction, NewUser, Origin, Principal, Purpose, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use evaluation::Worker;
use jiff::{SignedDuration, Timestamp};
use maud::html;
use observations::Recorder;
use registry::Registry;
use serde_json::Value;
use tower::ServiceExt as _;
use web::{AppState, Duty, Happening, Live, Panel, Parts, Problem, Slice};

const OWN: &str = "DEMO-0001";
const OTHER: &str = "DEMO-0002";

fn now() -> Timestamp {
    Timestamp::from_second(1_796_000_000).expect("a time")
}

fn hours(number: i64) -> Timestamp {
    now().saturating_add(SignedDuration::from_hours(number)).expect("a time")
}

fn speaks_for(principal: Option<&Principal>) -> bool {
    principal.is_some_and(|principal| principal.has_role(Role::EnterpriseManager))
}

fn happening(at: Timestamp, title: &str) -> Happening {
    Happening { at, kind: "told".into(), title: title.into(), link: Some("/told".into()) }
}

fn duty(due_at: Option<Timestamp>, title: &str) -> Duty {
    Duty { due_at, kind: "duty".into(), title: title.into(), link: "/duty".into() }
}

/// A slice that tells something to those who speak for an enterprise, and some things to all.
fn telling() -> Slice {
    Slice {
        name: "telling",
        pages: Router::new,
        api: utoipa_axum::router::OpenApiRouter::new,
        navigation: &[],
        home: None,
        map: None,
        enterprise: Some(|_, _, _, principal| {
            Box::pin(async move {
                Ok(speaks_for(principal.as_deref()).then(|| Panel {
                    anchor: "secret",
                    order: 25,
                    title: "A part for the enterprise".into(),
                    content: html! { "what it may see" },
                }))
            })
        }),
        timeline: Some(|_, _, _, principal| {
            Box::pin(async move {
                let old = happening(hours(-9), "an old thing");
                let mut told = vec![old, happening(hours(-1), "a new thing")];
                if speaks_for(principal.as_deref()) {
                    told.push(happening(hours(-5), "a thing of its own"));
                }
                Ok(told)
            })
        }),
        duties: Some(|_, _, _, _| {
            Box::pin(async move {
                Ok(vec![
                    duty(None, "without a clock"),
                    duty(Some(hours(30)), "due tomorrow"),
                    duty(Some(hours(-2)), "due before"),
                ])
            })
        }),
    }
}

fn problem() -> Problem {
    Problem::bad_request("坏了", "it broke")
}

/// A slice that fails wherever it is asked.
fn broken() -> Slice {
    Slice {
        name: "broken",
        enterprise: Some(|_, _, _, _| Box::pin(async { Err(problem()) })),
        timeline: Some(|_, _, _, _| Box::pin(async { Err(problem()) })),
        duties: Some(|_, _, _, _| Box::pin(async { Err(problem()) })),
        ..telling()
    }
}

struct City {
    router: Router,
    authority: Authority,
    _store: testkit::TestStore,
}

async fn city() -> City {
    let migrations = [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        permits::MIGRATIONS,
        enterprises::MIGRATIONS,
    ]
    .concat();
    let store = testkit::sqlite(&migrations).await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cities/zhangzhou");
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
    let slices =
        vec![enterprises::enterprise::slice(), enterprises::own_desk::slice(), telling(), broken()];
    City { router: web::router(AppState::new(parts, slices)), authority, _store: store }
}

impl City {
    /// Somebody signed in; gives their cookie.
    async fn signed_in(&self, login: &str, role: Role, places: &[Jurisdiction]) -> String {
        let actor = Actor::console();
        let new = NewUser { login: login.into(), name: login.into(), organisation: None };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        for place in places {
            self.authority.grant(&actor, user, role, place, now()).await.expect("granted");
        }
        let link = self.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let link = link.expect("a link");
        let attempt = self.authority.follow_link(&link, "", &Origin::default(), now()).await;
        let Ok(authority::Attempt::In(begun)) = attempt else { panic!("not in: {attempt:?}") };
        format!("lucid_session={}", begun.secret)
    }

    async fn get(&self, cookie: &str, path: &str) -> (StatusCode, String) {
        let request = Request::get(path)
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT_LANGUAGE, "en")
            .body(Body::empty())
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 24).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get("", path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        serde_json::from_str(&body).expect("JSON")
    }
}

fn own(code: &str) -> Jurisdiction {
    Jurisdiction::Enterprise(code.to_owned())
}

/// That texts stand in a page in this order.
fn in_order(page: &str, texts: &[&str]) {
    let mut rest = page;
    for text in texts {
        let at = rest.find(text).unwrap_or_else(|| panic!("{text:?} is not behind the one before"));
        rest = &rest[at + text.len()..];
    }
}

#[tokio::test]
async fn anybody_reads_the_list_filters_it_and_takes_it_away() {
    let city = city().await;
    let (status, page) = city.get("", "/enterprises").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("/enterprises/DEMO-0001"), "{page}");
    let all = city.json("/api/v1/enterprises").await;
    let total = all["total"].as_u64().expect("a number");
    assert!(total > 3);
    for (query, fits) in [
        ("q=demo-0001", Some("DEMO-0001")),
        ("q=no+such+name", None),
        ("division=000000", None),
        ("class=key", None),
    ] {
        let found = city.json(&format!("/api/v1/enterprises?{query}")).await;
        assert_eq!(found["enterprises"][0]["code"].as_str(), fits, "{query}");
    }
    let none = city.json("/api/v1/enterprises?class=none").await;
    assert_eq!(none["total"].as_u64(), Some(total), "no permit is entered");
    let (status, _) = city.get("", "/enterprises?class=x").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, file) = city.get("", "/enterprises/export/enterprises.csv?q=demo-0001").await;
    assert_eq!((status, file.lines().count()), (StatusCode::OK, 2));
    let (status, _) = city.get("", "/enterprises/export/enterprises.xlsx").await;
    assert_eq!(status, StatusCode::OK);
    for path in ["/enterprises/export/x.pdf", "/enterprises/none", "/api/v1/enterprises/none"] {
        assert_eq!(city.get("", path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_page_shows_each_reader_what_they_may_see_and_survives_a_broken_part() {
    let city = city().await;
    let path = format!("/enterprises/{OWN}");
    let manager = city.signed_in("manager", Role::EnterpriseManager, &[own(OWN)]).await;
    for (cookie, sees_own) in [("", false), (manager.as_str(), true)] {
        let (status, page) = city.get(cookie, &path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("it broke") && page.contains("These parts cannot be read now"));
        assert!(page.contains("Credit is not evaluated here yet"));
        in_order(&page, &["id=\"timeline\"", "a new thing", "an old thing"]);
        for text in ["A part for the enterprise", "a thing of its own"] {
            assert_eq!(page.contains(text), sees_own, "{text}");
        }
    }
    let (status, _) = city.get("", &format!("{path}/timeline.xlsx")).await;
    assert_eq!(status, StatusCode::OK);
    let one = city.json(&format!("/api/v1/enterprises/{OWN}")).await;
    assert_eq!(one["timeline"].as_array().map(Vec::len), Some(2));
    assert_eq!(one["timeline_is_missing"][0], "broken");
    assert!(one["outlets"].as_array().is_some_and(|outlets| !outlets.is_empty()));
}

#[tokio::test]
async fn a_desk_is_its_enterprises_alone_and_sorts_by_the_time_left() {
    let city = city().await;
    let (status, _) = city.get("", "/my-enterprise").await;
    assert_eq!(status, StatusCode::SEE_OTHER, "signs in first");
    assert_eq!(city.get("", "/my-enterprise/duties.xlsx").await.0, StatusCode::SEE_OTHER);
    let officer = city.signed_in("officer", Role::CountyOfficer, &[Jurisdiction::Everything]).await;
    for path in ["/my-enterprise", "/my-enterprise/duties.xlsx"] {
        assert_eq!(city.get(&officer, path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    let manager = city.signed_in("manager", Role::EnterpriseManager, &[own(OWN)]).await;
    let other = format!("/my-enterprise?enterprise={OTHER}");
    assert_eq!(city.get(&manager, &other).await.0, StatusCode::FORBIDDEN);
    let (status, page) = city.get(&manager, "/my-enterprise").await;
    assert_eq!(status, StatusCode::OK);
    in_order(&page, &["without a clock", "due before", "overdue by", "due tomorrow", "calendar"]);
    assert!(page.contains("A part for the enterprise"), "what stands on its page at 20 to 49");
    let (status, _) = city.get(&manager, "/my-enterprise/duties.xlsx").await;
    assert_eq!(status, StatusCode::OK);
    let of_both = city.signed_in("both", Role::EnterpriseManager, &[own(OWN), own(OTHER)]).await;
    let (status, page) = city.get(&of_both, &other).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains(&format!("/my-enterprise?enterprise={OWN}")), "both are offered");
    // A month far away has no duties and says so.
    let (_, page) = city.get(&manager, "/my-enterprise?month=2027-05").await;
    assert!(page.contains("Nothing is due in this month"));
}
