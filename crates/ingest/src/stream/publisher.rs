//! Publishing what receivers accept: what waits while messages are on their way becomes the next
//! message, and is answered when most servers of the stream have it.

use super::StreamSettings;
use super::connection::{Connection, StreamError, StreamStanding};
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::{HeaderMap, jetstream};
use observations::{Delivery, pack_deliveries};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::with_causes;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

/// Senders wait when so many jobs are queued.
const QUEUE: usize = 4096;
/// A message takes no further job once it holds this many packets …
const PACKETS_A_MESSAGE: usize = 4096;
/// … or bytes before compression. Servers take messages of up to a megabyte.
const BYTES_A_MESSAGE: usize = 640 << 10;
/// Messages on their way at one time: more would be smaller ones.
const ON_THE_WAY: usize = 4;
/// A message is tried for so long: a new leader is chosen within seconds. Devices that were not
/// answered send again.
const PATIENCE: Duration = Duration::from_secs(25);
/// A farewell to servers that are gone is not waited for longer.
const FAREWELL: Duration = Duration::from_secs(2);
/// Between two tries, twice as long each time up to the second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Why deliveries were not published. They may be in the stream all the same: a device that sends
/// them again is recognised.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PublishFailure {
    /// The stream did not take them in time.
    #[error("the stream did not take the packets: {0}")]
    NotTaken(Arc<str>),
    /// The publisher has stopped.
    #[error("the receiver is stopping")]
    Stopped,
}

/// Publishes deliveries. Cheap to clone.
#[derive(Clone)]
pub struct Publisher {
    jobs: mpsc::Sender<Job>,
    shared: Arc<Shared>,
}

struct Shared {
    connection: Connection,
    /// What no other publisher ever had: messages that are sent again are known by it.
    instance: String,
    health: Mutex<PublisherHealth>,
    stop: Notify,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

/// How publishing fares.
#[derive(Clone, Debug, Default)]
pub struct PublisherHealth {
    /// Packets that the stream has taken.
    pub packets: u64,
    /// Since when the stream takes nothing.
    pub failing_since: Option<Instant>,
    /// What was said last.
    pub last_failure: Option<String>,
}

struct Job {
    deliveries: Vec<Delivery>,
    reply: oneshot::Sender<Result<(), PublishFailure>>,
}

impl Publisher {
    /// Connects to the stream, which is made where there is none; `who` is the name of this
    /// receiver.
    ///
    /// # Errors
    /// When the servers or the stream cannot be used.
    pub async fn open(settings: &StreamSettings, who: &str) -> Result<Self, StreamError> {
        let connection = Connection::open(settings, who).await?;
        let stream = connection.stream().await?;
        let standing = StreamStanding::of(stream.cached_info(), &connection.client);
        tracing::info!(stream = standing.identity, server = standing.server, "publishing");
        let mut lot = [0; 12];
        getrandom::fill(&mut lot).map_err(|error| connection.unusable(&error))?;
        let instance = base16ct::lower::encode_string(&lot);
        let (jobs, queue) = mpsc::channel(QUEUE);
        let shared = Arc::new(Shared {
            connection,
            instance,
            health: Mutex::default(),
            stop: Notify::new(),
            task: tokio::sync::Mutex::new(None),
        });
        *shared.task.lock().await = Some(tokio::spawn(run(Arc::clone(&shared), queue)));
        Ok(Self { jobs, shared })
    }

    /// Publishes deliveries, all in one message; resolves when most servers of the stream have it.
    ///
    /// # Errors
    /// When the stream does not take them in time, or the publisher has stopped.
    pub async fn publish(&self, deliveries: Vec<Delivery>) -> Result<(), PublishFailure> {
        if deliveries.is_empty() {
            return Ok(());
        }
        let (reply, answer) = oneshot::channel();
        let queued = self.jobs.send(Job { deliveries, reply }).await;
        queued.map_err(|_| PublishFailure::Stopped)?;
        answer.await.unwrap_or(Err(PublishFailure::Stopped))
    }

    /// How publishing fares.
    pub fn health(&self) -> PublisherHealth {
        self.shared.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Publishes what is queued and stops; later deliveries are refused.
    pub async fn close(&self) {
        self.shared.stop.notify_one();
        if let Some(task) = self.shared.task.lock().await.take()
            && task.await.is_err()
        {
            tracing::error!("the publisher had ended before it was stopped");
        }
        let flushed = tokio::time::timeout(FAREWELL, self.shared.connection.client.flush()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            tracing::debug!("the connection to NATS ends without a farewell");
        }
    }
}

async fn run(shared: Arc<Shared>, mut queue: mpsc::Receiver<Job>) {
    let places = Arc::new(Semaphore::new(ON_THE_WAY));
    let mut number = 0_u64;
    loop {
        let first = tokio::select! {
            biased;
            job = queue.recv() => job,
            () = shared.stop.notified() => {
                queue.close();
                continue;
            }
        };
        let Some(first) = first else { break };
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let jobs = gather(first, &mut queue);
        number += 1;
        let id = format!("{}-{number}", shared.instance);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            send(&shared, &id, jobs).await;
            drop(place);
        });
    }
    // All messages have come home when all places are free.
    let _all_home = places.acquire_many(ON_THE_WAY as u32).await;
}

