//! What the door does with everyone: cookies, requests from other sites, too many tries.

use crate::reader::cookie;
use crate::visitor::bearer;
use crate::{AppState, Problem};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The cookie of the operator's token.
pub(crate) const OPERATOR_COOKIE: &str = "lucid_operator";
const SESSION_COOKIE: &str = "lucid_session";
const SECURE_SESSION_COOKIE: &str = "__Host-lucid_session";
/// The address of whom no connection is known.
pub(crate) const CLIENT_UNKNOWN: &str = "unknown";

/// How the pages are reached from outside.
#[derive(Clone, Debug, Default)]
pub struct DoorSettings {
    /// The address by which people reach the pages, `https://lucid.example`; empty where it is the
    /// server's own. With `https` cookies are for TLS alone.
    pub public_address: String,
    /// Whether a proxy stands before the server and says in `X-Forwarded-For` whom it saw.
    pub trusts_proxy: bool,
}

impl DoorSettings {
    /// Whether people come over TLS.
    pub fn is_secure(&self) -> bool {
        self.public_address.starts_with("https://")
    }

    /// The name of the session's cookie.
    pub(crate) fn session_cookie(&self) -> &'static str {
        if self.is_secure() { SECURE_SESSION_COOKIE } else { SESSION_COOKIE }
    }

    /// A `Set-Cookie` of ours; without a value it takes the cookie back.
    pub(crate) fn set(&self, name: &str, value: &str, seconds: i64, same_site: &str) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}; Max-Age={seconds}{secure}")
    }
}

/// Refuses what another site lets a browser send: a form that its reader did not fill in here.
///
/// Browsers say where a request comes from (`Sec-Fetch-Site`, else `Origin`). A program with a
/// bearer token, or with no cookie of ours on the open interface, carries nobody's authority.
pub(crate) async fn same_site_only(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_read || bearer(request.headers()).is_some() || is_from_here(&state, &request) {
        return next.run(request).await;
    }
    let problem = Problem::new(
        StatusCode::FORBIDDEN,
        "web.other_site",
        "请求来自其他网站,已拒绝;请在本系统页面上操作",
        "the request comes from another site and is refused; do it on a page of this one",
    );
    problem.into_response()
}

fn is_from_here(state: &AppState, request: &Request) -> bool {
    let headers = request.headers();
    let settings = state.door();
    let has_cookie = has_our_cookie(headers);
    let is_open = !has_cookie && is_open_interface(request.uri());
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin" | "none"), _) => true,
        (Some(_), _) => is_open,
        (None, Some(origin)) => is_open || is_our_origin(origin, headers, &settings),
        (None, None) => !has_cookie,
    }
}

/// Whether a cookie by which somebody is known came along.
pub(crate) fn has_our_cookie(headers: &HeaderMap) -> bool {
    let is_there = |name| cookie(headers, name).is_some();
    is_there(OPERATOR_COOKIE) || is_there(SESSION_COOKIE) || is_there(SECURE_SESSION_COOKIE)
}

/// Paths on which programs act for themselves.
fn is_open_interface(uri: &Uri) -> bool {
    ["/api/", "/open311/"].iter().any(|beginning| uri.path().starts_with(beginning))
}

fn is_our_origin(origin: &str, headers: &HeaderMap, settings: &DoorSettings) -> bool {
    if !settings.public_address.is_empty() {
        return origin == settings.public_address.trim_end_matches('/');
    }
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    host.is_some() && host == authority
}

/// Counts what an address does within a minute.
#[derive(Debug, Default)]
pub struct Throttle {
    minute: Mutex<(i64, Counts)>,
}

/// How often, by what is done and from where.
type Counts = HashMap<(&'static str, String), u32>;

impl Throttle {
    /// Whether an address has done something so often in this minute already.
    ///
    /// # Errors
    /// 429 when it has.
    pub fn check(
        &self,
        what: &'static str,
        address: &str,
        most: u32,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let count = minute.1.get(&(what, address.to_owned())).copied().unwrap_or_default();
        if minute.0 != now.as_second() / 60 || count < most {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "web.too_many_tries",
            "尝试过多,请一分钟后再试",
            "too many tries; try again in a minute",
        ))
    }

    /// Counts one more.
    pub fn count(&self, what: &'static str, address: &str, now: Timestamp) {
        let this = now.as_second() / 60;
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.0 != this {
            *minute = (this, HashMap::new());
        }
        *minute.1.entry((what, address.to_owned())).or_default() += 1;
    }
}
