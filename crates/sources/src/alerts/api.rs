//! Alerts for programs, with a token.

use super::filter::{Wanted, allowed, page};
use super::pages::find;
use authority::Action;
use axum::Json;
use axum::extract::{Path, Query, State};
use evaluation::alerts::Alert;
use registry::Snapshot;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

/// Alerts, the newest first.
#[utoipa::path(get, path = "/alerts", tag = "alerts", params(Wanted),
    responses((status = 200, description = "A page of alerts and the cursor of the next"),
        (status = 400, description = "A wrong parameter"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
async fn all(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let scope = signed_in.scope(Action::ReadAlerts)?;
    let snapshot = state.snapshot();
    let found = evaluation::list_alerts(&state.store, &wanted.filter(&snapshot, &scope)?).await?;
    let (alerts, next) = page(found);
    let alerts: Vec<Value> = alerts.iter().map(|alert| json_of(&snapshot, alert)).collect();
    Ok(Json(json!({ "alerts": alerts, "next": next })))
}

/// One alert with its timeline.
#[utoipa::path(get, path = "/alerts/{id}", tag = "alerts",
    params(("id" = i64, Path, description = "The alert's number")),
    responses((status = 200, description = "The alert and what happened to it"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such alert")))]
async fn one(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::ReadAlerts)?;
    let alert = find(&state, id).await?;
    allowed(&signed_in, &state.snapshot(), alert.subject.point)?;
    let events: Vec<Value> = evaluation::alert_events(&state.store, id)
        .await?
        .into_iter()
        .map(|event| {
            json!({
                "sequence": event.sequence,
                "happened_at": event.happened_at.to_string(),
                "what": event.what,
                "value": event.value.map(|value| value.to_string()),
                "source": event.source.map(|s| json!({ "block": s.block, "index": s.index })),
                "evidence": event.evidence,
            })
        })
        .collect();
    let mut body = json_of(&state.snapshot(), &alert);
    body["events"] = events.into();
    Ok(Json(body))
}

fn json_of(snapshot: &Snapshot, alert: &Alert) -> Value {
    let point = snapshot.point(alert.subject.point);
    let factor = alert.subject.factor.and_then(|factor| snapshot.factor(factor));
    json!({
        "id": alert.id,
        "kind": alert.subject.kind.as_str(),
        "severity": alert.severity.as_str(),
        "point": alert.subject.point.0,
        "point_code": point.map(|point| point.code.clone()),
        "division": point.map(|point| point.division.clone()),
        "factor": factor.map(|factor| factor.code.clone()),
        "opened_at": alert.opened_at.to_string(),
        "last_at": alert.last_at.to_string(),
        "closed_at": alert.closed_at.map(|at| at.to_string()),
        "count": alert.count,
        "last_value": alert.last_value.map(|value| value.to_string()),
        "worst_value": alert.worst_value.map(|value| value.to_string()),
        "bound": alert.bound,
        "close_reason": alert.close_reason,
        "evidence": alert.evidence,
    })
}
