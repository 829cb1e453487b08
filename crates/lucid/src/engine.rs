//! What runs behind the pages: store, city, recorder and the judges, without any socket.

use std::sync::Arc;
use std::time::Duration;

use evaluation::{Context, Evaluation, Judge, Judgement, Worker};
use observations::{Recorder, Row};
use registry::Registry;
use store::Store;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::configuration::Settings;
use crate::exit::Failure;
use crate::{clock, opened, slices};

/// How often the judges look at the clock: silence and lateness have no packet to wake them.
const TICK: Duration = Duration::from_secs(10);

/// Store, city and recorder, before anybody judges.
pub(crate) struct Ground {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) recorder: Recorder,
    judges: Vec<Arc<dyn Judge>>,
    lock: opened::Lock,
}

impl Ground {
    /// Opens the store for this process alone.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        opened::calendar(settings)?;
        let lock = opened::lock(&settings.data())?;
        let store = opened::store(settings).await?;
        let registry = Registry::open(&store).await.map_err(|error| {
            let cure = "Load a city with `lucid init`.";
            Failure::caused(error.code(), &error, cure)
        })?;
        let recorder = Recorder::open(&store)
            .await
            .map_err(|error| Failure::caused(error.code(), &error, "`lucid doctor` says more."))?;
        Ok(Self { store, registry, recorder, judges: slices::judges(), lock })
    }

    /// Judges while `record` brings in history, until all of it is judged; `told` hears how many
    /// commits are judged and how many there are.
    ///
    /// Nobody looks at the clock meanwhile: to one who did, every device would seem to have been
    /// silent for weeks.
    pub(crate) async fn judge_while<Counts>(
        &self,
        record: impl Future<Output = Result<Counts, Failure>>,
        mut told: impl FnMut(u64, u64),
    ) -> Result<Counts, Failure> {
        let timeless =
            |judge: &Arc<dyn Judge>| Arc::new(Timeless(Arc::clone(judge))) as Arc<dyn Judge>;
        let (worker, evaluation) = self.worker(self.judges.iter().map(timeless).collect()).await?;
        let from = evaluation.progress().block;
        let (stop, stopped) = watch::channel(false);
        let judging = tokio::spawn(worker.run(TICK, stopped));
        let counts = record.await?;
        let to = self.recorder.health().block;
        let since = |block: i64| u64::try_from(block - from).unwrap_or_default();
        for block in from..=to {
            evaluation.wait_for(block).await.map_err(|error| {
                let cure = "What was recorded stays recorded and is judged at the next start. \
                            Make room on the disk; `lucid doctor` says more.";
                Failure::caused(error.code(), &error, cure)
            })?;
            told(since(block), since(to));
        }
        stop.send_replace(true);
        if let Err(problem) = judging.await {
            tracing::error!(%problem, "judging history ended before its end");
        }
        Ok(counts)
    }

    /// Begins to judge where the last run stopped, for as long as the engine runs.
    pub(crate) async fn judge(self) -> Result<Engine, Failure> {
        let (worker, evaluation) = self.worker(self.judges.clone()).await?;
        let (running, stop) = watch::channel(false);
        let judging = tokio::spawn(worker.run(TICK, stop));
        let Self { store, registry, recorder, lock, .. } = self;
        Ok(Engine { store, registry, recorder, evaluation, judging, running, lock })
    }

    async fn worker(&self, judges: Vec<Arc<dyn Judge>>) -> Result<(Worker, Evaluation), Failure> {
        let opened = Worker::open(&self.store, &self.registry, &self.recorder, judges, clock::now);
        let cure = "`lucid doctor` says more.";
        opened.await.map_err(|error| Failure::caused(error.code(), &error, cure))
    }
}

/// A judge that judges rows and never looks at the clock.
struct Timeless(Arc<dyn Judge>);

impl Judge for Timeless {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn judge(&self, context: &Context<'_>, row: &Row, judgement: &mut Judgement) {
        self.0.judge(context, row, judgement);
    }
}

/// The engine of a city; stop it with [`Engine::stop`].
pub(crate) struct Engine {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) recorder: Recorder,
    pub(crate) evaluation: Evaluation,
    judging: JoinHandle<()>,
    /// Until it says so, or is dropped with the engine, the worker runs.
    running: watch::Sender<bool>,
    pub(crate) lock: opened::Lock,
}

impl Engine {
    /// Stops in order: nothing more is taken, what is committed is judged, the store is folded.
    ///
    /// A store that refuses verdicts, as a full disk makes it, keeps nobody waiting: its cursor
    /// stays, and the next start judges what is left.
    pub(crate) async fn stop(mut self) {
        self.recorder.close().await;
        let ended = tokio::select! {
            ended = &mut self.judging => ended,
            () = self.evaluation.refused() => {
                self.running.send_replace(true);
                (&mut self.judging).await
            }
        };
        if let Err(problem) = ended {
            tracing::error!(%problem, "judging had ended before");
        }
        self.store.close().await;
    }
}
