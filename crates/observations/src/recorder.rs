//! Group commit: what waits while one commit runs becomes the next, and is answered after it.

use crate::block::{self, Packet};
use crate::error::{ObservationError, RecordError};
use crate::follow::Follower;
use crate::history::intake::{self, Looked};
use crate::latest::Latest;
use crate::merge::{Effect, unite};
use crate::model::{
    CommittedBatch, Delivery, FactorValue, Outcome, Recorded, Revision, Row, RowKey, Source,
    StreamPosition,
};
use crate::prepare::Prepared;
use crate::store::{self, Block, Insertion, positions};
use crate::trace::{self, TracePlace};
use ::store::Store;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, broadcast, mpsc, oneshot};
use tokio::task::JoinHandle;
use tracing::{Instrument as _, Span};

/// Senders wait when so many jobs are queued.
const QUEUE: usize = 4096;
/// A commit takes no further job once it holds this many rows or packets …
const ROWS_A_COMMIT: usize = 8192;
/// … or bytes.
const BYTES_A_COMMIT: usize = 16 << 20;
/// A history that was out of reach is looked at again after so long.
const HISTORY_RESTS: Duration = Duration::from_secs(15);
/// A full disk is looked at again after so long.
const BEFORE_PROBING: Duration = Duration::from_secs(5);
/// How many commits a slow reader of the live feed may lag before it must read the store. Under
/// full load a commit holds a thousand rows of some two kilobytes.
const LIVE: usize = 32;

/// Records deliveries durably. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
}

struct Shared {
    store: Store,
    latest: Latest,
    /// Gone when the writer has ended, so that listeners learn of it.
    live: Mutex<Option<broadcast::Sender<CommittedBatch>>>,
    health: Mutex<Health>,
    queued: AtomicUsize,
    stop: Notify,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

/// How the recorder fares.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// The number of the last commit.
    pub block: i64,
    /// When it was.
    pub committed_at: Option<Timestamp>,
    /// Deliveries that wait for a commit.
    pub queued: usize,
    /// How many commits have failed since the last good one: above 0 nothing is acknowledged.
    pub failures_in_a_row: u64,
    /// What the last failure said.
    pub last_failure: Option<String>,
}

struct Job {
    deliveries: Vec<Prepared>,
    /// How far a stream is recorded by these deliveries.
    position: Option<StreamPosition>,
    /// The span of whoever hands them in.
    span: Span,
    reply: oneshot::Sender<Result<Vec<Recorded>, RecordError>>,
}

impl Job {
    fn keys(&self) -> impl Iterator<Item = RowKey> + Clone {
        self.deliveries.iter().flat_map(|delivery| delivery.rows.iter().map(|row| row.key))
    }
}

