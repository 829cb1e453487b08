//! Traces as a collector gets them: OTLP over HTTP with protobuf.

use crate::support::{Server, must, until};
use jiff::{SignedDuration, Timestamp};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One request that came in: its head in small letters, and what it holds.
type Got = (String, ExportTraceServiceRequest);

/// Takes traces as a collector does.
struct Collector {
    address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let taken = Arc::clone(&got);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let taken = Arc::clone(&taken);
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream);
                    while let Some(one) = take(&mut stream) {
                        taken.lock().expect("nobody panicked").push(one);
                        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\n";
                        let answer = format!("{head}Content-Length: 0\r\n\r\n");
                        if stream.get_mut().write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, got }
    }

    fn spans(&self) -> Vec<Span> {
        let got = self.got.lock().expect("nobody panicked");
        let resources = got.iter().flat_map(|(_, request)| &request.resource_spans);
        resources.flat_map(|one| &one.scope_spans).flat_map(|one| one.spans.clone()).collect()
    }

    /// The one span of this name of which something holds, once it has come.
    fn span(&self, name: &str, wanted: impl Fn(&Span) -> bool) -> Span {
        let mut found = None;
        until(&format!("a span {name:?}"), || {
            found = self.spans().into_iter().find(|span| span.name == name && wanted(span));
            found.is_some()
        });
        found.expect("it came")
    }
}

fn take(stream: &mut BufReader<TcpStream>) -> Option<Got> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        stream.read_line(&mut head).ok().filter(|read| *read > 0)?;
    }
    let head = head.to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let request = ExportTraceServiceRequest::decode(&*body).expect("protobuf of OTLP");
    Some((head, request))
}

/// What is told of a span, as text.
fn attributes(span: &Span) -> BTreeMap<String, String> {
    let text = |one: &opentelemetry_proto::tonic::common::v1::KeyValue| {
        (one.key.clone(), format!("{:?}", one.value))
    };
    span.attributes.iter().map(text).collect()
}

/// An hour of the example's stack with nitrogen oxides over their limit.
fn packet() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let devices = std::fs::read_to_string(folder.join("devices.csv")).expect("the devices");
    let line = devices.lines().find(|line| line.contains("DEMO-9002/DA001")).expect("the stack's");
    let cells: Vec<&str> = line.split(',').collect();
    let hour = Timestamp::now() - SignedDuration::from_hours(1);
    let hour = rulebook::beijing_offset().to_datetime(hour);
    let (day, qn) = (hour.strftime("%Y%m%d%H"), hour.strftime("%Y%m%d%H%M%S"));
    let segment = format!(
        "QN={qn}001;ST=31;CN=2061;PW={};MN={};Flag=5;CP=&&DataTime={day}0000;\
         a21002-Avg=80.0,a21002-ZsAvg=80.0,a21002-Flag=N&&",
        cells[1], cells[0]
    );
    hj212::encode::frame(segment.as_bytes())
}

const OUTER_TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const OUTER_SPAN: &str = "00f067aa0ba902b7";

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

fn served(collector: &str, more: &[(&str, &str)]) -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    must(folder.path(), &["init", "--city", "example"]);
    let mut settings = vec![
        ("LUCID_TELEMETRY_OTLP", collector),
        ("LUCID_TELEMETRY_SAMPLED_PER_THOUSAND", "1000"),
        ("LUCID_TELEMETRY_SERVICE_NAME", "lucid-example"),
        ("LUCID_TELEMETRY_INSTANCE", "one"),
        ("LUCID_TELEMETRY_HEADERS", "x-scope=city"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ];
    settings.extend_from_slice(more);
    let server = Server::start(folder.path(), &settings);
    (folder, server)
}

