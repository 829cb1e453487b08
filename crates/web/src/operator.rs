//! The operator's token at the door: sent as a bearer, or kept in a cookie after signing in.

use crate::reader::cookie;
use crate::{AppState, Page, Problem, Reader};
use authority::{Action, Principal, Subject, decide};
use axum::Form;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::{Mutex, PoisonError};

const COOKIE: &str = "lucid_operator";

/// Someone who has shown a token. Ask [`Allowed::to`] before doing anything.
#[derive(Clone, Debug)]
pub struct Allowed(Principal);

impl Allowed {
    /// Whether they may.
    ///
    /// # Errors
    /// 403 when they may not.
    pub fn to(&self, action: Action) -> Result<(), Problem> {
        if decide(&self.0, action, &Subject::installation()).is_allowed() {
            Ok(())
        } else {
            Err(Problem::forbidden())
        }
    }
}

impl FromRequestParts<AppState> for Allowed {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let token = token(&parts.headers).ok_or_else(Problem::unauthorized)?;
        state.authority.verify(&token).map(Self).ok_or_else(Problem::unauthorized)
    }
}

/// The token that came with a request.
pub(crate) fn token(headers: &HeaderMap) -> Option<String> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(|token| token.trim().to_owned());
    bearer.or_else(|| cookie(headers, COOKIE))
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    next: Option<String>,
    token: Option<String>,
}

/// Counts wrong tokens: after too many within a minute the door stays shut for the rest of it.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    window: Mutex<(i64, u32)>,
}

/// Wrong tokens a minute.
const TRIES: u32 = 20;

impl Tries {
    fn is_shut(&self, now: Timestamp) -> bool {
        let window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.0 == now.as_second() / 60 && window.1 >= TRIES
    }

    fn count(&self, now: Timestamp) {
        let minute = now.as_second() / 60;
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        *window = if window.0 == minute { (minute, window.1 + 1) } else { (minute, 1) };
    }
}

/// The form; a token in the address (the link printed at the start) is taken at once.
pub(crate) async fn form(
    State(state): State<AppState>,
    reader: Reader,
    Query(query): Query<Asked>,
) -> Result<Response, Problem> {
    let next = own_path(query.next.as_deref());
    match &query.token {
        Some(token) => signed_in(&state, &reader, token, &next),
        None => Ok(asked(&state, &reader, &next, false).into_response()),
    }
}

fn asked(state: &AppState, reader: &Reader, next: &str, was_wrong: bool) -> Markup {
    let title = reader.pick("操作员登录", "Operator sign-in");
    Page::new(title).render(state, reader, sign_in(reader, next, was_wrong))
}

fn sign_in(reader: &Reader, next: &str, was_wrong: bool) -> Markup {
    html! {
        form class="card narrow" method="post" action="/operator/sign-in" {
            @if was_wrong {
                p class="notice notice-error" role="alert" id="token-error" {
                    (reader.pick("令牌不对。请核对首次启动时打印的令牌。",
                        "That token is wrong. Check the one printed at the first start."))
                }
            }
            input type="hidden" name="next" value=(next);
            label for="token" { (reader.pick("操作员令牌", "Operator's token")) }
            input id="token" name="token" type="password" autocomplete="current-password" required
                aria-describedby=[was_wrong.then_some("token-error")];
            p class="hint" {
                (reader.pick("令牌在首次启动时打印在控制台。",
                    "The token was printed on the console at the first start."))
            }
            button type="submit" { (reader.pick("登录", "Sign in")) }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct SignIn {
    token: String,
    next: Option<String>,
}

pub(crate) async fn enter(
    State(state): State<AppState>,
    reader: Reader,
    Form(form): Form<SignIn>,
) -> Result<Response, Problem> {
    signed_in(&state, &reader, form.token.trim(), &own_path(form.next.as_deref()))
}

fn signed_in(
    state: &AppState,
    reader: &Reader,
    token: &str,
    next: &str,
) -> Result<Response, Problem> {
    let now = state.now();
    if state.tries.is_shut(now) {
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "web.too_many_tries",
            "错误尝试过多,请一分钟后再试",
            "too many wrong tokens; try again in a minute",
        ));
    }
    if state.authority.verify(token).is_none() {
        state.tries.count(now);
        return Ok((StatusCode::UNAUTHORIZED, asked(state, reader, next, true)).into_response());
    }
    let kept = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200");
    let headers = [(header::LOCATION, next.to_owned()), (header::SET_COOKIE, kept)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

pub(crate) async fn leave() -> Response {
    let forgotten = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    let headers = [(header::LOCATION, "/".to_owned()), (header::SET_COOKIE, forgotten)];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// A path of this server: nobody is led elsewhere after signing in.
fn own_path(next: Option<&str>) -> String {
    next.filter(|path| path.starts_with('/') && !path.starts_with("//") && !path.contains('\\'))
        .unwrap_or("/operator")
        .to_owned()
}

/// An address as part of an address.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
