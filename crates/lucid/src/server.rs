//! The engine with its two doors: the receiver of packets and the server of pages.

use std::net::SocketAddr;
use std::time::Duration;

use authority::Authority;
use axum::middleware::from_fn_with_state;
use ingest::hj212::{Receiver, ReceiverSettings, listen};
use ingest::{IngestError, Place};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use web::{AppState, DoorSettings, Live, Parts, SingleSignOn};

use crate::casework::Casework;
use crate::commands::font_shelf;
use crate::commands::import::{Desk, inbox};
use crate::configuration::{Settings, keys};
use crate::counters::Watched;
use crate::engine::Engine;
use crate::exit::Failure;
use crate::opened::Doors;
use crate::requests::Callers;
use crate::sql;
use crate::{
    backups, checks, clock, counters, history, live, public_log, requests, slices, stream,
};

/// Requests under way get so long to end when the server stops; live updates never end.
const FAREWELL: Duration = Duration::from_secs(3);

/// A running server.
pub(crate) struct Server {
    engine: Engine,
    receiver: Receiver,
    /// What the pages work with.
    pub(crate) state: AppState,
    /// Where pages are served.
    pub(crate) http: SocketAddr,
    /// Where clients of PostgreSQL ask.
    pub(crate) sql: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    casework: Casework,
    working: JoinSet<()>,
    /// Takes in what receivers deliver, where there are any.
    intake: Option<JoinHandle<()>>,
}

impl Server {
    /// Opens both doors.
    pub(crate) async fn start(
        engine: Engine,
        authority: Authority,
        casework: Casework,
        metrics: PrometheusHandle,
        settings: &Settings,
    ) -> Result<Self, Failure> {
        let http = listen_for_pages(settings.address(keys::HTTP_LISTEN)).await?;
        let address = http.local_addr().map_err(|error| {
            Failure::caused("http.listen", &error, "Choose another address: http.listen.")
        })?;
        let receiver = receive(&engine, settings).await?;
        engine.lock.note(Doors { http: address, hj212: receiver.address() });
        let desk = Desk::of(engine.store.clone(), engine.registry.clone(), engine.recorder.clone());
        tokio::spawn(inbox::serve(settings.data(), desk));
        let live = Live::default();
        tokio::spawn(live::tell(
            live.clone(),
            engine.registry.clone(),
            engine.recorder.clone(),
            engine.evaluation.clone(),
        ));
        let watched = Watched {
            store: engine.store.clone(),
            recorder: engine.recorder.clone(),
            devices: receiver.devices().clone(),
            places: counters::places(settings),
        };
        tokio::spawn(counters::keep_up(metrics.clone(), watched));
        let parts = Parts {
            store: engine.store.clone(),
            registry: engine.registry.clone(),
            recorder: engine.recorder.clone(),
            evaluation: engine.evaluation.clone(),
            authority: authority.clone(),
            live,
            clock: clock::now,
            started_at: clock::now(),
            metrics: Box::new(move || metrics.render()),
        };
        let mut state = AppState::of_areas(parts, slices::areas())
            .with(receiver.devices().clone())
            .with(receiver.commands().clone())
            .with(DoorSettings {
                public_address: settings.text(keys::PUBLIC_ADDRESS).to_owned(),
                trusts_proxy: settings.text(keys::TRUSTS_PROXY) == "yes",
            });
        if !settings.text(keys::OIDC_ISSUER).is_empty() {
            state = state.with(SingleSignOn::new(
                settings.text(keys::OIDC_ISSUER),
                settings.text(keys::OIDC_CLIENT),
                settings.text(keys::OIDC_SECRET),
                settings.text(keys::OIDC_NAME),
            ));
        }
        let log = public_log::open(&engine, settings).await?;
        let state = casework
            .equip(state)
            .with(checks::of(&engine).await?)
            .with(log.clone())
            .with(font_shelf(settings));
        let state = sql::equip(state, settings)?;
        let (stop, stopping) = watch::channel(false);
        let mut working = casework.work(&engine, &authority, &stopping);
        let sequencer = log.sequencer(&engine.registry);
        working.spawn(sequencer.run(clock::now, stopping.clone()));
        let state = backups::by_the_clock(&mut working, state, &engine, settings, &stopping)?;
        go_on(&mut working, &state, &stopping);
        let (state, intake) = match stream::take_in(&engine, &receiver, settings, &stopping)? {
            Some((standing, task)) => (state.with(standing), Some(task)),
            None => (state, None),
        };
        keep_history(&mut working, &state, settings, &stopping);
        hand_on(&engine, &receiver, settings, &stopping);
        let sql = sql::listen(&state, settings, &mut working, &stopping).await?;
        let serving = tokio::spawn(serve(http, pages(&state, settings), stopping));
        Ok(Self {
            engine,
            receiver,
            state,
            http: address,
            sql,
            stop,
            serving,
            casework,
            working,
            intake,
        })
    }

    /// Where devices deliver.
    pub(crate) fn hj212(&self) -> SocketAddr {
        self.receiver.address()
    }

    /// Closes the doors, then stops the engine.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        self.receiver.stop().await;
        if let Some(intake) = self.intake
            && intake.await.is_err()
        {
            tracing::error!("taking in from the stream had ended before");
        }
        if tokio::time::timeout(FAREWELL, self.serving).await.is_err() {
            tracing::info!("some pages were still open");
        }
        if tokio::time::timeout(FAREWELL, self.working.join_all()).await.is_err() {
            tracing::info!("a message was still being sent; it is sent again");
        }
        self.casework.close().await;
        self.engine.stop().await;
    }
}

