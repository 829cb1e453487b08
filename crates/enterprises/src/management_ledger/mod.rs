//! The environmental management ledger (环境管理台账): a page for each permit and day, filled in by
//! the enterprise with what is known beside each field, checked while typed, kept in versions.
//!
//! A permit says that a ledger is kept; how often it is written in no field of a permit. So days
//! without a page are shown, and nothing is called late.

mod access;
mod api;
mod changes;
mod facts;
mod measured;
mod model;
mod pages;
mod panel;
mod store;
mod workbook;

pub use store::LedgerError;

use authority::Action;
use axum::Router;
use web::{AppState, Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "management_ledger",
        pages: routes,
        api: api::routes,
        navigation: &[Navigation {
            path: pages::PATH,
            zh: "管理台账",
            en: "Management ledger",
            needs: Some(Action::ReadCase),
        }],
        home: None,
        map: None,
        enterprise: Some(panel::panel),
        timeline: None,
        duties: Some(panel::duties),
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(changes::routes()).merge(workbook::routes())
}
