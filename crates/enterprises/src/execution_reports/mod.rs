//! Execution reports (排污许可证执行报告): filled in by the enterprise with what the platform knows
//! beside each field, checked while typed, filed, accepted by an officer, then public.
//!
//! What a permit asks for and when is read from the permit; nothing is due that it does not set.

pub(crate) mod access;
mod api;
mod changes;
mod demonstration;
mod due;
mod facts;
mod filled;
mod measured;
mod model;
mod pages;
mod panel;
pub(crate) mod queries;
pub(crate) mod shape;
mod store;
mod workbook;

pub use demonstration::{DemoReport, keep};
pub(crate) use model::day_of;
pub use store::ReportError;

use axum::Router;
use web::{AppState, Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "execution_reports",
        pages: routes,
        api: api::routes,
        navigation: &[Navigation {
            path: pages::PATH,
            zh: "执行报告",
            en: "Execution reports",
            needs: None,
        }],
        home: None,
        map: None,
        enterprise: Some(panel::panel),
        timeline: Some(panel::timeline),
        duties: Some(panel::duties),
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(changes::routes()).merge(workbook::routes())
}
