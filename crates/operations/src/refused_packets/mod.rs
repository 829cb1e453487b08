//! Refused packets (被拒数据包): what was not accepted, why, and the bytes.

mod api;
mod pages;

use web::Slice;

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "refused_packets",
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
