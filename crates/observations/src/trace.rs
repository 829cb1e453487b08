//! Where a commit stands in the traces of the packets that it holds, so that what follows from it
//! later (verdicts, alerts) stands there too.
//!
//! A packet's span is open until its answer is sent; the commit is a child of the first packet of
//! which a trace is kept and linked to the others. What is judged afterwards has the commit as its
//! parent by number, since the commit's own span has ended by then.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The target of spans that belong to traces.
pub const TRACE: &str = "lucid::trace";
/// Links of one commit: under load it holds thousands of packets.
const LINKS_MAX: usize = 32;

/// A place in a trace; nothing where none is kept.
#[derive(Clone, Debug, Default)]
pub struct TracePlace(Option<SpanContext>);

impl TracePlace {
    /// The place of a span.
    pub fn of(span: &Span) -> Self {
        if span.is_disabled() {
            return Self(None);
        }
        let place = span.context().span().span_context().clone();
        Self(Some(place).filter(|place| place.is_valid() && place.is_sampled()))
    }

    /// Puts a span below this place; one that has begun stays where it is.
    pub fn lead(&self, span: &Span) {
        if let Some(place) = &self.0 {
            let above = Context::new().with_remote_span_context(place.clone());
            let _has_begun = span.set_parent(above);
        }
    }

    /// Whether there is one.
    pub fn is_kept(&self) -> bool {
        self.0.is_some()
    }
}

/// The span of a commit of what these spans have handed in.
pub(crate) fn commit<'spans>(spans: impl Iterator<Item = &'spans Span>) -> Span {
    let mut places = spans.map(TracePlace::of).filter(TracePlace::is_kept);
    let Some(first) = places.next() else { return Span::none() };
    let span = info_span!(
        target: TRACE,
        "commit",
        packets = tracing::field::Empty,
        rows = tracing::field::Empty,
        block = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    );
    first.lead(&span);
    for place in places.take(LINKS_MAX).filter_map(|place| place.0) {
        span.add_link(place);
    }
    span
}
