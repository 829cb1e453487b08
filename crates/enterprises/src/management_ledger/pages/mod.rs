//! Pages of the ledger: all ledgers, one month, one day.

pub(super) mod day;
mod list;
pub(super) mod month;

use axum::Router;
use axum::routing::get;
use web::AppState;

pub(in crate::management_ledger) const PATH: &str = "/management-ledger";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list::page))
        .route("/management-ledger.xlsx", get(list::file))
        .route("/management-ledger/{permit}", get(month::page))
        .route("/management-ledger/{permit}/{day}", get(day::page))
}
