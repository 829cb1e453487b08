//! The audit (审计): who did what, from where, by which rule. For auditors and administrators.

mod pages;

use utoipa_axum::router::OpenApiRouter;
use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "audit",
        pages: pages::routes,
        api: OpenApiRouter::new,
        navigation: &[Navigation {
            path: "/audit",
            zh: "审计",
            en: "Audit",
            needs: Some(authority::Action::ReadAudit),
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
