//! Pages of the desk: the queue, one finding, the order made of it, how good the ranking is.

mod desk;
mod files;
mod issue;
mod one;
mod precision;

use axum::Router;
use axum::routing::get;
use web::AppState;

pub(super) const DESK: &str = "/duty";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(DESK, get(desk::page))
        .route("/duty/queue.xlsx", get(files::queue))
        .route("/duty/day.xlsx", get(files::day))
        .route("/triage/precision", get(precision::page))
        .route("/triage/{id}", get(one::page))
        .route("/triage/{id}/order", get(issue::page))
}
