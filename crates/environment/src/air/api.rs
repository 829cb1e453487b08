//! The air for programs.

use super::days::days_back;
use super::pages::{View, station};
use super::panel::stations;
use super::published::{StationHour, factor_code};
use super::{city_now, daily_item, days, divisions_now, months};
use axum::Json;
use axum::extract::{Path, Query, State};
use registry::PointDetail;
use rulebook::Period;
use serde::Deserialize;
use serde_json::{Value, json};
use standards::air::Pollutant;
use standards::air::hj633_air_quality_index::Item;
use transparency::{figure_of, point_name};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(city))
        .routes(routes!(all))
        .routes(routes!(ranking))
        .routes(routes!(series))
}

/// The city's air in its newest hour.
#[utoipa::path(get, path = "/air/city", tag = "air",
    responses((status = 200, description = "The index, its class, what it rests on; null without fresh data")))]
async fn city(State(state): State<AppState>) -> Json<Value> {
    let place = city_now(&state.snapshot(), &stations(&state));
    Json(place.map_or(Value::Null, |place| {
        json!({
            "observed_at": place.observed_at.to_string(),
            "stations": place.stations,
            "edition": place.air.method.edition().number(),
            "aqi": place.air.index.as_ref().ok(),
            "level": place.air.category().map(|category| category.level),
            "class_zh": place.air.category().map(|category| category.name.zh.clone()),
            "class_en": place.air.category().map(|category| category.name.en.clone()),
            "primary": place.air.primary.iter().map(Pollutant::as_str).collect::<Vec<_>>(),
        })
    }))
}

/// The stations in operation with their newest hour.
#[utoipa::path(get, path = "/air/stations", tag = "air",
    responses((status = 200, description = "Stations with position, newest hour and index; \
        `figure` is the hour in the canonical form of the log: /log/check tells whether it was \
        published so")))]
async fn all(State(state): State<AppState>) -> Json<Value> {
    let snapshot = state.snapshot();
    let stations: Vec<Value> = stations(&state)
        .into_iter()
        .map(|now| {
            let control = matches!(&now.station.detail,
                PointDetail::AirStation(air) if air.is_control_point);
            let verdict = now.verdict.as_ref().map(|stored| {
                json!({
                    "id": stored.id,
                    "edition": stored.verdict.edition,
                    "aqi": stored.verdict.value.map(|value| value.to_string()),
                    "level": stored.verdict.level,
                    "primary": stored.verdict.reasons["primary"],
                })
            });
            let figure = now.row.as_ref().zip(now.verdict.as_ref()).and_then(|(row, stored)| {
                let verdict = Some(&stored.verdict).filter(|v| v.observed_at == row.observed_at);
                let name = point_name(&now.station);
                Some(figure_of(&StationHour, &snapshot, name, row, Some(verdict?)).to_json())
            });
            json!({
                "id": now.station.id.0,
                "code": now.station.code,
                "name_zh": now.station.name.zh,
                "name_en": now.station.name.en,
                "division": now.station.division,
                "longitude": now.station.position.map(|position| position.longitude),
                "latitude": now.station.position.map(|position| position.latitude),
                "position_note": now.station.position_note,
                "is_control_point": control,
                "observed_at": now.row.as_ref().map(|row| row.observed_at.to_string()),
                "is_stale": now.is_stale,
                "verdict": verdict,
                "figure": figure,
            })
        })
        .collect();
    Json(json!({ "stations": stations }))
}

/// The divisions by this hour's index, the best first.
#[utoipa::path(get, path = "/air/ranking", tag = "air",
    responses((status = 200, description = "Ranks; ties share one")))]
