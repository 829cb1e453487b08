//! Devices (数采仪) and how the installation fares.

mod api;
mod pages;
mod pulse;
mod receivers;

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "devices",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation {
            path: "/operator",
            zh: "运维",
            en: "Operations",
            needs: Some(authority::Action::ReadOperations),
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
