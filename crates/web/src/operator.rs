//! The operator's token at the door: shown once in a form or by the printed link, kept in a cookie.

use crate::door::OPERATOR_COOKIE;
use crate::{AppState, Page, Problem, Reader, Visitor};
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

/// Wrong ones from one address in a minute, of tokens, passwords, codes and links together.
pub(crate) const WRONG_A_MINUTE: u32 = 20;
/// What is counted.
pub(crate) const WRONG: &str = "wrong sign-in";
/// How long the cookie of a token is kept.
const HALF_A_DAY: i64 = 43_200;

#[derive(Deserialize)]
pub(crate) struct Asked {
    next: Option<String>,
    token: Option<String>,
}

/// The form; a token in the address (the link printed at the start) is taken at once.
pub(crate) async fn form(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Query(query): Query<Asked>,
) -> Result<Response, Problem> {
    let next = own_path(query.next.as_deref(), "/operator");
    match &query.token {
        Some(token) => signed_in(&state, &reader, &visitor, token, &next).await,
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
        p {
            a href={ "/sign-in?next=" (encode(next)) } {
                (reader.pick("用账号登录", "Sign in with an account"))
            }
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
    visitor: Visitor,
    Form(form): Form<SignIn>,
) -> Result<Response, Problem> {
    let next = own_path(form.next.as_deref(), "/operator");
    signed_in(&state, &reader, &visitor, form.token.trim(), &next).await
}

async fn signed_in(
    state: &AppState,
    reader: &Reader,
    visitor: &Visitor,
    token: &str,
    next: &str,
) -> Result<Response, Problem> {
    let (now, address) = (state.now(), visitor.origin.address.as_str());
    state.throttle.check(WRONG, address, WRONG_A_MINUTE, now)?;
    if state.authority.verify(token, now).await?.is_none() {
        state.throttle.count(WRONG, address, now);
        return Ok((StatusCode::UNAUTHORIZED, asked(state, reader, next, true)).into_response());
    }
    let kept = state.door().set(OPERATOR_COOKIE, token, HALF_A_DAY, "Strict");
    let headers = [(header::LOCATION, next.to_owned()), (header::SET_COOKIE, kept)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// Signs out, of a session and of a token.
pub(crate) async fn leave(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    if let Some(signed_in) = &visitor.signed_in
        && let Ok((user, session)) = signed_in.in_person()
    {
        let actor = signed_in.as_self();
        state.authority.end_session(user, &actor, session, state.now()).await?;
    }
    let door = state.door();
    let headers = AppendHeaders([
        (header::LOCATION, "/".to_owned()),
        (header::SET_COOKIE, door.set(OPERATOR_COOKIE, "", 0, "Strict")),
        (header::SET_COOKIE, door.set(door.session_cookie(), "", 0, "Lax")),
    ]);
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// A path of this server: nobody is led elsewhere after signing in.
pub(crate) fn own_path(next: Option<&str>, otherwise: &str) -> String {
    next.filter(|path| path.starts_with('/') && !path.starts_with("//"))
        .filter(|path| !path.contains('\\') && !path.chars().any(char::is_control))
        .unwrap_or(otherwise)
        .to_owned()
}

/// An address as part of an address.
pub(crate) fn encode(text: &str) -> String {
    crate::text::encode(text).replace("%2F", "/")
}
