//! Surface water (地表水): the class of sections.

mod api;
mod pages;
mod published;
mod queries;
mod rules;

pub use published::SectionSample;
pub use queries::{SectionNow, sections_now};
pub use rules::{RULE_CLASS, SectionClass, class_on, item_of_code, sample_of};

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "surface_water",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation {
            path: "/water/sections",
            zh: "地表水",
            en: "Water",
            needs: None,
        }],
        home: Some(|state, reader| Box::pin(async move { Ok(pages::home(&state, &reader)) })),
        map: Some(|state| Box::pin(async move { pages::map(&state) })),
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
