//! Service discovery: where the endpoint is and how one gets a key.

use super::answer::{self, Element, Form};
use axum::http::StatusCode;
use axum::response::Response;
use web::AppState;

/// What an endpoint speaks.
const SPECIFICATION: &str = "http://wiki.open311.org/GeoReport_v2";

pub(super) fn answer(state: &AppState, form: Form) -> Response {
    let snapshot = state.snapshot();
    let base = state.door().public_address.trim_end_matches('/').to_owned();
    let at = |path: &str| format!("{base}{path}");
    // What is described changes with the program and the declarations: both load at a start.
    let changed = web::local_minute(state.started_at);
    let formats = ["text/xml", "application/json"].map(Element::text).to_vec();
    let city = &snapshot.city;
    let is_demo = if city.is_demo { "test" } else { "production" };
    let endpoint = Element::Parts(vec![
        ("specification", Element::text(SPECIFICATION)),
        ("url", Element::text(at("/open311/v2"))),
        ("changeset", Element::text(&*changed)),
        ("type", Element::text(is_demo)),
        ("formats", Element::List("format", formats)),
    ]);
    let contact = format!("{} {}: {} · {}", city.name.zh, city.name.en, at("/report"), at("/api"));
    let key_service = format!(
        "An officer with the right to open cases makes a token with the scope open_case at {} \
         and hands it to the application.",
        at("/account")
    );
    let discovery = Element::Parts(vec![
        ("changeset", Element::text(changed)),
        ("contact", Element::text(contact)),
        ("key_service", Element::text(key_service)),
        ("endpoints", Element::List("endpoint", vec![endpoint])),
    ]);
    answer::answer(StatusCode::OK, form, "discovery", &discovery)
}
