//! Traces for an OpenTelemetry collector: OTLP over HTTP with protobuf, by the HTTP client that
//! sends everything else.
//!
//! Spans of the target [`TARGET`] become those of traces; log lines know nothing of them. Without
//! `telemetry.otlp` no layer wants them, and the places where they begin cost next to nothing. A
//! collector that does not answer holds nobody up: spans wait in a bounded queue, and what does
//! not fit is dropped.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::configuration::{Settings, keys};
use crate::exit::Failure;

/// The target of spans that belong to traces.
pub(crate) const TARGET: &str = observations::TRACE;
/// How long a collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the last spans may take when the program ends.
const FAREWELL: Duration = Duration::from_secs(3);
/// What is read of an answer.
const ANSWER_MAX: u64 = 64 << 10;

/// Sends traces, if the settings say where.
#[derive(Debug)]
pub(crate) struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Prepares to send what is traced.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let collector = settings.text(keys::OTLP).trim_end_matches('/');
        if collector.is_empty() {
            return Ok(Self { provider: None });
        }
        let wrong = |what: String| {
            let cure = "Write telemetry.otlp = \"http://HOST:4318\", or leave it empty.";
            Failure::of_use("telemetry.otlp", what, cure)
        };
        if !["http://", "https://"].iter().any(|scheme| collector.starts_with(scheme)) {
            return Err(wrong(format!("{collector:?} begins with neither http:// nor https://")));
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::of(settings)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{collector}/v1/traces"))
            .with_headers(headers(settings.text(keys::OTLP_HEADERS))?)
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| wrong(format!("{collector:?}: {error}")))?;
        let share = settings.count(keys::OTLP_SAMPLED) as f64 / 1000.0;
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
            .with_resource(resource(settings))
            .with_batch_exporter(exporter)
            .build();
        Ok(Self { provider: Some(provider) })
    }

    /// The layer that makes spans of traces.
    pub(crate) fn layer<Registry>(&self) -> Option<Box<dyn Layer<Registry> + Send + Sync>>
    where
        Registry: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let tracer = self.provider.as_ref()?.tracer("lucid");
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|found| found.target() == TARGET));
        Some(layer.boxed())
    }

    /// Sends what is left, for a moment.
    pub(crate) fn end(self) {
        if let Some(Err(problem)) =
            self.provider.map(|provider| provider.shutdown_with_timeout(FAREWELL))
        {
            tracing::info!(%problem, "the last spans may not have been sent");
        }
    }
}

fn resource(settings: &Settings) -> Resource {
    let instance = match settings.text(keys::OTLP_INSTANCE) {
        "" => std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default(),
        named => named.to_owned(),
    };
    let mut known = vec![KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))];
    if !instance.trim().is_empty() {
        known.push(KeyValue::new("service.instance.id", instance.trim().to_owned()));
    }
    let name = settings.text(keys::OTLP_NAME).to_owned();
    Resource::builder().with_service_name(name).with_attributes(known).build()
}

/// `NAME=VALUE,NAME=VALUE`.
fn headers(text: &str) -> Result<HashMap<String, String>, Failure> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| match part.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            }
            _ => {
                let what = "telemetry.headers has a part without NAME=VALUE".to_owned();
                let cure = "Write for example authorization=Bearer WORD, with commas between.";
                Err(Failure::of_use("telemetry.headers", what, cure))
            }
        })
        .collect()
}

/// Sends a batch of spans and waits for the answer, on the exporter's own thread.
#[derive(Debug)]
struct Client {
    agent: ureq::Agent,
    failures: AtomicU64,
}

impl Client {
    fn of(settings: &Settings) -> Result<Self, Failure> {
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE));
        let file = settings.text(keys::CERTIFICATES);
        if !file.is_empty() {
            let cure = "delivery.certificates names a file of certificates in PEM.";
            let pem = std::fs::read(file)
                .map_err(|error| Failure::caused("delivery.certificates", &error, cure))?;
            let found = parse_pem(&pem).filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            });
            let roots: Vec<_> = found.collect();
            config =
                config.tls_config(TlsConfig::builder().root_certs(RootCerts::from(roots)).build());
        }
        Ok(Self { agent: config.build().into(), failures: AtomicU64::new(0) })
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let request = Request::from_parts(head, body.to_vec());
        let (head, body) = self.agent.run(request)?.into_parts();
        let body = body.into_with_config().limit(ANSWER_MAX).read_to_vec()?;
        Ok(Response::from_parts(head, Bytes::from(body)))
    }

    /// Says that spans are lost: at first, then ever more rarely.
    fn note(&self, answer: &Result<Response<Bytes>, HttpError>) {
        let problem = match answer {
            Ok(answer) if answer.status().is_success() => {
                if self.failures.swap(0, Ordering::Relaxed) > 0 {
                    tracing::info!("traces arrive again");
                }
                return;
            }
            Ok(answer) => format!("it answers {}", answer.status()),
            Err(error) => error.to_string(),
        };
        metrics::counter!("lucid_telemetry_failures_total").increment(1);
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if failures.is_power_of_two() {
            tracing::warn!(%problem, failures, "traces do not reach the collector and are lost");
        }
    }
}

impl HttpClient for Client {
    fn send_bytes<'client, 'sending>(
        &'client self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'sending>>
    where
        'client: 'sending,
        Self: 'sending,
    {
        Box::pin(async move {
            let answer = self.send(request);
            self.note(&answer);
            answer
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_pairs_and_a_value_may_hold_an_equals_sign() {
        let found = headers("authorization=Basic dTpw==, x-scope = city").expect("two headers");
        assert_eq!(found["authorization"], "Basic dTpw==");
        assert_eq!(found["x-scope"], "city");
        assert!(headers("").expect("none").is_empty());
        for wrong in ["authorization", "a=b,c", "=x"] {
            assert!(headers(wrong).is_err(), "{wrong}");
        }
    }
}
