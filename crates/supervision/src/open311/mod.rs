//! Open311 GeoReport v2 (城市事件上报开放接口): existing civic applications report and follow
//! requests without being changed.
//!
//! The specification: <https://wiki.open311.org/GeoReport_v2/>. Nothing that concerns the reporter
//! is ever answered: neither their words nor their exact place.

mod answer;
mod discovery;
mod filter;
mod post;
mod requests;
mod services;
mod store;

use answer::{Form, Refused, refusal};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use cases::Cases;
use post::Pairs;
use serde::Deserialize;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use web::{AppState, DoorSettings, Reader, Slice, Visitor};

/// What this slice contributes.
pub(crate) fn slice() -> Slice {
    Slice {
        name: "open311",
        pages: routes,
        api: OpenApiRouter::new,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

fn routes() -> Router<AppState> {
    let mut router = Router::new()
        .route("/open311/v2/services/{code}", get(definition))
        .route("/open311/v2/requests/{id}", get(requests::one))
        .route("/open311/v2/tokens/{id}", get(requests::of_token));
    for (ending, form) in [("xml", Form::Xml), ("json", Form::Json)] {
        let path = |resource: &str| format!("/open311/v2/{resource}.{ending}");
        router = router
            .route(
                &path("discovery"),
                get(move |state: State<AppState>| async move { discovery::answer(&state, form) }),
            )
            .route(
                &path("services"),
                get(move |State(state), reader: Reader, Query(query)| async move {
                    list(&state, &reader, &query, form)
                }),
            )
            .route(
                &path("requests"),
                get(move |state: State<AppState>, reader: Reader, query: Query<filter::Asked>| {
                    requests::many(state, reader, query, form)
                })
                .post(
                    move |state: State<AppState>, visitor: Visitor, reader: Reader, body: Pairs| {
                        post::post(state, visitor, reader, body, form)
                    },
                ),
            );
    }
    router
}

/// The argument that every method has.
#[derive(Clone, Debug, Default, Deserialize)]
struct Jurisdiction {
    jurisdiction_id: Option<String>,
}

/// The engine, where the jurisdiction asked for is this city's.
fn engine(state: &AppState, asked: Option<&str>, form: Form) -> Result<Arc<Cases>, Refused> {
    let asked = asked.unwrap_or_default();
    if !asked.is_empty() && !is_ours(state, asked) {
        let what = format!(
            "jurisdiction_id {asked} was not found; leave it out or use {}",
            state.snapshot().city.key
        );
        return Err(Refused::new(StatusCode::NOT_FOUND, form, &what));
    }
    crate::engine::engine(state).map_err(|_| {
        let what = "this installation handles no cases";
        Refused::new(StatusCode::BAD_REQUEST, form, what)
    })
}

/// The city's key, its code, or the host under which it is reached.
fn is_ours(state: &AppState, asked: &str) -> bool {
    let snapshot = state.snapshot();
    let settings: Arc<DoorSettings> = state.door();
    let host = settings.public_address.split("://").nth(1).unwrap_or_default();
    let host = host.split([':', '/']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    [snapshot.city.key.as_str(), snapshot.city.code.as_str(), host].contains(&asked)
}

fn list(state: &AppState, reader: &Reader, query: &Jurisdiction, form: Form) -> Response {
    let cases = match engine(state, query.jurisdiction_id.as_deref(), form) {
        Ok(cases) => cases,
        Err(refused) => return refused.into_response(),
    };
    let services = services::services(&cases);
    let listed = services.iter().map(|service| service.listed(reader.language)).collect();
    let list = answer::Element::List("service", listed);
    answer::answer(StatusCode::OK, form, "services", &list)
}

async fn definition(
    State(state): State<AppState>,
    reader: Reader,
    Query(query): Query<Jurisdiction>,
    Path(last): Path<String>,
) -> Response {
    let Some((code, form)) = Form::split(&last) else { return no_form(&last) };
    let cases = match engine(&state, query.jurisdiction_id.as_deref(), form) {
        Ok(cases) => cases,
        Err(refused) => return refused.into_response(),
    };
    let all = services::services(&cases);
    match all.iter().find(|service| service.code == code) {
        Some(service) => {
            let definition = service.definition(reader.language);
            answer::answer(StatusCode::OK, form, "service_definition", &definition)
        }
        None => no_service(code, form),
    }
}

fn no_service(code: &str, form: Form) -> Response {
    let what = format!("service_code {code} was not found; GET services lists the codes");
    refusal(StatusCode::NOT_FOUND, form, &what)
}

/// An address that ends in neither form is answered in the one that the specification requires.
fn no_form(last: &str) -> Response {
    let what = format!("{last} names no form: end the address in .xml or .json");
    refusal(StatusCode::NOT_FOUND, Form::Xml, &what)
}
