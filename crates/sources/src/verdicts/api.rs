//! Verdicts for programs.

use super::pages::find;
use axum::Json;
use axum::extract::{Path, State};
use evaluation::StoredVerdict;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(one))
}

/// A verdict with its reasons and what it said before.
#[utoipa::path(get, path = "/verdicts/{id}", tag = "verdicts",
    params(("id" = i64, Path, description = "The verdict's number")),
    responses((status = 200, description = "Outcome, value, edition, clause, inputs, rounding"),
        (status = 404, description = "No such verdict")))]
async fn one(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<Value>, Problem> {
    let stored = find(&state, id).await?;
    let before = evaluation::verdict_versions(&state.store, id).await?;
    let mut body = json_of(&stored);
    body["before"] = before.iter().map(json_of).collect();
    Ok(Json(body))
}

/// A verdict as JSON.
pub(super) fn json_of(stored: &StoredVerdict) -> Value {
    let verdict = &stored.verdict;
    json!({
        "id": stored.id,
        "version": stored.version,
        "judged_at": stored.judged_at.to_string(),
        "point": verdict.point.0,
        "rule": verdict.rule,
        "period": verdict.period.as_str(),
        "observed_at": verdict.observed_at.to_string(),
        "edition": verdict.edition,
        "outcome": verdict.outcome.as_str(),
        "value": verdict.value.map(|value| value.to_string()),
        "level": verdict.level,
        "source": { "block": verdict.source.block, "index": verdict.source.index },
        "reasons": verdict.reasons,
    })
}
