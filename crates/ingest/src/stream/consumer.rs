//! Taking messages out of the stream, in order, and recording each once: how far the stream is
//! recorded stands in the store, written by the commit that records.

use super::connection::{Connection, StreamError, StreamStanding, identity};
use super::{StreamSettings, upkeep};
use crate::devices::Devices;
use async_nats::jetstream;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::stream::Stream;
use futures_util::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;
use observations::{
    Delivery, Origin, Outcome, Recorder, StreamPosition, is_of_later_release, stream_position,
    unpack_deliveries,
};
use registry::Registry;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::{Store, with_causes};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// A commit takes no further message once it holds this many packets.
const PACKETS_A_COMMIT: usize = 8192;
/// Batches unpacked ahead of the commit.
const AHEAD: usize = 1;
/// When nothing comes for so long it is asked whether something waits: the server that handed
/// messages out may be gone.
const SILENCE: Duration = Duration::from_secs(3);
/// When reading the registry again did not help it is left for so long.
const UNKNOWN: Duration = Duration::from_secs(10);
/// After a failure it is tried again after so long, twice as long each time up to the second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// What a server needs to record what comes through the stream.
#[derive(Clone)]
pub struct Intake {
    /// Where the stream is.
    pub settings: StreamSettings,
    /// Where it is written down how far it is recorded.
    pub store: Store,
    /// Who records.
    pub recorder: Recorder,
    /// Read again when a receiver has registered something new.
    pub registry: Registry,
    /// Who sent what was known already.
    pub devices: Devices,
}

/// How taking in fares. Cheap to clone, all clones see the same.
#[derive(Clone, Debug, Default)]
pub struct IntakeStanding {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Clone, Debug, Default)]
struct Inner {
    recorded: u64,
    failure: Option<(Instant, String)>,
    stream: Option<StreamStanding>,
}

impl IntakeStanding {
    /// The last message that is recorded.
    pub fn recorded(&self) -> u64 {
        self.lock().recorded
    }

    /// Since when nothing is taken in, and why.
    pub fn failure(&self) -> Option<(Instant, String)> {
        self.lock().failure.clone()
    }

    /// The stream as it was seen last.
    pub fn stream(&self) -> Option<StreamStanding> {
        self.lock().stream.clone()
    }

