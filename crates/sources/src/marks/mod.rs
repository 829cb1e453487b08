//! Marks of monitoring data (自动监测数据标记): an enterprise marks stretches of its own data with
//! reason and proof, the bureau decides, and each hour tells how it came to count or not.
//!
//! What a mark does is decided by the crate `validity`; this slice shows and asks.

mod access;
mod api;
mod changes;
mod form;
mod pages;
mod panel;
mod queries;
mod words;

pub(crate) use pages::path_of_chain as chain_of;

use axum::Router;
use web::{AppState, Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "marks",
        pages: routes,
        api: api::routes,
        navigation: &[Navigation {
            path: pages::PATH,
            zh: "数据标记",
            en: "Data marks",
            needs: Some(authority::Action::ReadAlerts),
        }],
        home: None,
        map: None,
        enterprise: Some(|state, reader, id, principal| {
            Box::pin(panel::panel(state, reader, id, principal))
        }),
        timeline: Some(|state, reader, id, principal| {
            Box::pin(panel::timeline(state, reader, id, principal))
        }),
        duties: Some(|state, reader, id, principal| {
            Box::pin(panel::duties(state, reader, id, principal))
        }),
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(changes::routes())
}
