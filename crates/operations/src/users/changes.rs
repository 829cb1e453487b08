//! What administrators change: add, grant, take back, reset, disable.

use super::pages::{manager, user_page};
use authority::{Actor, Jurisdiction, NewUser, OrganisationId, Purpose, Role, UserId};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Router};
use maud::Markup;
use serde::Deserialize;
use web::{AppState, Problem, Reader, SignedIn};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/users", post(add))
        .route("/users/{id}/grant", post(grant))
        .route("/users/{id}/revoke", post(revoke))
        .route("/users/{id}/reset", post(reset))
        .route("/users/{id}/disable", post(disable))
        .route("/users/{id}/enable", post(enable))
}

/// Leads back after a change.
pub(super) fn see(path: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

#[derive(Deserialize)]
struct Added {
    login: String,
    name: String,
    #[serde(default)]
    organisation: String,
}

async fn add(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Form(added): Form<Added>,
) -> Result<(StatusCode, Markup), Problem> {
    let (actor, now) = (manager(&signed_in)?, state.now());
    let new = NewUser {
        login: added.login.trim().to_owned(),
        name: added.name.trim().to_owned(),
        organisation: added.organisation.parse().ok().map(OrganisationId),
    };
    let user = state.authority.add_user(&actor, &new, now).await.map_err(Problem::of_people)?;
    let link = state.authority.make_link(&actor, user, Purpose::Password, now).await?;
    Ok((StatusCode::CREATED, user_page(&state, &reader, user, Some(&link)).await?))
}

#[derive(Deserialize)]
struct Granted {
    role: String,
    place: String,
}

async fn grant(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Form(granted): Form<Granted>,
) -> Result<Response, Problem> {
    let actor = manager(&signed_in)?;
    let (kind, code) = granted.place.split_once(':').unwrap_or((granted.place.as_str(), ""));
    let (role, place) = read(&granted.role, kind, code)?;
    let done = state.authority.grant(&actor, UserId(id), role, &place, state.now()).await;
    done.map_err(Problem::of_people)?;
    Ok(see(format!("/users/{id}")))
}

#[derive(Deserialize)]
struct Revoked {
    role: String,
    kind: String,
    #[serde(default)]
    code: String,
}

async fn revoke(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Form(revoked): Form<Revoked>,
) -> Result<Response, Problem> {
    let actor = manager(&signed_in)?;
    let (role, place) = read(&revoked.role, &revoked.kind, &revoked.code)?;
    let done = state.authority.revoke(&actor, UserId(id), role, &place, state.now()).await;
    done.map_err(Problem::of_people)?;
    Ok(see(format!("/users/{id}")))
}

fn read(role: &str, kind: &str, code: &str) -> Result<(Role, Jurisdiction), Problem> {
    Role::parse(role).zip(Jurisdiction::parse(kind, code)).ok_or_else(|| {
        Problem::bad_request(
            "没有这个角色或范围",
            "there is no such role or jurisdiction; choose one of the lists",
        )
    })
}

async fn reset(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    let actor = manager(&signed_in)?;
    let link = state.authority.reset(&actor, UserId(id), state.now()).await;
    let link = link.map_err(Problem::of_people)?;
    user_page(&state, &reader, UserId(id), Some(&link)).await
}

async fn disable(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let actor = manager(&signed_in)?;
    if signed_in.principal().user == Some(UserId(id)) {
        return Err(Problem::bad_request(
            "不能停用自己的账号;请由另一位系统管理员操作",
            "nobody disables their own account; another administrator does it",
        ));
    }
    set_disabled(&state, &actor, id, true).await
}

async fn enable(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let actor = manager(&signed_in)?;
    set_disabled(&state, &actor, id, false).await
}

async fn set_disabled(
    state: &AppState,
    actor: &Actor,
    id: i64,
    is_disabled: bool,
) -> Result<Response, Problem> {
    let done = state.authority.set_disabled(actor, UserId(id), is_disabled, state.now()).await;
    done.map_err(Problem::of_people)?;
    Ok(see(format!("/users/{id}")))
}