    pub(super) fn see(&self, stream: StreamStanding) {
        self.lock().stream = Some(stream);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn advance(&self, recorded: u64) {
        let mut inner = self.lock();
        inner.recorded = recorded;
        if inner.failure.take().is_some() {
            tracing::info!(recorded, "messages are taken in again");
        }
    }

    fn fail(&self, problem: &StreamError) {
        let text = with_causes(problem);
        let mut inner = self.lock();
        let is_told = inner.failure.as_ref().is_some_and(|(_, told)| *told == text);
        let since = inner.failure.as_ref().map_or_else(Instant::now, |(since, _)| *since);
        inner.failure = Some((since, text));
        drop(inner);
        metrics::counter!("lucid_stream_intake_failures_total").increment(1);
        if !is_told {
            tracing::error!(code = problem.code(), %problem, "nothing is taken in");
        }
    }
}

/// Takes messages in until told to stop, through whatever happens to the stream meanwhile.
pub fn take_in(intake: Intake, stop: watch::Receiver<bool>) -> (IntakeStanding, JoinHandle<()>) {
    let standing = IntakeStanding::default();
    let task = tokio::spawn(run(intake, standing.clone(), stop));
    (standing, task)
}

async fn run(intake: Intake, standing: IntakeStanding, mut stop: watch::Receiver<bool>) {
    let mut pause = PAUSE.0;
    let mut connection = None;
    loop {
        let before = Instant::now();
        let mut stopping = stop.clone();
        match take(&intake, &standing, &mut connection, &mut stopping).await {
            Ok(()) => return,
            Err(problem) => standing.fail(&problem),
        }
        pause = if before.elapsed() > PAUSE.1 * 2 { PAUSE.0 } else { pause };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// Takes messages in from where the store says, until told to stop or something fails.
async fn take(
    intake: &Intake,
    standing: &IntakeStanding,
    connection: &mut Option<Connection>,
    stop: &mut watch::Receiver<bool>,
) -> Result<(), StreamError> {
    let opened = async {
        if connection.is_none() {
            *connection = Some(Connection::open(&intake.settings, "lucid serve").await?);
        }
        let Some(connection) = connection.as_ref() else { return Ok(None) };
        let stream = connection.adjusted_stream().await?;
        let position = begin(intake, connection, &stream).await?;
        let messages = messages(connection, &stream, position.sequence + 1).await?;
        Ok(Some((connection.clone(), stream, position, messages)))
    };
    let opened = tokio::select! {
        _ = stop.wait_for(|stop| *stop) => return Ok(()),
        opened = opened => opened?,
    };
    let Some((connection, stream, position, messages)) = opened else { return Ok(()) };
    standing.advance(position.sequence);
    let (batches, ahead) = mpsc::channel(AHEAD);
    let reading = tokio::spawn(read(connection.settings.name.clone(), messages, batches));
    let looking = upkeep::run(connection, stream.clone(), standing.clone(), stop.clone());
    let upkeep = tokio::spawn(looking);
    let recorded = record(intake, standing, &stream, position, ahead, stop).await;
    reading.abort();
    upkeep.abort();
    recorded
}

/// Where the store stands in this stream.
struct Place {
    stream: Arc<str>,
    sequence: u64,
}

async fn begin(
    intake: &Intake,
    connection: &Connection,
    stream: &Stream,
) -> Result<Place, StreamError> {
    let info = stream.get_info().await.map_err(|error| connection.unusable(&error))?;
    let identity = identity(&info);
    let recorded = stream_position(&intake.store, &identity).await;
    let recorded = recorded.map_err(|error| StreamError::Record { why: with_causes(&error) })?;
    let (first, last) = (info.state.first_sequence, info.state.last_sequence);
    if last < recorded {
        return Err(StreamError::Short { stream: identity, last, recorded });
    }
    if first > recorded + 1 {
        // After a restore of an older state: what stands between is recorded nowhere any more.
        let missing = first - recorded - 1;
        metrics::counter!("lucid_stream_messages_missing_total").increment(missing);
        tracing::error!(
            stream = identity,
            recorded,
            first,
            missing,
            "messages between the state of the store and the stream are gone; was an old backup \
             restored? Devices may be asked for what is missing (hj212.fill_gaps)"
        );
    }
    tracing::info!(stream = identity, recorded, waiting = last - recorded, "taking in");
    Ok(Place { stream: identity.into(), sequence: recorded })
}

async fn messages(
    connection: &Connection,
    stream: &Stream,
    start_sequence: u64,
) -> Result<Ordered, StreamError> {
    let wanted = OrderedConfig {
        description: Some("lucid serve".to_owned()),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence },
        ..OrderedConfig::default()
    };
    let failed = |why| StreamError::Read { stream: connection.settings.name.clone(), why };
    let consumer = stream.create_consumer(wanted).await;
    let consumer = consumer.map_err(|error| failed(with_causes(&error)))?;
    consumer.messages().await.map_err(|error| failed(with_causes(&error)))
}

/// Messages that are recorded in one commit.
#[derive(Default)]
struct Batch {
    deliveries: Vec<Delivery>,
    messages: u64,
    /// The last of them.
    sequence: u64,
}

/// Unpacks messages ahead of the commits.
async fn read(
    stream: String,
    mut messages: Ordered,
    batches: mpsc::Sender<Result<Batch, StreamError>>,
) {
    let failed = |why| StreamError::Read { stream: stream.clone(), why };
    loop {
        let mut batch = Batch::default();
        let mut next = messages.next().await;
        let mut problem = None;
        while let Some(message) = next.take() {
            let added =
                message.map_err(|error| with_causes(&error)).and_then(|one| batch.add(&one));
            if let Err(why) = added {
                problem = Some(failed(why));
                break;
            }
            if batch.deliveries.len() < PACKETS_A_COMMIT {
                next = messages.next().now_or_never().flatten();
            }
        }
        let is_empty = batch.messages == 0;
        if !is_empty && batches.send(Ok(batch)).await.is_err() {
            return;
        }
        let ended = is_empty.then(|| failed("the messages end".to_owned()));
        if let Some(problem) = problem.or(ended) {
            let _nobody_listens = batches.send(Err(problem)).await;
            return;
        }
    }
}

impl Batch {
    fn add(&mut self, message: &jetstream::Message) -> Result<(), String> {
        let info = message.info().map_err(|error| error.to_string())?;
        let (sequence, published) = (info.stream_sequence, info.published);
        match unpack_deliveries(&message.payload) {
            Ok(deliveries) => self.deliveries.extend(deliveries),
            Err(_) if is_of_later_release(&message.payload) => {
                return Err(format!(
                    "message {sequence} is of a receiver of a later release: upgrade this server; \
                     it waits until then"
                ));
            }
            Err(problem) => {
                // It was acknowledged: kept as it came, for whoever can read it.
                metrics::counter!("lucid_stream_messages_unread_total").increment(1);
                tracing::error!(sequence, %problem, "a message is kept and not read");
                let nanoseconds = published.unix_timestamp_nanos();
                self.deliveries.push(Delivery {
                    raw: message.payload.to_vec(),
                    received_at: Timestamp::from_nanosecond(nanoseconds).unwrap_or_default(),
                    origin: Origin {
                        device: None,
                        peer: format!("{} {sequence}", message.subject).into(),
                    },
                    rows: Vec::new(),
                });
            }
        }
        self.messages += 1;
        self.sequence = sequence;
        Ok(())
    }
}

/// Records batch after batch, until told to stop.
async fn record(
    intake: &Intake,
    standing: &IntakeStanding,
    stream: &Stream,
    mut place: Place,
    mut batches: mpsc::Receiver<Result<Batch, StreamError>>,
    stop: &mut watch::Receiver<bool>,
) -> Result<(), StreamError> {
    let mut useless = None;
    loop {
        let batch = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            batch = tokio::time::timeout(SILENCE, batches.recv()) => batch,
        };
        let Ok(batch) = batch else {
            let waiting = waiting(stream, place.sequence).await;
            if waiting == 0 {
                continue;
            }
            let why = format!("{waiting} wait and none comes");
            return Err(StreamError::Read { stream: place.stream.to_string(), why });
        };
        let Some(batch) = batch else {
            let why = "the reader has ended".to_owned();
            return Err(StreamError::Read { stream: place.stream.to_string(), why });
        };
        let Batch { deliveries, messages, sequence } = batch?;
        learn(&intake.registry, &deliveries, &mut useless).await;
        let senders: Vec<_> = deliveries.iter().map(|one| one.origin.device.clone()).collect();
        let position =
            StreamPosition { stream: Arc::clone(&place.stream), before: place.sequence, sequence };
        let recorded = intake.recorder.submit_from_stream(deliveries, position).await;
        let recorded =
            recorded.map_err(|error| StreamError::Record { why: with_causes(&error) })?;
        place.sequence = sequence;
        standing.advance(sequence);
        metrics::counter!("lucid_stream_messages_recorded_total").increment(messages);
        metrics::counter!("lucid_stream_packets_recorded_total").increment(recorded.len() as u64);
        metrics::gauge!("lucid_stream_recorded").set(sequence as f64);
        let mut known: HashMap<Arc<str>, u64> = HashMap::new();
        for (sender, recorded) in senders.into_iter().zip(recorded) {
            let brought_nothing = !recorded.outcomes.is_empty()
                && recorded.outcomes.iter().all(|outcome| *outcome == Outcome::Duplicate);
            if let Some(mn) = sender.filter(|_| brought_nothing) {
                *known.entry(mn).or_default() += 1;
            }
        }
        for (mn, packets) in known {
            metrics::counter!("lucid_stream_duplicates_total").increment(packets);
            intake.devices.knew(&mn, packets);
        }
    }
}

/// How many messages wait, as far as the stream answers.
async fn waiting(stream: &Stream, recorded: u64) -> u64 {
    let info = stream.get_info().await;
    info.map_or(0, |info| info.state.last_sequence.saturating_sub(recorded))
}

/// Reads the registry again when deliveries speak of what it does not hold yet: a receiver has
/// registered it. What is unknown even then was taken out of the city meanwhile.
async fn learn(registry: &Registry, deliveries: &[Delivery], useless: &mut Option<Instant>) {
    if are_known(registry, deliveries) || useless.is_some_and(|at| at.elapsed() < UNKNOWN) {
        return;
    }
    if let Err(problem) = registry.reload().await {
        tracing::warn!(%problem, "the registry cannot be read again");
    }
    *useless = (!are_known(registry, deliveries)).then(Instant::now);
}

fn are_known(registry: &Registry, deliveries: &[Delivery]) -> bool {
    let nouns = registry.snapshot();
    let is_known = |delivery: &Delivery| {
        delivery.rows.iter().all(|row| {
            nouns.point(row.point).is_some()
                && row.values.iter().all(|value| nouns.factor(value.factor).is_some())
        })
    };
    deliveries.iter().all(is_known)
}