impl Recorder {
    /// Starts the recorder and fills [`Latest`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(store: &Store) -> Result<Self, ObservationError> {
        let latest = Latest::default();
        let rows: Vec<_> = store::newest(store).await?.into_iter().map(Arc::new).collect();
        latest.take(&rows);
        let block = store::last_block(store).await?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let live = broadcast::channel(LIVE).0;
        let shared = Arc::new(Shared {
            store: store.clone(),
            latest,
            live: Mutex::new(Some(live.clone())),
            health: Mutex::new(Health { block, ..Health::default() }),
            queued: AtomicUsize::new(0),
            stop: Notify::new(),
            task: tokio::sync::Mutex::new(None),
        });
        let writer = Writer {
            shared: shared.clone(),
            is_full: false,
            out_of_reach: None,
            last: Some(block),
            live,
        };
        *shared.task.lock().await = Some(tokio::spawn(writer.run(queue)));
        Ok(Self { shared, jobs })
    }

    /// Records one delivery; resolves after it is on the disk.
    ///
    /// # Errors
    /// When the commit failed or the recorder has stopped: nothing of the delivery is stored.
    pub async fn submit(&self, delivery: Delivery) -> Result<Recorded, RecordError> {
        let mut recorded = self.submit_all(vec![delivery]).await?;
        recorded.pop().ok_or(RecordError::Stopped)
    }

    /// Records deliveries in one commit, all or none; resolves after they are on the disk.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn submit_all(
        &self,
        deliveries: Vec<Delivery>,
    ) -> Result<Vec<Recorded>, RecordError> {
        if deliveries.is_empty() {
            return Ok(Vec::new());
        }
        self.enqueue(deliveries, None).await
    }

    /// Records what a stream brought and, in the same commit, how far the stream is recorded by
    /// it: what comes again after that is known by its number.
    ///
    /// # Errors
    /// As [`Self::submit`], and when the stream is recorded farther than `position` says: another
    /// server records it.
    pub async fn submit_from_stream(
        &self,
        deliveries: Vec<Delivery>,
        position: StreamPosition,
    ) -> Result<Vec<Recorded>, RecordError> {
        self.enqueue(deliveries, Some(position)).await
    }

    async fn enqueue(
        &self,
        deliveries: Vec<Delivery>,
        position: Option<StreamPosition>,
    ) -> Result<Vec<Recorded>, RecordError> {
        let deliveries: Vec<_> = deliveries.into_iter().map(Prepared::of).collect();
        let (reply, answer) = oneshot::channel();
        let count = deliveries.len();
        self.shared.queued.fetch_add(count, Ordering::Relaxed);
        if self.jobs.send(Job { deliveries, position, span: Span::current(), reply }).await.is_err()
        {
            self.shared.queued.fetch_sub(count, Ordering::Relaxed);
            return Err(RecordError::Stopped);
        }
        answer.await.unwrap_or(Err(RecordError::Stopped))
    }

    /// The newest rows.
    pub fn latest(&self) -> &Latest {
        &self.shared.latest
    }

    /// Every commit from now on. A reader that lags by more than 32 loses the oldest and is told;
    /// who must not lose any uses [`Self::follow`]. Closed when the recorder has stopped.
    pub fn live(&self) -> broadcast::Receiver<CommittedBatch> {
        let live = self.shared.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.as_ref().map_or_else(|| broadcast::channel(1).1, broadcast::Sender::subscribe)
    }

    /// Every commit after number `block`, from the store as long as behind, then live.
    pub fn follow(&self, block: i64) -> Follower {
        Follower::new(self.shared.store.clone(), self.live(), block)
    }

    /// How the recorder fares.
    pub fn health(&self) -> Health {
        let mut health = self.shared.health.lock().unwrap_or_else(PoisonError::into_inner).clone();
        health.queued = self.shared.queued.load(Ordering::Relaxed);
        health
    }

    /// Commits what is queued and stops; later submissions are refused.
    pub async fn close(&self) {
        self.shared.stop.notify_one();
        if let Some(task) = self.shared.task.lock().await.take()
            && task.await.is_err()
        {
            tracing::error!("the recorder had ended before it was stopped");
        }
    }
}

struct Writer {
    shared: Arc<Shared>,
    /// Whether the last commit failed because the disk is full.
    is_full: bool,
    /// When and why the history was found out of reach.
    out_of_reach: Option<(Instant, Arc<ObservationError>)>,
    live: broadcast::Sender<CommittedBatch>,
    /// The last commit's number; `None` after a failure, when the store must be asked.
    last: Option<i64>,
}

/// One row of a batch with its place in it.
struct Entry {
    key: RowKey,
    packet: u32,
    row: u32,
    received_at: Timestamp,
    values: Vec<FactorValue>,
    payload: Vec<u8>,
}

/// What a commit will have done.
struct Effects {
    outcomes: Vec<Vec<Outcome>>,
    rows: Vec<Arc<Row>>,
    superseded: Vec<(Vec<Revision>, usize)>,
}

