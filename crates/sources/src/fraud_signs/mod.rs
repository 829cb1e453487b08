//! Signs of fraud (造假线索): computed each night over what outlets reported, kept, ranked into "look
//! here first" for officers, judged by them; how often they were right is published.
//!
//! A sign is no proof, and nothing is decided by it. Enterprises do not see it.

mod access;
mod api;
mod changes;
pub(crate) mod chart;
mod compute;
mod inputs;
mod model;
mod pages;
mod plots;
mod queries;
mod store;
mod told;
mod words;

pub use compute::{compute, serve};
pub use model::Run;
pub use store::SignError;
pub(crate) use told::{ToldSign, told};

use axum::Router;
use web::{AppState, Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "fraud_signs",
        pages: routes,
        api: api::routes,
        navigation: &[Navigation {
            path: pages::PATH,
            zh: "造假线索",
            en: "Signs of fraud",
            needs: Some(authority::Action::ReadAlerts),
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(changes::routes())
}
