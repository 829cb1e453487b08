//! Raw packets for programs, with a token.

use super::{is_secret, masked};
use authority::Action;
use axum::Json;
use axum::extract::{Path, State};
use hj212::{Packet, answer, decode_whole};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Allowed, AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(one))
}

/// An accepted packet: its bytes, passwords covered, and what they say.
#[utoipa::path(get, path = "/operations/packets/{block}/{index}", tag = "operations",
    params(("block" = i64, Path, description = "The commit"),
        ("index" = u32, Path, description = "The packet's place in it")),
    responses((status = 200, description = "Bytes in hexadecimal digits, fields as name and value; \
        no fields where it is no HJ 212 packet"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such packet")))]
async fn one(
    State(state): State<AppState>,
    allowed: Allowed,
    Path((block, index)): Path<(i64, u32)>,
) -> Result<Json<Value>, Problem> {
    allowed.to(Action::ReadOperations)?;
    let packet = super::pages::find(&state, block, index).await?;
    let mut body = json!({
        "block": block,
        "index": index,
        "received_at": packet.received_at.to_string(),
        "peer": packet.peer,
        "mn": packet.device,
        "bytes_hex": base16ct::lower::encode_string(&masked(&packet.bytes)),
    });
    if let Ok(frame) = decode_whole(&packet.bytes) {
        let quirks: Vec<String> = frame.quirks.iter().map(|quirk| quirk.code()).collect();
        body["edition"] = frame.packet.edition().as_str().into();
        body["fields"] = fields(&frame.packet);
        body["quirks"] = quirks.into();
        body["answer_due"] = answer::wanted(&frame.packet).map(answer::Wanted::cn).into();
    }
    Ok(Json(body))
}

fn fields(packet: &Packet) -> Value {
    let shown =
        |name: &str, value: &str| json!([name, if is_secret(name) { "******" } else { value }]);
    let mut all = Vec::new();
    for (name, value) in packet.header_fields() {
        all.push(shown(name, value));
    }
    for (name, value) in packet.pairs() {
        all.push(shown(name, value));
    }
    all.into()
}
