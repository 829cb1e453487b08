//! The standards as JSON.

use super::pages::{Wanted, find};
use axum::Json;
use axum::extract::{Path, Query, State};
use rulebook::{Row, Table};
use serde_json::{Value, json};
use standards::{ALL, Standard};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

/// Every standard with its editions
#[utoipa::path(get, path = "/standards", tag = "standards",
    responses((status = 200, description = "Identifier, titles, editions with their days")))]
async fn all() -> Json<Value> {
    let all: Vec<Value> = ALL.iter().map(described).collect();
    Json(json!({ "standards": all }))
}

/// The tables of a standard as they are in force on a day
#[utoipa::path(get, path = "/standards/{id}", tag = "standards",
    params(("id" = String, Path, description = "GB3095 or GB3095-2026"),
        ("on" = Option<String>, Query, description = "The day; today when left out")),
    responses((status = 200, description = "Tables with clause, source and confidence"),
        (status = 400, description = "The day cannot be read"),
        (status = 404, description = "There is no such standard")))]
async fn one(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let named = find(&id)?;
    let on = wanted.day(&state, &named)?;
    let table = |table: &&'static Table| {
        let row = |row: &Row| {
            let cell = |column: &String| (column.clone(), Value::from(table.cell(row, column)));
            Value::Object(table.columns().iter().map(cell).collect())
        };
        json!({ "name": table.name(), "rows": table.in_force(on).map(row).collect::<Vec<_>>() })
    };
    let tables: Vec<Value> = (named.standard.tables)().iter().map(table).collect();
    let shown = json!({
        "standard": described(named.standard), "on": on.to_string(), "tables": tables
    });
    Ok(Json(shown))
}

fn described(standard: &Standard) -> Value {
    let edition = |edition: &rulebook::Edition| {
        json!({
            "id": edition.id,
            "number": edition.number,
            "valid_from": edition.valid_from.to_string(),
            "valid_to": edition.valid_to.map(|day| day.to_string()),
        })
    };
    json!({
        "id": standard.id,
        "zh": standard.title().zh,
        "en": standard.title().en,
        "editions": standard.editions.iter().map(edition).collect::<Vec<_>>(),
    })
}
