//! The first page of an account: who one is, where one is signed in, the password.

use super::tokens;
use crate::users::{organisation_name, place_name, role_name};
use authority::{Device, SessionId, User, UserId};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use maud::{Markup, html};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn, SingleSignOn};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/account", get(first))
        .route("/account/password", post(change_password))
        .route("/account/devices/end-others", post(end_others))
        .route("/account/devices/{id}/end", post(end))
}

pub(super) fn back() -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/account")]).into_response()
}

pub(super) async fn owner(
    state: &AppState,
    signed_in: &SignedIn,
) -> Result<(User, SessionId), Problem> {
    let (user, session) = signed_in.in_person()?;
    let user = state.authority.user(user).await?.ok_or_else(Problem::unauthorized)?;
    Ok((user, session))
}

async fn first(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    account_page(&state, &reader, &signed_in, None).await
}

/// The page; with the secret of a token that was made just now.
pub(super) async fn account_page(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    token: Option<&str>,
) -> Result<Markup, Problem> {
    let (user, session) = owner(state, signed_in).await?;
    let devices = state.authority.devices_of(user.id, state.now()).await?;
    let left = state.authority.recovery_codes_left(user.id).await?;
    let content = html! {
        @if let Some(token) = token { (tokens::shown_once(reader, token)) }
        (who(state, reader, signed_in, &user).await?)
        (components::section("devices", reader.pick("登录的设备", "Devices"),
            devices_table(reader, &devices, session)))
        (components::section("second-factor", reader.pick("第二步验证", "Second factor"),
            second_factor(reader, &user, left)))
        (components::section("password", reader.pick("修改密码", "Change the password"),
            password_form(reader, &user)))
        @if let Some(provider) = state.handle::<SingleSignOn>() {
            (components::section("single", reader.pick("统一身份认证", "Single sign-on"), html! {
                p { a class="button" href="/sign-in/single/tie" {
                    (reader.pick("关联本账号", "Tie this account")) ": " (provider.name)
                } }
            }))
        }
        (components::section("tokens", reader.pick("接口令牌", "Tokens of programs"),
            tokens::part(state, reader, signed_in, user.id).await?))
    };
    Ok(Page::new(reader.pick("我的账号", "My account")).render(state, reader, content))
}

async fn who(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    user: &User,
) -> Result<Markup, Problem> {
    let organisations = state.authority.organisations().await?;
    let grants = &signed_in.principal().grants;
    let roles = html! {
        @if grants.is_empty() { "—" }
        @for (index, grant) in grants.iter().enumerate() {
            @if index > 0 { ", " }
            (role_name(reader, grant.role)) " "
            span class="muted" { (place_name(state, reader, &organisations, &grant.jurisdiction)) }
        }
    };
    let organisation = organisation_name(reader, &organisations, user.organisation);
    Ok(components::definition_list(&[
        (reader.pick("姓名", "Name").to_owned(), html! { (user.name) }),
        (reader.pick("登录名", "Login").to_owned(), html! { code { (user.login) } }),
        (reader.pick("单位", "Organisation").to_owned(), html! { (organisation) }),
        (reader.pick("角色", "Roles").to_owned(), roles),
    ]))
}

