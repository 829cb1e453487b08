//! The log as C2SP tlog-tiles serves it: checkpoint, tiles, entries, and the key beside them.

use super::log;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use transparency::tile::TilePath;
use web::{AppState, Problem};

/// A tile never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// A checkpoint is replaced within seconds.
const NEVER: &str = "no-cache";
const TEXT: &str = "text/plain; charset=utf-8";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/tile/{*path}", get(tile))
        .route("/log/key", get(key))
}

fn answer(kind: &'static str, kept: &'static str, body: impl IntoResponse) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], body).into_response()
}

async fn checkpoint(State(state): State<AppState>) -> Result<Response, Problem> {
    Ok(answer(TEXT, NEVER, log(&state)?.signed().await?.note))
}

async fn key(State(state): State<AppState>) -> Result<Response, Problem> {
    Ok(answer(TEXT, NEVER, format!("{}\n", log(&state)?.key())))
}

async fn tile(
    State(state): State<AppState>,
    Path(path): Path<String>,
) -> Result<Response, Problem> {
    let log = log(&state)?;
    let missing = || {
        Problem::not_found(
            format!("没有瓦片 tile/{path}"),
            format!("there is no tile/{path}: the log is not that large, or the path is wrong"),
        )
    };
    let wanted = TilePath::parse(&path).ok_or_else(missing)?;
    let bytes = log.tile(wanted).await?.ok_or_else(missing)?;
    Ok(answer("application/octet-stream", FOREVER, bytes))
}
