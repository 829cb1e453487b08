//! The SQL of the fixed questions: the rows that still stand in the store.

use crate::error::ObservationError;
use crate::model::Row;
use crate::store::{row_of, second_not_before};
use jiff::Timestamp;
use registry::PointId;
use rulebook::Period;
use sqlx::Row as _;
use std::ops::Range;
use store::Store;

/// The points that have rows in the store.
pub(super) async fn points(store: &Store) -> Result<Vec<PointId>, ObservationError> {
    let rows = sqlx::query(
        "WITH RECURSIVE points(point) AS ( \
           SELECT MIN(point) FROM observation \
           UNION ALL \
           SELECT (SELECT MIN(later.point) FROM observation later \
                   WHERE later.point > points.point) \
           FROM points WHERE points.point IS NOT NULL \
         ) SELECT point FROM points WHERE point IS NOT NULL",
    )
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(|row| Ok(PointId(row.try_get(0)?))).collect()
}

/// The rows of a point that stand in the store, oldest first.
pub(crate) async fn rows(
    store: &Store,
    point: PointId,
    period: Period,
    range: Range<Timestamp>,
) -> Result<Vec<Row>, ObservationError> {
    let rows = sqlx::query(
        "SELECT point, period, observed_at, received_at, block, block_index, version, payload \
         FROM observation WHERE point = $1 AND period = $2 AND observed_at >= $3 \
         AND observed_at < $4 ORDER BY observed_at",
    )
    .bind(point.0)
    .bind(period.code())
    .bind(second_not_before(range.start))
    .bind(second_not_before(range.end))
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(row_of).collect()
}
