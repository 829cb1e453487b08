//! `lucid receive`: one of several receivers; what devices deliver goes into the stream.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use ingest::hj212::{Receiver, listen_into};
use ingest::stream::{Publisher, StreamSettings};
use ingest::{Place, Sink};
use metrics_exporter_prometheus::PrometheusHandle;
use registry::Registry;
use serde_json::json;
use store::{Engine, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::arguments::{Common, Receive};
use crate::configuration::{Settings, keys};
use crate::exit::{Exit, Failure, Outcome};
use crate::server::{Ending, cannot_listen, receiving};
use crate::terminal::{note, say};
use crate::{counters, logging, opened, stream};

/// The servers of the stream may be starting at the same time.
const PATIENCE: Duration = Duration::from_secs(45);
const BETWEEN_TRIES: Duration = Duration::from_secs(1);
/// A stream that takes nothing for so long: a balancer sends devices elsewhere.
const NOT_READY: Duration = Duration::from_secs(5);
/// How often the histograms of the metrics are folded.
const UPKEEP: Duration = Duration::from_secs(5);

pub(crate) fn run(arguments: &Receive, common: &Common) -> Outcome {
    let mut given = common.given();
    for (key, flag, value) in [
        (keys::HJ212_LISTEN, "--hj212", &arguments.hj212),
        (keys::INTAKE_HTTP, "--http", &arguments.http),
        (keys::INTAKE_RECEIVER, "--name", &arguments.name),
    ] {
        given.values.extend(value.clone().map(|value| (key, flag, value)));
    }
    let settings = Settings::load(&given)?;
    let stream = wanted(&settings)?;
    let telemetry = logging::start(&settings)?;
    let metrics = counters::count()?;
    let ended = opened::block_on(async {
        let mut ending = Ending::listen()?;
        let door = tokio::select! {
            door = Door::open(&settings, &stream, metrics) => door?,
            () = ending.asked() => return Ok(Exit::Ok),
        };
        door.say_where(common.json);
        ending.asked().await;
        note!("ending");
        door.close().await;
        Ok(Exit::Ok)
    })?;
    telemetry.end();
    ended
}

/// The stream, without which there is nothing to deliver to, and a store for several programs.
fn wanted(settings: &Settings) -> Result<StreamSettings, Failure> {
    let Some(stream) = stream::settings(settings)? else {
        let what = "no NATS server is named, so there is nowhere to deliver to";
        let cure = "Set intake.nats as `lucid serve` has it; a server that receives alone needs \
                    no receiver beside it.";
        return Err(Failure::of_use("receive.no_stream", what, cure));
    };
    if Engine::of(&settings.database_url()).is_ok_and(|engine| engine == Engine::Sqlite) {
        let what = "receivers share their store with the server, and SQLite is for one program";
        let cure = "Set database.url to the PostgreSQL database of `lucid serve`; `lucid migrate \
                    sqlite-to-postgres` takes a store there.";
        return Err(Failure::of_use("receive.sqlite", what, cure));
    }
    Ok(stream)
}

/// An open receiver.
struct Door {
    name: String,
    http: SocketAddr,
    receiver: Receiver,
    publisher: Publisher,
    store: Store,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Door {
    async fn open(
        settings: &Settings,
        stream: &StreamSettings,
        metrics: PrometheusHandle,
    ) -> Result<Self, Failure> {
        let address = settings.address(keys::INTAKE_HTTP);
        let listener = TcpListener::bind(address).await.map_err(|error| {
            let what = format!("cannot tell on {address} whether the receiver is ready: {error}");
            let cure = "Choose another address (--http ADDRESS:PORT, intake.http).";
            Failure::of_environment("intake.http", what, cure)
        })?;
        let http = listener.local_addr().map_err(|error| {
            Failure::caused("intake.http", &error, "Choose another address: intake.http.")
        })?;
        let store = shared_store(settings).await?;
        let registry = Registry::open(&store).await.map_err(|error| {
            let cure = "Load a city with `lucid init`, with the same database.url.";
            Failure::caused(error.code(), &error, cure)
        })?;
        let name = name(settings);
        let publisher = publisher(stream, &name).await?;
        let limits = receiving(settings, Place::receiver(name.clone()));
        let sink = Sink::Stream(publisher.clone());
        let receiver = listen_into(limits, &store, &registry, sink).await;
        let receiver = receiver.map_err(|error| cannot_listen(&error))?;
        let (stop, stopping) = watch::channel(false);
        let router = router(&publisher, metrics.clone());
        let serving = tokio::spawn(serve(listener, router, metrics, stopping));
        Ok(Self { name, http, receiver, publisher, store, stop, serving })
    }

    fn say_where(&self, as_json: bool) {
        let (name, http, hj212) = (&self.name, self.http, self.receiver.address());
        if as_json {
            let found = json!({
                "name": name, "http": http.to_string(), "hj212": hj212.to_string(),
            });
            say!("{found}");
        } else {
            say!("receiver         {name}");
            say!("HJ 212 devices   {hj212}");
            say!("ready, metrics   http://{http}/readyz /metrics");
        }
    }

    /// Takes no more, answers what the stream takes, says farewell to the others.
    async fn close(self) {
        self.receiver.stop().await;
        self.publisher.close().await;
        self.stop.send_replace(true);
        if self.serving.await.is_err() {
            tracing::error!("the address for balancers had ended before");
        }
        self.store.close().await;
    }
}

/// The store, whose schema the server alone changes: it may still be running with the one before.
async fn shared_store(settings: &Settings) -> Result<Store, Failure> {
    let store = opened::store_as_it_is(settings).await?;
    let taken = store.steps().await.map_err(|error| {
        Failure::caused(error.code(), &error, "Check that the database answers.")
    })?;
    let known = opened::migrations();
    let is_known = |step: &i64| known.iter().any(|migration| migration.version == *step);
    let what = if known.iter().any(|migration| !taken.contains(&migration.version)) {
        "the store is of an earlier release than this receiver"
    } else if !taken.iter().all(is_known) {
        "the store is of a later release than this receiver"
    } else {
        return Ok(store);
    };
    let cure = "Upgrade the server first: start `lucid serve` of the same release, then its \
                receivers, one after another.";
    Err(Failure::of_environment("receive.release", what, cure))
}

/// The receiver's name: the one chosen, else the machine's with the port.
fn name(settings: &Settings) -> String {
    let chosen = settings.text(keys::INTAKE_RECEIVER).trim();
    if !chosen.is_empty() {
        return chosen.to_owned();
    }
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let machine = machine.trim();
    let machine = if machine.is_empty() { "receiver" } else { machine };
    format!("{machine}:{}", settings.address(keys::HJ212_LISTEN).port())
}

async fn publisher(stream: &StreamSettings, name: &str) -> Result<Publisher, Failure> {
    let started = Instant::now();
    loop {
        match Publisher::open(stream, &format!("lucid receive {name}")).await {
            Ok(publisher) => return Ok(publisher),
            Err(error) if error.may_pass() && started.elapsed() < PATIENCE => {
                tracing::warn!(code = error.code(), %error, "the stream is tried again");
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            Err(error) => {
                let cure = "docs/how-to/run-several-receivers.md tells how the servers are set up.";
                return Err(Failure::caused(error.code(), &error, cure));
            }
        }
    }
}

fn router(publisher: &Publisher, metrics: PrometheusHandle) -> Router {
    let publisher = publisher.clone();
    let ready = move || {
        let health = publisher.health();
        let is_failing = health.failing_since.is_some_and(|since| since.elapsed() > NOT_READY);
        let answer = if is_failing {
            let why = health.last_failure.unwrap_or_default();
            (StatusCode::SERVICE_UNAVAILABLE, format!("the stream takes nothing: {why}\n"))
        } else {
            (StatusCode::OK, "ready\n".to_owned())
        };
        std::future::ready(answer)
    };
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(move || std::future::ready(metrics.render())))
}

async fn serve(
    listener: TcpListener,
    router: Router,
    metrics: PrometheusHandle,
    stopping: watch::Receiver<bool>,
) {
    let mut until = stopping.clone();
    let stopped = async move {
        // The sender gone means the same.
        let _ = until.wait_for(|stop| *stop).await;
    };
    let fold = async {
        let mut due = tokio::time::interval(UPKEEP);
        loop {
            due.tick().await;
            metrics.run_upkeep();
        }
    };
    tokio::select! {
        served = axum::serve(listener, router).with_graceful_shutdown(stopped) => {
            if let Err(problem) = served {
                tracing::error!(%problem, "balancers are no longer answered");
            }
        }
        () = fold => {}
    }
}
