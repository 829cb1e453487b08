//! Asking, agreeing, taking back: each in one transaction with its audit record.

use super::{commands, problem_of};
use authority::audit::{Record, record};
use authority::{Action, Actor, Subject};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Router};
use ingest::commands::{Asker, CommandId, CommandState, NewCommand};
use jiff::SignedDuration;
use serde_json::json;
use web::{AppState, Problem, SignedIn};

/// A command waits so long for its device.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/operator/devices/{mn}/commands", post(ask))
        .route("/operator/devices/{mn}/initialise", post(initialise))
        .route("/operator/commands/{id}/agree", post(agree))
        .route("/operator/commands/{id}/withdraw", post(withdraw))
}

fn commander(signed_in: &SignedIn) -> Result<(Actor, Asker), Problem> {
    let actor = signed_in.allowed(Action::CommandDevices, &Subject::installation())?;
    let user = actor.user.map(|user| user.0);
    let asker = Asker { name: actor.name.clone(), user, is_platform: false };
    Ok((actor, asker))
}

async fn ask(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(mn): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    commander(&signed_in)?;
    let field = |name: &str| {
        let found = fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let parameters = fields
        .iter()
        .filter(|(name, value)| {
            !matches!(name.as_str(), "cn" | "reason")
                && !name.starts_with("code-")
                && !value.trim().is_empty()
        })
        .map(|(name, value)| {
            // `*-Info` is named by the code in the field beside it.
            let name = match name.strip_prefix('*') {
                Some(ending) => format!("{}{ending}", field(&format!("code{ending}"))),
                None => name.clone(),
            };
            (name, value.trim().to_owned())
        })
        .collect();
    let (cn, reason) = (field("cn"), field("reason"));
    let id =
        asked(&state, &signed_in, NewCommand { mn, cn, parameters, reason, patience: PATIENCE })
            .await?
            .0;
    Ok(see(id))
}

/// Keeps a command with its audit record and sends it if nobody else has to agree.
pub(super) async fn asked(
    state: &AppState,
    signed_in: &SignedIn,
    new: NewCommand,
) -> Result<(CommandId, CommandState), Problem> {
    let (actor, asker) = commander(signed_in)?;
    let (commands, now) = (commands(state)?, state.now());
    let mut transaction = state.store.begin().await.map_err(|error| Problem::internal(&error))?;
    let asked = commands.ask(&mut transaction, &asker, &new, now).await.map_err(problem_of)?;
    let names: Vec<&str> = new.parameters.iter().map(|(name, _)| name.as_str()).collect();
    let after = json!({ "mn": new.mn, "cn": new.cn, "parameters": names, "reason": new.reason,
        "state": asked.1.as_str() });
    write(&mut transaction, &actor, "device.command", asked.0, Some(after.to_string()), now)
        .await?;
    transaction.commit().await.map_err(|error| Problem::internal(&error))?;
    commands.hurry(&new.mn);
    Ok(asked)
}

#[derive(serde::Deserialize)]
struct Why {
    #[serde(default)]
    reason: String,
}

async fn initialise(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(mn): Path<String>,
    Form(why): Form<Why>,
) -> Result<Response, Problem> {
    let (actor, asker) = commander(&signed_in)?;
    let (commands, now) = (commands(&state)?, state.now());
    let mut transaction = state.store.begin().await.map_err(|error| Problem::internal(&error))?;
    let asked = commands.initialise(&mut transaction, &asker, &mn, &why.reason, now).await;
    for id in asked.map_err(problem_of)? {
        let after = json!({ "mn": mn, "reason": why.reason, "initialises": true }).to_string();
        write(&mut transaction, &actor, "device.command", id, Some(after), now).await?;
    }
    transaction.commit().await.map_err(|error| Problem::internal(&error))?;
    commands.hurry(&mn);
    let to = format!("/operator/devices/{mn}#commands");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

async fn agree(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let (actor, asker) = commander(&signed_in)?;
    let (commands, now, id) = (commands(&state)?, state.now(), CommandId(id));
    let found = commands.command(id).await.map_err(problem_of)?;
    let command = found.ok_or_else(|| super::pages::no_command(id.0))?;
    let mut transaction = state.store.begin().await.map_err(|error| Problem::internal(&error))?;
    commands.agree(&mut transaction, id, &asker, now).await.map_err(problem_of)?;
    write(&mut transaction, &actor, "device.command_agree", id, None, now).await?;
    transaction.commit().await.map_err(|error| Problem::internal(&error))?;
    commands.hurry(&command.mn);
    Ok(see(id))
}

async fn withdraw(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let (actor, _) = commander(&signed_in)?;
    let (commands, now, id) = (commands(&state)?, state.now(), CommandId(id));
    let found = commands.command(id).await.map_err(problem_of)?;
    found.ok_or_else(|| super::pages::no_command(id.0))?;
    let mut transaction = state.store.begin().await.map_err(|error| Problem::internal(&error))?;
    commands.withdraw(&mut transaction, id, now).await.map_err(problem_of)?;
    write(&mut transaction, &actor, "device.command_withdraw", id, None, now).await?;
    transaction.commit().await.map_err(|error| Problem::internal(&error))?;
    Ok(see(id))
}

async fn write(
    transaction: &mut store::Transaction,
    actor: &Actor,
    action: &str,
    id: CommandId,
    after: Option<String>,
    at: jiff::Timestamp,
) -> Result<(), Problem> {
    let subject = format!("device_command {}", id.0);
    let written = Record { at, actor, action, subject, before: None, after };
    record(transaction, written).await.map(|_| ()).map_err(|error| Problem::internal(&error))
}

fn see(id: CommandId) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, format!("/operator/commands/{}", id.0))])
        .into_response()
}
