//! The history (历史库): what has moved into files, how large it is, what waits, what was forgotten.

mod api;
mod pages;

use web::Slice;

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "history",
        pages: pages::routes,
        api: api::routes,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
