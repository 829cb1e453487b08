//! The SQL of the summaries.

use super::summary::{self, Amounts, Basis, Summary};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use registry::PointId;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use validity::Month;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QualityError {
    /// The store failed.
    #[error("the data quality cannot be read or written")]
    Store(#[from] ::store::StoreError),
    /// The database refused.
    #[error("the data quality cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// A month cannot be judged.
    #[error("a month of an outlet cannot be judged")]
    Validity(#[from] validity::ValidityError),
    /// A permit cannot be read.
    #[error("the permit of an enterprise cannot be read")]
    Permit(#[from] permits::PermitError),
    /// The city's tables cannot be read.
    #[error("the city's tables cannot be read from the store")]
    Registry(#[from] registry::RegistryError),
    /// The hours cannot be read.
    #[error("the hours of an outlet cannot be read")]
    Observations(#[from] observations::ObservationError),
    /// A summary cannot be written as text.
    #[error("a summary cannot be written")]
    Written(#[from] serde_json::Error),
    /// A stored row is not of the form written.
    #[error("stored {what} cannot be read: {found:?}")]
    Content {
        /// What was read.
        what: &'static str,
        /// What was found.
        found: String,
    },
}

impl QualityError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "data_quality.store",
            Self::Validity(_) => "data_quality.month",
            Self::Permit(_) => "data_quality.permit",
            Self::Registry(_) => "data_quality.tables",
            Self::Observations(_) => "data_quality.hours",
            Self::Written(_) | Self::Content { .. } => "data_quality.content",
        }
    }
}

/// Keeps a summary in the place of an earlier one of its outlet and month.
pub(super) async fn keep(
    transaction: &mut Transaction,
    summary: &Summary,
) -> Result<(), QualityError> {
    sqlx::query(
        "INSERT INTO data_quality_month (point, month, version, computed_at, counts, amounts) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (point, month) DO UPDATE SET \
         version = excluded.version, computed_at = excluded.computed_at, \
         counts = excluded.counts, amounts = excluded.amounts",
    )
    .bind(summary.point.0)
    .bind(summary.month.number())
    .bind(i64::from(summary.basis.version()))
    .bind(summary.basis.computed_at().as_millisecond())
    .bind(summary.counts_to_text()?)
    .bind(summary.amounts_to_text()?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The summaries of a month, of all outlets that have one, without their amounts.
pub(super) async fn of_month(store: &Store, month: Month) -> Result<Vec<Summary>, QualityError> {
    let rows = sqlx::query(
        "SELECT point, month, version, computed_at, counts FROM data_quality_month \
         WHERE month = $1 ORDER BY point",
    )
    .bind(month.number())
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(read).collect()
}

/// What an outlet discharged from one month to another, both counted, by factor and day.
pub(super) async fn amounts(
    store: &Store,
    point: PointId,
    from: Month,
    to: Month,
) -> Result<Vec<Amounts>, QualityError> {
    let texts: Vec<String> = sqlx::query_scalar(
        "SELECT amounts FROM data_quality_month \
         WHERE point = $1 AND month >= $2 AND month <= $3 ORDER BY month",
    )
    .bind(point.0)
    .bind(from.number())
    .bind(to.number())
    .fetch_all(store.reader())
    .await?;
    let read = |text: &String| {
        summary::amounts_from_text(text).ok_or_else(|| wrong("amounts", text.clone()))
    };
    texts.iter().map(read).collect()
}

fn wrong(what: &'static str, found: String) -> QualityError {
    QualityError::Content { what, found }
}

fn read(row: &AnyRow) -> Result<Summary, QualityError> {
    let month: i64 = row.try_get(1)?;
    let month = Month::of_number(month).ok_or_else(|| wrong("month", month.to_string()))?;
    let version: i64 = row.try_get(2)?;
    let version = u32::try_from(version).map_err(|_| wrong("version", version.to_string()))?;
    let at: i64 = row.try_get(3)?;
    let at = Timestamp::from_millisecond(at).map_err(|_| wrong("time", at.to_string()))?;
    let text: String = row.try_get(4)?;
    let (key, basis) = ((PointId(row.try_get(0)?), month), Basis::stored(version, at));
    Summary::from_text(key, basis, &text).ok_or_else(|| wrong("summary", text))
}
