//! The SQL of requests that Open311 applications made.

use cases::CaseId;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use store::{Store, StoreError};

/// A request as an application made it, without anything personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) case: CaseId,
    pub(super) number: String,
    pub(super) service_code: String,
    /// Longitude and latitude, rounded.
    pub(super) place: Option<(String, String)>,
    pub(super) requested_at: Timestamp,
}

const COLUMNS: &str = "case_id, number, service_code, longitude, latitude, requested_at";

/// Writes a request down; one that is known stays as it is.
pub(super) async fn insert(store: &Store, request: &Request) -> Result<(), StoreError> {
    let (longitude, latitude) = request.place.clone().unzip();
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO supervision_open311_request \
         (case_id, number, service_code, longitude, latitude, requested_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (case_id) DO NOTHING",
    )
    .bind(request.case.0)
    .bind(&request.number)
    .bind(&request.service_code)
    .bind(longitude)
    .bind(latitude)
    .bind(request.requested_at.as_millisecond())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// The request of a number.
pub(super) async fn by_number(store: &Store, number: &str) -> Result<Option<Request>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM supervision_open311_request WHERE number = $1");
    let row =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(number).fetch_optional(store.reader()).await?;
    row.as_ref().map(request).transpose()
}

/// The requests of a span of time, the newest first.
pub(super) async fn between(
    store: &Store,
    (from, to): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Request>, StoreError> {
    let text = format!(
        "SELECT {COLUMNS} FROM supervision_open311_request \
         WHERE requested_at >= $1 AND requested_at <= $2 ORDER BY requested_at DESC LIMIT $3"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(from.as_millisecond())
        .bind(to.as_millisecond())
        .bind(limit)
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(request).collect()
}

fn request(row: &AnyRow) -> Result<Request, StoreError> {
    let longitude: Option<String> = row.try_get(3)?;
    let latitude: Option<String> = row.try_get(4)?;
    Ok(Request {
        case: CaseId(row.try_get(0)?),
        number: row.try_get(1)?,
        service_code: row.try_get(2)?,
        place: longitude.zip(latitude),
        requested_at: Timestamp::from_millisecond(row.try_get(5)?).unwrap_or(Timestamp::UNIX_EPOCH),
    })
}