/// Every page, counted and traced.
fn pages(state: &AppState, settings: &Settings) -> axum::Router {
    let callers = Callers { are_followed: settings.text(keys::OTLP_CALLERS) == "yes" };
    web::router(state.clone()).layer(from_fn_with_state(callers, requests::observe))
}

async fn serve(listener: TcpListener, router: axum::Router, mut stopping: watch::Receiver<bool>) {
    let stopped = async move {
        // The sender gone means the same.
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stopped);
    if let Err(problem) = serving.await {
        tracing::error!(%problem, "pages are no longer served");
    }
}

/// Does something until the server stops.
async fn until(mut stopping: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        _ = stopping.wait_for(|stop| *stop) => {}
        () = work => {}
    }
}

/// What goes on beside the answers: signs of fraud, judged months, data quality, episodes,
/// findings, the plan, limits of permits that a command kept meanwhile.
fn go_on(working: &mut JoinSet<()>, state: &AppState, stopping: &watch::Receiver<bool>) {
    let (store, registry) = (&state.store, &state.registry);
    let clock = state.clock;
    let months = validity::keep_current(store.clone(), registry.clone(), clock);
    let permits = enterprises::permits::serve(store.clone(), registry.clone());
    working.spawn(until(stopping.clone(), sources::fraud_signs::serve(state.clone())));
    working.spawn(until(stopping.clone(), months));
    working.spawn(until(stopping.clone(), sources::data_quality::serve(state.clone())));
    working.spawn(until(stopping.clone(), sources::episodes::serve(state.clone())));
    working.spawn(until(stopping.clone(), sources::triage::serve(state.clone())));
    working.spawn(until(stopping.clone(), governance::indicators::serve(state.clone())));
    working.spawn(until(stopping.clone(), permits));
}

/// Moves closed months into the history.
fn keep_history(
    working: &mut JoinSet<()>,
    state: &AppState,
    settings: &Settings,
    stopping: &watch::Receiver<bool>,
) {
    let (store, rules, clock) = (state.store.clone(), history::rules(settings), state.clock);
    let keeping = async move {
        observations::history::serve(store, rules, clock, &history::audit_forgotten).await;
    };
    working.spawn(until(stopping.clone(), keeping));
}

/// Fills gaps by asking the devices, and hands packets on to a higher platform.
fn hand_on(
    engine: &Engine,
    receiver: &Receiver,
    settings: &Settings,
    stopping: &watch::Receiver<bool>,
) {
    if settings.text(keys::FILL_GAPS) == "yes" {
        let commands = receiver.commands().clone();
        tokio::spawn(ingest::commands::fill_gaps(
            commands,
            ingest::commands::GapRules::default(),
            stopping.clone(),
        ));
    }
    let target = settings.text(keys::FORWARD);
    if !target.is_empty() {
        tokio::spawn(ingest::forward(
            ingest::ForwardSettings::to(target),
            engine.store.clone(),
            engine.recorder.clone(),
            stopping.clone(),
        ));
    }
}

/// Takes the address of the pages.
pub(crate) async fn listen_for_pages(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let what = format!("cannot serve pages on {address}: {error}");
        let cure = "Choose another port (demo --port N, serve --http ADDRESS:PORT, http.listen), \
                    or stop the program that has it.";
        Failure::of_environment("http.listen", what, cure)
    })
}

async fn receive(engine: &Engine, settings: &Settings) -> Result<Receiver, Failure> {
    let is_one_of_many = !settings.text(keys::INTAKE_NATS).is_empty();
    let place = if is_one_of_many { Place::server() } else { Place::alone() };
    let limits = receiving(settings, place);
    let listening = listen(limits, &engine.store, &engine.registry, &engine.recorder).await;
    listening.map_err(|error| cannot_listen(&error))
}

/// How packets are received, as the settings say.
pub(crate) fn receiving(settings: &Settings, place: Place) -> ReceiverSettings {
    let number = |key| usize::try_from(settings.count(key)).unwrap_or(usize::MAX);
    let address = settings.address(keys::HJ212_LISTEN);
    ReceiverSettings {
        connections_max: number(keys::MAX_CONNECTIONS),
        connections_per_address_max: number(keys::MAX_PER_ADDRESS),
        idle: Duration::from_secs(settings.count(keys::IDLE_TIMEOUT)),
        packets_per_second_max: u32::try_from(settings.count(keys::MAX_RATE)).unwrap_or(u32::MAX),
        keys_folder: Some(settings.data()),
        initialises: settings.text(keys::INITIALISE) == "yes",
        place,
        ..ReceiverSettings::at(address)
    }
}

/// Why no device can be received.
pub(crate) fn cannot_listen(error: &IngestError) -> Failure {
    let cure = match error {
        IngestError::Listen { .. } => {
            "Choose another address (--hj212 ADDRESS:PORT, hj212.listen), or stop the program \
             that has it."
        }
        _ => "`lucid doctor` says more.",
    };
    Failure::caused(error.code(), error, cure)
}

/// Hears Ctrl-C and the system's request to end (SIGTERM), from the moment it is made.
pub(crate) struct Ending {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl Ending {
    /// Begins to listen.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|error| {
                Failure::caused("signals", &error, "The system gives no signals; end it by force.")
            })
        };
        let signals = [listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?];
        Ok(Self { signals })
    }

    /// Begins to listen.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Resolves when somebody has asked.
    #[cfg(unix)]
    pub(crate) async fn asked(&mut self) {
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }

    /// Resolves when somebody has asked.
    #[cfg(not(unix))]
    pub(crate) async fn asked(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