impl Writer {
    async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        loop {
            let first = tokio::select! {
                biased;
                job = queue.recv() => job,
                () = self.shared.stop.notified() => {
                    queue.close();
                    continue;
                }
                () = tokio::time::sleep(BEFORE_PROBING), if self.is_full => {
                    self.probe().await;
                    continue;
                }
            };
            let Some(first) = first else { break };
            let jobs = gather(first, &mut queue);
            self.commit(jobs).await;
        }
        self.shared.live.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Reads what the history holds of rows that come late. Where it is out of reach, those who
    /// bring such rows are told that nothing of theirs is stored, and the others go on.
    async fn look_into_history(&mut self, jobs: Vec<Job>) -> (Vec<Job>, Looked) {
        let store = &self.shared.store;
        let keys: Vec<RowKey> = jobs.iter().flat_map(Job::keys).collect();
        let looked = match &self.out_of_reach {
            Some((since, error)) if since.elapsed() < HISTORY_RESTS => Err(error.clone()),
            _ => intake::look(store, &keys).await.map_err(Arc::new),
        };
        let error = match looked {
            Ok(looked) => {
                self.out_of_reach = None;
                return (jobs, looked);
            }
            Err(error) => error,
        };
        let known = intake::known(store);
        let (late, others): (Vec<Job>, Vec<Job>) =
            jobs.into_iter().partition(|job| known.comes_late(job.keys()));
        if self.out_of_reach.as_ref().is_none_or(|(since, _)| since.elapsed() >= HISTORY_RESTS) {
            let cause = ::store::with_causes(&*error);
            tracing::error!(%cause, "the history is out of reach; late packets are not taken");
            self.out_of_reach = Some((Instant::now(), error.clone()));
        }
        for job in late {
            let count = job.deliveries.len();
            self.shared.queued.fetch_sub(count, Ordering::Relaxed);
            metrics::counter!("lucid_history_late_refused_total").increment(count as u64);
            let _gone = job.reply.send(Err(RecordError::NotStored(error.clone())));
        }
        (others, known)
    }

    async fn commit(&mut self, jobs: Vec<Job>) {
        let started = Instant::now();
        let (jobs, looked) = self.look_into_history(jobs).await;
        if jobs.is_empty() {
            return;
        }
        let counts: Vec<_> = jobs.iter().map(|job| job.deliveries.len()).collect();
        let total: usize = counts.iter().sum();
        let (mut deliveries, mut positions) = (Vec::with_capacity(total), Vec::new());
        let mut replies = Vec::with_capacity(counts.len());
        let span = trace::commit(jobs.iter().map(|job| &job.span));
        for job in jobs {
            deliveries.extend(job.deliveries);
            positions.extend(job.position);
            replies.push(job.reply);
        }
        let result = self.record(deliveries, &positions, looked).instrument(span.clone()).await;
        self.shared.queued.fetch_sub(total, Ordering::Relaxed);
        match result {
            Ok((mut batch, mut recorded)) => {
                span.record("packets", total as i64).record("rows", batch.rows.len() as i64);
                span.record("block", batch.block);
                batch.trace = TracePlace::of(&span);
                drop(span);
                self.note_success(batch.block);
                metrics::counter!("lucid_observations_packets_total").increment(total as u64);
                metrics::histogram!("lucid_observations_commit_packets").record(total as f64);
                metrics::histogram!("lucid_observations_commit_seconds").record(started.elapsed());
                let queued = self.shared.queued.load(Ordering::Relaxed);
                metrics::gauge!("lucid_observations_queued").set(queued as f64);
                self.shared.latest.take(&batch.rows);
                for (count, reply) in counts.into_iter().zip(replies) {
                    let rest = recorded.split_off(count);
                    let _gone = reply.send(Ok(std::mem::replace(&mut recorded, rest)));
                }
                let _nobody_listens = self.live.send(batch);
            }
            Err(error) => {
                let error = Arc::new(error);
                span.record("packets", total as i64).record("otel.status_code", "ERROR");
                drop(span);
                self.note_failure(&error);
                for reply in replies {
                    let _gone = reply.send(Err(RecordError::NotStored(error.clone())));
                }
            }
        }
    }

    /// Looks whether there is room again: nobody need come in vain to find out.
    async fn probe(&mut self) {
        if self.shared.store.probe().await.is_ok() {
            self.is_full = false;
            let mut health = self.shared.health.lock().unwrap_or_else(PoisonError::into_inner);
            tracing::info!(failures = health.failures_in_a_row, "there is room on the disk again");
            health.failures_in_a_row = 0;
        }
    }

    fn note_success(&mut self, block: i64) {
        self.last = Some(block);
        self.is_full = false;
        let mut health = self.shared.health.lock().unwrap_or_else(PoisonError::into_inner);
        if health.failures_in_a_row > 0 {
            tracing::info!(failures = health.failures_in_a_row, "commits succeed again");
        }
        health.failures_in_a_row = 0;
        health.block = block;
        health.committed_at = Some(Timestamp::now());
    }

