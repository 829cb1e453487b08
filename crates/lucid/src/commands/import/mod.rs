//! `lucid import`: files into the store, through the same recorder as packets of devices.

mod feeds;
mod observations;

use std::path::Path;
use std::sync::Arc;

use ::observations::{Delivery, NewRow, Origin, Outcome as RowOutcome, Recorder};
use jiff::Timestamp;
use registry::Registry;
use store::Store;

use crate::arguments::{Common, Import};
use crate::commands::backup::existing;
use crate::configuration::Settings;
use crate::exit::{Failure, Outcome};
use crate::opened;

pub(crate) fn run(what: &Import, common: &Common) -> Outcome {
    match what {
        Import::Observations { file, partial } => observations::run(file, *partial, common),
        Import::AirFeed { files } => feeds::air(files, common),
        Import::WaterFeed { files, year } => feeds::water(files, *year, common),
        Import::Template { what, output } => observations::template(*what, output),
    }
}

/// A store that this process alone writes to, with its city.
struct Desk {
    store: Store,
    registry: Registry,
    recorder: Recorder,
    _lock: opened::Lock,
}

impl Desk {
    async fn open(common: &Common) -> Result<Self, Failure> {
        let settings = Settings::load(&common.given())?;
        existing(&settings)?;
        let lock = opened::lock(&settings.data())?;
        let store = opened::store(&settings).await?;
        let registry = Registry::open(&store).await.map_err(|error| {
            Failure::caused(error.code(), &error, "Load a city with `lucid init`.")
        })?;
        let recorder = Recorder::open(&store)
            .await
            .map_err(|error| Failure::caused(error.code(), &error, "`lucid doctor` says more."))?;
        Ok(Self { store, registry, recorder, _lock: lock })
    }

    /// Records the rows of a file, all or none, together with its bytes.
    async fn record(
        &self,
        file: &Path,
        raw: Vec<u8>,
        rows: Vec<NewRow>,
    ) -> Result<Counts, Failure> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let origin = Origin { device: None, peer: Arc::from(format!("file:{name}")) };
        let delivery = Delivery { raw, received_at: Timestamp::now(), origin, rows };
        let recorded = self.recorder.submit(delivery).await.map_err(|error| {
            Failure::caused(error.code(), &error, "Nothing of this file was stored; try again.")
        })?;
        let mut counts = Counts::default();
        for outcome in recorded.outcomes {
            counts.add(outcome);
        }
        Ok(counts)
    }

    async fn close(self) {
        self.recorder.close().await;
        self.store.close().await;
    }
}

/// What became of rows.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
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

    fn to_json(self) -> serde_json::Value {
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
