//! Outlets (排放口): what flows out of an enterprise, beside what its permit allows.

mod api;
mod enterprise;
mod pages;
mod panel;
mod queries;

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "outlets",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation { path: "/outlets", zh: "排放口", en: "Outlets", needs: None }],
        home: Some(|state, reader| Box::pin(async move { panel::home(&state, &reader).await })),
        map: Some(|state| Box::pin(async move { panel::map(&state).await })),
        enterprise: Some(|state, reader, enterprise, _| {
            Box::pin(async move { enterprise::panel(&state, &reader, enterprise).await })
        }),
        timeline: None,
        duties: None,
    }
}
