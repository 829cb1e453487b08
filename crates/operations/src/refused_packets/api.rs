//! Refused packets for programs, with a token.

use super::pages::A_PAGE;
use crate::raw_packets::masked;
use authority::Action;
use axum::Json;
use axum::extract::{Path, Query, State};
use ingest::RefusedPacket;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Allowed, AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

#[derive(Deserialize, IntoParams)]
struct Wanted {
    /// The cursor that the last page gave as `next`.
    after: Option<i64>,
}

/// Refused packets, the newest first, and how often each reason was given.
#[utoipa::path(get, path = "/operations/refused", tag = "operations", params(Wanted),
    responses((status = 200, description = "A page of packets, counts, the cursor of the next page"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
async fn all(
    State(state): State<AppState>,
    allowed: Allowed,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    allowed.to(Action::ReadOperations)?;
    let packets = ingest::refused_packets(&state.store, wanted.after, A_PAGE).await?;
    let next = packets.last().filter(|_| packets.len() == A_PAGE as usize).map(|last| last.id);
    let counts: Vec<Value> = ingest::refused_counts(&state.store)
        .await?
        .into_iter()
        .map(|count| {
            json!({ "reason": count.reason, "packets": count.packets,
                "last_at": count.last_at.to_string() })
        })
        .collect();
    let packets: Vec<Value> = packets.iter().map(json_of).collect();
    Ok(Json(json!({ "packets": packets, "counts": counts, "next": next })))
}

/// One refused packet with its bytes, the password covered.
#[utoipa::path(get, path = "/operations/refused/{id}", tag = "operations",
    params(("id" = i64, Path, description = "The packet's number")),
    responses((status = 200, description = "Why, and the bytes in hexadecimal digits"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such packet, or it is no longer kept")))]
async fn one(
    State(state): State<AppState>,
    allowed: Allowed,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Problem> {
    allowed.to(Action::ReadOperations)?;
    let packet = super::pages::find(&state, id).await?;
    let mut body = json_of(&packet);
    body["bytes_hex"] = base16ct::lower::encode_string(&masked(&packet.raw)).into();
    Ok(Json(body))
}

fn json_of(packet: &RefusedPacket) -> Value {
    json!({
        "id": packet.id,
        "received_at": packet.received_at.to_string(),
        "peer": packet.peer,
        "mn": packet.mn,
        "reason": packet.reason,
        "explanation": packet.explanation,
        "size": packet.size,
    })
}
