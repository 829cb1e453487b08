//! All devices of a city at once, and the strangers who try their numbers.

use crate::clock::Clock;
use crate::device::{DeviceOptions, run_device};
use crate::packet;
use crate::scenario::{Event, Fault};
use crate::signal::Signal;
use crate::site::Site;
use crate::statistics::{Counts, Statistics, more};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

/// How a fleet is run.
#[derive(Clone, Debug)]
pub struct FleetOptions {
    /// How each device behaves; `first_connect_after` is set by the fleet.
    pub device: DeviceOptions,
    /// Over how long the devices' first connections are spread.
    pub spread: Duration,
}

impl FleetOptions {
    /// The demonstration: real time, everything sent up to `sent_until`.
    pub fn demo(target: impl Into<String>, sent_until: Timestamp) -> Self {
        let clock = Clock::new(Timestamp::now(), 1.0);
        let device = DeviceOptions { sent_until, ..DeviceOptions::new(target, clock) };
        Self { device, spread: Duration::from_secs(5) }
    }
}

/// Running devices.
#[derive(Debug)]
pub struct Fleet {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    statistics: Arc<Statistics>,
}

impl Fleet {
    /// Starts a device for each site.
    pub fn start(sites: &[Site], signal: &Signal, options: &FleetOptions) -> Self {
        let (stop, stopped) = watch::channel(false);
        let statistics = Arc::new(Statistics::default());
        let mut tasks = JoinSet::new();
        for (place, site) in sites.iter().enumerate() {
            let share = place as f64 / sites.len() as f64;
            let first_connect_after = options.spread.mul_f64(share);
            tasks.spawn(run_device(
                Arc::new(site.clone()),
                signal.clone(),
                DeviceOptions { first_connect_after, ..options.device.clone() },
                stopped.clone(),
                statistics.clone(),
            ));
        }
        let sites: Arc<[Site]> = sites.into();
        let events = signal.scenario().events();
        let strangers: Vec<Event> =
            events.into_iter().filter(|event| event.fault.is_strangers()).cloned().collect();
        if !strangers.is_empty() && !options.device.stops_when_done {
            let (options, statistics) = (options.device.clone(), statistics.clone());
            tasks.spawn(run_strangers(sites, strangers, options, stopped, statistics));
        }
        Self { stop, tasks, statistics }
    }

    /// What has been done so far.
    pub fn counts(&self) -> Counts {
        self.statistics.counts()
    }

    /// The counters, for those who watch while somebody else waits for the end.
    pub fn statistics(&self) -> Arc<Statistics> {
        self.statistics.clone()
    }

    /// Waits until every device has ended by itself (`stops_when_done`) or was stopped.
    pub async fn finished(&mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            if ended.is_err() {
                tracing::error!("a simulated device broke down");
            }
        }
    }

    /// Lets every device say goodbye, and waits until all have.
    pub async fn stop(mut self) -> Counts {
        // Without devices there is nobody to be told.
        let _ = self.stop.send(true);
        self.finished().await;
        self.statistics.counts()
    }
}

/// Sends each stranger's packet at its time, on a connection of its own.
async fn run_strangers(
    sites: Arc<[Site]>,
    events: Vec<Event>,
    options: DeviceOptions,
    mut stop: watch::Receiver<bool>,
    statistics: Arc<Statistics>,
) {
    let begun = options.sent_until.min(options.clock.now());
    for event in events.iter().filter(|event| event.from >= begun) {
        while options.clock.now() < event.from {
            tokio::select! {
                () = sleep_until(options.clock.instant(event.from)) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
        if let Some(site) = sites.iter().find(|site| site.mn == event.mn) {
            tokio::select! {
                () = stranger(site, event, &options, &statistics) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }
}

async fn stranger(site: &Site, event: &Event, options: &DeviceOptions, statistics: &Statistics) {
    let bytes = match event.fault {
        Fault::WrongPassword => packet::with_wrong_password(site, event.from),
        _ => packet::from_unknown_device(site, event.from),
    };
    let attempt = async {
        let mut stream = TcpStream::connect(&options.target).await?;
        stream.write_all(&bytes).await?;
        more(&statistics.strangers);
        // Waits for whatever the platform says, or for the line to be closed.
        let mut heard = [0; 512];
        stream.read(&mut heard).await
    };
    if let Ok(Err(problem)) = timeout(Duration::from_secs(5), attempt).await {
        tracing::debug!(%problem, "a stranger's line broke");
    }
}
