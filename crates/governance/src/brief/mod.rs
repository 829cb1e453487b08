//! The brief for leaders (方案进展月报): the plan as it stands, as Word and PDF, each number with
//! the page on which it is traced.

mod chart;
mod document;
mod files;
mod issue;
mod pages;
mod store;

pub use document::document;
pub use issue::issue_due;
pub use store::{Issued, kept_files};

use web::Slice;

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "brief",
        pages: || files::routes().merge(pages::routes()),
        api: utoipa_axum::router::OpenApiRouter::new,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        duties: None,
        timeline: None,
    }
}
