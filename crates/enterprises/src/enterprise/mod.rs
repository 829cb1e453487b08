//! Enterprises (企业): the list, and one page for each on which every area shows what it knows.
//!
//! The page itself knows no permit, no alert and no case: slices contribute panels, things that
//! happened and duties, and decide themselves what a reader may see.

mod api;
mod list;
mod pages;
mod panels;
mod timeline;

pub(crate) use list::date_of;
pub(crate) use panels::between as panels_between;

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "enterprise",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation {
            path: "/enterprises",
            zh: "企业",
            en: "Enterprises",
            needs: None,
        }],
        home: None,
        map: None,
        enterprise: Some(|_, reader, _, _| {
            Box::pin(async move { Ok(Some(panels::credit(&reader))) })
        }),
        timeline: None,
        duties: None,
    }
}