fn gather(first: Job, queue: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let bytes_of = |job: &Job| job.deliveries.iter().map(|one| one.raw.len()).sum::<usize>();
    let (mut packets, mut bytes) = (first.deliveries.len(), bytes_of(&first));
    let mut jobs = vec![first];
    while packets < PACKETS_A_MESSAGE
        && bytes < BYTES_A_MESSAGE
        && let Ok(job) = queue.try_recv()
    {
        packets += job.deliveries.len();
        bytes += bytes_of(&job);
        jobs.push(job);
    }
    jobs
}

/// Publishes one message and answers those whose deliveries are in it.
async fn send(shared: &Shared, id: &str, jobs: Vec<Job>) {
    let started = Instant::now();
    let (mut deliveries, mut replies) = (Vec::new(), Vec::with_capacity(jobs.len()));
    for job in jobs {
        deliveries.extend(job.deliveries);
        replies.push(job.reply);
    }
    let packets = deliveries.len();
    let outcome = match pack_deliveries(&deliveries) {
        Ok(message) => deliver(shared, id, message.into()).await,
        Err(error) => Err(error.to_string()),
    };
    let mut health = shared.health.lock().unwrap_or_else(PoisonError::into_inner);
    let outcome = match outcome {
        Ok(()) => {
            if health.failing_since.take().is_some() {
                tracing::info!("the stream takes packets again");
            }
            health.packets += packets as u64;
            metrics::counter!("lucid_stream_messages_published_total").increment(1);
            metrics::histogram!("lucid_stream_message_packets").record(packets as f64);
            metrics::histogram!("lucid_stream_publish_seconds").record(started.elapsed());
            Ok(())
        }
        Err(why) => {
            metrics::counter!("lucid_stream_publish_failures_total").increment(1);
            tracing::error!(packets, %why, "the stream takes nothing; no device is answered");
            health.last_failure = Some(why.clone());
            Err(PublishFailure::NotTaken(why.into()))
        }
    };
    drop(health);
    for reply in replies {
        let _gone = reply.send(outcome.clone());
    }
}

/// Publishes a message until it is acknowledged or patience ends.
async fn deliver(shared: &Shared, id: &str, message: bytes::Bytes) -> Result<(), String> {
    let connection = &shared.connection;
    let subject = connection.settings.subject();
    let started = Instant::now();
    let mut pause = PAUSE.0;
    loop {
        let mut headers = HeaderMap::new();
        headers.insert(async_nats::header::NATS_MESSAGE_ID, id);
        let published = async {
            connection
                .context
                .publish_with_headers(subject.clone(), headers, message.clone())
                .await?
                .await
        };
        let error = match published.await {
            Ok(acknowledged) => {
                if acknowledged.duplicate {
                    metrics::counter!("lucid_stream_messages_known_total").increment(1);
                }
                return Ok(());
            }
            Err(error) => error,
        };
        let why = explained(&error);
        shared.note(&why);
        if error.kind() == PublishErrorKind::MaxPayloadExceeded || started.elapsed() > PATIENCE {
            return Err(why);
        }
        metrics::counter!("lucid_stream_publish_retries_total").increment(1);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}

fn explained(error: &jetstream::context::PublishError) -> String {
    match error.kind() {
        PublishErrorKind::StreamNotFound => {
            "no server leads the stream now; most of its servers have to run".to_owned()
        }
        PublishErrorKind::TimedOut => {
            "the stream does not answer; most of its servers have to run".to_owned()
        }
        PublishErrorKind::MaxPayloadExceeded => {
            "a message is larger than the servers allow: set max_payload to 1MB or more in the \
             configuration of NATS"
                .to_owned()
        }
        _ => {
            let why = with_causes(error);
            if why.contains("maximum bytes exceeded") {
                format!(
                    "the stream is full ({why}): see why the server records nothing, or \
                         raise intake.max_megabytes"
                )
            } else {
                why
            }
        }
    }
}

impl Shared {
    fn note(&self, why: &str) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        if health.failing_since.is_none() {
            health.failing_since = Some(Instant::now());
            tracing::warn!(why, "the stream does not take a message; it is tried again");
        }
        health.last_failure = Some(why.to_owned());
    }
}
