//! The log (透明日志): its checkpoint, tiles and key for programs, and pages on which anybody sees
//! what it holds and checks what they downloaded. All of it is public.

mod api;
mod check;
mod pages;
mod tiles;
mod words;

use axum::Router;
use axum::http::StatusCode;
use std::sync::Arc;
use transparency::Log;
use web::{AppState, Navigation, Problem, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "transparency_log",
        pages: routes,
        api: api::routes,
        navigation: &[Navigation { path: "/log", zh: "存证", en: "Log", needs: None }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(check::routes()).merge(tiles::routes())
}

/// The log of this installation.
fn log(state: &AppState) -> Result<Arc<Log>, Problem> {
    state.handle().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "log.not_kept",
            "本进程没有启用透明日志",
            "this process keeps no log",
        )
    })
}
