//! Signing in as a person: name and password, the second factor, one-time links.

use crate::operator::{WRONG, WRONG_A_MINUTE, encode, own_path};
use crate::{AppState, Page, Problem, Reader, SingleSignOn, Visitor, text};
use authority::{Attempt, AuthorityError, Begun, PASSWORD_LETTERS_MIN, Purpose, User};
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Asked {
    next: Option<String>,
}

/// The form for name and password.
pub(crate) async fn form(
    State(state): State<AppState>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Markup {
    let next = own_path(asked.next.as_deref(), "/");
    password_page(&state, &reader, &next, None)
}

#[derive(Deserialize)]
pub(crate) struct Given {
    login: String,
    password: String,
    next: Option<String>,
}

/// A try with name and password.
pub(crate) async fn enter(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    let next = own_path(given.next.as_deref(), "/");
    let (now, origin) = (state.now(), &visitor.origin);
    state.throttle.check(WRONG, &origin.address, WRONG_A_MINUTE, now)?;
    match state.authority.sign_in(&given.login, &given.password, origin, now).await? {
        Attempt::In(begun) => Ok(welcome(&state, &begun, &next)),
        Attempt::SecondFactor(ticket) => {
            Ok(code_page(&state, &reader, &ticket, &next, None).into_response())
        }
        failed => {
            state.throttle.count(WRONG, &origin.address, now);
            let page = password_page(&state, &reader, &next, Some(&refusal(&reader, &failed)));
            Ok((StatusCode::UNAUTHORIZED, page).into_response())
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct SecondFactor {
    ticket: String,
    code: String,
    next: Option<String>,
}

/// A try with the second factor.
pub(crate) async fn second_factor(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Form(given): Form<SecondFactor>,
) -> Result<Response, Problem> {
    let next = own_path(given.next.as_deref(), "/");
    let (now, origin) = (state.now(), &visitor.origin);
    state.throttle.check(WRONG, &origin.address, WRONG_A_MINUTE, now)?;
    match state.authority.second_factor(&given.ticket, &given.code, origin, now).await? {
        Attempt::In(begun) => Ok(welcome(&state, &begun, &next)),
        failed => {
            state.throttle.count(WRONG, &origin.address, now);
            let refusal = match failed {
                Attempt::Locked(_) => refusal(&reader, &failed),
                _ => reader
                    .pick(
                        "验证码不对或已用过;若已超过五分钟,请从头登录。",
                        "That code is wrong or was used; after five minutes begin anew.",
                    )
                    .to_owned(),
            };
            let page = code_page(&state, &reader, &given.ticket, &next, Some(&refusal));
            Ok((StatusCode::UNAUTHORIZED, page).into_response())
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Linked {
    token: String,
}

/// What a one-time link leads to. Looking uses nothing up: programs that preview links look too.
pub(crate) async fn link(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Query(linked): Query<Linked>,
) -> Result<Response, Problem> {
    let now = state.now();
    state.throttle.check(WRONG, &visitor.origin.address, WRONG_A_MINUTE, now)?;
    let Some((user, purpose)) = state.authority.look_at_link(&linked.token, now).await? else {
        state.throttle.count(WRONG, &visitor.origin.address, now);
        return Err(used_link());
    };
    Ok(link_page(&state, &reader, &linked.token, &user, purpose, None).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    token: String,
    #[serde(default)]
    password: String,
}

/// Uses a one-time link up.
pub(crate) async fn follow_link(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    let (now, origin) = (state.now(), &visitor.origin);
    state.throttle.check(WRONG, &origin.address, WRONG_A_MINUTE, now)?;
    let Some((user, purpose)) = state.authority.look_at_link(&chosen.token, now).await? else {
        state.throttle.count(WRONG, &origin.address, now);
        return Err(used_link());
    };
    match state.authority.follow_link(&chosen.token, &chosen.password, origin, now).await {
        Ok(Attempt::In(begun)) => Ok(welcome(&state, &begun, "/")),
        Ok(Attempt::SecondFactor(ticket)) => {
            Ok(code_page(&state, &reader, &ticket, "/", None).into_response())
        }
        Ok(_) => Err(used_link()),
        Err(AuthorityError::Password(problem)) => {
            let (zh, en) = problem.texts();
            let wrong = reader.pick(zh, en);
            let page = link_page(&state, &reader, &chosen.token, &user, purpose, Some(wrong));
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

fn used_link() -> Problem {
    Problem::new(
        StatusCode::GONE,
        "web.link_used",
        "链接已使用或已过期;请向系统管理员另要一个",
        "the link was used or has ended; ask an administrator for another",
    )
}

/// Gives the browser its session and leads on.
pub(crate) fn welcome(state: &AppState, begun: &Begun, next: &str) -> Response {
    let door = state.door();
    let seconds = begun.ends_at.duration_since(state.now()).as_secs();
    // Lax: a link in a message or the way back from a sign-on page finds its reader signed in;
    // forms of other sites are refused at the door.
    let kept = door.set(door.session_cookie(), &begun.secret, seconds, "Lax");
    let headers = [(header::LOCATION, next.to_owned()), (header::SET_COOKIE, kept)];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn refusal(reader: &Reader, failed: &Attempt) -> String {
    match failed {
        Attempt::Locked(until) => {
            let until = text::local_second(*until);
            match reader.language {
                crate::Language::Chinese => format!("错误过多,{until} 之前暂停登录。"),
                crate::Language::English => {
                    format!("Too many wrong ones: no sign-in before {until} (Beijing time).")
                }
            }
        }
        _ => reader.pick("登录名或密码不对。", "The login or the password is wrong.").to_owned(),
    }
}

fn wrong_notice(refusal: Option<&str>) -> Markup {
    html! {
        @if let Some(refusal) = refusal {
            p class="notice notice-error" role="alert" id="sign-in-error" { (refusal) }
        }
    }
}

fn password_page(state: &AppState, reader: &Reader, next: &str, refusal: Option<&str>) -> Markup {
    let described = refusal.map(|_| "sign-in-error");
    let content = html! {
        form class="card narrow" method="post" action="/sign-in" {
            (wrong_notice(refusal))
            input type="hidden" name="next" value=(next);
            label for="login" { (reader.pick("登录名", "Login")) }
            input id="login" name="login" autocomplete="username" autocapitalize="none"
                spellcheck="false" required aria-describedby=[described];
            label for="password" { (reader.pick("密码", "Password")) }
            input id="password" name="password" type="password" autocomplete="current-password"
                required aria-describedby=[described];
            button type="submit" { (reader.pick("登录", "Sign in")) }
            p class="hint" {
                (reader.pick("忘记密码请联系系统管理员,会得到一次性链接。",
                    "Forgotten? An administrator gives you a one-time link."))
            }
        }
        p {
            @if let Some(provider) = state.handle::<SingleSignOn>() {
                a class="button" href={ "/sign-in/single?next=" (encode(next)) } {
                    (reader.pick("统一身份认证", "Single sign-on")) ": " (provider.name)
                }
                " "
            }
            a href={ "/operator/sign-in?next=" (encode(next)) } {
                (reader.pick("用运维令牌登录", "Sign in with the operator's token"))
            }
        }
    };
    Page::new(reader.pick("登录", "Sign in")).render(state, reader, content)
}

fn code_page(
    state: &AppState,
    reader: &Reader,
    ticket: &str,
    next: &str,
    refusal: Option<&str>,
) -> Markup {
    let content = html! {
        form class="card narrow" method="post" action="/sign-in/second-factor" {
            (wrong_notice(refusal))
            input type="hidden" name="ticket" value=(ticket);
            input type="hidden" name="next" value=(next);
            label for="code" { (reader.pick("动态验证码", "Code")) }
            input id="code" name="code" autocomplete="one-time-code" autocapitalize="characters"
                spellcheck="false" required autofocus
                aria-describedby=[refusal.map(|_| "sign-in-error")];
            p class="hint" {
                (reader.pick("认证器上的六位数字,或一个恢复码。",
                    "Six digits from the authenticator, or a recovery code."))
            }
            button type="submit" { (reader.pick("登录", "Sign in")) }
        }
        p { a href="/sign-in" { (reader.pick("从头登录", "Begin anew")) } }
    };
    Page::new(reader.pick("第二步验证", "Second factor")).render(state, reader, content)
}

fn link_page(
    state: &AppState,
    reader: &Reader,
    token: &str,
    user: &User,
    purpose: Purpose,
    refusal: Option<&str>,
) -> Markup {
    let chooses = purpose == Purpose::Password;
    let described = if refusal.is_some() { "sign-in-error password-hint" } else { "password-hint" };
    let title = if chooses {
        reader.pick("设置密码", "Choose a password")
    } else {
        reader.pick("一次性登录", "Sign in once")
    };
    let content = html! {
        form class="card narrow" method="post" action="/sign-in/link" {
            (wrong_notice(refusal))
            p { (user.name) " (" code { (user.login) } ")" }
            input type="hidden" name="token" value=(token);
            @if chooses {
                input type="hidden" name="username" value=(user.login) autocomplete="username";
                label for="password" { (reader.pick("新密码", "New password")) }
                input id="password" name="password" type="password" autocomplete="new-password"
                    minlength=(PASSWORD_LETTERS_MIN) required aria-describedby=(described);
                p class="hint" id="password-hint" {
                    (reader.pick("至少 12 个字符,不要求大小写或符号;几个不相干的词最好。",
                        "At least 12 characters; no capitals or signs needed. Some unrelated \
                         words are best."))
                }
            }
            button type="submit" {
                @if chooses { (reader.pick("设置并登录", "Set it and sign in")) }
                @else { (reader.pick("登录", "Sign in")) }
            }
        }
    };
    Page::new(title).render(state, reader, content)
}
