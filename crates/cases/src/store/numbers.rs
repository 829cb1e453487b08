//! Numbers over many cases, and published ones.

use super::files;
use crate::desk::File;
use crate::{CaseError, PublicFilter, StatisticsFilter};
use ::store::Store;
use authority::OrganisationId;
use sqlx::{AssertSqlSafe, Row as _};

/// Published cases, the newest first.
pub(crate) async fn published(
    store: &Store,
    filter: &PublicFilter,
    limit: u32,
) -> Result<Vec<File>, CaseError> {
    let (before, before_id) =
        filter.after.map_or((i64::MAX, i64::MAX), |cursor| (cursor.key, cursor.id));
    let text = format!(
        "SELECT {} FROM case_file WHERE published_at IS NOT NULL \
         AND (published_at, id) < ($1, $2) AND ($3 = '' OR kind = $3) \
         AND ($4 = '' OR division = $4) AND published_at >= $5 AND published_at < $6 \
         ORDER BY published_at DESC, id DESC LIMIT {limit}",
        files::COLUMNS
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(before)
        .bind(before_id)
        .bind(filter.kind.clone().unwrap_or_default())
        .bind(filter.division.clone().unwrap_or_default())
        .bind(super::stored(filter.from).unwrap_or(i64::MIN))
        .bind(super::stored(filter.to).unwrap_or(i64::MAX))
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(files::read).collect()
}

/// Sums of a part of the cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// What the part has in common.
    pub(crate) division: String,
    pub(crate) kind: String,
    pub(crate) responsible: Option<OrganisationId>,
    pub(crate) opened: i64,
    pub(crate) closed: i64,
    pub(crate) on_time: i64,
    pub(crate) late_open: i64,
    /// Minutes from opening to closing, of the closed ones.
    pub(crate) minutes: i64,
    pub(crate) rated: i64,
    pub(crate) satisfied: i64,
    pub(crate) repeated: i64,
    pub(crate) merged: i64,
}

/// A sum over rows of a condition.
fn sum(condition: &str, value: &str) -> String {
    format!("CAST(SUM(CASE WHEN {condition} THEN {value} ELSE 0 END) AS BIGINT)")
}

/// Sums by division, kind and unit.
pub(crate) async fn sums(store: &Store, filter: &StatisticsFilter) -> Result<Vec<Sums>, CaseError> {
    // A merged case goes on in another: it counts as merged, and by what its reporter said.
    let columns = [
        sum("merged_into IS NULL", "1"),
        sum("merged_into IS NULL AND is_open = 0", "1"),
        sum("merged_into IS NULL AND is_open = 0 AND was_late = 0", "1"),
        sum("is_open = 1 AND was_late = 1", "1"),
        sum("merged_into IS NULL AND is_open = 0", "(closed_at - opened_at) / 60000"),
        sum("satisfied IS NOT NULL", "1"),
        sum("satisfied = 1", "1"),
        sum("is_key = 1 AND merged_into IS NULL", "1"),
        sum("merged_into IS NOT NULL", "1"),
    ];
    let text = format!(
        "SELECT division, kind, responsible, {} FROM case_file \
         WHERE ($1 = '' OR kind = $1) AND ($2 = '' OR division = $2) \
         AND opened_at >= $3 AND opened_at < $4 GROUP BY division, kind, responsible",
        columns.join(", ")
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(filter.kind.clone().unwrap_or_default())
        .bind(filter.division.clone().unwrap_or_default())
        .bind(super::stored(filter.from).unwrap_or(i64::MIN))
        .bind(super::stored(filter.to).unwrap_or(i64::MAX))
        .fetch_all(store.reader())
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Sums {
                division: row.try_get(0)?,
                kind: row.try_get(1)?,
                responsible: row.try_get::<Option<i64>, _>(2)?.map(OrganisationId),
                opened: row.try_get(3)?,
                closed: row.try_get(4)?,
                on_time: row.try_get(5)?,
                late_open: row.try_get(6)?,
                minutes: row.try_get(7)?,
                rated: row.try_get(8)?,
                satisfied: row.try_get(9)?,
                repeated: row.try_get(10)?,
                merged: row.try_get(11)?,
            })
        })
        .collect()
}
