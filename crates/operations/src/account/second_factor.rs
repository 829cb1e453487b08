//! Setting the second factor up: the secret as a picture and as text, the first code, then the
//! recovery codes, shown once.

use super::pages::{back, owner};
use authority::SharedSecret;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use maud::{Markup, html};
use qrcode::{Color, QrCode};
use serde::Deserialize;
use std::fmt::Write as _;
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/account/second-factor", get(begin).post(set))
        .route("/account/second-factor/drop", post(drop_it))
}

async fn begin(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    let (user, _) = owner(&state, &signed_in).await?;
    let shared = SharedSecret::random()?;
    let issuer = format!("{} 明澈", state.snapshot().city.name.zh);
    let address = shared.address(&issuer, &user.login);
    let content = html! {
        (components::section("new", reader.pick("扫描并确认", "Scan and confirm"), html! {
            p { (reader.pick("用手机认证器(支持 TOTP 的任一应用)扫描:",
                "Scan it with an authenticator on the phone, any that speaks TOTP:")) }
            (picture(&reader, &address)?)
            p { (reader.pick("或手工输入:", "Or type it in: ")) code { (grouped(&shared.text())) } }
            form class="filters" method="post" action="/account/second-factor" {
                input type="hidden" name="secret" value=(shared.text());
                label {
                    (reader.pick("认证器上的六位数字", "Six digits of the authenticator"))
                    input name="code" autocomplete="one-time-code" inputmode="numeric" required;
                }
                label {
                    (reader.pick("当前密码", "Present password"))
                    input name="password" type="password" autocomplete="current-password" required;
                }
                button type="submit" { (reader.pick("启用", "Turn on")) }
            }
        }))
        @if user.has_second_factor {
            (components::section("drop", reader.pick("停用", "Turn off"), html! {
                form class="filters" method="post" action="/account/second-factor/drop" {
                    label {
                        (reader.pick("当前密码", "Present password"))
                        input name="password" type="password" autocomplete="current-password"
                            required;
                    }
                    button type="submit" { (reader.pick("停用", "Turn off")) }
                }
            }))
        }
    };
    Ok(page(&reader).render(&state, &reader, content))
}

fn page(reader: &Reader) -> Page {
    Page::new(reader.pick("第二步验证", "Second factor"))
        .under("/account", reader.pick("我的账号", "My account"))
}

/// The QR code as one path of squares.
fn picture(reader: &Reader, address: &str) -> Result<Markup, Problem> {
    let code = QrCode::new(address)?;
    let side = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let _ = write!(path, "M{} {}h1v1h-1z", at % side + 4, at / side + 4);
        }
    }
    let whole = side + 8;
    let label = reader.pick("认证器二维码", "QR code for the authenticator");
    Ok(html! {
        svg class="qr-code" role="img" aria-label=(label) width="220" height="220"
            viewBox={ "0 0 " (whole) " " (whole) } {
            rect width=(whole) height=(whole) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

#[derive(Deserialize)]
struct Set {
    secret: String,
    code: String,
    password: String,
}

async fn set(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Form(given): Form<Set>,
) -> Result<Response, Problem> {
    let (user, _) = signed_in.in_person()?;
    let Some(shared) = SharedSecret::parse(&given.secret) else {
        return Err(Problem::bad_request(
            "二维码已失效,请重新扫描",
            "that is no secret; scan anew",
        ));
    };
    let (origin, now) = (signed_in.origin(), state.now());
    let both = (&shared, given.code.as_str());
    let set = state.authority.set_second_factor(user, &given.password, both, origin, now).await;
    let codes = set.map_err(Problem::of_people)?;
    let content = components::section(
        "codes",
        reader.pick("恢复码", "Recovery codes"),
        html! {
            p { (reader.pick(
                "手机丢失时,每个恢复码可代替一次验证码。仅显示这一次,请打印或抄写后妥善保存。",
                "Without the phone each of these replaces the code once. They are shown this once: \
                 print or copy them and keep them safe.")) }
            ul class="codes" { @for code in &codes { li { code { (code) } } } }
            p { a class="button" href="/account" { (reader.pick("已保存", "I have them")) } }
        },
    );
    Ok(page(&reader).render(&state, &reader, content).into_response())
}

#[derive(Deserialize)]
struct Dropped {
    password: String,
}

async fn drop_it(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Form(given): Form<Dropped>,
) -> Result<Response, Problem> {
    let (user, _) = signed_in.in_person()?;
    let (origin, now) = (signed_in.origin(), state.now());
    let done = state.authority.drop_second_factor(user, &given.password, origin, now).await;
    done.map_err(Problem::of_people)?;
    Ok(back())
}
