//! Proofs for programs.

use super::log;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use transparency::EntryName;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(proof))
}

#[derive(Deserialize, IntoParams)]
struct Wanted {
    /// `audit:17`, `packets:2026-11-29T03:00:00Z`, or
    /// `figure:air-station/1001A:hour:2026-11-29T03:00:00Z`.
    id: String,
    /// Which version of a figure; the last one when left out.
    version: Option<i64>,
}

/// The proof that an entry is in the log.
///
/// The entry of a figure holds `digest`, the SHA-256 of its canonical form: the object
/// `{"period", "point", "time", "values": {code: decimal as text or null}}` with sorted keys and
/// without blanks (RFC 8785), decimals without zeroes at their end. `verdict` is the SHA-256 of the
/// answer of `/api/v1/verdicts/{id}` without `before`, in the same form.
#[utoipa::path(get, path = "/log/proof", tag = "log", params(Wanted),
    responses((status = 200, description = "Entry, position, path, and the signed checkpoint to \
        whose root the path leads; also as text of the form c2sp.org/tlog-proof"),
        (status = 400, description = "The id is not of the form"),
        (status = 404, description = "The log holds no such entry")))]
async fn proof(
    State(state): State<AppState>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let log = log(&state)?;
    let name: EntryName = wanted.id.parse().map_err(|error: transparency::EntryNameError| {
        let zh = format!(
            "{:?} 不是条目编号:应为 audit:编号、packets:小时 或 figure:点位:时段:时间",
            wanted.id
        );
        Problem::new(StatusCode::BAD_REQUEST, "log.id", zh, error.to_string())
    })?;
    let found = log.prove(&name, wanted.version).await?.ok_or_else(|| {
        Problem::not_found(
            format!("日志中没有 {name}"),
            format!("the log holds no {name}; what is new enters within seconds"),
        )
    })?;
    let mut body = found.to_json();
    body["key"] = log.key().to_string().into();
    Ok(Json(body))
}
