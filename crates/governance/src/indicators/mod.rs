//! Indicators at work: their inputs read, their values computed each night and kept with history.

pub(crate) mod api;
mod changes;
mod compute;
pub(crate) mod inputs;
mod model;
pub(crate) mod pages;
mod store;

pub use compute::{compute, serve};
pub use model::{Kept, Reported, Run};
pub(crate) use store::{current, first_run_at, history, last_run, newest_inputs};

use web::Slice;

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "indicators",
        pages: || pages::routes().merge(changes::routes()),
        api: api::routes,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        duties: None,
        timeline: None,
    }
}