#[test]
fn a_packet_is_one_trace_from_its_line_to_its_alert() {
    let collector = Collector::start();
    let (_folder, server) = served(&format!("http://{}", collector.address), &[]);
    let mut device = TcpStream::connect(&server.hj212).expect("it listens");
    device.set_read_timeout(Some(testkit::PATIENCE)).expect("a timeout");
    device.write_all(&packet()).expect("it listens");
    let mut answer = [0; 200];
    assert!(device.read(&mut answer).expect("an answer") > 0);

    let packets = collector.span("packets", |_| true);
    let is_below = |above: &Span| {
        let (trace, parent) = (above.trace_id.clone(), above.span_id.clone());
        move |span: &Span| span.trace_id == trace && span.parent_span_id == parent
    };
    let commit = collector.span("commit", is_below(&packets));
    let judge = collector.span("judge", is_below(&commit));
    let alert = collector.span("alert", is_below(&judge));
    assert!(packets.parent_span_id.is_empty(), "the line begins the trace");
    let told = attributes(&packets);
    assert!(told["device.mn"].contains("StringValue"), "{told:?}");
    assert!(told["packets"].contains("IntValue(1)"), "{told:?}");
    assert!(attributes(&commit)["rows"].contains("IntValue(1)"));
    assert!(attributes(&alert)["alert.kind"].contains("exceedance"), "{alert:?}");
    let times = [&packets, &commit, &judge, &alert].map(|span| span.start_time_unix_nano);
    assert!(times.is_sorted() && times[0] > 0, "{times:?}");

    let got = collector.got.lock().expect("nobody panicked");
    let (head, request) = &got[0];
    assert!(head.starts_with("post /v1/traces http/1.1"), "{head}");
    assert!(head.contains("content-type: application/x-protobuf"), "{head}");
    assert!(head.contains("x-scope: city"), "{head}");
    let resource = request.resource_spans[0].resource.as_ref().expect("a resource");
    let resource = format!("{resource:?}");
    for wanted in ["lucid-example", "service.version", "service.instance.id", "\"one\""] {
        assert!(resource.contains(wanted), "{wanted}: {resource}");
    }
    drop(got);
    assert_eq!(server.end(), Some(0));
}

#[test]
fn a_request_goes_on_with_the_trace_of_whoever_asked_where_callers_are_followed() {
    let collector = Collector::start();
    let place = format!("http://{}/", collector.address);
    let (_folder, server) = served(&place, &[("LUCID_TELEMETRY_FOLLOWS_CALLERS", "yes")]);
    let header = format!("traceparent: 00-{OUTER_TRACE}-{OUTER_SPAN}-01\r\n");
    assert!(server.ask("/api/v1/outlets", &header).starts_with("HTTP/1.1 200"));
    let is_ours = |span: &Span| hex(&span.trace_id) == OUTER_TRACE;
    let span = collector.span("GET /api/v1/outlets", is_ours);
    assert_eq!(hex(&span.parent_span_id), OUTER_SPAN);
    let told = attributes(&span);
    assert!(told["http.response.status_code"].contains("IntValue(200)"), "{told:?}");
    assert!(told["http.route"].contains("/api/v1/outlets"), "{told:?}");
    // Nothing of what was asked for stands in the name.
    server.get("/no/such/address/13812345678");
    let lost = collector.span("GET other", |_| true);
    assert!(!format!("{lost:?}").contains("13812345678"), "{lost:?}");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn a_stranger_begins_no_trace_but_is_noted_by_a_link() {
    let collector = Collector::start();
    let (_folder, server) = served(&format!("http://{}", collector.address), &[]);
    let header = format!("traceparent: 00-{OUTER_TRACE}-{OUTER_SPAN}-01\r\n");
    server.ask("/api/v1/outlets", &header);
    let span = collector.span("GET /api/v1/outlets", |span| !span.links.is_empty());
    assert_ne!(hex(&span.trace_id), OUTER_TRACE);
    assert!(span.parent_span_id.is_empty());
    assert_eq!(hex(&span.links[0].trace_id), OUTER_TRACE);
    assert_eq!(server.end(), Some(0));
}

#[test]
fn nothing_is_sent_of_what_is_not_sampled_and_a_missing_collector_holds_nobody_up() {
    let collector = Collector::start();
    let none = [("LUCID_TELEMETRY_SAMPLED_PER_THOUSAND", "0")];
    let (_folder, server) = served(&format!("http://{}", collector.address), &none);
    assert!(server.get("/api/v1/outlets").starts_with("HTTP/1.1 200"));
    assert_eq!(server.end(), Some(0), "what was left has been sent by then");
    assert!(collector.spans().is_empty());

    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = nobody.local_addr().expect("its address");
    drop(nobody);
    let (_folder, server) = served(&format!("http://{address}"), &[]);
    assert!(server.get("/api/v1/outlets").starts_with("HTTP/1.1 200"));
    until("the failure is counted", || server.metric("lucid_telemetry_failures_total") > Some(0.0));
    std::thread::sleep(Duration::from_millis(50));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(server.end(), Some(0));
}

#[test]
fn an_address_that_is_none_is_told_before_anything_is_opened() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    must(folder.path(), &["init", "--city", "example"]);
    for (name, value) in
        [("LUCID_TELEMETRY_OTLP", "collector:4318"), ("LUCID_TELEMETRY_HEADERS", "authorization")]
    {
        let mut command = crate::support::lucid(folder.path(), &["serve"]);
        command.env("LUCID_TELEMETRY_OTLP", "http://127.0.0.1:1").env(name, value);
        let output = command.output().expect("lucid starts");
        assert_eq!(output.status.code(), Some(2), "{name}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("telemetry."), "{said}");
    }
}
