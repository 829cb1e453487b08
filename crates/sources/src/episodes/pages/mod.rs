//! Pages of episodes: the list, one with all about it, and where anybody checks a packet.

mod counting;
mod list;
mod one;
mod values;
mod verify;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use web::AppState;

/// A packet is at most so large; those of long episodes have some megabytes.
const LARGEST: usize = 32 << 20;

pub(super) const PATH: &str = "/episodes";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list::page))
        .route("/episodes/file.xlsx", get(list::file))
        .route("/episodes/by-alert/{alert}", get(one::of_alert))
        .route("/episodes/{id}", get(one::page))
        .route("/episodes/{id}/packet.pdf", get(one::packet))
        .route(
            "/evidence/verify",
            get(verify::form).post(verify::check).layer(DefaultBodyLimit::max(LARGEST)),
        )
}
