//! The enterprise's own desk (企业工作台): its alarms, its duties with their clocks, one calendar of
//! all of them, and its data before anybody judges them.
//!
//! The desk knows no report and no mark: slices tell what is to be done, each for whom it concerns.

mod calendar;
mod pages;
mod places;

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "own_desk",
        pages: pages::routes,
        api: utoipa_axum::router::OpenApiRouter::new,
        navigation: &[Navigation {
            path: "/my-enterprise",
            zh: "企业工作台",
            en: "My enterprise",
            needs: Some(authority::Action::FileReports),
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
