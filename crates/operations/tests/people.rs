//! Accounts through their pages: an administrator adds people, people keep their own accounts.

use authority::{Actor, Authority, Jurisdiction, NewUser, Origin, Purpose, Role, UserId};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use evaluation::Worker;
use jiff::Timestamp;
use observations::Recorder;
use registry::Registry;
use tower::ServiceExt as _;
use web::{AppState, Live, Parts};

const GOOD: &str = "green+rivers+every+day";

struct City {
    router: Router,
    authority: Authority,
    _store: testkit::TestStore,
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

async fn city() -> City {
    let migrations = [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        ingest::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
    ]
    .concat();
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
    let router = web::router(AppState::new(parts, operations::slices()));
    City { router, authority, _store: store }
}

impl City {
    /// Someone with a role everywhere, signed in; gives them and their cookie.
    async fn signed_in(&self, login: &str, role: Option<Role>) -> (UserId, String) {
        let actor = Actor::console();
        let new = NewUser { login: login.into(), name: login.into(), organisation: None };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        if let Some(role) = role {
            let everything = Jurisdiction::Everything;
            self.authority.grant(&actor, user, role, &everything, now()).await.expect("granted");
        }
        let link = self.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let origin = Origin::default();
        let link = link.expect("a link");
        let attempt = self.authority.follow_link(&link, "", &origin, now()).await;
        let Ok(authority::Attempt::In(begun)) = attempt else { panic!("not in: {attempt:?}") };
        (user, format!("lucid_session={}", begun.secret))
    }

