//! Follows the commit log, asks the judges, keeps what they say.

use crate::alerts::{Alert, AlertEvent, Change, Seen, Signal, Subject, change};
use crate::{
    Context, EvaluationError, Judge, Judgement, Newest, StoredVerdict, Verdict, store as sql,
};
use jiff::Timestamp;
use observations::{CommittedBatch, Follower, Latest, Recorder, TRACE};
use registry::Registry;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::Store;
use tokio::sync::{broadcast, watch};
use tracing::{Instrument as _, Span, info_span};

/// Verdicts and signals gathered before they are written in one transaction.
const GATHERED_AT_MOST: usize = 2000;
/// Commits that said nothing, after which the cursor is written all the same.
const SILENT_COMMITS: u32 = 200;

/// How long a refused write waits before it is tried again.
const BEFORE_TRYING_AGAIN: Duration = Duration::from_secs(1);
/// Refusals in a row after which nobody is kept waiting.
const REFUSALS_MAX: u32 = 5;

/// How far evaluation has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The last commit judged.
    pub block: i64,
    /// How often in a row the store has refused: above 0 nothing is judged.
    pub failures_in_a_row: u32,
    /// What the last refusal said.
    pub last_failure: Option<Arc<str>>,
}

/// What others see of evaluation. Cheap to clone.
#[derive(Clone)]
pub struct Evaluation {
    /// The newest verdicts.
    pub newest: Newest,
    progress: watch::Receiver<Progress>,
    alerts: broadcast::Sender<Arc<Alert>>,
    judged_at: Arc<AtomicI64>,
}

