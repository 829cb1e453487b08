//! Single sign-on against a small identity provider over real sockets.

use authority::{Actor, Authority, NewUser, Origin, Purpose};
use axum::body::{Body, to_bytes};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use evaluation::Worker;
use jiff::Timestamp;
use observations::Recorder;
use openidconnect::core::{
    CoreIdToken, CoreIdTokenClaims, CoreJsonWebKey, CoreRsaPrivateSigningKey,
};
use openidconnect::{
    AccessToken, Audience, EmptyAdditionalClaims, EndUserEmail, IssuerUrl, JsonWebKeyId, Nonce,
    PrivateSigningKey as _, StandardClaims, SubjectIdentifier,
};
use registry::Registry;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tower::ServiceExt as _;
use web::{AppState, Live, Parts, SingleSignOn};

const KEY: &str = include_str!("../testdata/provider_key.pem");

/// How the provider misbehaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Trick {
    #[default]
    None,
    OtherNonce,
    OtherAudience,
    OtherIssuer,
    Expired,
    Unsigned,
}

#[derive(Default)]
struct Inner {
    issuer: String,
    /// What was asked for, by code.
    asked: HashMap<String, HashMap<String, String>>,
    subject: String,
    trick: Trick,
}

type Provider = Arc<Mutex<Inner>>;

fn key() -> CoreRsaPrivateSigningKey {
    let id = JsonWebKeyId::new("test".to_owned());
    CoreRsaPrivateSigningKey::from_pem(KEY, Some(id)).expect("a right key")
}

async fn discovery(State(provider): State<Provider>) -> Json<Value> {
    let issuer = provider.lock().expect("the provider").issuer.clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn keys() -> Json<Value> {
    let public: CoreJsonWebKey = key().as_verification_key();
    Json(json!({ "keys": [public] }))
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(given): Form<HashMap<String, String>>,
) -> Response {
    let mut provider = provider.lock().expect("the provider");
    let secret = STANDARD.encode("lucid:hush");
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let asked = provider.asked.remove(&given["code"]);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(given["code_verifier"].as_bytes()));
    let is_right = asked.as_ref().is_some_and(|asked| {
        asked["code_challenge"] == challenge && asked["redirect_uri"] == given["redirect_uri"]
    });
    let (Some(asked), true, true) = (asked, is_right, shown == Some(&format!("Basic {secret}")))
    else {
        let refused = Json(json!({ "error": "invalid_grant" }));
        return (StatusCode::BAD_REQUEST, refused).into_response();
    };
    let now = std::time::SystemTime::now();
    let second = std::time::Duration::from_secs(1);
    let (issued, ends) = match provider.trick {
        Trick::Expired => (now - 7200 * second, now - 3600 * second),
        _ => (now, now + 60 * second),
    };
    let text = |trick, other: &str, right: &str| {
        if provider.trick == trick { other.to_owned() } else { right.to_owned() }
    };
    let issuer = text(Trick::OtherIssuer, "http://other.example", &provider.issuer);
    let audience = text(Trick::OtherAudience, "somebody else", "lucid");
    let nonce = text(Trick::OtherNonce, "another", &asked["nonce"]);
    let subject = SubjectIdentifier::new(provider.subject.clone());
    let email = Some(EndUserEmail::new("li.na@lucid.example".to_owned()));
    let claims = CoreIdTokenClaims::new(
        IssuerUrl::new(issuer).expect("an address"),
        vec![Audience::new(audience)],
        ends.into(),
        issued.into(),
        StandardClaims::new(subject).set_email(email).set_email_verified(Some(true)),
        EmptyAdditionalClaims {},
    )
    .set_nonce(Some(Nonce::new(nonce)));
    let access = AccessToken::new("access".to_owned());
    let algorithm = openidconnect::core::CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
    let signed = CoreIdToken::new(claims, &key(), algorithm, Some(&access), None);
    let mut id_token = signed.expect("it is signed").to_string();
    if provider.trick == Trick::Unsigned {
        let body = id_token.split('.').nth(1).expect("a body").to_owned();
        id_token = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
    }
    Json(json!({ "access_token": "access", "token_type": "Bearer", "id_token": id_token }))
        .into_response()
}

async fn provider() -> Provider {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let issuer = format!("http://{}", listener.local_addr().expect("an address"));
    let provider =
        Provider::new(Mutex::new(Inner { issuer, subject: "42".into(), ..Inner::default() }));
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/keys", get(keys))
        .route("/token", post(token))
        .with_state(Arc::clone(&provider));
    tokio::spawn(async move { axum::serve(listener, router).await });
    provider
}

