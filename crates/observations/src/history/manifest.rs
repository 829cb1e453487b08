//! Which files are the history, as one moment knew it, and what is kept of it in memory.

use super::{Month, OpenPart, PartFiles, format, store};
use crate::error::ObservationError;
use ::store::Store;
use jiff::Timestamp;
use registry::PointId;
use rulebook::Period;
use std::collections::{BTreeMap, HashMap};
use std::ops::{Range, RangeInclusive};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// A part of a moved month: two files that never change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeldPart {
    pub(crate) id: i64,
    pub(crate) period: Period,
    pub(crate) month: Month,
    pub(crate) values: HeldFile,
    pub(crate) rows: HeldFile,
    pub(crate) points: RangeInclusive<PointId>,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    pub(crate) row_count: u64,
    pub(crate) factor_row_count: u64,
}

/// A file by its name, with what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeldFile {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl HeldPart {
    /// Whether the part may hold rows of a point in a time.
    fn may_hold(&self, points: Option<&[PointId]>, range: &Range<Timestamp>) -> bool {
        self.first < range.end
            && range.start <= self.last
            && points.is_none_or(|points| points.iter().any(|point| self.points.contains(point)))
    }
}

/// A month that has moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HeldMonth {
    /// The move that wrote its parts.
    pub(crate) move_number: i64,
    /// Rows of commits up to this one are in the parts.
    pub(crate) sealed_block: i64,
    pub(crate) parts: Vec<Arc<HeldPart>>,
}

/// The files of the history at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manifest {
    /// Rises with every change.
    pub(crate) version: i64,
    /// The moved months of each period, by [`Period::code`].
    pub(crate) months: [BTreeMap<Month, HeldMonth>; Period::ALL.len()],
}

impl Manifest {
    /// The moved months of a period.
    pub(crate) fn of(&self, period: Period) -> &BTreeMap<Month, HeldMonth> {
        &self.months[period.code() as usize]
    }

    /// The parts that may hold rows of some points (of all where none are named) in a time, in the
    /// order of time.
    pub(crate) fn parts(
        &self,
        period: Period,
        range: &Range<Timestamp>,
        points: Option<&[PointId]>,
    ) -> Vec<Arc<HeldPart>> {
        let held = self.of(period);
        if held.is_empty() || range.start >= range.end {
            return Vec::new();
        }
        held.range(Month::of(range.start)..=Month::of(range.end))
            .flat_map(|(_, month)| &month.parts)
            .filter(|part| part.may_hold(points, range))
            .cloned()
            .collect()
    }

    /// Whether a row may be in the history.
    pub(crate) fn may_hold(&self, period: Period, point: PointId, at: Timestamp) -> bool {
        let held = self.of(period);
        if held.is_empty() {
            return false;
        }
        let holds = |part: &Arc<HeldPart>| {
            part.points.contains(&point) && part.first <= at && at <= part.last
        };
        held.get(&Month::of(at)).is_some_and(|month| month.parts.iter().any(holds))
    }
}

/// So many parts are kept open: their footers stay in memory.
const OPEN_MAX: usize = 512;

/// What is kept in memory of the history of one store.
#[derive(Default)]
pub(crate) struct Kept {
    manifest: RwLock<Arc<Manifest>>,
    /// One at a time reads the manifest anew.
    reading: tokio::sync::Mutex<()>,
    open: Mutex<OpenParts>,
}

#[derive(Default)]
struct OpenParts {
    parts: HashMap<i64, (u64, Arc<OpenPart>)>,
    clock: u64,
}

impl Kept {
    fn manifest(&self) -> Arc<Manifest> {
        self.manifest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The manifest, at least as new as a version: from memory unless it has changed.
pub(crate) async fn manifest_of(
    store: &Store,
    version: i64,
) -> Result<Arc<Manifest>, ObservationError> {
    let kept = store.attachment::<Kept>();
    let held = kept.manifest();
    if held.version >= version {
        return Ok(held);
    }
    let _one_at_a_time = kept.reading.lock().await;
    let held = kept.manifest();
    if held.version >= version {
        return Ok(held);
    }
    let read = Arc::new(store::manifest(store).await?);
    *kept.manifest.write().unwrap_or_else(PoisonError::into_inner) = read.clone();
    Ok(read)
}

/// The manifest as it was read last; whoever uses it holds its version against the database.
pub(crate) fn cached(store: &Store) -> Arc<Manifest> {
    store.attachment::<Kept>().manifest()
}

/// The manifest as the database has it now.
pub(crate) async fn manifest_now(store: &Store) -> Result<Arc<Manifest>, ObservationError> {
    manifest_of(store, store::version(store).await?).await
}

/// A part whose footers were read lately.
pub(crate) fn already_open(store: &Store, part: &HeldPart) -> Option<Arc<OpenPart>> {
    let kept = store.attachment::<Kept>();
    let mut open = kept.open.lock().unwrap_or_else(PoisonError::into_inner);
    open.clock += 1;
    let clock = open.clock;
    let (used, found) = open.parts.get_mut(&part.id)?;
    *used = clock;
    Some(found.clone())
}

/// A part, its footers read; those read lately are kept.
pub(crate) async fn open_part(
    store: &Store,
    part: &HeldPart,
) -> Result<Arc<OpenPart>, ObservationError> {
    if let Some(found) = already_open(store, part) {
        return Ok(found);
    }
    let kept = store.attachment::<Kept>();
    let objects = store.objects().ok_or(ObservationError::NoPlace)?;
    let files =
        PartFiles { values: objects.path(&part.values.name), rows: objects.path(&part.rows.name) };
    let found = Arc::new(format::open(objects.store().clone(), &files).await?);
    let mut open = kept.open.lock().unwrap_or_else(PoisonError::into_inner);
    if open.parts.len() >= OPEN_MAX
        && let Some(oldest) = open.parts.iter().min_by_key(|(_, (used, _))| *used)
    {
        let oldest = *oldest.0;
        open.parts.remove(&oldest);
    }
    let clock = open.clock;
    open.parts.insert(part.id, (clock, found.clone()));
    Ok(found)
}

/// Lets go of a part that is no longer needed or whose files are gone.
pub(crate) fn forget_open(store: &Store, part: i64) {
    let kept = store.attachment::<Kept>();
    kept.open.lock().unwrap_or_else(PoisonError::into_inner).parts.remove(&part);
}
