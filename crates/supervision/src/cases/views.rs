//! Filters that somebody keeps under a name.

use super::filter::Wanted;
use super::list::own_list;
use crate::engine::{engine, refused};
use authority::Action;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use web::{AppState, Problem, SignedIn};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    name: String,
    query: String,
}

/// A query as this page writes it: nothing else is kept.
pub(super) fn checked(query: &str) -> Result<String, Problem> {
    let wrong = || {
        Problem::bad_request(
            "筛选条件无法读取,请重新筛选后再保存",
            "the filter cannot be read; filter again and keep that",
        )
    };
    let address: Uri = format!("/cases?{query}").parse().map_err(|_| wrong())?;
    let Query(wanted) = Query::<Wanted>::try_from_uri(&address).map_err(|_| wrong())?;
    wanted.filter()?;
    Ok(wanted.query())
}

pub(super) async fn keep(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Form(kept): Form<Kept>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let query = checked(&kept.query)?;
    let engine = engine(&state)?;
    let name = kept.name.trim();
    let saved = engine.save_view(signed_in.principal(), name, &query, state.now()).await;
    let saved = saved.map_err(refused)?;
    Ok(led(&own_list(&format!("/cases?{}", saved.query))))
}

pub(super) async fn forget(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let engine = engine(&state)?;
    let was_there = engine.delete_view(signed_in.principal(), id, state.now()).await;
    if !was_there.map_err(refused)? {
        return Err(Problem::not_found("没有这个视图", "there is no such view of yours"));
    }
    Ok(led("/cases"))
}

fn led(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
