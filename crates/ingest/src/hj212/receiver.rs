//! Accepting connections within limits, and stopping without losing what is in flight.

use super::session;
use super::settings::ReceiverSettings;
use crate::commands::{self, Commands};
use crate::devices::Devices;
use crate::error::IngestError;
use crate::keys::DeviceKeys;
use crate::receivers::Beat;
use crate::refusals::{Refusals, Refused};
use crate::sink::Sink;
use jiff::Timestamp;
use observations::Recorder;
use registry::Registry;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Store;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

const REFUSALS_WRITTEN_EVERY: Duration = Duration::from_secs(1);
/// Device states are written every so many times the refusals are.
const DEVICES_EVERY: u32 = 5;
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// What all sessions share.
pub(crate) struct Shared {
    pub(crate) settings: ReceiverSettings,
    pub(crate) registry: Registry,
    pub(crate) store: Store,
    pub(crate) sink: Sink,
    pub(crate) devices: Devices,
    pub(crate) commands: Commands,
    pub(crate) refusals: Refusals,
    pub(crate) keys: DeviceKeys,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A running receiver.
pub struct Receiver {
    address: SocketAddr,
    store: Store,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts to receive HJ 212 packets from devices.
///
/// # Errors
/// When the address cannot be listened on or the state of devices cannot be read.
pub async fn listen(
    settings: ReceiverSettings,
    store: &Store,
    registry: &Registry,
    recorder: &Recorder,
) -> Result<Receiver, IngestError> {
    listen_into(settings, store, registry, Sink::Recorder(recorder.clone())).await
}

/// Starts to receive HJ 212 packets from devices into any sink.
///
/// # Errors
/// As [`listen`].
pub async fn listen_into(
    settings: ReceiverSettings,
    store: &Store,
    registry: &Registry,
    sink: Sink,
) -> Result<Receiver, IngestError> {
    let wanted = settings.address;
    let refused = |source| IngestError::Listen { address: wanted, source };
    let listener = TcpListener::bind(wanted).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let devices = Devices::open(store, &settings.place).await?;
    let keys = match &settings.keys_folder {
        // Only the server makes the key file; a receiver beside it works by a copy.
        Some(folder) if !settings.place.name.is_empty() => {
            DeviceKeys::open_by_copy(store, folder).await?
        }
        folder => DeviceKeys::open(store, folder.as_deref()).await?,
    };
    let name = settings.place.name.clone();
    commands::store::end_interrupted(store, &name, Timestamp::now()).await?;
    let beat = Beat::begin(store, &settings.place, address).await?;
    let shared = Arc::new(Shared {
        settings,
        registry: registry.clone(),
        store: store.clone(),
        sink,
        commands: Commands::new(store, registry, &devices, &keys),
        devices,
        refusals: Refusals::default(),
        keys,
        open: Mutex::default(),
    });
    let (stop, stopping) = watch::channel(false);
    let accepting = tokio::spawn(accept(listener, shared.clone(), stopping.clone()));
    let writing = tokio::spawn(write_down(store.clone(), shared.clone(), beat, stopping));
    tracing::info!(%address, "listening for HJ 212");
    Ok(Receiver { address, store: store.clone(), shared, stop, tasks: vec![accepting, writing] })
}

impl Receiver {
    /// The address on which it listens, with the port that was chosen where none was asked for.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is known of the devices.
    pub fn devices(&self) -> &Devices {
        &self.shared.devices
    }

    /// Commands to the devices.
    pub fn commands(&self) -> &Commands {
        &self.shared.commands
    }

    /// The keys of the devices.
    pub fn keys(&self) -> &DeviceKeys {
        &self.shared.keys
    }