impl Evaluation {
    /// Alerts as they are opened, updated and closed.
    pub fn alerts(&self) -> broadcast::Receiver<Arc<Alert>> {
        self.alerts.subscribe()
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// When the last commit was judged.
    pub fn judged_at(&self) -> Option<Timestamp> {
        let milliseconds = self.judged_at.load(Ordering::Relaxed);
        (milliseconds > 0).then(|| Timestamp::from_millisecond(milliseconds).ok()).flatten()
    }

    /// Waits until a commit is judged.
    ///
    /// # Errors
    /// When the worker has stopped before it came so far, or the store refuses again and again.
    /// What is committed stays committed: it is judged when the store takes verdicts again.
    pub async fn wait_for(&self, block: i64) -> Result<(), EvaluationError> {
        let mut progress = self.progress.clone();
        let come = |progress: &Progress| {
            progress.block >= block || progress.failures_in_a_row >= REFUSALS_MAX
        };
        let last = match progress.wait_for(come).await {
            Ok(last) => last.clone(),
            // The worker is gone; it may have come so far before.
            Err(_) => self.progress(),
        };
        if last.block >= block {
            return Ok(());
        }
        Err(match last.last_failure.filter(|_| last.failures_in_a_row > 0) {
            Some(cause) => EvaluationError::Refused { block: last.block, cause },
            None => EvaluationError::Stopped { block: last.block },
        })
    }

    /// Resolves when the store refuses verdicts; never while all is well.
    pub async fn refused(&self) {
        let mut progress = self.progress.clone();
        if progress.wait_for(|progress| progress.failures_in_a_row > 0).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Runs the judges. One a store.
pub struct Worker {
    store: Store,
    registry: Registry,
    latest: Latest,
    judges: Vec<Arc<dyn Judge>>,
    clock: fn() -> Timestamp,
    follower: Follower,
    open: HashMap<Subject, Alert>,
    newest: Newest,
    progress: watch::Sender<Progress>,
    alerts: broadcast::Sender<Arc<Alert>>,
    judged_at: Arc<AtomicI64>,
    silent: u32,
}

/// What a round has changed, told to others after it is on the disk.
#[derive(Default)]
struct Changed {
    verdicts: Vec<StoredVerdict>,
    alerts: Vec<Alert>,
}

impl Worker {
    /// Prepares to go on where the last run stopped.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(
        store: &Store,
        registry: &Registry,
        recorder: &Recorder,
        judges: Vec<Arc<dyn Judge>>,
        clock: fn() -> Timestamp,
    ) -> Result<(Self, Evaluation), EvaluationError> {
        let block = sql::cursor(store).await?;
        let newest = Newest::default();
        newest.take(sql::newest(store).await?);
        let open = sql::open_alerts(store).await?;
        let (progress, seen) = watch::channel(Progress { block, ..Progress::default() });
        let (alerts, _) = broadcast::channel(1024);
        let judged_at = Arc::new(AtomicI64::new(0));
        let evaluation = Evaluation {
            newest: newest.clone(),
            progress: seen,
            alerts: alerts.clone(),
            judged_at: Arc::clone(&judged_at),
        };
        let worker = Self {
            store: store.clone(),
            registry: registry.clone(),
            latest: recorder.latest().clone(),
            judges,
            clock,
            follower: recorder.follow(block),
            open: open.into_iter().map(|alert| (alert.subject, alert)).collect(),
            newest,
            progress,
            alerts,
            judged_at,
            silent: 0,
        };
        Ok((worker, evaluation))
    }

    /// Judges what comes until the recorder stops or `stop` says so; a failing store is tried
    /// again, nothing is passed over.
    pub async fn run(mut self, tick: Duration, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(tick);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // What the judges said of a commit: they remember it and must not be asked again.
        let mut waiting: Option<(i64, Judgement, Span)> = None;
        loop {
            if let Some((block, judgement, span)) = waiting.take() {
                let kept = self.keep(block, &judgement).instrument(span.clone()).await;
                if let Err(error) = kept {
                    waiting = Some((block, judgement, span));
                    if self.must_stop_after(&error, &mut stop).await {
                        break;
                    }
                }
                continue;
            }
            tokio::select! {
                biased;
                _ = stop.changed() => break,
                _ = ticks.tick() => {
                    match self.tick().await {
                        Ok(()) if self.follower.has_caught_up() => self.note_calm(),
                        Ok(()) => {}
                        Err(error) => {
                            let cause = store::with_causes(&error);
                            tracing::error!(code = error.code(), %cause, "the clock's look failed");
                        }
                    }
                }
                next = self.follower.next() => match next {
                    Ok(Some(batch)) => {
                        let span = span_of(&batch);
                        let judgement = span.in_scope(|| self.ask(&batch));
                        span.record("verdicts", judgement.verdicts.len() as i64);
                        waiting = Some((batch.block, judgement, span));
                    }
                    Ok(None) => break,
                    Err(error) => if self.must_stop_after(&error.into(), &mut stop).await {
                        break;
                    },
                },
            }
        }
        let block = self.progress.borrow().block;
        if let Err(error) = self.write(&Judgement::default(), Some(block)).await {
            tracing::error!(code = error.code(), %error, "the cursor was not written");
        }
    }

    /// Takes note of a refusal and waits a little; whether the worker is to stop instead.
    async fn must_stop_after(
        &self,
        error: &EvaluationError,
        stop: &mut watch::Receiver<bool>,
    ) -> bool {
        let cause = store::with_causes(&error);
        tracing::error!(code = error.code(), %cause, "judging waits for the store");
        metrics::counter!("lucid_evaluation_failures_total").increment(1);
        self.progress.send_modify(|progress| {
            progress.failures_in_a_row = progress.failures_in_a_row.saturating_add(1);
            progress.last_failure = Some(cause.into());
        });
        tokio::select! {
            _ = stop.changed() => true,
            () = tokio::time::sleep(BEFORE_TRYING_AGAIN) => false,
        }
    }

    /// Takes note that nothing waits any more, whoever may have been refused before.
    fn note_calm(&self) {
        self.progress.send_if_modified(|progress| {
            let was_refused = progress.failures_in_a_row > 0;
            *progress = Progress { block: progress.block, ..Progress::default() };
            was_refused
        });
    }

    /// Keeps what was said of one commit.
    async fn keep(&mut self, block: i64, judgement: &Judgement) -> Result<(), EvaluationError> {
        let says_something = self.says_something(judgement);
        self.silent += 1;
        if says_something || self.silent >= SILENT_COMMITS {
            self.write(judgement, Some(block)).await?;
            self.silent = 0;
        }
        self.judged_at.store((self.clock)().as_millisecond(), Ordering::Relaxed);
        let before = self.progress.send_replace(Progress { block, ..Progress::default() });
        if before.failures_in_a_row > 0 {
            tracing::info!(failures = before.failures_in_a_row, "judging goes on");
        }
        metrics::gauge!("lucid_evaluation_block").set(block as f64);
        Ok(())
    }

    fn ask(&self, batch: &CommittedBatch) -> Judgement {
        let snapshot = self.registry.snapshot();
        let now = (self.clock)();
        let context = Context { snapshot: &snapshot, latest: &self.latest, now };
        let mut judgement = Judgement::default();
        for row in batch.rows.iter() {
            for judge in &self.judges {
                judge.judge(&context, row, &mut judgement);
            }
        }
        judgement
    }

    /// Whether anything must be written: most minutes only confirm that all is well.
    fn says_something(&self, judgement: &Judgement) -> bool {
        !judgement.verdicts.is_empty()
            || judgement
                .signals
                .iter()
                .any(|signal| change(self.open.get(&signal.subject), signal) != Change::Nothing)
    }

    /// Judges the passing of time.
    async fn tick(&mut self) -> Result<(), EvaluationError> {
        let mut judgement = Judgement::default();
        {
            let snapshot = self.registry.snapshot();
            let context =
                Context { snapshot: &snapshot, latest: &self.latest, now: (self.clock)() };
            for judge in &self.judges {
                judge.tick(&context, &mut judgement);
            }
        }
        if self.says_something(&judgement) { self.write(&judgement, None).await } else { Ok(()) }
    }

    /// Writes verdicts, alerts and the cursor, then tells others. Alerts in memory change only
    /// when the transaction has been committed.
    async fn write(
        &mut self,
        judgement: &Judgement,
        block: Option<i64>,
    ) -> Result<(), EvaluationError> {
        let mut verdicts = judgement.verdicts.chunks(GATHERED_AT_MOST);
        let mut signals = judgement.signals.chunks(GATHERED_AT_MOST);
        loop {
            let part = (verdicts.next().unwrap_or_default(), signals.next().unwrap_or_default());
            let is_last = verdicts.len() == 0 && signals.len() == 0;
            self.write_part(part, block.filter(|_| is_last)).await?;
            if is_last {
                return Ok(());
            }
        }
    }

    async fn write_part(
        &mut self,
        (verdicts, signals): (&[Verdict], &[Signal]),
        block: Option<i64>,
    ) -> Result<(), EvaluationError> {
        let judged_at = (self.clock)();
        let mut transaction = self.store.begin().await?;
        let mut changed = Changed::default();
        for verdict in verdicts {
            changed.verdicts.extend(sql::put(&mut transaction, verdict, judged_at).await?);
        }
        let mut open: HashMap<Subject, Option<Alert>> = HashMap::new();
        for signal in signals {
            let known = match open.get(&signal.subject) {
                Some(changed) => Option::as_ref(changed),
                None => self.open.get(&signal.subject),
            };
            let Some(alert) = apply(&mut transaction, known, signal).await? else { continue };
            let is_open = alert.closed_at.is_none();
            open.insert(signal.subject, is_open.then(|| alert.clone()));
            changed.alerts.push(alert);
        }
        if let Some(block) = block {
            sql::move_cursor(&mut transaction, block).await?;
        }
        transaction.commit().await?;
        for (subject, alert) in open {
            match alert {
                Some(alert) => self.open.insert(subject, alert),
                None => self.open.remove(&subject),
            };
        }
        self.newest.take(changed.verdicts);
        metrics::gauge!("lucid_alerts_open").set(self.open.len() as f64);
        for alert in changed.alerts {
            trace(&alert);
            // Nobody listening is no failure.
            let _ = self.alerts.send(Arc::new(alert));
        }
        Ok(())
    }
}

/// The span of judging a commit, below that of the commit itself.
fn span_of(batch: &CommittedBatch) -> Span {
    if !batch.trace.is_kept() {
        return Span::none();
    }
    let span = info_span!(
        target: TRACE,
        "judge",
        block = batch.block,
        rows = batch.rows.len() as i64,
        verdicts = tracing::field::Empty,
    );
    batch.trace.lead(&span);
    span
}

/// Leaves a mark in the trace, if there is one, of what an alert has become.
fn trace(alert: &Alert) {
    if Span::current().is_none() {
        return;
    }
    let _marked = info_span!(
        target: TRACE,
        "alert",
        alert.id = alert.id,
        alert.kind = alert.subject.kind.as_str(),
        alert.is_open = alert.closed_at.is_none(),
    )
    .entered();
}

/// Applies one signal in the transaction; returns the alert when it changed.
async fn apply(
    transaction: &mut store::Transaction,
    known: Option<&Alert>,
    signal: &Signal,
) -> Result<Option<Alert>, EvaluationError> {
    match change(known, signal) {
        Change::Nothing => Ok(None),
        Change::Open(mut alert) => {
            alert.id = sql::insert_alert(transaction, &alert).await?;
            sql::insert_event(transaction, alert.id, &event(signal, "opened")).await?;
            Ok(Some(alert))
        }
        Change::Update { alert, worse } => {
            sql::update_alert(transaction, &alert).await?;
            if worse {
                sql::insert_event(transaction, alert.id, &event(signal, "worse")).await?;
            }
            Ok(Some(alert))
        }
        Change::Close(alert) => {
            sql::update_alert(transaction, &alert).await?;
            sql::insert_event(transaction, alert.id, &event(signal, "closed")).await?;
            Ok(Some(alert))
        }
    }
}

fn event(signal: &Signal, what: &str) -> AlertEvent {
    let (value, source, evidence) = match &signal.seen {
        Seen::Wrong(wrong) => (wrong.value, wrong.source, wrong.evidence.clone()),
        Seen::Right { reason, value, source } => {
            (*value, *source, serde_json::json!({ "reason": reason }))
        }
    };
    AlertEvent {
        sequence: 0,
        happened_at: signal.at,
        what: what.to_owned(),
        value,
        source,
        evidence,
    }
}
