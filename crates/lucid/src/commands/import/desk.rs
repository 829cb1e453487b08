//! Where an import is done: the city's nouns and the one recorder of the store.

use std::path::Path;
use std::sync::Arc;

use observations::{Delivery, NewRow, Origin, Outcome as RowOutcome, Recorder};
use registry::Registry;
use store::Store;

use crate::clock;
use crate::configuration::Settings;
use crate::exit::Failure;
use crate::opened;

/// A store that this process alone writes to, with its city.
pub(crate) struct Desk {
    store: Store,
    pub(super) registry: Registry,
    recorder: Recorder,
}

impl Desk {
    /// The desk of a running server.
    pub(crate) const fn of(store: Store, registry: Registry, recorder: Recorder) -> Self {
        Self { store, registry, recorder }
    }

    /// Opens the store; the caller holds the lock of the data folder.
    pub(super) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let store = opened::store(settings).await?;
        let registry = Registry::open(&store).await.map_err(|error| {
            Failure::caused(error.code(), &error, "Load a city with `lucid init`.")
        })?;
        let recorder = Recorder::open(&store)
            .await
            .map_err(|error| Failure::caused(error.code(), &error, "`lucid doctor` says more."))?;
        Ok(Self { store, registry, recorder })
    }

    /// Records the rows of a file, all or none, together with its bytes.
    pub(super) async fn record(
        &self,
        file: &Path,
        raw: Vec<u8>,
        rows: Vec<NewRow>,
    ) -> Result<Counts, Failure> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let origin = Origin { device: None, peer: Arc::from(format!("file:{name}")) };
        let delivery = Delivery { raw, received_at: clock::now(), origin, rows };
        let recorded = self.recorder.submit(delivery).await.map_err(|error| {
            Failure::caused(error.code(), &error, "Nothing of this file was stored; try again.")
        })?;
        let mut counts = Counts::default();
        for outcome in recorded.outcomes {
            counts.add(outcome);
        }
        Ok(counts)
    }

    /// Closes what [`Desk::open`] opened.
    pub(super) async fn close(self) {
        self.recorder.close().await;
        self.store.close().await;
    }
}

/// What became of rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    new: usize,
    merged: usize,
    revised: usize,
    known: usize,
}

impl Counts {
    const fn add(&mut self, outcome: RowOutcome) {
        match outcome {
            RowOutcome::New => self.new += 1,
            RowOutcome::Merged => self.merged += 1,
            RowOutcome::Revised => self.revised += 1,
            RowOutcome::Duplicate => self.known += 1,
        }
    }

    pub(super) fn to_json(self) -> serde_json::Value {
        serde_json::json!({
            "new": self.new, "merged": self.merged, "revised": self.revised, "known": self.known,
        })
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { new, merged, revised, known } = self;
        write!(formatter, "{new} new, {merged} completed, {revised} revised, {known} known already")
    }
}