    /// The connections that are open.
    pub fn connections(&self) -> usize {
        self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// Stops: accepts no more, answers what is committed, closes, writes the states down.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(problem) = task.await {
                tracing::error!(%problem, "a task of the receiver had ended before");
            }
        }
        write_refusals(&self.store, &self.shared).await;
        write_devices(&self.store, &self.shared).await;
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stopping: watch::Receiver<bool>) {
    let mut sessions = JoinSet::new();
    let of_sessions = stopping.clone();
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => admit(stream, peer, &shared, &of_sessions, &mut sessions),
                Err(problem) => {
                    tracing::warn!(%problem, "cannot accept a connection");
                    tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
                }
            },
            Some(ended) = sessions.join_next() => report(ended),
        }
    }
    drop(listener);
    while let Some(ended) = sessions.join_next().await {
        report(ended);
    }
}

/// Resolves when the receiver stops.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _stop_or_gone = stopping.wait_for(|stop| *stop).await;
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(problem) = ended {
        tracing::error!(%problem, "a session ended by a fault of the program");
    }
}

fn admit(
    stream: TcpStream,
    peer: SocketAddr,
    shared: &Arc<Shared>,
    stopping: &watch::Receiver<bool>,
    sessions: &mut JoinSet<()>,
) {
    match Place::take(shared, peer.ip()) {
        Ok(place) => {
            let (shared, stopping) = (shared.clone(), stopping.clone());
            sessions.spawn(async move {
                session::run(stream, peer, &shared, stopping).await;
                drop(place);
            });
        }
        Err(explanation) => shared.refusals.refuse(Refused {
            received_at: Timestamp::now(),
            peer: peer.to_string().into(),
            mn: None,
            reason: "hj212.connections".to_owned(),
            explanation: explanation.to_owned(),
            size: 0,
            raw: Vec::new(),
        }),
    }
}

/// A connection's place among those that are allowed; given back when dropped.
struct Place {
    shared: Arc<Shared>,
    address: IpAddr,
}

impl Place {
    fn take(shared: &Arc<Shared>, address: IpAddr) -> Result<Self, &'static str> {
        let mut open = shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        if all >= shared.settings.connections_max {
            return Err("too many connections are open; raise hj212.connections_max if all are \
                        devices");
        }
        let here = open.entry(address).or_default();
        if *here >= shared.settings.connections_per_address_max {
            return Err("too many connections are open from this address; raise \
                        hj212.connections_per_address_max if it is a gateway");
        }
        *here += 1;
        metrics::gauge!("lucid_ingest_connections").increment(1);
        Ok(Self { shared: shared.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        metrics::gauge!("lucid_ingest_connections").decrement(1);
        if let Some(here) = open.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// Writes refusals and device states down now and then, until the receiver stops.
async fn write_down(
    store: Store,
    shared: Arc<Shared>,
    mut beat: Beat,
    mut stopping: watch::Receiver<bool>,
) {
    let mut every = tokio::time::interval(REFUSALS_WRITTEN_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut round, mut told) = (0_u32, None);
    loop {
        let stop = tokio::select! {
            _ = every.tick() => false,
            () = stopped(&mut stopping) => true,
        };
        if stop {
            beat.end(&store).await;
            return;
        }
        write_refusals(&store, &shared).await;
        let problem = shared.keys.follow().await.err().map(|problem| problem.to_string());
        if let Some(problem) = problem.as_ref().filter(|_| problem != told) {
            tracing::error!(%problem, "keys of devices are not read");
        }
        told = problem;
        round = round.wrapping_add(1);
        if round.is_multiple_of(DEVICES_EVERY) {
            write_devices(&store, &shared).await;
        }
        if shared.settings.place.is_one_of_many {
            let open = shared.open.lock().unwrap_or_else(PoisonError::into_inner).values().sum();
            beat.go(&store, &shared, open, round).await;
        }
    }
}

async fn write_refusals(store: &Store, shared: &Shared) {
    if let Err(problem) = shared.refusals.write(store).await {
        tracing::error!(code = problem.code(), %problem, "cannot keep refused packets");
    }
}

async fn write_devices(store: &Store, shared: &Shared) {
    if let Err(problem) = shared.devices.write(store).await {
        tracing::error!(code = problem.code(), %problem, "cannot keep the state of devices");
    }
}
