//! The data quality for programs, with a token of whoever may see it.

use super::access::Sight;
use super::compute;
use super::pages;
use super::text;
use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(month))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
struct Asked {
    /// The month, `2026-10`; the one that runs when left out.
    month: Option<String>,
    /// A division's code.
    division: Option<String>,
}

/// The transmission-effective rate, coverage, exceedance and unmarked gaps of a month: by division,
/// and by outlet.
#[utoipa::path(get, path = "/data-quality", tag = "data-quality", params(Asked),
    responses((status = 200, description = "The month; rates in per cent with two decimals"),
        (status = 400, description = "No month, or one to come"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
async fn month(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let sight = Sight::of(&signed_in)?;
    let month = pages::month(asked.month.as_deref(), state.now())?;
    let snapshot = state.snapshot();
    let mut report = compute::report(&pages::ground(&state, &snapshot), month).await?;
    sight.limit(&snapshot, &mut report);
    if let Some(code) = asked.division.filter(|code| !code.is_empty()) {
        report.retain(|line| line.division == code, |must| must.division == code);
    }
    let mut answer = text::json(&report, &snapshot);
    let outlets: Vec<Value> = report
        .by_outlet()
        .iter()
        .map(|(code, line)| {
            let mut json = text::of_line(&report, line);
            json["outlet"] = code.as_str().into();
            json
        })
        .collect();
    answer["outlets"] = outlets.into();
    answer["must_be_connected"] = report
        .must
        .iter()
        .map(|must| {
            json!({ "outlet": must.code, "division": must.division,
                "stage": match must.stage {
                    super::coverage::Stage::Missing => "missing",
                    super::coverage::Stage::Installed => "installed",
                    super::coverage::Stage::Connected => "connected",
                },
                "why": must.reasons.iter().map(|it| it.why.as_str()).collect::<Vec<_>>(),
                "not_installed": must.not_installed, "not_received": must.not_received })
        })
        .collect();
    Ok(Json(answer))
}