    fn note_failure(&mut self, error: &ObservationError) {
        self.last = None;
        self.is_full = ::store::says_full(error);
        metrics::counter!("lucid_observations_commit_failures_total").increment(1);
        let text = ::store::with_causes(error);
        let mut health = self.shared.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.failures_in_a_row += 1;
        // Devices send again and again: a full disk is not filled further by saying so each time.
        if health.failures_in_a_row.is_power_of_two() {
            let failures = health.failures_in_a_row;
            tracing::error!(failures, cause = %text, "a commit failed; nothing is acknowledged");
        }
        health.last_failure = Some(text);
    }

    async fn record(
        &mut self,
        deliveries: Vec<Prepared>,
        positions: &[StreamPosition],
        looked: Looked,
    ) -> Result<(CommittedBatch, Vec<Recorded>), ObservationError> {
        self.shared.store.ensure_room()?;
        let last = match self.last {
            Some(last) => last,
            None => store::last_block(&self.shared.store).await?,
        };
        let id = last + 1;
        let (packets, mut entries, outcomes) = flatten(deliveries);
        let mut block = Block {
            id,
            first_received_ms: packets.iter().map(|packet| packet.received_ms).min().unwrap_or(0),
            last_received_ms: packets.iter().map(|packet| packet.received_ms).max().unwrap_or(0),
            packets: packets.len() as i64,
            size: packets.iter().map(|packet| packet.raw.len() as i64).sum(),
            bytes: Vec::new(),
        };
        let compressed = tokio::task::spawn_blocking(move || block::compress(&packets));

        let mut insertions = first_of_each_key(&mut entries);
        let engine = self.shared.store.engine();
        let keys: Vec<RowKey> = insertions.iter().map(|row| row.key).collect();
        let mut recording = intake::begin(&self.shared.store, looked, &keys).await?;
        let moved = std::mem::take(&mut recording.held);
        insertions.retain(|row| !moved.contains_key(&row.key));
        let transaction = &mut recording.transaction;
        let mut held = store::insert(transaction, engine, id, &mut insertions).await?;
        // What stands in both places is newer among the recent rows.
        let moved_keys: Vec<_> = moved.keys().copied().collect();
        held.extend(moved);
        let newer = store::by_keys(transaction, engine, &moved_keys).await?;
        held.extend(newer.into_iter().map(|row| (row.key(), row)));
        let effects = effects(id, entries, held, outcomes);
        for (revisions, row) in &effects.superseded {
            store::supersede(transaction, revisions, &effects.rows[*row]).await?;
        }
        block.bytes = compressed
            .await
            .map_err(std::io::Error::other)
            .and_then(|compressed| compressed)
            .map_err(|source| ObservationError::Block { block: id, source })?;
        let touched: Vec<_> = effects.rows.iter().map(|row| row.key()).collect();
        store::insert_block(transaction, block, &touched).await?;
        for position in positions {
            positions::advance(transaction, position, Timestamp::now()).await?;
        }
        recording.note_late(&touched).await?;
        recording.transaction.commit().await?;

        let recorded = effects.outcomes.into_iter().enumerate();
        let recorded = recorded.map(|(index, outcomes)| Recorded {
            source: Source { block: id, index: index as u32 },
            outcomes,
        });
        Ok((
            CommittedBatch { block: id, rows: effects.rows.into(), trace: TracePlace::default() },
            recorded.collect(),
        ))
    }
}

fn gather(first: Job, queue: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let weight = |job: &Job| {
        job.deliveries.iter().fold((0, 0), |(rows, bytes), delivery| {
            (rows + delivery.rows.len().max(1), bytes + delivery.packet.raw.len())
        })
    };
    let (mut rows, mut bytes) = weight(&first);
    let mut jobs = vec![first];
    while rows < ROWS_A_COMMIT
        && bytes < BYTES_A_COMMIT
        && let Ok(job) = queue.try_recv()
    {
        let (more_rows, more_bytes) = weight(&job);
        rows += more_rows;
        bytes += more_bytes;
        jobs.push(job);
    }
    jobs
}

