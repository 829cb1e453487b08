//! The officers' desk (工作台): work lists, the page of a case and what is done there, its kinds as
//! public documentation, search, messages.

mod act;
mod api;
mod changes;
pub(crate) mod drawing;
mod duplicates;
mod enterprise;
mod export;
mod fields;
mod files;
mod filter;
mod inbox;
mod kinds;
pub(crate) mod lamp;
mod list;
mod new;
mod one;
mod parts;
mod people;
mod personal;
mod replies;
mod search;
mod side;
mod views;
mod words;

use crate::form::with_files;
use axum::Router;
use axum::routing::{get, post};
use web::{AppState, Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "cases",
        pages: routes,
        api: api::routes,
        navigation: &[Navigation {
            path: "/cases",
            zh: "事项",
            en: "Cases",
            needs: Some(authority::Action::ReadCase),
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

pub(crate) use words::division as division_name;

fn routes() -> Router<AppState> {
    let with_files = Router::new()
        .route("/cases/new", get(new::page).post(new::open))
        .route("/cases/{id}/act", post(changes::act))
        .route("/cases/{id}/attach", post(changes::attach))
        .layer(with_files());
    Router::new()
        .merge(with_files)
        .route("/cases", get(list::page))
        .route("/cases/export/{ending}", get(export::file))
        .route("/cases/assign", post(changes::assign_many))
        .route("/cases/views", post(views::keep))
        .route("/cases/views/{id}/delete", post(views::forget))
        .route("/cases/search", get(search::page))
        .route("/cases/kinds", get(kinds::all))
        .route("/cases/kinds/{id}", get(kinds::one))
        .route("/cases/{id}", get(one::page))
        .route("/cases/{id}/comment", post(changes::comment))
        .route("/cases/{id}/assign", post(changes::assign))
        .route("/cases/{id}/correct", post(changes::correct))
        .route("/cases/{id}/link", post(changes::link))
        .route("/cases/{id}/duplicates", get(duplicates::page))
        .route("/cases/{id}/merge", post(changes::merge))
        .route("/cases/{id}/watch", post(changes::watch))
        .route("/cases/{id}/claim", post(changes::claim))
        .route("/cases/{id}/personal-data", get(personal::form).post(personal::reveal))
        .route("/cases/{id}/evidence/{file}", get(files::of_case))
        .route("/notifications", get(inbox::page))
        .route("/notifications/read", post(inbox::read_all))
        .route("/notifications/reach", post(inbox::set_reach))
}
