//! What became of complaints, for programs.

use super::results::Asked;
use crate::engine::{engine, refused};
use axum::Json;
use axum::extract::{Query, State};
use cases::{PublicCase, Statistics};
use rulebook::Text;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem};

/// Cases on one page.
const PAGE: u16 = 100;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(results)).routes(routes!(statistics))
}

/// Published results of complaints, the newest first.
#[utoipa::path(get, path = "/complaints/results", tag = "complaints", params(Asked),
    responses((status = 200, description = "A page of results and the cursor of the next"),
        (status = 400, description = "A wrong parameter")))]
async fn results(
    State(state): State<AppState>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let cases = engine(&state)?;
    let page = cases.public_cases(&asked.cases(PAGE)?).await.map_err(refused)?;
    let rows: Vec<Value> = page.rows.iter().map(result).collect();
    Ok(Json(json!({ "results": rows, "next": page.next.map(|cursor| cursor.to_string()) })))
}

fn both(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}

fn result(case: &PublicCase) -> Value {
    let fields = case.fields.iter();
    let fields: Vec<Value> =
        fields.map(|(name, value)| json!({ "name": both(name), "value": both(value) })).collect();
    json!({
        "number": case.number,
        "kind": case.kind,
        "state": both(&case.state_name),
        "division": case.division,
        "opened_on": web::local_date(case.opened_on),
        "published_at": case.published_at.to_string(),
        "is_closed": case.is_closed,
        "fields": fields,
        "words": case.words,
    })
}

/// How the work on complaints goes, all of it and by division.
#[utoipa::path(get, path = "/complaints/statistics", tag = "complaints", params(Asked),
    responses((status = 200, description = "Counts and rates; a rate is null where nothing can \
        be divided"), (status = 400, description = "A wrong parameter")))]
async fn statistics(
    State(state): State<AppState>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let cases = engine(&state)?;
    let (all, divisions) = cases.public_statistics(&asked.statistics()?).await.map_err(refused)?;
    let rows: Vec<Value> = divisions
        .iter()
        .map(|row| json!({ "division": row.key, "numbers": numbers(&row.numbers) }))
        .collect();
    Ok(Json(json!({ "all": numbers(&all), "divisions": rows })))
}

fn numbers(numbers: &Statistics) -> Value {
    json!({
        "opened": numbers.opened,
        "closed": numbers.closed,
        "on_time": numbers.on_time,
        "on_time_percent": numbers.on_time_percent.map(|value| value.to_string()),
        "average_days": numbers.average_days.map(|value| value.to_string()),
        "rated": numbers.rated,
        "satisfied": numbers.satisfied,
        "satisfaction_percent": numbers.satisfaction_percent.map(|value| value.to_string()),
        "repeated": numbers.repeated,
        "merged": numbers.merged,
    })
}
