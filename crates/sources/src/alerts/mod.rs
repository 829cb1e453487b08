//! Alerts (告警): what is wrong now and what was, with the evidence. Operators read them.

mod api;
mod enterprise;
mod filter;
mod pages;

pub use filter::subject_of;
pub(crate) use pages::find;

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "alerts",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation {
            path: "/alerts",
            zh: "告警",
            en: "Alerts",
            needs: Some(authority::Action::ReadAlerts),
        }],
        home: None,
        map: None,
        enterprise: Some(|state, reader, enterprise, principal| {
            Box::pin(async move {
                enterprise::panel(&state, &reader, enterprise, principal.as_deref()).await
            })
        }),
        timeline: Some(|state, reader, enterprise, principal| {
            Box::pin(async move {
                enterprise::timeline(&state, &reader, enterprise, principal.as_deref()).await
            })
        }),
        duties: Some(|state, reader, enterprise, principal| {
            Box::pin(
                async move { enterprise::duties(&state, &reader, enterprise, &principal).await },
            )
        }),
    }
}
