//! Series as they stood when a commit was the last: for judgements that are made again.

use crate::error::ObservationError;
use crate::model::Row;
use crate::store::{revised_in, series};
use jiff::Timestamp;
use registry::PointId;
use rulebook::Period;
use std::collections::HashMap;
use std::ops::Range;
use store::Store;

/// The rows of a point for a period as they stood after a commit, from the first time to before
/// the last, oldest first: rows that came later are left out, rows that changed later are as they
/// were.
///
/// # Errors
/// When the store cannot be read.
pub async fn series_as_of(
    store: &Store,
    point: PointId,
    period: Period,
    range: Range<Timestamp>,
    block: i64,
) -> Result<Vec<Row>, ObservationError> {
    let mut rows = series(store, point, period, range.clone()).await?;
    if rows.iter().all(|row| row.source.block <= block) {
        return Ok(rows);
    }
    let mut older: HashMap<Timestamp, Row> = HashMap::new();
    // Oldest version first: the last one that the commit knew stands.
    for row in revised_in(store, point, period, range, block).await? {
        older.insert(row.observed_at, row);
    }
    rows.retain_mut(|row| {
        if row.source.block <= block {
            return true;
        }
        older.remove(&row.observed_at).is_some_and(|before| {
            *row = before;
            true
        })
    });
    Ok(rows)
}
