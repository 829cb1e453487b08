//! The pages of permits.

pub(super) mod amounts;
mod duties;
mod history;
pub(super) mod import;
mod list;
mod one;
pub(super) mod parts;
mod versions;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use permits::{PermitDraft, workbook};
use serde::Deserialize;
use web::{AppState, Problem};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/permits", get(list::page))
        .route("/permits/list.xlsx", get(list::sheet))
        .route("/permits/amounts", get(amounts::page))
        .route("/permits/amounts.xlsx", get(amounts::sheet))
        .route("/permits/template.xlsx", get(template))
        .route("/permits/{number}", get(one::page))
        .route("/permits/{number}/versions", get(versions::page))
        .route("/permits/{number}/workbook.xlsx", get(written))
}

/// An empty form.
async fn template(State(state): State<AppState>) -> Result<Response, Problem> {
    let form = workbook::template(&state.snapshot()).map_err(super::problem)?;
    Ok(attached("permit-template", form))
}

#[derive(Debug, Default, Deserialize)]
struct WhichVersion {
    version: Option<u32>,
}

/// A version as the workbook that brings it again.
async fn written(
    State(state): State<AppState>,
    Path(number): Path<String>,
    Query(asked): Query<WhichVersion>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let found = one::find(&state, &number, asked.version).await?;
    let draft = PermitDraft::of(&state.store, &snapshot, &found.shown).await;
    let draft = draft.map_err(super::problem)?;
    let book = workbook::write(&draft, &snapshot).map_err(super::problem)?;
    Ok(attached(&format!("{number}-v{}", found.shown.version), book))
}

fn attached(name: &str, bytes: Vec<u8>) -> Response {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let plain: String =
        name.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '-').collect();
    let disposition = format!("attachment; filename=\"{plain}.xlsx\"");
    let headers = [
        (axum::http::header::CONTENT_TYPE, kind.to_owned()),
        (axum::http::header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, bytes).into_response()
}
