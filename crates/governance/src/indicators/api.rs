//! Indicators for programs.

use super::model::Kept;
use super::pages::defined;
use super::store;
use crate::access::Officer;
use crate::city_plan::{CityPlan, city_plan};
use crate::cockpit::text_json;
use axum::Json;
use axum::extract::{Path, Query, State};
use plan::indicator::Definition;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

/// Every indicator: definition and the value of each year.
#[utoipa::path(get, path = "/indicators", tag = "plan",
    responses((status = 200, description = "The indicators"),
        (status = 401, description = "No token"), (status = 403, description = "Not an officer")))]
async fn all(State(state): State<AppState>, signed_in: SignedIn) -> Result<Json<Value>, Problem> {
    Officer::of(&signed_in)?;
    let city = city_plan(&state.store).await?;
    let current = store::current(&state.store).await?;
    let definitions =
        city.iter().flat_map(|city| city.definitions.iter().map(move |it| (city, it)));
    let indicators: Vec<Value> = definitions
        .map(|(city, one)| {
            let mut json = of_definition(city, one);
            let years = current.iter().filter(|kept| kept.indicator == one.id);
            json["years"] = years.map(of_kept).collect();
            json
        })
        .collect();
    Ok(Json(json!({ "indicators": indicators })))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
struct Asked {
    /// The year whose inputs are wanted; the newest with a value when left out.
    year: Option<i16>,
}

/// An indicator with the value of each year, those superseded, and what entered one of them.
#[utoipa::path(get, path = "/indicators/{id}", tag = "plan",
    params(("id" = String, Path, description = "The indicator's id"), Asked),
    responses((status = 200, description = "The indicator"),
        (status = 401, description = "No token"), (status = 403, description = "Not an officer"),
        (status = 404, description = "No such indicator")))]
async fn one(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    Officer::of(&signed_in)?;
    let (city, definition) = defined(&state, &id).await?;
    let history = store::history(&state.store, &id).await?;
    let holds = |kept: &&Kept| kept.superseded_at.is_none();
    let chosen = match asked.year {
        Some(year) => history.iter().filter(holds).find(|kept| kept.year == year),
        None => history.iter().filter(holds).find(|kept| kept.value.is_some()),
    };
    let inputs = match chosen {
        Some(kept) => store::inputs(&state.store, kept.id).await?,
        None => Vec::new(),
    };
    let mut json = of_definition(&city, &definition);
    json["years"] = history.iter().map(of_kept).collect();
    json["inputs_of"] = json!(chosen.map(|kept| kept.year));
    json["inputs"] = inputs
        .iter()
        .map(|item| {
            json!({ "key": item.key, "on": item.on.to_string(),
                "value": item.value.to_string(), "page": item.link })
        })
        .collect();
    Ok(Json(json))
}

fn of_definition(city: &CityPlan, one: &Definition) -> Value {
    json!({
        "id": one.id,
        "name": text_json(&one.name),
        "unit": one.unit,
        "direction": one.direction.as_str(),
        "formula": text_json(&city.formula(one)),
        "edition": one.edition,
        "owner": text_json(&one.owner),
        "delivers": one.delivers.as_ref().map(text_json),
        "fewest": one.fewest,
    })
}

fn of_kept(kept: &Kept) -> Value {
    let lack = kept.value.is_none();
    json!({
        "year": kept.year,
        "value": kept.value.map(|value| value.to_string()),
        "provisional": kept.is_provisional,
        "counted": kept.counted,
        "edition": kept.edition,
        "computed_at": kept.computed_at.to_string(),
        "superseded_at": kept.superseded_at.map(|at| at.to_string()),
        "no_data": lack.then(|| json!({ "reason": text_json(&kept.why),
            "delivers": kept.delivers.as_ref().map(text_json) })),
    })
}
