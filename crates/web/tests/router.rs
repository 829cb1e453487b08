//! What holds for every request, on a router with one small slice.

use authority::Authority;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::routing::{get, post};
use evaluation::{Evaluation, Worker};
use jiff::Timestamp;
use maud::html;
use observations::Recorder;
use registry::Registry;
use store::Migration;
use testkit::TestStore;
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;
use web::{Allowed, AppState, Live, Page, Parts, Problem, Reader, Slice};

fn migrations() -> Vec<Migration> {
    [registry::MIGRATIONS, observations::MIGRATIONS, evaluation::MIGRATIONS, authority::MIGRATIONS]
        .concat()
}

fn slice() -> Slice {
    Slice {
        name: "test",
        pages: || {
            Router::new()
                .route("/hello", get(hello))
                .route("/guarded", get(guarded))
                .route("/import", get(import))
                .route("/falls", get(falls))
                .route("/take", post(|| async { "taken" }))
        },
        api: OpenApiRouter::new,
        navigation: &[],
        home: Some(|_, reader| {
            Box::pin(async move { Ok(html! { p { (reader.pick("面板", "panel")) } }) })
        }),
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

async fn hello(
    axum::extract::State(state): axum::extract::State<AppState>,
    reader: Reader,
) -> maud::Markup {
    Page::new(reader.pick("你好", "Hello")).render(&state, &reader, html! {})
}

async fn guarded(allowed: Allowed) -> Result<&'static str, Problem> {
    allowed.to(authority::Action::ReadOperations)?;
    Ok("seen")
}

async fn import(allowed: Allowed) -> Result<&'static str, Problem> {
    allowed.to(authority::Action::ImportObservations)?;
    Ok("done")
}

async fn falls() -> &'static str {
    panic!("a handler that fails")
}

struct City {
    authority: Authority,
    router: Router,
    operator: String,
    observer: String,
    test: TestStore,
}

async fn city() -> City {
    let now = || Timestamp::from_second(1_800_000_000).expect("a time");
    let store = testkit::sqlite(&migrations()).await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cities/example");
    let files = registry::load::read_city(std::path::Path::new(folder)).expect("a right city");
    registry::store::install(&store.store, &files).await.expect("it installs");
    let registry = Registry::open(&store.store).await.expect("a registry");
    let recorder = Recorder::open(&store.store).await.expect("a recorder");
    let (_worker, evaluation): (Worker, Evaluation) =
        Worker::open(&store.store, &registry, &recorder, Vec::new(), now).await.expect("a worker");
    let (authority, token) = Authority::open(&store.store, now()).await.expect("authority");
    let observer =
        authority.issue(&store.store, authority::Role::Observer, now()).await.expect("a token");
    let parts = Parts {
        store: store.store.clone(),
        registry,
        recorder,
        evaluation,
        authority,
        live: Live::default(),
        clock: now,
        started_at: now(),
        metrics: Box::new(|| "lucid_test 1\n".to_owned()),
    };
    let authority = parts.authority.clone();
    let router = web::router(AppState::new(parts, vec![slice()]));
    City { authority, router, operator: token.expect("a first token"), observer, test: store }
}

struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: String,
}

