//! From an alert to its case, for programs.

use super::opening::{new_case, open};
use super::pages::{alert, failed};
use super::store;
use crate::engine::engine;
use authority::Action;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cases::By;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(of_alert, open_by_hand))
}

/// The case that an alert became.
#[utoipa::path(get, path = "/cases/by-alert/{alert}", tag = "cases",
    params(("alert" = i64, Path, description = "The alert's number")),
    responses((status = 200, description = "The case, and the rule by which it was opened"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such alert, or it is no case yet")))]
async fn of_alert(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::ReadCase)?;
    alert(&state, &signed_in, id).await?;
    let tied = store::of_alert(&state.store, id).await?.ok_or_else(|| {
        Problem::not_found("此告警还没有转为事项", "the alert is no case yet; POST here opens one")
    })?;
    let rule = Some(tied.rule).filter(|rule| !rule.is_empty());
    Ok(Json(json!({ "alert": id, "case": tied.case.0, "rule": rule })))
}

/// Opens the case of an alert, or gives the one that it has.
#[utoipa::path(post, path = "/cases/by-alert/{alert}", tag = "cases",
    params(("alert" = i64, Path, description = "The alert's number")),
    responses((status = 200, description = "It had its case already"),
        (status = 201, description = "The case is open"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such alert")))]
async fn open_by_hand(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    signed_in.scope(Action::OpenCase)?;
    let alert = alert(&state, &signed_in, id).await?;
    if let Some(tied) = store::of_alert(&state.store, id).await? {
        return Ok((StatusCode::OK, Json(json!({ "alert": id, "case": tied.case.0 }))));
    }
    let engine = engine(&state)?;
    let units = state.authority.organisations().await?;
    let new = new_case(&state.snapshot(), &units, &alert);
    let address = &signed_in.origin().address;
    let by = By::Person { principal: signed_in.principal(), address };
    let made = open((&state.store, &engine), &by, (&alert, new), None, state.now()).await;
    let case = made.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(json!({ "alert": id, "case": case.0 }))))
}
