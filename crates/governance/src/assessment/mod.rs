//! Assessment of duties (目标责任考核): responsibility books of a year, one sheet for each unit,
//! self-assessment, verification, appeal, decision, publication.
//!
//! The books are files of the city (`assessment/*.toml`); what people enter is an append-only
//! history, and a sheet is computed from both each time it is shown.

mod access;
mod api;
mod books;
mod changes;
mod opening;
mod pages;
mod queries;
mod store;
mod words;

pub use books::{Books, FOLDER};
pub(crate) use queries::sheets_of;

use web::{Navigation, Slice};

/// Where the slice stands.
const PATH: &str = "/plan/assessment";

pub(crate) fn slice() -> Slice {
    Slice {
        name: "assessment",
        pages: || pages::routes().merge(changes::routes()),
        api: api::routes,
        navigation: &[Navigation { path: PATH, zh: "目标考核", en: "Assessment", needs: None }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
