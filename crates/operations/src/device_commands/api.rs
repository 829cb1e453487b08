//! Commands for programs, with a token.

use super::changes::asked;
use super::pages::{no_command, no_device, reads, shown};
use super::{commands, problem_of};
use axum::Json;
use axum::extract::{Path, Query, State};
use ingest::commands::{CommandFilter, CommandId, DeviceCommand, NewCommand};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, ask)).routes(routes!(one))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
struct Wanted {
    /// The number of the last command of the page before.
    after: Option<i64>,
}

/// Commands to a device, the newest first, a hundred a page.
#[utoipa::path(get, path = "/operations/devices/{mn}/commands", tag = "operations",
    params(("mn" = String, Path, description = "The device's MN"), Wanted),
    responses((status = 200, description = "Commands with their state and result"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such device")))]
async fn list(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(mn): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    reads(&signed_in)?;
    if state.snapshot().device(&mn).is_none() {
        return Err(no_device(&mn));
    }
    let filter = CommandFilter { mn, before: wanted.after, limit: 100, ..CommandFilter::default() };
    let found = commands(&state)?.list(&filter).await.map_err(problem_of)?;
    let next = (found.len() == 100).then(|| found.last().map(|last| last.id.0)).flatten();
    let all: Vec<Value> = found.iter().map(json_of).collect();
    Ok(Json(json!({ "commands": all, "after": next })))
}

/// A command to be sent.
#[derive(Debug, Deserialize, ToSchema)]
struct Asked {
    /// CN: `2061` recalls hours.
    cn: String,
    /// The parameters by name, `BeginTime`, `EndTime`.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    /// Why; kept with the command.
    reason: String,
}

/// Sends a command, or lets it wait for a second person where it is dangerous.
#[utoipa::path(post, path = "/operations/devices/{mn}/commands", tag = "operations",
    params(("mn" = String, Path, description = "The device's MN")), request_body = Asked,
    responses((status = 200, description = "Number and state of the command"),
        (status = 400, description = "What is wrong with it"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such device")))]
async fn ask(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(mn): Path<String>,
    Json(new): Json<Asked>,
) -> Result<Json<Value>, Problem> {
    let new = NewCommand {
        mn,
        cn: new.cn,
        parameters: new.parameters.into_iter().collect(),
        reason: new.reason,
        patience: SignedDuration::from_hours(24),
    };
    let (id, standing) = asked(&state, &signed_in, new).await?;
    Ok(Json(json!({ "id": id.0, "state": standing.as_str() })))
}

/// A command with what the device answered.
#[utoipa::path(get, path = "/operations/commands/{id}", tag = "operations",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "State, result and answers"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such command")))]
async fn one(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Problem> {
    reads(&signed_in)?;
    let commands = commands(&state)?;
    let found = commands.command(CommandId(id)).await.map_err(problem_of)?;
    let command = found.ok_or_else(|| no_command(id))?;
    let answers = commands.answers(command.id).await.map_err(problem_of)?;
    let mut body = json_of(&command);
    body["answers"] = answers
        .iter()
        .map(|one| json!({ "at": one.at.to_string(), "cn": one.cn, "content": one.content }))
        .collect();
    Ok(Json(body))
}

fn json_of(command: &DeviceCommand) -> Value {
    let parameters: BTreeMap<String, String> = shown(command).into_iter().collect();
    json!({
        "id": command.id.0,
        "mn": command.mn,
        "cn": command.cn,
        "edition": command.edition.as_str(),
        "parameters": parameters,
        "asked_by": command.asked_by.name,
        "reason": command.reason,
        "asked_at": command.asked_at.to_string(),
        "agreed_by": command.agreed_by,
        "state": command.state.as_str(),
        "result": command.result,
        "sent_at": command.sent_at.map(|at| at.to_string()),
        "sent_times": command.sent_times,
        "ended_at": command.ended_at.map(|at| at.to_string()),
        "contents": command.contents,
    })
}
