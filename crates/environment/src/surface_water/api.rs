//! The surface water for programs.

use super::pages::{past, section, sections};
use super::rules::FACTORS;
use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(series))
}

/// The sections in operation with their newest sample and class.
#[utoipa::path(get, path = "/water/sections", tag = "surface water",
    responses((status = 200, description = "Sections with class and the items that decide it")))]
async fn all(State(state): State<AppState>) -> Json<Value> {
    let sections: Vec<Value> = sections(&state)
        .into_iter()
        .map(|now| {
            let verdict = now.verdict.as_ref().map(|stored| {
                json!({
                    "id": stored.id,
                    "edition": stored.verdict.edition,
                    "class": stored.verdict.level,
                    "deciding": stored.verdict.reasons["deciding"],
                })
            });
            json!({
                "id": now.section.id.0,
                "code": now.section.code,
                "name_zh": now.section.name.zh,
                "name_en": now.section.name.en,
                "division": now.section.division,
                "observed_at": now.row.as_ref().map(|row| row.observed_at.to_string()),
                "is_stale": now.is_stale,
                "verdict": verdict,
            })
        })
        .collect();
    Json(json!({ "sections": sections }))
}

/// A section over the last thirty days.
#[utoipa::path(get, path = "/water/sections/{code}/series", tag = "surface water",
    params(("code" = String, Path, description = "The section's code")),
    responses((status = 200, description = "Series as charts read them"),
        (status = 404, description = "No such section")))]
async fn series(
    State(state): State<AppState>,
    Path(code): Path<String>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let point = section(&snapshot, &code)?;
    let rows = past(&state, &point).await?;
    let all: Vec<Value> = FACTORS
        .iter()
        .filter_map(|(item, code)| Some((item, snapshot.factor_by_code(code)?)))
        .map(|(item, factor)| {
            let points: Vec<Value> = rows
                .iter()
                .map(|row| {
                    let value = row.factor(factor.id).and_then(|value| value.value);
                    json!([row.observed_at.to_string(), value.map(|v| v.to_string()), null])
                })
                .collect();
            json!({
                "name": item.name().zh,
                "name_en": item.name().en,
                "code": factor.code,
                "unit": web::unit(item.unit()),
                "points": points,
            })
        })
        .collect();
    Ok(Json(json!({ "unit": "", "decimals": 2, "series": all, "limits": [], "bands": [] })))
}