    async fn get(&self, cookie: &str, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    async fn post(&self, cookie: &str, path: &str, body: &str) -> (StatusCode, String) {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 22).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}

/// What stands between two texts of a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page.split(before).nth(1).unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split(after).next().expect("a part")
}

#[tokio::test]
async fn an_administrator_adds_someone_who_then_works() {
    let city = city().await;
    let (_, boss) = city.signed_in("boss", Some(Role::Administrator)).await;
    let (status, page) = city.post(&boss, "/users", "login=li.na&name=%E6%9D%8E%E5%A8%9C").await;
    assert_eq!(status, StatusCode::CREATED, "{page}");
    let link = between(&page, "/sign-in/link?token=", "<").to_owned();
    let id = city.authority.user_by_login("li.na").await.expect("it works").expect("added").id.0;
    let (_, again) = city.get(&boss, &format!("/users/{id}")).await;
    assert!(!again.contains(&link) && again.contains("李娜"), "the link is shown once");
    for wrong in ["login=li.na&name=x", "login=L&name=x", "login=ok&name="] {
        assert_eq!(city.post(&boss, "/users", wrong).await.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let grant = "role=auditor&place=everything%3A";
    let granted = city.post(&boss, &format!("/users/{id}/grant"), grant).await;
    assert_eq!(granted.0, StatusCode::SEE_OTHER, "{}", granted.1);
    let unknown = city.post(&boss, &format!("/users/{id}/grant"), "role=king&place=x").await;
    assert_eq!(unknown.0, StatusCode::BAD_REQUEST);
    let chosen = format!("token={link}&password={GOOD}");
    let (status, _) = city.post("", "/sign-in/link", &chosen).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, list) = city.get(&boss, "/users").await;
    assert!(list.contains("li.na") && list.contains("审计员"), "{list}");

    let own = city.authority.user_by_login("boss").await.expect("it works").expect("there").id.0;
    let suicide = city.post(&boss, &format!("/users/{own}/disable"), "").await;
    assert_eq!(suicide.0, StatusCode::BAD_REQUEST);
    let path = format!("/users/{id}/disable");
    assert_eq!(city.post(&boss, &path, "").await.0, StatusCode::SEE_OTHER);
    let sign_in = format!("login=li.na&password={GOOD}");
    assert_eq!(city.post("", "/sign-in", &sign_in).await.0, StatusCode::UNAUTHORIZED);
    let (status, page) = city.post(&boss, &format!("/users/{id}/reset"), "").await;
    assert!(status == StatusCode::OK && page.contains("/sign-in/link?token="), "{page}");

    let (status, audit) = city.get(&boss, &format!("/audit?subject=user+{id}")).await;
    assert_eq!(status, StatusCode::OK);
    for action in ["user.add", "user.grant", "user.password", "user.disable", "user.reset"] {
        assert!(audit.contains(action), "{action} is missing: {audit}");
    }
    assert!(audit.contains("administrator@everything"), "the rule stands there: {audit}");
    let (_, reads) = city.get(&boss, "/audit?action=audit.").await;
    assert!(reads.contains("audit.read"), "reading leaves a record: {reads}");
}

#[tokio::test]
async fn accounts_and_audit_are_for_those_who_may() {
    let city = city().await;
    let (_, inspector) = city.signed_in("inspector", Some(Role::Inspector)).await;
    let (_, auditor) = city.signed_in("auditor", Some(Role::Auditor)).await;
    let (victim, _) = city.signed_in("victim", None).await;
    for path in ["/users", "/users/1", "/users/organisations", "/audit"] {
        assert_eq!(city.get(&inspector, path).await.0, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(city.get("", path).await.0, StatusCode::SEE_OTHER, "{path}");
    }
    assert_eq!(city.get(&auditor, "/audit").await.0, StatusCode::OK);
    assert_eq!(city.get(&auditor, "/users").await.0, StatusCode::FORBIDDEN);
    let id = victim.0;
    let changes = [
        ("/users".to_owned(), "login=evil&name=evil"),
        (format!("/users/{id}/grant"), "role=administrator&place=everything%3A"),
        (format!("/users/{id}/revoke"), "role=administrator&kind=everything&code="),
        (format!("/users/{id}/reset"), ""),
        (format!("/users/{id}/disable"), ""),
        (format!("/users/{id}/enable"), ""),
        ("/users/organisations".to_owned(), "kind=city&code=1&name_zh=x"),
    ];
    for (path, body) in &changes {
        for cookie in [&inspector, &auditor] {
            assert_eq!(city.post(cookie, path, body).await.0, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let (_, home) = city.get(&inspector, "/account").await;
    assert!(!home.contains("href=\"/users\"") && !home.contains("href=\"/audit\""), "{home}");
}

#[tokio::test]
async fn people_keep_their_own_account() {
    let city = city().await;
    let (user, cookie) = city.signed_in("chen", Some(Role::Leader)).await;
    let actor = Actor::console();
    let link = city.authority.make_link(&actor, user, Purpose::Password, now()).await;
    let body = format!("token={}&password={GOOD}", link.expect("a link"));
    assert_eq!(city.post("", "/sign-in/link", &body).await.0, StatusCode::SEE_OTHER);
    assert_eq!(city.get(&cookie, "/account").await.0, StatusCode::SEE_OTHER, "others are ended");
    let (_, cookie) = {
        let link = city.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let link = link.expect("a link");
        let attempt = city.authority.follow_link(&link, "", &Origin::default(), now()).await;
        let Ok(authority::Attempt::In(begun)) = attempt else { panic!("not in: {attempt:?}") };
        (begun.id, format!("lucid_session={}", begun.secret))
    };
    let (_, account) = city.get(&cookie, "/account").await;
    assert!(account.contains("chen") && account.contains("分管领导"), "{account}");
    assert_eq!(account.matches("/end\"").count(), 1, "one other device: {account}");
    let ended = city.post(&cookie, "/account/devices/end-others", "").await;
    assert_eq!(ended.0, StatusCode::SEE_OTHER);

    let (_, page) = city.get(&cookie, "/account/second-factor").await;
    assert!(page.contains("<svg") && page.contains("M4 4h1v1h-1z"), "a QR code: {page}");
    let secret = between(&page, "name=\"secret\" value=\"", "\"").to_owned();
    let code = authority::SharedSecret::parse(&secret).expect("a secret").code_at(now());
    let body = |code: &str, word: &str| format!("secret={secret}&code={code}&password={word}");
    let wrong = city.post(&cookie, "/account/second-factor", &body("12", GOOD)).await;
    assert_eq!(wrong.0, StatusCode::BAD_REQUEST);
    let (status, codes) = city.post(&cookie, "/account/second-factor", &body(&code, GOOD)).await;
    assert_eq!(status, StatusCode::OK, "{codes}");
    assert_eq!(codes.matches("<li><code>").count(), 10, "{codes}");
    let asked = city.post("", "/sign-in", &format!("login=chen&password={GOOD}")).await;
    assert!(asked.0 == StatusCode::OK && asked.1.contains("name=\"ticket\""), "{}", asked.1);

    let token = "name=report&days=30&scope.export=yes&scope.read_case=yes";
    let (status, page) = city.post(&cookie, "/account/tokens", token).await;
    assert_eq!(status, StatusCode::CREATED, "{page}");
    let token = between(&page, "<code id=\"token\">", "<");
    let principal = city.authority.verify(token, now()).await.expect("it works");
    assert_eq!(principal.expect("it holds").scopes.map(|scopes| scopes.len()), Some(2));
    assert_eq!(
        city.post(&cookie, "/account/tokens", "name=x&days=3").await.0,
        StatusCode::BAD_REQUEST
    );
    let bearer = Request::get("/account").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let with_token = city.send(bearer.body(Body::empty()).expect("a request")).await;
    assert_eq!(with_token.0, StatusCode::FORBIDDEN, "an account is kept in person");

    let changed = "old=wrong+one+entirely&new=another+heron+at+dawn";
    assert_eq!(city.post(&cookie, "/account/password", changed).await.0, StatusCode::BAD_REQUEST);
    let changed = format!("old={GOOD}&new=another+heron+at+dawn");
    assert_eq!(city.post(&cookie, "/account/password", &changed).await.0, StatusCode::SEE_OTHER);
    let dropped =
        city.post(&cookie, "/account/second-factor/drop", "password=another+heron+at+dawn").await;
    assert_eq!(dropped.0, StatusCode::SEE_OTHER, "{}", dropped.1);
    let plain = city.post("", "/sign-in", "login=chen&password=another+heron+at+dawn").await;
    assert_eq!(plain.0, StatusCode::SEE_OTHER);
}
