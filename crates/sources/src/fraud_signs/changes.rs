//! What officers do: have signs computed, conclude.

use super::access::Officer;
use super::model::Conclusion;
use super::pages::PATH;
use super::store::{self, Given};
use super::{compute, queries};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Router};
use jiff::civil::Date;
use rulebook::beijing_offset;
use serde::Deserialize;
use web::{AppState, Problem, SignedIn};

/// A note is at most so long.
const LONGEST_NOTE: usize = 1000;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/fraud-signs/run", post(run))
        .route("/fraud-signs/{id}/verdicts", post(conclude))
}

fn see(path: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

async fn run(State(state): State<AppState>, signed_in: SignedIn) -> Result<Response, Problem> {
    Officer::of(&signed_in)?.to_compute()?;
    compute::compute(&state).await?;
    Ok(see(PATH.to_owned()))
}

/// What an officer fills in.
#[derive(Debug, Default, Deserialize)]
struct Filled {
    #[serde(default)]
    conclusion: String,
    #[serde(default)]
    visited_on: String,
    #[serde(default)]
    note: String,
}

async fn conclude(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Form(filled): Form<Filled>,
) -> Result<Response, Problem> {
    let officer = Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let (sign, _) = queries::one(&state, &snapshot, &officer, id).await?;
    let actor = officer.may_conclude(&snapshot, &sign)?;
    let (conclusion, visited_on, note) = read(&filled, &state)?;
    let given = Given { sign: &sign, conclusion, visited_on, note: &note };
    store::give(&state.store, &actor, &given, state.now()).await?;
    Ok(see(format!("{PATH}/{id}#verdict")))
}

fn read(filled: &Filled, state: &AppState) -> Result<(Conclusion, Option<Date>, String), Problem> {
    let conclusion = Conclusion::parse(&filled.conclusion).ok_or_else(|| {
        Problem::bad_request(
            "请选择结论:属实、设备原因、工况原因或不属实",
            "choose a conclusion: real, device, process or not real",
        )
    })?;
    let today = beijing_offset().to_datetime(state.now()).date();
    let day = filled.visited_on.trim();
    let visited_on = if day.is_empty() {
        None
    } else {
        let day = day.parse::<Date>().ok().filter(|day| *day <= today);
        Some(day.ok_or_else(|| {
            Problem::bad_request(
                "检查日应为不晚于今天的日期,如 2026-11-23",
                "the day of the visit is a day up to today: 2026-11-23",
            )
        })?)
    };
    let note = filled.note.trim();
    if note.is_empty() || note.chars().count() > LONGEST_NOTE {
        return Err(Problem::bad_request(
            format!("请用不超过 {LONGEST_NOTE} 字说明查到了什么"),
            format!("say in at most {LONGEST_NOTE} letters what was found"),
        ));
    }
    Ok((conclusion, visited_on, note.to_owned()))
}
