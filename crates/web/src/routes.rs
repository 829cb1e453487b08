//! Puts the slices together into one router, with what holds for every request.

use crate::reference::{self, Description};
use crate::{
    AppState, Problem, assets, door, gallery, home, live, map, operator, problem, room, sign_in,
    single_sign_on, visitor,
};
use axum::Router;
use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// Answers up to this size get an ETag.
const TAGGED_AT_MOST: u64 = 4 << 20;

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Lucid",
    description = "The open interface of a city's environmental governance platform. Times are UTC \
        in RFC 3339; periods are labelled by their start; values are decimals as texts.",
    license(name = "Apache-2.0")
))]
struct Description31;

/// The whole of the city: pages, interface, live updates, assets, health.
pub fn router(state: AppState) -> Router {
    let (api, description) = interface(&state);
    let pages = state.slices.iter().fold(Router::new(), |all, slice| all.merge((slice.pages)()));
    let fixed = Router::new()
        .route("/", get(home::page))
        .route("/map", get(map::page))
        .route("/live", get(live::follow))
        .route("/design", get(gallery::page))
        .route("/operator/sign-in", get(operator::form).post(operator::enter))
        .route("/operator/sign-out", post(operator::leave))
        .route("/sign-in", get(sign_in::form).post(sign_in::enter))
        .route("/sign-in/second-factor", post(sign_in::second_factor))
        .route("/sign-in/link", get(sign_in::link).post(sign_in::follow_link))
        .route("/sign-in/single", get(single_sign_on::begin))
        .route("/sign-in/single/tie", get(single_sign_on::tie))
        .route("/sign-in/single/back", get(single_sign_on::back))
        .route("/sign-out", post(operator::leave))
        .route("/assets/lucid.css", get(assets::style))
        .route("/assets/icon.svg", get(assets::icon))
        .route("/assets/{*path}", get(assets::built))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(|State(state): State<AppState>| async move { (state.metrics)() }))
        .route("/api/v1/map", get(map::points))
        .route("/api/v1/boundaries", get(map::boundaries))
        .route("/api/v1/openapi.json", {
            let description = description.clone();
            get(move || async move { reference::json(&description) })
        })
        .route(
            "/api",
            get(move |state, reader| async move { reference::page(&state, &reader, &description) }),
        );
    Router::new()
        .merge(fixed)
        .merge(pages)
        .nest("/api/v1", api)
        .fallback(|| async { Problem::not_found("没有这个地址", "there is no such address") })
        .layer(from_fn(tag))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::failed().into_response()
        }))
        .layer(from_fn_with_state(state.clone(), room::ensure))
        .layer(from_fn_with_state(state.clone(), door::same_site_only))
        .layer(from_fn_with_state(state.clone(), problem::form))
        .layer(from_fn_with_state(state.clone(), visitor::identify))
        .layer(from_fn(remember_language))
        .layer(from_fn(secure))
        .layer(from_fn(in_time))
        .layer(CompressionLayer::new().compress_when(
            SizeAbove::new(1024).and(NotForContentType::SSE).and(NotForContentType::IMAGES),
        ))
        .with_state(state)
}

fn interface(state: &AppState) -> (Router<AppState>, Description) {
    let parts = state
        .slices
        .iter()
        .fold(OpenApiRouter::new(), |all: OpenApiRouter<AppState>, slice| all.merge((slice.api)()));
    let (router, parts) = parts.split_for_parts();
    let mut whole = Description31::openapi();
    whole.merge(parts);
    let mut description = serde_json::to_value(&whole).unwrap_or_default();
    if let Some(paths) = description["paths"].as_object_mut() {
        let prefixed =
            std::mem::take(paths).into_iter().map(|(path, item)| (format!("/api/v1{path}"), item));
        *paths = prefixed.collect();
    }
    (router, Description(Arc::new(description)))
}

/// Ends what takes too long. Photos from a phone with a bad network may take their time.
async fn in_time(request: Request, next: Next) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_upload = ["multipart/", "image/", "video/", "application/octet-stream"]
        .iter()
        .any(|beginning| kind.starts_with(beginning));
    let patience = if is_upload { Duration::from_mins(10) } else { Duration::from_mins(1) };
    let answer = tokio::time::timeout(patience, next.run(request)).await;
    answer.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

/// Ready when the store answers, there is room on the disk and commits do not fail.
async fn ready(State(state): State<AppState>) -> Response {
    let health = state.recorder.health();
    let wrong = if let Err(error) = state.store.ensure_room() {
        Some(error.to_string())
    } else if health.failures_in_a_row > 0 {
        health.last_failure
    } else {
        state.store.ping().await.err().map(|error| error.to_string())
    };
    match wrong {
        None => "ready\n".into_response(),
        Some(why) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")).into_response()
        }
    }
}

/// What a browser must never be allowed to do with our pages, and what nobody may keep.
async fn secure(request: Request, next: Next) -> Response {
    let is_private = request.headers().contains_key(header::AUTHORIZATION)
        || door::has_our_cookie(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let kept = if is_private { "no-store" } else { "no-cache" };
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(kept));
    headers.append(header::VARY, HeaderValue::from_static("accept, accept-language, cookie"));
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Keeps the language that was chosen by a link.
async fn remember_language(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let chosen = query
        .split('&')
        .find_map(|part| part.strip_prefix("lang="))
        .and_then(crate::Language::parse);
    let mut response = next.run(request).await;
    if let Some(language) = chosen {
        let kept = format!("lang={}; Path=/; Max-Age=31536000; SameSite=Lax", language.code());
        if let Ok(value) = HeaderValue::from_str(&kept) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

/// Gives answers of a known, bounded size an ETag, and 304 to whoever has them.
async fn tag(request: Request, next: Next) -> Response {
    let is_read = request.method() == Method::GET;
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let is_tagged =
        request.uri().path().starts_with("/api/") || request.uri().path().starts_with("/assets/");
    let response = next.run(request).await;
    let size = response.body().size_hint().exact();
    let is_bounded = size.is_some_and(|size| size <= TAGGED_AT_MOST);
    if !is_read || !is_tagged || !is_bounded || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, TAGGED_AT_MOST as usize).await else {
        return Problem::failed().into_response();
    };
    let digest = assets::short_digest(&bytes);
    let Ok(tag) = HeaderValue::from_str(&format!("W/\"{digest}\"")) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let is_known = known.is_some_and(|known| {
        known.to_str().is_ok_and(|known| known.split(',').any(|one| one.trim() == tag))
    });
    parts.headers.insert(header::ETAG, tag);
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}
