//! Questions in SQL for programs.

use super::ask::{engine, problem, question};
use super::{ColumnFile, Shown};
use authority::Action;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn, wants_csv};

/// What a program names the Parquet form by.
const PARQUET: &str = "application/vnd.apache.parquet";
/// What a program names the stream of Arrow by.
const ARROW: &str = "application/vnd.apache.arrow.stream";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(guide, ask))
}

/// What can be asked: tables, columns, functions, limits.
#[utoipa::path(get, path = "/sql", tag = "sql",
    responses((status = 200, description = "Tables with columns, functions with examples, limits"),
        (status = 401, description = "Nobody is signed in"),
        (status = 403, description = "No role of theirs may ask with SQL"),
        (status = 501, description = "This build has no SQL")))]
async fn guide(State(state): State<AppState>, signed_in: SignedIn) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::QueryData)?;
    let guide = engine(&state)?.guide();
    let tables: Vec<Value> = guide
        .tables
        .iter()
        .map(|table| {
            let columns: Vec<Value> = table
                .columns
                .iter()
                .map(|column| {
                    json!({ "name": column.name, "type": column.kind,
                        "zh": column.meaning.zh, "en": column.meaning.en })
                })
                .collect();
            json!({ "name": table.name, "zh": table.meaning.zh, "en": table.meaning.en,
                "columns": columns })
        })
        .collect();
    let functions: Vec<Value> = guide
        .functions
        .iter()
        .map(|function| {
            json!({ "signature": function.signature, "returns": function.returns,
                "is_aggregate": function.is_aggregate, "zh": function.meaning.zh,
                "en": function.meaning.en, "example": function.example })
        })
        .collect();
    let limits = guide.limits;
    Ok(Json(json!({
        "tables": tables,
        "functions": functions,
        "limits": { "seconds": limits.seconds, "memory_mib": limits.memory_mib,
            "rows": limits.rows },
    })))
}

#[derive(Deserialize, ToSchema)]
struct Asked {
    /// One question, read-only.
    query: Option<String>,
}

/// The answer to a question in SQL.
///
/// As JSON; as CSV, Parquet or a stream of Arrow where `Accept` names `text/csv`,
/// `application/vnd.apache.parquet` or `application/vnd.apache.arrow.stream`. Decimals and times
/// are texts in JSON, times in Beijing time with their zone.
#[utoipa::path(post, path = "/sql", tag = "sql", request_body = Asked,
    responses((status = 200, description = "Columns and rows"),
        (status = 400, description = "The question is wrong, not read-only, or asks for too much: \
            the place and how to mend it"),
        (status = 401, description = "Nobody is signed in"),
        (status = 403, description = "No role of theirs may ask with SQL"),
        (status = 501, description = "This build has no SQL"),
        (status = 503, description = "Too many ask at the moment")))]
async fn ask(
    State(state): State<AppState>,
    signed_in: SignedIn,
    headers: HeaderMap,
    asked: Result<Json<Asked>, JsonRejection>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::QueryData)?;
    let Json(asked) = asked.map_err(|rejection| {
        Problem::bad_request(
            "请以 JSON 发送 {\"query\": \"SELECT …\"}",
            format!("send JSON like {{\"query\": \"SELECT …\"}}: {rejection}"),
        )
    })?;
    let question = question(&signed_in, asked.query.as_deref().unwrap_or_default(), "api")?;
    let engine = engine(&state)?;
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let form = [(PARQUET, ColumnFile::Parquet), (ARROW, ColumnFile::Arrow)]
        .into_iter()
        .find(|(kind, _)| accepted.is_some_and(|accepted| accepted.contains(kind)));
    if let Some((kind, form)) = form {
        let bytes = engine.file(question, form).await.map_err(|trouble| problem(&trouble))?;
        return Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response());
    }
    let most = engine.guide().limits.rows;
    let shown = engine.show(question, most).await.map_err(|trouble| problem(&trouble))?;
    if shown.is_cut {
        return Err(too_many(most));
    }
    if wants_csv(&headers) {
        return super::pages::sheet(shown).csv();
    }
    Ok(Json(json_of(&shown)).into_response())
}

/// More rows than an answer may have.
pub(super) fn too_many(most: usize) -> Problem {
    Problem::new(
        axum::http::StatusCode::BAD_REQUEST,
        "sql.too_much",
        format!("结果超过 {most} 行;请加 LIMIT 或缩小条件,大量数据请用 lucid sql"),
        format!(
            "the answer has more than {most} rows: add LIMIT or narrow the conditions; for bulk \
             use `lucid sql`"
        ),
    )
}

fn json_of(shown: &Shown) -> Value {
    let columns: Vec<Value> =
        shown.columns.iter().map(|(name, kind, _)| json!({ "name": name, "type": kind })).collect();
    json!({ "columns": columns, "rows": shown.rows, "milliseconds": shown.milliseconds as u64 })
}
