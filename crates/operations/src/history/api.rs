//! How the history stands, for programs, with a token.

use authority::Action;
use axum::Json;
use axum::extract::State;
use observations::history::{self, MonthStatus, PeriodStatus};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Allowed, AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all))
}

/// What has moved into the history, period by period and month by month, and what was forgotten.
#[utoipa::path(get, path = "/operations/history", tag = "operations",
    responses((status = 200, description = "Months, rows, bytes, late rows, forgotten months"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
async fn all(State(state): State<AppState>, allowed: Allowed) -> Result<Json<Value>, Problem> {
    allowed.to(Action::ReadOperations)?;
    let status = history::status(&state.store).await?;
    let forgotten: Vec<Value> = status
        .forgotten
        .iter()
        .map(|one| {
            json!({
                "period": one.period.as_str(),
                "month": one.month.to_string(),
                "at": one.at.to_string(),
                "rows": one.rows,
                "keep_months": one.keep_months,
            })
        })
        .collect();
    Ok(Json(json!({
        "periods": status.periods.iter().map(of_period).collect::<Vec<_>>(),
        "months": status.months.iter().map(of_month).collect::<Vec<_>>(),
        "moves": status.moves,
        "replaced_parts": status.replaced,
        "replaced_bytes": status.replaced_bytes,
        "forgotten": forgotten,
    })))
}

fn of_period(of: &PeriodStatus) -> Value {
    json!({
        "period": of.period.as_str(),
        "months": of.months,
        "first": of.span.map(|(first, _)| first.to_string()),
        "last": of.span.map(|(_, last)| last.to_string()),
        "rows": of.rows,
        "values": of.factor_rows,
        "bytes": of.bytes,
        "late_rows": of.late_rows,
        "uncleared": of.uncleared,
    })
}

fn of_month(one: &MonthStatus) -> Value {
    json!({
        "period": one.period.as_str(),
        "month": one.month.to_string(),
        "rows": one.rows,
        "values": one.factor_rows,
        "bytes": one.bytes,
        "late_rows": one.late_rows,
        "written_at": one.written_at.to_string(),
    })
}
