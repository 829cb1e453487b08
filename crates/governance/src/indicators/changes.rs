//! What officers do: report the value of a year with its source.

use super::model::Reported;
use super::pages::{defined, this_year};
use super::{compute, store};
use crate::access::Officer;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Router};
use rulebook::Decimal;
use serde::Deserialize;
use web::{AppState, Problem, SignedIn};

/// A source is at most so long.
const LONGEST: usize = 200;
/// The first year that a value may be reported of.
const FIRST_YEAR: i16 = 1990;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/plan/indicators/{id}/report", post(report))
}

#[derive(Debug, Default, Deserialize)]
struct Filled {
    #[serde(default)]
    year: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    source: String,
}

async fn report(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response, Problem> {
    let actor = Officer::of(&signed_in)?.to_keep()?;
    let (_, definition) = defined(&state, &id).await?;
    let given = read(&state, &definition.id, &filled, &actor.name)?;
    store::report(&state.store, &actor, &given).await?;
    compute::compute(&state).await?;
    let path = format!("/plan/indicators/{id}#reported");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response())
}

fn read(state: &AppState, id: &str, filled: &Filled, who: &str) -> Result<Reported, Problem> {
    let years = FIRST_YEAR..=this_year(state);
    let year = filled.year.trim().parse::<i16>().ok().filter(|year| years.contains(year));
    let year = year.ok_or_else(|| {
        Problem::bad_request(
            format!("年份应为 {FIRST_YEAR} 至今年"),
            format!("the year is one from {FIRST_YEAR} to this one"),
        )
    })?;
    let value = filled.value.trim().parse::<Decimal>().map_err(|_| {
        Problem::bad_request("值应为数字，如 95.2", "the value is a number, such as 95.2")
    })?;
    let source = filled.source.trim();
    if source.is_empty() || source.chars().count() > LONGEST {
        return Err(Problem::bad_request(
            format!("请写明来源文件，不超过 {LONGEST} 字"),
            format!("name the document in at most {LONGEST} letters"),
        ));
    }
    Ok(Reported {
        indicator: id.to_owned(),
        year,
        value,
        source: source.to_owned(),
        reported_at: state.now(),
        who: who.to_owned(),
    })
}