struct City {
    router: Router,
    authority: Authority,
    provider: Provider,
    _store: testkit::TestStore,
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

async fn city() -> City {
    let migrations = [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
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
    let provider = provider().await;
    let issuer = provider.lock().expect("the provider").issuer.clone();
    let single = SingleSignOn::new(&issuer, "lucid", "hush", "City");
    let router = web::router(AppState::new(parts, Vec::new()).with(single));
    City { router, authority, provider, _store: store }
}

struct Answer {
    status: StatusCode,
    to: String,
    cookies: Vec<String>,
    body: String,
}

impl City {
    async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path)
            .header(header::HOST, "lucid.example")
            .header(header::COOKIE, cookie)
            .body(Body::empty())
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let texts = |name| {
            let all = response.headers().get_all(name).iter();
            all.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect::<Vec<_>>()
        };
        let (to, cookies) = (texts(header::LOCATION).concat(), texts(header::SET_COOKIE));
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 22).await.expect("a body");
        Answer { status, to, cookies, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// Sets out, is let in by the provider, and comes back.
    async fn walk(&self, path: &str, cookie: &str) -> Answer {
        let (back, kept) = self.set_out(path, cookie).await;
        self.get(&back, &format!("{cookie}; {kept}")).await
    }

    /// What the provider leads back to, and the cookie that was set on the way out.
    async fn set_out(&self, path: &str, cookie: &str) -> (String, String) {
        let out = self.get(path, cookie).await;
        assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.body);
        let (address, query) = out.to.split_once('?').expect("a query");
        assert!(address.ends_with("/authorize"), "{address}");
        let uri = format!("http://x/?{query}").parse().expect("an address");
        let Query(asked) = Query::<HashMap<String, String>>::try_from_uri(&uri).expect("a query");
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        assert_eq!(asked["redirect_uri"], "http://lucid.example/sign-in/single/back");
        let state = asked["state"].clone();
        let mut provider = self.provider.lock().expect("the provider");
        let code = format!("code{}", provider.asked.len());
        provider.asked.insert(code.clone(), asked);
        let kept = out.cookies.concat().split(';').next().expect("a cookie").to_owned();
        (format!("/sign-in/single/back?code={code}&state={state}"), kept)
    }

    fn be(&self, subject: &str, trick: Trick) {
        let mut provider = self.provider.lock().expect("the provider");
        subject.clone_into(&mut provider.subject);
        provider.trick = trick;
    }

    async fn signed_in(&self, login: &str) -> String {
        let actor = Actor::console();
        let new = NewUser { login: login.into(), name: login.into(), organisation: None };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        let link = self.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let link = link.expect("a link");
        let attempt = self.authority.follow_link(&link, "", &Origin::default(), now()).await;
        let Ok(authority::Attempt::In(begun)) = attempt else { panic!("not in: {attempt:?}") };
        format!("lucid_session={}", begun.secret)
    }
}

#[tokio::test]
async fn only_whom_somebody_tied_is_let_in() {
    let city = city().await;
    assert!(city.get("/sign-in", "").await.body.contains("/sign-in/single?next="));
    let cookie = city.signed_in("li.na").await;
    let stranger = city.walk("/sign-in/single", "").await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN, "an e-mail address alone is nobody");
    assert!(stranger.body.contains("42"));
    let nobody = city.get("/sign-in/single/tie", "").await;
    assert!(nobody.to.starts_with("/sign-in?"), "who ties is signed in: {}", nobody.to);
    let tied = city.walk("/sign-in/single/tie", &cookie).await;
    assert_eq!((tied.status, tied.to.as_str()), (StatusCode::SEE_OTHER, "/account"));
    let entered = city.walk("/sign-in/single?next=/map", "").await;
    assert_eq!((entered.status, entered.to.as_str()), (StatusCode::SEE_OTHER, "/map"));
    let session = entered.cookies.iter().find(|kept| kept.starts_with("lucid_session="));
    let secret = session.expect("a session").split(['=', ';']).nth(1).expect("a secret").to_owned();
    let (_, principal) =
        city.authority.session(&secret, now()).await.expect("it works").expect("it lives");
    assert_eq!(principal.name, "li.na");
    let other = city.signed_in("other").await;
    let taken = city.walk("/sign-in/single/tie", &other).await;
    assert_eq!(taken.status, StatusCode::BAD_REQUEST, "tied to somebody already");
    city.be("43", Trick::None);
    assert_eq!(city.walk("/sign-in/single", "").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_was_not_asked_for_is_refused() {
    let city = city().await;
    let cookie = city.signed_in("li.na").await;
    city.walk("/sign-in/single/tie", &cookie).await;
    for trick in [
        Trick::OtherNonce,
        Trick::OtherAudience,
        Trick::OtherIssuer,
        Trick::Expired,
        Trick::Unsigned,
    ] {
        city.be("42", trick);
        let refused = city.walk("/sign-in/single", "").await;
        assert_eq!(refused.status, StatusCode::BAD_GATEWAY, "{trick:?}: {}", refused.body);
        assert!(refused.cookies.iter().all(|kept| !kept.contains("session")), "{trick:?}");
    }
    city.be("42", Trick::None);
    let (back, kept) = city.set_out("/sign-in/single", "").await;
    let elsewhere = city.get(&back, "lucid_single=another").await;
    assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST, "another browser set out");
    assert_eq!(city.get(&back, &kept).await.status, StatusCode::SEE_OTHER);
    assert_eq!(city.get(&back, &kept).await.status, StatusCode::BAD_REQUEST, "a state works once");
    let (back, kept) = city.set_out("/sign-in/single", "").await;
    let wrong = back.replace("code=", "code=x");
    assert_eq!(city.get(&wrong, &kept).await.status, StatusCode::BAD_GATEWAY);
    let (back, kept) = city.set_out("/sign-in/single/tie", &cookie).await;
    let swapped = city.get(&back, &kept).await;
    assert_eq!(swapped.status, StatusCode::SEE_OTHER, "nobody is signed in any more");
    assert!(swapped.to.starts_with("/sign-in?"), "{}", swapped.to);
}
