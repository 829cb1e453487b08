//! One's own account (我的账号): devices, password, second factor, tokens of programs.

mod pages;
mod second_factor;
mod tokens;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use web::{AppState, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "account",
        pages: routes,
        api: OpenApiRouter::new,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(second_factor::routes()).merge(tokens::routes())
}