impl City {
    async fn get(&self, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 22).await.expect("a body");
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

#[tokio::test]
async fn pages_speak_two_languages_and_remember_the_choice() {
    let city = city().await;
    let zh = city.get("/hello", &[]).await;
    assert!(zh.body.contains("你好") && zh.body.contains("lang=\"zh-CN\""), "{}", zh.body);
    let en = city.get("/hello?lang=en", &[]).await;
    assert!(en.body.contains("Hello") && en.body.contains("lang=\"en\""));
    let kept = en.headers[header::SET_COOKIE].to_str().expect("text");
    assert!(kept.starts_with("lang=en;"), "{kept}");
    let again = city.get("/hello", &[(header::COOKIE, "lang=en")]).await;
    assert!(again.body.contains("Hello"));
    let accepted = city.get("/hello", &[(header::ACCEPT_LANGUAGE, "fr, en-GB;q=0.8")]).await;
    assert!(accepted.body.contains("Hello"));
    assert!(city.get("/", &[]).await.body.contains("面板"));
}

#[tokio::test]
async fn the_door_knows_who_stands_before_it() {
    let city = city().await;
    let bearer = |token: &str| format!("Bearer {token}");
    let (operator, observer) = (bearer(&city.operator), bearer(&city.observer));
    let json = (header::ACCEPT, "application/json");
    let table = [
        ("/guarded", None, StatusCode::UNAUTHORIZED),
        ("/guarded", Some("Bearer lucid-wrong"), StatusCode::UNAUTHORIZED),
        ("/guarded", Some(observer.as_str()), StatusCode::OK),
        ("/guarded", Some(operator.as_str()), StatusCode::OK),
        ("/import", Some(observer.as_str()), StatusCode::FORBIDDEN),
        ("/import", Some(operator.as_str()), StatusCode::OK),
    ];
    for (path, token, wanted) in table {
        let mut headers = vec![json.clone()];
        headers.extend(token.map(|token| (header::AUTHORIZATION, token)));
        let answer = city.get(path, &headers).await;
        assert_eq!(answer.status, wanted, "{path} with {token:?}");
        if wanted.is_client_error() {
            assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
        }
    }
    let page = city.get("/guarded?a=1", &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "a person is led to the sign-in");
    assert_eq!(page.headers[header::LOCATION], "/sign-in?next=/guarded%3Fa%3D1");
}

#[tokio::test]
async fn signing_in_keeps_the_token_and_leads_back() {
    let city = city().await;
    let form = |token: &str, next: &str| {
        Request::post("/operator/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("token={token}&next={next}")))
            .expect("a request")
    };
    let right = city.send(form(&city.operator, "/guarded")).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    assert_eq!(right.headers[header::LOCATION], "/guarded");
    let cookie = right.headers[header::SET_COOKIE].to_str().expect("text");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    let away = city.send(form(&city.operator, "//elsewhere")).await;
    assert_eq!(away.headers[header::LOCATION], "/operator");
    for _ in 0..20 {
        assert_eq!(city.send(form("lucid-wrong", "/")).await.status, StatusCode::UNAUTHORIZED);
    }
    let shut = city.send(form("lucid-wrong", "/")).await;
    assert_eq!(shut.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn problems_are_problems_for_programs_and_pages_for_people() {
    let city = city().await;
    let program = city.get("/api/v1/nothing", &[]).await;
    assert_eq!(program.status, StatusCode::NOT_FOUND);
    let problem: serde_json::Value = serde_json::from_str(&program.body).expect("JSON");
    assert_eq!(problem["type"], "/problems/web.not_found");
    assert_eq!(problem["instance"], "/api/v1/nothing");
    let person = city.get("/nothing?lang=en", &[]).await;
    assert!(person.body.contains("there is no such address") && person.body.contains("<h1>"));
    let fallen = city.get("/falls", &[]).await;
    assert_eq!(fallen.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(fallen.body.contains("500"), "a page that says so: {}", fallen.body);
}

#[tokio::test]
async fn answers_are_guarded_and_tagged() {
    let city = city().await;
    let page = city.get("/hello", &[]).await;
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.body.contains("style=") && !page.body.contains("onclick"), "no inline anything");
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-cache");
    let first = city.get("/api/v1/boundaries", &[]).await;
    assert_eq!(first.status, StatusCode::OK);
    let tag = first.headers[header::ETAG].to_str().expect("text").to_owned();
    let again = city.get("/api/v1/boundaries", &[(header::IF_NONE_MATCH, &tag)]).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let bearer = format!("Bearer {}", city.operator);
    let private = city.get("/guarded", &[(header::AUTHORIZATION, &bearer)]).await;
    assert_eq!(private.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn health_metrics_and_description_are_there() {
    let city = city().await;
    for (path, wanted) in [("/healthz", "ok"), ("/readyz", "ready"), ("/metrics", "lucid_test 1")] {
        let answer = city.get(path, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains(wanted), "{path}: {}", answer.body);
    }
    let description = city.get("/api/v1/openapi.json", &[]).await;
    let description: serde_json::Value = serde_json::from_str(&description.body).expect("JSON");
    assert_eq!(description["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    for path in ["/design", "/api", "/map", "/assets/lucid.css", "/assets/icon.svg"] {
        assert_eq!(city.get(path, &[]).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn without_room_nothing_is_taken_and_who_asks_hears_why() {
    let city = city().await;
    let store = &city.test.store;
    assert_eq!(city.send(form("/take", "a=b", &[])).await.body, "taken");
    store.hold_back(u64::MAX);
    let large = "a=".to_owned() + &"x".repeat(1 << 20);
    let page = city.send(form("/take?lang=en", &large, &[])).await;
    assert_eq!(page.status, StatusCode::INSUFFICIENT_STORAGE);
    assert!(page.body.contains("Disk full") && page.body.contains("nothing of this was stored"));
    assert_eq!(page.headers[header::RETRY_AFTER], "60");
    let chinese = city.send(form("/take", "a=b", &[])).await;
    assert!(chinese.body.contains("服务器磁盘空间不足"), "{}", chinese.body);
    let program = city.send(form("/take", "a=b", &[("accept", "application/json")])).await;
    let problem: serde_json::Value = serde_json::from_str(&program.body).expect("JSON");
    assert_eq!(problem["type"], "/problems/web.no_room");
    assert!(problem["detail"].is_string() && problem["detail_zh"].is_string());
    let ready = city.get("/readyz", &[]).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.body.contains("held back"), "{}", ready.body);
    assert_eq!(city.get("/hello", &[]).await.status, StatusCode::OK, "reading goes on");
    city.administrator().await;
    store.hold_back(0);
    assert_eq!(city.send(form("/take", "a=b", &[])).await.body, "taken");
    assert_eq!(city.get("/readyz", &[]).await.status, StatusCode::OK);
}

const GOOD: &str = "green rivers every day";

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

fn form(path: &str, body: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::HOST, "lucid.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).expect("a request")
}

impl City {
    /// Lets the first administrator in through their link; gives the cookie.
    async fn administrator(&self) -> String {
        let link = self.authority.first_administrator(now()).await.expect("it works");
        let link = link.expect("nobody is there yet");
        let page = self.get(&format!("/sign-in/link?token={link}"), &[]).await;
        assert!(page.body.contains("new-password"), "{}", page.body);
        let body = format!("token={link}&password=short");
        let weak = self.send(form("/sign-in/link", &body, &[])).await;
        assert_eq!(weak.status, StatusCode::BAD_REQUEST);
        let body = format!("token={link}&password={GOOD}").replace(' ', "+");
        let entered = self.send(form("/sign-in/link", &body, &[])).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
        let again = self.send(form("/sign-in/link", &body, &[])).await;
        assert_eq!(again.status, StatusCode::GONE);
        let cookie = entered.headers[header::SET_COOKIE].to_str().expect("text").to_owned();
        assert!(cookie.contains("HttpOnly; SameSite=Lax") && !cookie.contains("Secure"));
        cookie.split(';').next().expect("a cookie").to_owned()
    }
}

#[tokio::test]
async fn a_person_signs_in_and_out() {
    let city = city().await;
    let cookie = city.administrator().await;
    let here = [(header::COOKIE, cookie.as_str())];
    assert_eq!(city.get("/guarded", &here).await.status, StatusCode::OK);
    let home = city.get("/hello", &here).await;
    assert!(home.body.contains("/sign-out"), "{}", home.body);
    assert_eq!(home.headers[header::CACHE_CONTROL], "no-store");
    let wrong = city.send(form("/sign-in", "login=administrator&password=wrong", &[])).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let nobody = city.send(form("/sign-in", "login=nobody&password=wrong", &[])).await;
    assert_eq!((nobody.status, &nobody.body), (wrong.status, &wrong.body), "no name is told");
    let body = format!("login=Administrator&password={GOOD}&next=/guarded").replace(' ', "+");
    let right = city.send(form("/sign-in", &body, &[])).await;
    assert_eq!(right.headers[header::LOCATION], "/guarded");
    let from_here = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let out = city.send(form("/sign-out", "", &from_here)).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(out.headers.get_all(header::SET_COOKIE).iter().count(), 2, "both are taken back");
    assert_eq!(city.get("/guarded", &here).await.status, StatusCode::SEE_OTHER, "signed out");
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let city = city().await;
    let operator = format!("lucid_operator={}", city.operator);
    let bearer = format!("Bearer {}", city.operator);
    let table: [(&[(&str, &str)], bool); 10] = [
        (&[], true),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-site")], false),
        (&[("origin", "http://lucid.example")], true),
        (&[("origin", "http://evil.example")], false),
        (&[("origin", "null")], false),
        (&[("cookie", &operator)], false),
        (&[("cookie", &operator), ("sec-fetch-site", "same-origin")], true),
        (&[("authorization", &bearer), ("origin", "http://evil.example")], true),
    ];
    for (headers, is_taken) in table {
        for path in ["/sign-out", "/operator/sign-out"] {
            let answer = city.send(form(path, "", headers)).await;
            let wanted = if is_taken { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status, wanted, "{path} {headers:?}");
        }
    }
    let program = city.send(form("/api/v1/nothing", "", &[("origin", "http://app.example")])).await;
    assert_eq!(program.status, StatusCode::NOT_FOUND, "programs act for themselves");
    let with_cookie = [("origin", "http://app.example"), ("cookie", operator.as_str())];
    let borrowed = city.send(form("/api/v1/nothing", "", &with_cookie)).await;
    assert_eq!(borrowed.status, StatusCode::FORBIDDEN, "not with somebody's cookie");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_after_the_password() {
    let city = city().await;
    city.administrator().await;
    let user = city.authority.user_by_login("administrator").await.expect("it works");
    let user = user.expect("they are there").id;
    let shared = authority::SharedSecret::random().expect("random bytes");
    let code = shared.code_at(now());
    let recovery = city
        .authority
        .set_second_factor(user, GOOD, (&shared, &code), &authority::Origin::default(), now())
        .await
        .expect("it is set");
    let body = format!("login=administrator&password={GOOD}").replace(' ', "+");
    let asked = city.send(form("/sign-in", &body, &[])).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.headers.get(header::SET_COOKIE).is_none(), "not in yet");
    let ticket = asked.body.split("name=\"ticket\" value=\"").nth(1).expect("a ticket");
    let ticket = ticket.split('"').next().expect("its end");
    let wrong = format!("ticket={ticket}&code=000000");
    let wrong = city.send(form("/sign-in/second-factor", &wrong, &[])).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let right = format!("ticket={ticket}&code={}", recovery[3]);
    let right = city.send(form("/sign-in/second-factor", &right, &[])).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    assert!(right.headers.get(header::SET_COOKIE).is_some());
}
