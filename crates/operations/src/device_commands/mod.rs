//! Commands to devices (反控台): the console of one device, the list of commands with what came of
//! each, and how the hand-over to a higher platform stands.
//!
//! Reading needs the right to read operations; sending needs the right to command devices, and
//! what changes a measurement a second person with the same right.

mod api;
mod changes;
mod enterprise;
mod keys;
mod pages;
mod words;

use axum::Router;
use web::{AppState, Problem, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "device_commands",
        pages: routes,
        api: api::routes,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        timeline: Some(|state, reader, enterprise, principal| {
            Box::pin(async move {
                enterprise::timeline(&state, &reader, enterprise, principal.as_deref()).await
            })
        }),
        duties: None,
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(changes::routes()).merge(keys::routes())
}

/// The handle of commands; 503 where nothing receives.
fn commands(state: &AppState) -> Result<std::sync::Arc<ingest::commands::Commands>, Problem> {
    state.handle().ok_or_else(|| {
        Problem::new(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            "command.no_receiver",
            "本进程未启动设备接收服务,不能下发指令",
            "no receiver runs in this process: commands cannot be sent",
        )
    })
}

/// What a failure of commands answers.
fn problem_of(error: ingest::commands::CommandError) -> Problem {
    use ingest::commands::CommandError;
    let status = match error {
        CommandError::Device(_) => axum::http::StatusCode::NOT_FOUND,
        CommandError::State(_) | CommandError::SamePerson => axum::http::StatusCode::CONFLICT,
        _ => axum::http::StatusCode::BAD_REQUEST,
    };
    match error.zh() {
        Some(zh) => Problem::new(status, error.code(), zh, error.to_string()),
        None => Problem::internal(&error),
    }
}