/// Takes deliveries apart: packets for the block, rows sorted by key and then by arrival.
fn flatten(deliveries: Vec<Prepared>) -> (Vec<Packet>, Vec<Entry>, Vec<Vec<Outcome>>) {
    let mut packets = Vec::with_capacity(deliveries.len());
    let mut entries = Vec::with_capacity(deliveries.len());
    let mut outcomes = Vec::with_capacity(deliveries.len());
    for (packet, delivery) in deliveries.into_iter().enumerate() {
        outcomes.push(vec![Outcome::New; delivery.rows.len()]);
        for (row, prepared) in delivery.rows.into_iter().enumerate() {
            entries.push(Entry {
                key: prepared.key,
                packet: packet as u32,
                row: row as u32,
                received_at: delivery.received_at,
                values: prepared.values,
                payload: prepared.payload,
            });
        }
        packets.push(delivery.packet);
    }
    entries.sort_by_key(|entry| entry.key);
    (packets, entries, outcomes)
}

fn first_of_each_key(entries: &mut [Entry]) -> Vec<Insertion> {
    let mut before = None;
    let mut insertions = Vec::with_capacity(entries.len());
    for entry in entries {
        if before.replace(entry.key) != Some(entry.key) {
            insertions.push(Insertion {
                key: entry.key,
                received_ms: entry.received_at.as_millisecond(),
                index: entry.packet,
                payload: std::mem::take(&mut entry.payload),
            });
        }
    }
    insertions
}

/// Works out what each row becomes: `held` are the rows that were in the store before.
fn effects(
    block: i64,
    entries: Vec<Entry>,
    mut held: HashMap<RowKey, Row>,
    outcomes: Vec<Vec<Outcome>>,
) -> Effects {
    let mut effects =
        Effects { outcomes, rows: Vec::with_capacity(entries.len()), superseded: Vec::new() };
    let mut entries = entries.into_iter().peekable();
    while let Some(first) = entries.next() {
        let key = first.key;
        let more = |next: &Entry| next.key == key;
        if held.is_empty() && entries.peek().is_none_or(|next| !more(next)) {
            effects.rows.push(Arc::new(row_of(block, first)));
            continue;
        }
        let (mut row, mut is_new, mut revisions) = (None, false, Vec::new());
        if let Some(stored) = held.remove(&key) {
            row = Some(stored);
        }
        let mut next = Some(first);
        while let Some(entry) = next {
            row = Some(match row {
                None => {
                    is_new = true;
                    row_of(block, entry)
                }
                Some(row) => supersede(block, row, entry, &mut revisions, &mut effects.outcomes),
            });
            next = entries.next_if(more);
        }
        let Some(row) = row else { continue };
        if is_new || !revisions.is_empty() {
            if !revisions.is_empty() {
                effects.superseded.push((revisions, effects.rows.len()));
            }
            effects.rows.push(Arc::new(row));
        }
    }
    effects
}

fn row_of(block: i64, entry: Entry) -> Row {
    Row {
        point: entry.key.point,
        period: entry.key.period,
        observed_at: entry.key.observed_at,
        received_at: entry.received_at,
        source: Source { block, index: entry.packet },
        version: 1,
        values: entry.values,
    }
}

fn supersede(
    block: i64,
    row: Row,
    entry: Entry,
    revisions: &mut Vec<Revision>,
    outcomes: &mut [Vec<Outcome>],
) -> Row {
    let (outcome, values) = match unite(&row.values, &entry.values) {
        Effect::Nothing => (Outcome::Duplicate, None),
        Effect::Added(values) => (Outcome::Merged, Some(values)),
        Effect::Changed(values) => (Outcome::Revised, Some(values)),
    };
    outcomes[entry.packet as usize][entry.row as usize] = outcome;
    let Some(values) = values else { return row };
    let version = row.version.saturating_add(1);
    let superseded_by = Source { block, index: entry.packet };
    revisions.push(Revision { row, superseded_at: entry.received_at, superseded_by });
    Row { version, values, ..row_of(block, Entry { values: Vec::new(), ..entry }) }
}
