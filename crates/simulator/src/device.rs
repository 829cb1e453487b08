//! One simulated device: connects, sends what is due, waits for answers, answers requests,
//! comes back after the line broke.

use crate::clock::Clock;
use crate::conversation::{Ended, converse};
use crate::outbox::Outbox;
use crate::report::Report;
use crate::scenario::Fault;
use crate::schedule::{self, owed_from};
use crate::signal::Signal;
use crate::site::Site;
use crate::statistics::{Connected, Statistics, more};
use jiff::Timestamp;
use rulebook::Period;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

/// How a device behaves on the line.
#[derive(Clone, Debug)]
pub struct DeviceOptions {
    /// The platform, `host:port`.
    pub target: String,
    /// The device's time.
    pub clock: Clock,
    /// Up to when everything has been sent: reports due later are owed.
    pub sent_until: Timestamp,
    /// How long the device waits before it first connects.
    pub first_connect_after: Duration,
    /// How long it waits for an answer, in its own time.
    pub answer_timeout: Duration,
    /// How often it sends a packet again before it gives the line up for dead.
    pub repeats: u32,
    /// The longest pause between two attempts to connect, in its own time.
    pub longest_pause: Duration,
    /// Whether it asks for an answer to each upload (Flag bit A).
    pub wants_answers: bool,
    /// Whether it sends real-time values.
    pub sends_realtime: bool,
    /// Whether it stops when everything owed has been sent and answered, for loads and trials.
    pub stops_when_done: bool,
}

impl DeviceOptions {
    /// What the standard proposes: ten seconds, three repeats.
    ///
    /// # Standard
    /// HJ 212-2017 table 1.
    pub fn new(target: impl Into<String>, clock: Clock) -> Self {
        Self {
            target: target.into(),
            clock,
            sent_until: clock.now(),
            first_connect_after: Duration::ZERO,
            answer_timeout: Duration::from_secs(10),
            repeats: 3,
            longest_pause: Duration::from_mins(1),
            wants_answers: true,
            sends_realtime: true,
            stops_when_done: false,
        }
    }
}

/// Runs a device until `stop` becomes true, or, if the options say so, until nothing is owed.
pub async fn run_device(
    site: Arc<Site>,
    signal: Signal,
    options: DeviceOptions,
    mut stop: watch::Receiver<bool>,
    statistics: Arc<Statistics>,
) {
    let clock = options.clock;
    let owed = owed_from(signal.scenario(), &site.mn, options.sent_until);
    let mut device = Device {
        outbox: Outbox::new(&site, signal.scenario(), &options, owed),
        site,
        signal,
        statistics,
        options,
    };
    let mut pause = Duration::from_secs(1);
    let mut not_before = Instant::now() + device.options.first_connect_after;
    loop {
        not_before = not_before.max(device.silent_until());
        tokio::select! {
            () = sleep_until(not_before) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if device.is_silent() {
            continue;
        }
        if let Some(stream) = device.connect().await {
            let statistics = device.statistics.clone();
            let _connected = Connected::new(&statistics);
            match converse(&mut device, stream, &mut stop).await {
                Ended::Stopped | Ended::Done => return,
                Ended::Silent => pause = Duration::from_secs(1),
                Ended::Lost { was_heard } => {
                    pause = if was_heard { Duration::from_secs(1) } else { pause * 2 };
                }
            }
        } else {
            more(&device.statistics.connections_failed);
            pause *= 2;
        }
        pause = pause.min(device.options.longest_pause);
        not_before = Instant::now() + clock.real(pause);
    }
}

/// A device with what it has to say.
pub(crate) struct Device {
    pub(crate) site: Arc<Site>,
    pub(crate) signal: Signal,
    pub(crate) options: DeviceOptions,
    pub(crate) outbox: Outbox,
    pub(crate) statistics: Arc<Statistics>,
}

impl Device {
    pub(crate) fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// Whether the scenario keeps the device off the line now.
    pub(crate) fn is_silent(&self) -> bool {
        self.signal.scenario().silence_at(&self.site.mn, self.now()).is_some()
    }

    /// When the present silence ends; now if there is none.
    fn silent_until(&self) -> Instant {
        let event = self.signal.scenario().silence_at(&self.site.mn, self.now());
        event.map_or_else(Instant::now, |event| self.options.clock.instant(event.to))
    }

    /// When the next silence begins.
    pub(crate) fn next_silence(&self) -> Option<Timestamp> {
        let now = self.now();
        let events = self.signal.scenario().events_of(&self.site.mn).iter();
        events
            .filter(|event| matches!(event.fault, Fault::Silence | Fault::Backlog))
            .map(|event| event.from)
            .find(|from| *from > now)
    }

    async fn connect(&self) -> Option<TcpStream> {
        let connecting = TcpStream::connect(&self.options.target);
        let stream = timeout(Duration::from_secs(10), connecting).await.ok()?.ok()?;
        // Small packets go out at once; without it they only go a little later.
        let _ = stream.set_nodelay(true);
        Some(stream)
    }

    /// The report of a period.
    pub(crate) fn report(&self, period: Period, start: Timestamp) -> Report {
        self.signal.report(&self.site, period, start, schedule::length_s(&self.site, period))
    }
}
