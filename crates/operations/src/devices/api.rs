//! Operations for programs, with a token.

use super::pulse::take;
use super::receivers;
use authority::Action;
use axum::Json;
use axum::extract::State;
use ingest::Devices;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Allowed, AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(pulse)).routes(routes!(devices))
}

/// How the installation fares.
#[utoipa::path(get, path = "/operations/pulse", tag = "operations",
    responses((status = 200, description = "Devices, packets, delay, disk, memory"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
async fn pulse(State(state): State<AppState>, allowed: Allowed) -> Result<Json<Value>, Problem> {
    allowed.to(Action::ReadOperations)?;
    let pulse = take(&state).await?;
    let receivers = receivers::take(&state).await?;
    Ok(Json(json!({
        "devices_online": pulse.online,
        "devices": pulse.devices,
        "packets": pulse.packets,
        "packets_per_second": pulse.packets_per_second,
        "refused": pulse.refused,
        "commits_behind": pulse.commits_behind,
        "queued": pulse.queued,
        "committed_at": pulse.committed_at.map(|at| at.to_string()),
        "failure": pulse.failure,
        "disk_free_bytes": pulse.disk.map(|disk| disk.free),
        "store_bytes": pulse.store_bytes,
        "memory_bytes": pulse.memory_bytes,
        "intake": receivers.map(|receivers| receivers.to_json()),
    })))
}

/// The devices that have connected since the start.
#[utoipa::path(get, path = "/operations/devices", tag = "operations",
    responses((status = 200, description = "Devices without their passwords"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
async fn devices(State(state): State<AppState>, allowed: Allowed) -> Result<Json<Value>, Problem> {
    allowed.to(Action::ReadOperations)?;
    let states = state.handle::<Devices>().map(|devices| devices.states()).unwrap_or_default();
    let devices: Vec<Value> = states
        .into_iter()
        .map(|device| {
            json!({
                "mn": device.mn.as_ref(),
                "online": device.online,
                "since": device.since.to_string(),
                "edition": device.edition,
                "last_packet_at": device.last_packet_at.map(|at| at.to_string()),
                "last_data_time": device.last_data_time.map(|at| at.to_string()),
                "clock_offset_ms": device.clock_offset_ms,
                "packets": device.packets,
                "duplicates": device.duplicates,
                "refused": device.refused,
                "receiver": device.receiver.as_ref(),
            })
        })
        .collect();
    Ok(Json(json!({ "devices": devices })))
}
