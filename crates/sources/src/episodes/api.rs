//! Episodes for programs.

use super::access;
use super::model::Episode;
use super::packet::issuer;
use super::queries::{self, A_PAGE, Wanted};
use super::store::{self, Packet};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use registry::Snapshot;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one)).routes(routes!(issue))
}

/// Episodes of exceedance, the newest first.
#[utoipa::path(get, path = "/episodes", tag = "episodes", params(Wanted),
    responses((status = 200, description = "Episodes with their figures, and the cursor of the \
        next page"),
        (status = 400, description = "A wrong parameter"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
async fn all(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let (episodes, next) = queries::list(&state, &signed_in, &wanted, A_PAGE).await?;
    let snapshot = state.snapshot();
    let rows: Vec<Value> = episodes.iter().map(|episode| told(&snapshot, episode)).collect();
    Ok(Json(json!({ "episodes": rows, "next": next })))
}

/// One episode with its periods, what it was computed from, how it is counted, its packets.
#[utoipa::path(get, path = "/episodes/{id}", tag = "episodes",
    params(("id" = i64, Path, description = "The episode's number")),
    responses((status = 200, description = "The episode"),
        (status = 401, description = "No token"),
        (status = 403, description = "Elsewhere, or of another enterprise"),
        (status = 404, description = "No such episode")))]
async fn one(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Problem> {
    let episode = queries::one(&state, &signed_in, id).await?;
    let counted = queries::counting(&state, &episode).await?;
    let packets = store::packets_of(&state.store, id).await?;
    let mut json = told(&state.snapshot(), &episode);
    json["over"] = json!(episode.computed.over);
    json["beside"] = json!(episode.computed.beside);
    json["basis"] = json!(episode.computed.basis);
    json["acts"] = counted
        .events
        .iter()
        .map(|event| json!({ "episodes": event.episodes, "periods": event.over.len() }))
        .collect();
    json["decisions"] = counted
        .decisions
        .iter()
        .map(|decision| {
            json!({
                "id": decision.id, "choice": decision.choice.as_str(),
                "from": decision.from.to_string(), "to": decision.to.to_string(),
                "reason": decision.reason, "who": decision.who,
                "made_at": decision.made_at.to_string(),
                "withdrawn_at": decision.withdrawn_at.map(|at| at.to_string()),
            })
        })
        .collect();
    json["packets"] = packets.iter().map(of_packet).collect();
    Ok(Json(json))
}

/// Issues the evidence packet of an episode, or gives the one that was issued of this content.
#[utoipa::path(post, path = "/episodes/{id}/packet", tag = "episodes",
    params(("id" = i64, Path, description = "The episode's number")),
    responses((status = 201, description = "The packet: number, code, digests; the file is at \
        /episodes/{id}/packet.pdf"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such episode")))]
async fn issue(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let episode = queries::one(&state, &signed_in, id).await?;
    let actor = access::may_decide(&signed_in, &state.snapshot(), &episode)?;
    let issued = issuer(&state)?.issue(id, &actor, state.now()).await?;
    let packet =
        issued.ok_or_else(|| Problem::not_found("没有这个超标过程", "there is no such episode"))?;
    Ok((StatusCode::CREATED, Json(of_packet(&packet))))
}

fn told(snapshot: &Snapshot, episode: &Episode) -> Value {
    let computed = &episode.computed;
    let figures = computed.figures();
    let text = |value: Option<rulebook::Decimal>| value.map(|value| value.to_string());
    json!({
        "id": episode.id,
        "point": computed.point.0,
        "point_code": snapshot.point(computed.point).map(|point| point.code.clone()),
        "factor": snapshot.factor(computed.factor).map(|factor| factor.code.clone()),
        "period": computed.period.as_str(),
        "began_at": computed.began_at().to_string(),
        "ended_at": computed.ended_at().to_string(),
        "is_open": computed.is_open,
        "is_apart": computed.is_apart,
        "is_provisional": computed.basis.iter().any(|basis| basis.version == 0),
        "periods": figures.periods,
        "highest": text(figures.highest),
        "highest_multiple": text(figures.worst_excess),
        "mean": text(figures.mean),
        "over_kg": text(figures.over_kg),
        "fingerprint": episode.fingerprint,
        "computed_at": episode.computed_at.to_string(),
        "superseded_at": episode.superseded_at.map(|at| at.to_string()),
        "superseded_by": episode.superseded_by,
    })
}

fn of_packet(packet: &Packet) -> Value {
    json!({
        "number": format!("{}-{}", packet.year, packet.number),
        "code": packet.code,
        "sha256": packet.file,
        "signed_sha256": packet.body,
        "size": packet.size,
        "issued_at": packet.issued_at.to_string(),
        "who": packet.who,
        "audit": packet.audit,
    })
}
