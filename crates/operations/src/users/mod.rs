//! Users (用户管理): who there is, what they may do where, organisations. For administrators.

mod changes;
mod organisations;
mod pages;

use axum::Router;
pub(crate) use pages::{action_names, organisation_name, place_name, role_name};
use utoipa_axum::router::OpenApiRouter;
use web::{AppState, Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "users",
        pages: routes,
        api: OpenApiRouter::new,
        navigation: &[Navigation {
            path: "/users",
            zh: "用户",
            en: "Users",
            needs: Some(authority::Action::ManageUsers),
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(changes::routes()).merge(organisations::routes())
}