/// The browser and the system of what a browser calls itself: enough to know one's own device.
fn device_name(agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = first(&[
        ("MicroMessenger", "WeChat"),
        ("Edg", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) if agent.is_empty() => "—".to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

fn devices_table(reader: &Reader, devices: &[Device], here: SessionId) -> Markup {
    let mut table = Table::new(
        reader.pick("最近使用的在前", "The last used first"),
        vec![
            Column::words(reader.pick("设备", "Device")),
            Column::words(reader.pick("地址", "Address")),
            Column::words(reader.pick("登录方式", "How")),
            Column::words(reader.pick("登录于", "Since")),
            Column::words(reader.pick("最近使用", "Last used")),
            Column::words(""),
        ],
    );
    for device in devices {
        table.row(vec![
            html! { span title=(device.agent) { (device_name(&device.agent)) } },
            html! { code { (device.address) } },
            html! { code { (device.how) } },
            html! { (components::moment(device.created_at)) },
            html! { (components::moment(device.seen_at)) },
            html! {
                @if device.id == here {
                    (components::status_badge("good", reader.pick("本机", "this one")))
                } @else {
                    form method="post" action={ "/account/devices/" (device.id.0) "/end" } {
                        button type="submit" { (reader.pick("退出", "Sign out")) }
                    }
                }
            },
        ]);
    }
    html! {
        (table.render())
        @if devices.len() > 1 {
            form method="post" action="/account/devices/end-others" {
                button type="submit" {
                    (reader.pick("退出其他所有设备", "Sign out everywhere else"))
                }
            }
        }
    }
}

fn second_factor(reader: &Reader, user: &User, left: i64) -> Markup {
    html! {
        @if user.has_second_factor {
            p {
                (components::status_badge("good", reader.pick("已启用", "on"))) " "
                (reader.pick("剩余恢复码", "recovery codes left")) ": " (left)
            }
            p { a class="button" href="/account/second-factor" {
                (reader.pick("更换或停用", "Change or turn off"))
            } }
        } @else {
            p { (reader.pick("登录时除密码外再输入手机认证器上的六位数字。",
                "Besides the password, six digits from an authenticator on the phone.")) }
            p { a class="button" href="/account/second-factor" {
                (reader.pick("启用", "Turn on"))
            } }
        }
    }
}

fn password_form(reader: &Reader, user: &User) -> Markup {
    html! {
        @if user.has_password {
            form class="filters" method="post" action="/account/password" {
                input type="hidden" name="username" value=(user.login) autocomplete="username";
                label {
                    (reader.pick("当前密码", "Present password"))
                    input name="old" type="password" autocomplete="current-password" required;
                }
                label {
                    (reader.pick("新密码", "New password"))
                    input name="new" type="password" autocomplete="new-password" required
                        minlength=(authority::PASSWORD_LETTERS_MIN);
                }
                button type="submit" { (reader.pick("修改", "Change")) }
            }
            p class="hint" {
                (reader.pick("至少 12 个字符;修改后其他设备会退出登录。",
                    "At least 12 characters; other devices are signed out."))
            }
        } @else {
            p { (reader.pick("尚未设置密码;请向系统管理员要一个一次性链接。",
                "None is set; an administrator gives you a one-time link.")) }
        }
    }
}

#[derive(Deserialize)]
struct Changed {
    old: String,
    new: String,
}

async fn change_password(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Form(changed): Form<Changed>,
) -> Result<Response, Problem> {
    let (user, session) = signed_in.in_person()?;
    let both = (changed.old.as_str(), changed.new.as_str());
    let (origin, now) = (signed_in.origin(), state.now());
    let done = state.authority.change_password(user, Some(session), both, origin, now).await;
    done.map_err(Problem::of_people)?;
    Ok(back())
}

async fn end(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let (user, _): (UserId, _) = signed_in.in_person()?;
    let (actor, now) = (signed_in.as_self(), state.now());
    if !state.authority.end_session(user, &actor, SessionId(id), now).await? {
        return Err(Problem::not_found("没有这个登录", "there is no such session of yours"));
    }
    Ok(back())
}

async fn end_others(
    State(state): State<AppState>,
    signed_in: SignedIn,
) -> Result<Response, Problem> {
    let (user, session) = signed_in.in_person()?;
    let (actor, now) = (signed_in.as_self(), state.now());
    state.authority.end_other_sessions(user, &actor, Some(session), now).await?;
    Ok(back())
}

#[cfg(test)]
mod tests {
    #[test]
    fn devices_have_short_names() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";
        let wechat = "Mozilla/5.0 (Linux; Android 14) Chrome/116.0 MicroMessenger/8.0 Safari/537";
        for (agent, wanted) in [
            (chrome, "Chrome · Linux"),
            (wechat, "WeChat · Android"),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", "—"),
        ] {
            assert_eq!(super::device_name(agent), wanted);
        }
    }
}
