//! Duties of the plan (方案任务): each opens its case for each unit in time, is watched until it is
//! done with its proof, and stands in the unit's calendar and in the statistics of who is on time.

mod model;
mod opening;
mod pages;
mod store;

pub use model::{DutyRow, Lateness};
pub use opening::look;
pub(crate) use opening::{gather, organisation};
pub(crate) use store::all;

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "duties",
        pages: pages::routes,
        api: utoipa_axum::router::OpenApiRouter::new,
        navigation: &[] as &[Navigation],
        home: None,
        map: None,
        enterprise: None,
        duties: None,
        timeline: None,
    }
}
