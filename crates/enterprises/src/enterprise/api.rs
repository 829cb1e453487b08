//! Enterprises for programs.

use super::list::{Wanted, classes};
use super::pages::{find, principal_of};
use super::timeline::happenings;
use axum::Json;
use axum::extract::{Path, Query, State};
use permits::ManagementClass;
use registry::{Enterprise, Snapshot};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, Reader, Visitor};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

/// Enterprises by name, code, division, industry and class, a hundred a page.
#[utoipa::path(get, path = "/enterprises", tag = "enterprises", params(Wanted),
    responses((status = 200, description = "Enterprises; those of a demo are fictitious and say so"),
        (status = 400, description = "There is no such class")))]
async fn all(
    State(state): State<AppState>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let classes = classes(&state).await?;
    let found = wanted.find(&snapshot, &classes)?;
    let shown: Vec<Value> = found
        .shown()
        .iter()
        .map(|one| facts(&snapshot, one, classes.get(&one.id).copied()))
        .collect();
    let body = json!({ "enterprises": shown, "total": found.all.len(), "after": found.next() });
    Ok(Json(body))
}

/// One enterprise with its outlets, and what happened there as far as the caller may see it.
#[utoipa::path(get, path = "/enterprises/{code}", tag = "enterprises",
    params(("code" = String, Path, description = "Unified social credit code")),
    responses((status = 200, description = "The enterprise, its outlets, its timeline"),
        (status = 404, description = "No such enterprise")))]
async fn one(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Path(code): Path<String>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let enterprise = find(&snapshot, &code)?;
    let classes = classes(&state).await?;
    let principal = principal_of(&visitor);
    let (told, silent) = happenings(&state, &reader, enterprise.id, principal.as_ref()).await;
    let outlets: Vec<&str> =
        snapshot.outlets_of(enterprise.id).map(|point| point.code.as_str()).collect();
    let mut body = facts(&snapshot, enterprise, classes.get(&enterprise.id).copied());
    body["outlets"] = json!(outlets);
    body["timeline"] = told
        .iter()
        .take(500)
        .map(|one| {
            json!({ "at": one.at.to_string(), "kind": one.kind, "title": one.title,
                "link": one.link })
        })
        .collect();
    body["timeline_is_missing"] = json!(silent);
    Ok(Json(body))
}

fn facts(snapshot: &Snapshot, one: &Enterprise, class: Option<ManagementClass>) -> Value {
    json!({
        "code": one.code,
        "name_zh": one.name.zh,
        "name_en": one.name.en,
        "division": one.division,
        "division_zh": snapshot.division(&one.division).map(|division| division.name.zh.clone()),
        "industry": one.industry,
        "class": class.map(ManagementClass::as_str),
        "is_fictitious": one.is_fictitious,
    })
}
