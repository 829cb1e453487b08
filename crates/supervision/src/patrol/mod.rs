//! The inspector's page on the phone (移动巡查): my tasks, a record of a visit, a new find; it works
//! without a network, and what was made there is taken once, however often it is sent.

mod api;
mod model;
mod pages;
mod store;
mod tasks;
mod work;

pub use store::kept_photos;

use authority::Action;
use web::{Navigation, Slice};

/// What this slice contributes.
pub(crate) fn slice() -> Slice {
    Slice {
        name: "patrol",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation {
            path: "/patrol",
            zh: "巡查",
            en: "Patrol",
            needs: Some(Action::OpenCase),
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