async fn ranking(State(state): State<AppState>) -> Json<Value> {
    let snapshot = state.snapshot();
    let ranked: Vec<Value> = divisions_now(&snapshot, &stations(&state))
        .into_iter()
        .map(|(rank, place)| {
            let name = snapshot.division(&place.division).map(|division| division.name.clone());
            json!({
                "rank": rank,
                "division": place.division,
                "name_zh": name.as_ref().map(|name| name.zh.clone()),
                "name_en": name.as_ref().map(|name| name.en.clone()),
                "aqi": place.air.index.as_ref().ok(),
                "stations": place.stations,
                "observed_at": place.observed_at.to_string(),
            })
        })
        .collect();
    Json(json!({ "ranking": ranked }))
}

#[derive(Deserialize, IntoParams)]
struct Wanted {
    /// `hour` (three days), `day` (a month) or `month` (two years).
    #[param(value_type = Option<String>)]
    #[serde(default)]
    period: View,
}

/// A station over time: index and concentrations.
#[utoipa::path(get, path = "/air/stations/{code}/series", tag = "air",
    params(("code" = String, Path, description = "The station's code"), Wanted),
    responses((status = 200, description = "Series as charts read them. Hours are in the log: \
        the canonical form of one is {period, point, time, values: {code: value}}, keys sorted, \
        without blanks; /log/check takes this answer as it is"),
        (status = 404, description = "No such station")))]
async fn series(
    State(state): State<AppState>,
    Path(code): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let point = station(&snapshot, &code)?;
    let now = state.now();
    let from = days_back(now, wanted.period.days_back());
    let rows = observations::series(&state.store, point.id, Period::Hour, from..now).await?;
    let mut points: Vec<(String, Option<String>, [Option<String>; 6])> = Vec::new();
    match wanted.period {
        View::Hour => {
            let verdicts =
                evaluation::verdicts(&state.store, point.id, super::RULE_HOUR, from..now).await?;
            for row in &rows {
                let air = super::concentrations_of(&snapshot, row);
                let found = verdicts
                    .binary_search_by_key(&row.observed_at, |stored| stored.verdict.observed_at);
                let index = found.ok().and_then(|at| verdicts[at].verdict.value);
                let values = Pollutant::ALL.map(|pollutant| {
                    Item::of(pollutant, 1).and_then(|item| air.get(item)).map(|v| v.to_string())
                });
                points.push((row.observed_at.to_string(), index.map(|i| i.to_string()), values));
            }
        }
        View::Day => {
            for day in days(&snapshot, &rows) {
                let index = day.index.as_ref().ok().and_then(|air| air.index.clone().ok());
                let values = Pollutant::ALL.map(|pollutant| {
                    daily_item(pollutant).and_then(|item| day.air.get(item)).map(|v| v.to_string())
                });
                points.push((day.date.to_string(), index.map(|i| i.to_string()), values));
            }
        }
        View::Month => {
            for month in months(&days(&snapshot, &rows)) {
                let values = month.means.map(|mean| mean.map(|mean| mean.to_string()));
                points.push((month.first.to_string(), None, values));
            }
        }
    }
    let mut all = vec![json!({
        "name": "AQI",
        "code": "aqi",
        "unit": "",
        "points": points.iter().map(|(at, index, _)| json!([at, index, null])).collect::<Vec<_>>(),
    })];
    all.extend(Pollutant::ALL.iter().enumerate().map(|(place, pollutant)| {
        json!({
            "name": pollutant.as_str(),
            "code": factor_code(*pollutant),
            "unit": web::unit(pollutant.unit()),
            "points": points.iter().map(|(at, _, values)| json!([at, values[place], null]))
                .collect::<Vec<_>>(),
        })
    }));
    Ok(Json(json!({
        "point": point_name(&point),
        "period": wanted.period.as_str(),
        "check": "/log/check",
        "unit": "",
        "decimals": 0,
        "series": all,
        "limits": [],
        "bands": [
            { "from": 0, "to": 50, "level": 1 }, { "from": 50, "to": 100, "level": 2 },
            { "from": 100, "to": 150, "level": 3 }, { "from": 150, "to": 200, "level": 4 },
            { "from": 200, "to": 300, "level": 5 }, { "from": 300, "to": 500, "level": 6 },
        ],
    })))
}
