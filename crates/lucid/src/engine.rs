//! What runs behind the pages: store, city, recorder and the judges, without any socket.

use std::sync::Arc;
use std::time::Duration;

use evaluation::{Evaluation, Judge, Worker};
use jiff::Timestamp;
use observations::Recorder;
use registry::Registry;
use store::Store;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::configuration::Settings;
use crate::exit::Failure;
use crate::{opened, slices};

/// How often the judges look at the clock: silence and lateness have no packet to wake them.
const TICK: Duration = Duration::from_secs(10);

/// Store, city and recorder, before anybody judges.
pub(crate) struct Ground {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) recorder: Recorder,
    lock: opened::Lock,
}

impl Ground {
    /// Opens the store for this process alone.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let lock = opened::lock(&settings.data())?;
        let store = opened::store(settings).await?;
        let registry = Registry::open(&store).await.map_err(|error| {
            let cure = "Load a city with `lucid init`.";
            Failure::caused(error.code(), &error, cure)
        })?;
        let recorder = Recorder::open(&store)
            .await
            .map_err(|error| Failure::caused(error.code(), &error, "`lucid doctor` says more."))?;
        Ok(Self { store, registry, recorder, lock })
    }

    /// Begins to judge where the last run stopped. History is recorded before: to a judge that
    /// looks at the clock meanwhile, every device would seem to have been silent for weeks.
    pub(crate) async fn judge(self) -> Result<Engine, Failure> {
        let Self { store, registry, recorder, lock } = self;
        let judges: Vec<Arc<dyn Judge>> = slices::judges();
        let opened = Worker::open(&store, &registry, &recorder, judges, Timestamp::now).await;
        let (worker, evaluation) = opened
            .map_err(|error| Failure::caused(error.code(), &error, "`lucid doctor` says more."))?;
        let (running, stop) = watch::channel(false);
        let judging = tokio::spawn(worker.run(TICK, stop));
        Ok(Engine { store, registry, recorder, evaluation, judging, _running: running, lock })
    }
}

/// The engine of a city; stop it with [`Engine::stop`].
pub(crate) struct Engine {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) recorder: Recorder,
    pub(crate) evaluation: Evaluation,
    judging: JoinHandle<()>,
    /// Dropped with the engine; until then the worker runs.
    _running: watch::Sender<bool>,
    pub(crate) lock: opened::Lock,
}

impl Engine {
    /// Waits until everything committed so far is judged, telling the share done.
    pub(crate) async fn wait_until_judged(&self, mut told: impl FnMut(u64, u64)) {
        let from = self.evaluation.progress().block;
        let to = self.recorder.health().block;
        let total = u64::try_from(to - from).unwrap_or_default();
        for block in from..=to {
            self.evaluation.wait_for(block).await;
            told(u64::try_from(block - from).unwrap_or_default(), total);
        }
    }

    /// Stops in order: nothing more is taken, what is committed is judged, the store is folded.
    pub(crate) async fn stop(self) {
        self.recorder.close().await;
        if let Err(problem) = self.judging.await {
            tracing::error!(%problem, "judging had ended before");
        }
        self.store.close().await;
    }
}
