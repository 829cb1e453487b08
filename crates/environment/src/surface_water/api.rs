//! The surface water for programs.

use super::pages::{past, section, sections};
use super::published::SectionSample;
use super::rules::{FACTORS, RULE_CLASS};
use axum::Json;
use axum::extract::{Path, State};
use jiff::SignedDuration;
use observations::Row;
use registry::{MonitoringPoint, Snapshot};
use serde_json::{Value, json};
use transparency::{figure_of, point_name};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(series))
}

/// The sections in operation with their newest sample and class.
#[utoipa::path(get, path = "/water/sections", tag = "surface water",
    responses((status = 200, description = "Sections with class and the items that decide it; \
        `figure` is the sample in the canonical form of the log: /log/check tells whether it was \
        published so")))]
async fn all(State(state): State<AppState>) -> Json<Value> {
    let snapshot = state.snapshot();
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
            let figure = now.row.as_ref().zip(now.verdict.as_ref()).and_then(|(row, stored)| {
                let verdict = Some(&stored.verdict).filter(|v| v.observed_at == row.observed_at);
                let name = point_name(&now.section);
                Some(figure_of(&SectionSample, &snapshot, name, row, Some(verdict?)).to_json())
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
                "figure": figure,
            })
        })
        .collect();
    Json(json!({ "sections": sections }))
}

/// A section over the last thirty days.
#[utoipa::path(get, path = "/water/sections/{code}/series", tag = "surface water",
    params(("code" = String, Path, description = "The section's code")),
    responses((status = 200, description = "Series as charts read them, and `figures`: the \
        samples in the canonical form of the log; /log/check takes this answer as it is"),
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
    let figures = figures(&state, &snapshot, &point, &rows).await?;
    Ok(Json(json!({
        "figures": figures,
        "check": "/log/check",
        "unit": "",
        "decimals": 2,
        "series": all,
        "limits": [],
        "bands": [],
    })))
}

/// The samples with their classes, in the canonical form of the log.
async fn figures(
    state: &AppState,
    snapshot: &Snapshot,
    point: &MonitoringPoint,
    rows: &[Row],
) -> Result<Vec<Value>, Problem> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let until = last.observed_at.saturating_add(SignedDuration::from_secs(1))?;
    let span = first.observed_at..until;
    let verdicts = evaluation::verdicts(&state.store, point.id, RULE_CLASS, span).await?;
    let figure = |row: &Row| {
        let at = verdicts.binary_search_by_key(&row.observed_at, |v| v.verdict.observed_at).ok()?;
        let verdict = Some(&verdicts[at].verdict);
        Some(figure_of(&SectionSample, snapshot, point_name(point), row, verdict).to_json())
    };
    Ok(rows.iter().filter_map(figure).collect())
}
