//! What every handler may use.

use crate::Live;
use crate::door::{DoorSettings, Throttle};
use crate::slice::{Area, Slice};
use authority::Authority;
use evaluation::Evaluation;
use jiff::Timestamp;
use observations::Recorder;
use registry::Registry;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;
use store::Store;

/// The handles of the kernel. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    parts: Arc<Parts>,
    handles: Arc<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    /// The slices of this installation.
    pub(crate) slices: Arc<[Slice]>,
    /// The same as the main navigation groups them.
    pub(crate) areas: Arc<[Area]>,
    /// What addresses did in this minute.
    pub throttle: Arc<Throttle>,
}

/// What the state is made of.
pub struct Parts {
    /// The store.
    pub store: Store,
    /// The city's nouns.
    pub registry: Registry,
    /// The recorder, for its newest rows and its health.
    pub recorder: Recorder,
    /// Verdicts and alerts.
    pub evaluation: Evaluation,
    /// Who may do what.
    pub authority: Authority,
    /// Small events for open pages.
    pub live: Live,
    /// The time.
    pub clock: fn() -> Timestamp,
    /// When the program started.
    pub started_at: Timestamp,
    /// Metrics as Prometheus reads them.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
}

impl AppState {
    /// A state of these parts for these slices, in one group.
    pub fn new(parts: Parts, slices: Vec<Slice>) -> Self {
        Self::of_areas(parts, vec![Area { zh: "", en: "", slices }])
    }

    /// A state of these parts for the slices of these areas.
    pub fn of_areas(parts: Parts, areas: Vec<Area>) -> Self {
        let divisions = parts.registry.snapshot();
        let pairs = divisions.divisions.iter().map(|row| (row.code.clone(), row.parent.clone()));
        parts.authority.know_divisions(pairs);
        Self {
            parts: Arc::new(parts),
            handles: Arc::default(),
            slices: areas.iter().flat_map(|area| area.slices.iter().cloned()).collect(),
            areas: areas.into(),
            throttle: Arc::default(),
        }
    }

    /// Adds a handle that the kernel need not know: an area asks for it by its type.
    pub fn with<T: Any + Send + Sync>(mut self, handle: T) -> Self {
        let mut handles = (*self.handles).clone();
        handles.insert(TypeId::of::<T>(), Arc::new(handle));
        self.handles = Arc::new(handles);
        self
    }

    /// The handle of a type, if the installation has one.
    pub fn handle<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.handles.get(&TypeId::of::<T>())?.clone().downcast().ok()
    }

    /// How the pages are reached from outside.
    pub fn door(&self) -> Arc<DoorSettings> {
        self.handle::<DoorSettings>().unwrap_or_default()
    }

    /// What the areas contribute.
    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.parts.clock)()
    }

    /// The nouns as they stand.
    pub fn snapshot(&self) -> Arc<registry::Snapshot> {
        self.parts.registry.snapshot()
    }

    /// The newest rows.
    pub fn latest(&self) -> &observations::Latest {
        self.parts.recorder.latest()
    }
}

impl std::ops::Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}
