//! Outlets beside each other (排放口对比): one factor, the hours of a period, up to six outlets, with
//! what each is allowed. It shows what the outlets' own pages show, to whoever may read those.

mod figures;
mod pages;
mod queries;

use web::Slice;

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "comparison",
        pages: pages::routes,
        api: utoipa_axum::router::OpenApiRouter::new,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
