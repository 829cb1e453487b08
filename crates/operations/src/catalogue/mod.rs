//! The standards by which everyone is judged, for everyone to read (标准公开).

mod api;
mod pages;

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "catalogue",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation {
            path: "/standards", zh: "标准", en: "Standards", needs: None
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
