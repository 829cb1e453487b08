//! The key by which a device encrypts (HJ 212-2025): set, replaced, removed; never shown.

use super::{commands, pages};
use authority::audit::{Record, record};
use authority::{Action, Subject};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Router};
use ingest::{DeviceKeys, KeyProblem, KeyStanding, read_key};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use web::components;
use web::{AppState, Problem, Reader, SignedIn};

/// A key is to be changed within so long.
///
/// # Standard
/// HJ 212-2025 as quoted by one implementer with page numbers: at most 90 days.
const ROTATION: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/operator/devices/{mn}/key", post(set))
        .route("/operator/devices/{mn}/key/remove", post(remove))
}

#[derive(Deserialize)]
struct NewKey {
    #[serde(default)]
    key: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Removal {
    #[serde(default)]
    reason: String,
}

async fn set(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(mn): Path<String>,
    Form(new): Form<NewKey>,
) -> Result<Response, Problem> {
    let key = read_key(&new.key).map_err(|problem| problem_of(&problem));
    change(&state, &signed_in, &mn, &new.reason, key.map(Some)).await
}

async fn remove(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(mn): Path<String>,
    Form(removal): Form<Removal>,
) -> Result<Response, Problem> {
    change(&state, &signed_in, &mn, &removal.reason, Ok(None)).await
}

/// Sets or removes a key with its audit record, which does not hold it.
async fn change(
    state: &AppState,
    signed_in: &SignedIn,
    mn: &str,
    reason: &str,
    key: Result<Option<[u8; 16]>, Problem>,
) -> Result<Response, Problem> {
    let actor = signed_in.allowed(Action::CommandDevices, &Subject::installation())?;
    let keys = commands(state)?.keys().clone();
    if state.snapshot().device(mn).is_none() {
        return Err(pages::no_device(mn));
    }
    let key = key?;
    if reason.trim().is_empty() {
        return Err(Problem::bad_request(
            "请写明原因:它与操作记录一同保存",
            "say why: it is kept with the record of this change",
        ));
    }
    let now = state.now();
    let before = keys.standing(mn).map(|held| json!({ "set_at": held.set_at.to_string() }));
    let mut transaction = state.store.begin().await.map_err(|error| Problem::internal(&error))?;
    let (action, changed) = match &key {
        Some(key) => {
            ("device.key_set", keys.set(&mut transaction, mn, key, &actor.name, now).await)
        }
        None => ("device.key_remove", keys.remove(&mut transaction, mn).await),
    };
    changed.map_err(|problem| problem_of(&problem))?;
    let written = Record {
        at: now,
        actor: &actor,
        action,
        subject: format!("device {mn}"),
        before: before.map(|value| value.to_string()),
        after: Some(json!({ "reason": reason.trim() }).to_string()),
    };
    record(&mut transaction, written).await.map_err(|error| Problem::internal(&error))?;
    transaction.commit().await.map_err(|error| Problem::internal(&error))?;
    keys.refresh().await.map_err(|problem| problem_of(&problem))?;
    let to = format!("/operator/devices/{mn}#key");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

fn problem_of(problem: &KeyProblem) -> Problem {
    match problem.zh() {
        Some(zh) => {
            let status = match problem {
                KeyProblem::Unknown(_) => StatusCode::NOT_FOUND,
                KeyProblem::NoFolder => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_REQUEST,
            };
            Problem::new(status, problem.code(), zh, problem.to_string())
        }
        None => Problem::internal(problem),
    }
}

/// What is known of a device's key, and the forms for those who may change it.
pub(super) fn section(
    reader: &Reader,
    keys: &DeviceKeys,
    mn: &str,
    may_change: bool,
    now: Timestamp,
) -> Markup {
    let standing = keys.standing(mn);
    components::section(
        "key",
        reader.pick("加密密钥(HJ 212-2025)", "Key (HJ 212-2025)"),
        html! {
            (told(reader, standing.as_ref(), now))
            @if may_change { (forms(reader, mn, standing.is_some())) }
        },
    )
}

fn told(reader: &Reader, standing: Option<&KeyStanding>, now: Timestamp) -> Markup {
    let Some(standing) = standing else {
        return html! { p {
            (reader.pick(
                "未登记密钥:接受明文,拒绝加密数据区。",
                "No key is set: plain data areas are taken, encrypted ones are refused."))
        } };
    };
    let due = standing.set_at.saturating_add(ROTATION).unwrap_or(Timestamp::MAX);
    html! {
        p {
            (reader.pick(
                "已登记密钥:数据上传须以 SM4 加密,明文将被拒绝。",
                "A key is set: uploads have to be encrypted by SM4, plain ones are refused."))
        }
        (components::definition_list(&[
            (reader.pick("登记人", "Set by").to_owned(), html! { (standing.set_by) }),
            (reader.pick("登记时间", "Set at").to_owned(), components::moment(standing.set_at)),
            (reader.pick("更换期限", "To be changed by").to_owned(), html! {
                (components::moment(due)) " "
                @if due < now { (components::status_badge("warning", reader.pick("已超期", "overdue"))) }
            }),
        ]))
        @if standing.is_changing {
            (components::notice("info", html! { p {
                (reader.pick(
                    "新密钥已下发(1014),设备首次使用新密钥前新旧密钥都有效。",
                    "A new key was sent (1014): both are taken until the device first uses it."))
            } }))
        }
    }
}

fn forms(reader: &Reader, mn: &str, has_key: bool) -> Markup {
    let why = reader.pick("原因(必填)", "Why (needed)");
    html! {
        form class="filters" method="post" action={ "/operator/devices/" (mn) "/key" } {
            label {
                (reader.pick("密钥(16 个字符或 32 位十六进制)", "Key (16 signs or 32 hexadecimal digits)"))
                input name="key" type="password" required minlength="16" maxlength="32"
                    autocomplete="off";
            }
            label { (why) input name="reason" required maxlength="400"; }
            button type="submit" {
                @if has_key { (reader.pick("更换密钥", "Replace the key")) }
                @else { (reader.pick("登记密钥", "Set the key")) }
            }
        }
        p class="hint" {
            (reader.pick(
                "密钥加密保存,不再显示。初始密钥在生态环境部平台登记;每 90 天内更换一次(据公开实现转引,\
                 未见标准原文)。设备在线时可用指令 1014 下发新密钥。",
                "The key is kept sealed and never shown again. The first one is registered at the \
                 Ministry's platform; it is changed within 90 days (as an implementer quotes the \
                 standard, whose text we have not seen). Command 1014 hands a new one to a device."))
        }
        @if has_key {
            form class="filters" method="post" action={ "/operator/devices/" (mn) "/key/remove" } {
                label { (why) input name="reason" required maxlength="400"; }
                button type="submit" { (reader.pick("撤销密钥", "Remove the key")) }
            }
        }
    }
}
