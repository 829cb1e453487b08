//! Why (依据): a verdict with its inputs, rule, edition and rounding, and what it said before.

mod api;
mod pages;

pub(crate) use pages::reasons;

use web::Slice;

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "verdicts",
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
