//! What officers do: conclude, make an order.

use super::access::Officer;
use super::model::Conclusion;
use super::store::{self, Given};
use super::{compute, order, queries};
use authority::audit::Actor;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Form, Router};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{AppState, Problem, SignedIn};

/// A reason is at most so long.
const LONGEST: usize = 1000;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/triage/{id}/verdicts", post(conclude))
        .route("/triage/{id}/order", post(issue))
}

fn see(path: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// What an officer concludes.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct Concluded {
    /// `device`, `process`, `real` or `other`.
    #[serde(default)]
    pub(super) conclusion: String,
    /// Why, in their words.
    #[serde(default)]
    pub(super) reason: String,
}

async fn conclude(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Form(concluded): Form<Concluded>,
) -> Result<Response, Problem> {
    give(&state, &signed_in, id, &concluded).await?;
    Ok(see(format!("/triage/{id}#verdict")))
}

/// Keeps a verdict.
pub(super) async fn give(
    state: &AppState,
    signed_in: &SignedIn,
    id: i64,
    concluded: &Concluded,
) -> Result<(), Problem> {
    let officer = Officer::of(signed_in)?;
    let snapshot = state.snapshot();
    let finding = queries::one(state, &snapshot, &officer, id).await?;
    let actor: Actor = officer.may_judge(&snapshot, &finding)?;
    if let Some(into) = finding.merged_into {
        return Err(Problem::bad_request(
            format!("此线索已并入 #{},请在那里研判", into.0),
            format!("the finding goes on in #{}: judge that one", into.0),
        ));
    }
    let conclusion = Conclusion::parse(concluded.conclusion.trim()).ok_or_else(|| {
        Problem::bad_request(
            "请选择结论:设备原因、工况原因、真实或其他",
            "choose a conclusion: device, process, real or other",
        )
    })?;
    let reason = concluded.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST {
        return Err(Problem::bad_request(
            format!("请用不超过 {LONGEST} 字说明依据"),
            format!("say in at most {LONGEST} letters why"),
        ));
    }
    let rank = store::place(&state.store, &finding).await?;
    let given = Given { finding: &finding, conclusion, reason, rank };
    store::give(&state.store, &actor, &given, state.now()).await?;
    // The verdict is kept; the ranking follows with the next look where this one fails.
    if let Err(problem) = compute::look(state, Some(&[finding.point])).await {
        tracing::warn!(%problem, code = problem.code(), "the ranking was not brought up to date");
    }
    Ok(())
}

/// What an officer confirms; what is left out is as the form shows it.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct Confirmed {
    /// `key` or `other`.
    #[serde(default)]
    pub(super) unit_class: String,
    /// Until which day the enterprise answers.
    #[serde(default)]
    pub(super) answer_by: String,
    /// What is asked.
    #[serde(default)]
    pub(super) demand: String,
}

async fn issue(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Form(confirmed): Form<Confirmed>,
) -> Result<Response, Problem> {
    let ordered = make(&state, &signed_in, id, &confirmed).await?;
    Ok(see(format!("/cases/{}", ordered.case.0)))
}

/// Makes an order of a finding.
pub(super) async fn make(
    state: &AppState,
    signed_in: &SignedIn,
    id: i64,
    confirmed: &Confirmed,
) -> Result<store::Ordered, Problem> {
    let officer = Officer::of(signed_in)?;
    let snapshot = state.snapshot();
    let finding = queries::one(state, &snapshot, &officer, id).await?;
    officer.may_order(&snapshot, &finding)?;
    if let Some(into) = finding.merged_into {
        return Err(Problem::bad_request(
            format!("此线索已并入 #{},请在那里下达督办单", into.0),
            format!("the finding goes on in #{}: make the order there", into.0),
        ));
    }
    let filled = order::filled(state, &finding).await?;
    let sent = (&*confirmed.unit_class, &*confirmed.answer_by, &*confirmed.demand);
    let asked = order::read(&filled, sent, state.now())?;
    order::issue(state, &officer, &finding, &asked).await
}
