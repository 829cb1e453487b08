//! Triage (研判): alarms that belong together become findings (线索), ranked by likely real × harm ×
//! clock left for the duty desk (值班台), judged by officers, and made into orders (督办单).
//!
//! The ranking says where to look first. Nothing is decided by it, and no penalty follows from it.

mod access;
mod api;
mod changes;
mod clocks;
mod compute;
mod demonstration;
mod gather;
mod marks;
mod merge;
mod model;
mod order;
mod pages;
mod panel;
mod parameters;
mod queries;
mod ranking;
mod shown;
mod spark;
mod store;
mod used;

pub use compute::{Looked, look, serve};
pub use demonstration::{Invented, demonstrate};
pub use store::TriageError;

use axum::Router;
use web::{AppState, Navigation, Slice};

/// The finding that an alert belongs to, for a link that officers see.
pub(crate) async fn finding_of_alert(
    store: &::store::Store,
    alert: i64,
) -> Result<Option<i64>, TriageError> {
    store::of_alert(store, alert).await
}

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "triage",
        pages: routes,
        api: api::routes,
        navigation: &[Navigation {
            path: pages::DESK,
            zh: "值班台",
            en: "Duty desk",
            needs: Some(authority::Action::DecideMarks),
        }],
        home: None,
        map: None,
        enterprise: Some(|state, reader, id, principal| {
            Box::pin(panel::panel(state, reader, id, principal))
        }),
        timeline: None,
        duties: Some(|state, reader, id, principal| {
            Box::pin(panel::duties(state, reader, id, principal))
        }),
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(changes::routes())
}
