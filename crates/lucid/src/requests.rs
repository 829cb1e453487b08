//! Every request as it is counted and traced: by the address as it was declared, never as it was
//! asked, so that nobody's number or code stands in a metric or a trace.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::telemetry::TARGET;

/// Whether a caller's trace is gone on with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Callers {
    pub(crate) are_followed: bool,
}

/// Counts and traces a request.
pub(crate) async fn observe(
    State(callers): State<Callers>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("other", MatchedPath::as_str).to_owned();
    let method = request.method().as_str();
    // Methods that nobody has heard of would be as many metrics.
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let method = known.into_iter().find(|known| *known == method).unwrap_or("other");
    let span = info_span!(
        target: TARGET,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
    );
    if !span.is_disabled() {
        follow(&span, callers, &request);
    }
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    let class = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];
    let class = class.get(usize::from(status.as_u16() / 100)).copied().unwrap_or("other");
    metrics::counter!(
        "lucid_http_requests_total", "method" => method, "route" => route, "status" => class
    )
    .increment(1);
    metrics::histogram!("lucid_http_request_seconds").record(started.elapsed());
    response
}

/// Ties the span to the trace of whoever asked.
fn follow(span: &Span, callers: Callers, request: &Request) {
    let context = TraceContextPropagator::new().extract(&HeaderExtractor(request.headers()));
    let caller = context.span().span_context().clone();
    if !caller.is_valid() {
        return;
    }
    if !callers.are_followed {
        span.add_link(caller);
    } else if let Err(problem) = span.set_parent(context) {
        tracing::debug!(%problem, "a request begins a trace of its own");
    }
}
