//! The brief for leaders (方案进展月报): the plan as it stands, as Word and PDF, each number with
//! the page on which it is traced.

mod chart;
mod document;
mod files;

pub use document::document;

use web::Slice;

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "brief",
        pages: files::routes,
        api: utoipa_axum::router::OpenApiRouter::new,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        duties: None,
        timeline: None,
    }
}
