//! Judged months, version by version.

use super::{instant, wrong};
use crate::error::ValidityError;
use crate::inputs::Earlier;
use crate::model::MonthRecord;
use crate::month::Month;
use ::store::Store;
use jiff::Timestamp;
use registry::PointId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// zstd over the canonical bytes.
const ZSTD: i64 = 1;
const LEVEL: i32 = 3;
/// No record is larger once unpacked.
const SIZE_MAX: u64 = 1 << 28;

/// A stored version in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionHead {
    /// Its number.
    pub version: u32,
    /// When it was computed.
    pub computed_at: Timestamp,
    /// Up to when it judges.
    pub until: Timestamp,
    /// The last commit that it read.
    pub block: i64,
    /// Its digest, in hexadecimal.
    pub digest: String,
}

/// The versions of a month, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn versions(
    store: &Store,
    point: PointId,
    month: Month,
) -> Result<Vec<VersionHead>, ValidityError> {
    let rows = sqlx::query(
        "SELECT version, computed_at, until_at, block, digest FROM validity_record \
         WHERE point = $1 AND month = $2 ORDER BY version",
    )
    .bind(point.0)
    .bind(month.number())
    .fetch_all(store.reader())
    .await?;
    rows.iter()
        .map(|row| {
            let version: i64 = row.try_get(0)?;
            Ok(VersionHead {
                version: u32::try_from(version).map_err(|_| wrong("version", version))?,
                computed_at: instant(row.try_get(1)?)?,
                until: instant(row.try_get(2)?)?,
                block: row.try_get(3)?,
                digest: row.try_get(4)?,
            })
        })
        .collect()
}

/// The newest version of a month, in one line.
pub(crate) async fn newest_head(
    store: &Store,
    point: PointId,
    month: Month,
) -> Result<Option<Earlier>, ValidityError> {
    let found = sqlx::query(
        "SELECT version, digest FROM validity_record WHERE point = $1 AND month = $2 \
         ORDER BY version DESC LIMIT 1",
    )
    .bind(point.0)
    .bind(month.number())
    .fetch_optional(store.reader())
    .await?;
    let Some(row) = found else { return Ok(None) };
    let version: i64 = row.try_get(0)?;
    let digest: String = row.try_get(1)?;
    Ok(Some(Earlier {
        month,
        version: u32::try_from(version).map_err(|_| wrong("version", version))?,
        digest: unhex(&digest).ok_or_else(|| wrong("digest", &digest))?,
    }))
}

/// The newest record of a month.
pub(crate) async fn newest(
    store: &Store,
    point: PointId,
    month: Month,
) -> Result<Option<MonthRecord>, ValidityError> {
    let found = sqlx::query(
        "SELECT codec, bytes FROM validity_record WHERE point = $1 AND month = $2 \
         ORDER BY version DESC LIMIT 1",
    )
    .bind(point.0)
    .bind(month.number())
    .fetch_optional(store.reader())
    .await?;
    found.as_ref().map(read).transpose()
}

/// The record of one version.
///
/// # Errors
/// When the store fails.
pub async fn version(
    store: &Store,
    point: PointId,
    month: Month,
    version: u32,
) -> Result<Option<MonthRecord>, ValidityError> {
    let found = sqlx::query(
        "SELECT codec, bytes FROM validity_record \
         WHERE point = $1 AND month = $2 AND version = $3",
    )
    .bind(point.0)
    .bind(month.number())
    .bind(i64::from(version))
    .fetch_optional(store.reader())
    .await?;
    found.as_ref().map(read).transpose()
}

/// Keeps records, in one transaction; one whose version is there already is left alone. Gives how
/// many were new.
pub(crate) async fn insert(store: &Store, records: &[MonthRecord]) -> Result<u64, ValidityError> {
    if records.is_empty() {
        return Ok(0);
    }
    let mut packed = Vec::with_capacity(records.len());
    for record in records {
        let bytes = zstd::bulk::compress(&record.to_bytes(), LEVEL);
        packed.push(bytes.map_err(|_| ValidityError::Broken)?);
    }
    let mut transaction = store.begin().await?;
    let mut count = 0;
    for (record, bytes) in records.iter().zip(packed) {
        count += sqlx::query(
            "INSERT INTO validity_record (point, month, version, computed_at, until_at, block, \
             digest, codec, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT DO NOTHING",
        )
        .bind(record.point.0)
        .bind(record.month.number())
        .bind(i64::from(record.version))
        .bind(record.computed_at.as_millisecond())
        .bind(record.inputs.until.as_millisecond())
        .bind(record.inputs.block)
        .bind(base16ct::lower::encode_string(&record.digest))
        .bind(ZSTD)
        .bind(bytes)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
    }
    transaction.commit().await?;
    Ok(count)
}

fn read(row: &AnyRow) -> Result<MonthRecord, ValidityError> {
    let codec: i64 = row.try_get(0)?;
    if codec != ZSTD {
        return Err(wrong("compression", codec));
    }
    let packed: Vec<u8> = row.try_get(1)?;
    let damaged = |_| ValidityError::Damaged { offset: 0, what: "bytes that do not unpack" };
    let decoder = zstd::stream::Decoder::new(packed.as_slice()).map_err(damaged)?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(decoder, SIZE_MAX), &mut bytes)
        .map_err(damaged)?;
    MonthRecord::from_bytes(&bytes)
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    base16ct::mixed::decode_vec(text).ok()?.try_into().ok()
}

/// How far marks, decisions and withdrawals have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Events {
    pub(crate) mark: i64,
    pub(crate) decision: i64,
    pub(crate) withdrawals: i64,
}

/// The newest numbers of marks and decisions, and how many marks were withdrawn.
pub(crate) async fn newest_events(store: &Store) -> Result<Events, ValidityError> {
    let row = sqlx::query(
        "SELECT (SELECT COALESCE(MAX(id), 0) FROM validity_mark), \
         (SELECT COALESCE(MAX(id), 0) FROM validity_decision), \
         (SELECT COUNT(*) FROM validity_withdrawal)",
    )
    .fetch_one(store.reader())
    .await?;
    Ok(Events { mark: row.try_get(0)?, decision: row.try_get(1)?, withdrawals: row.try_get(2)? })
}

/// The outlets of marks and decisions after these numbers.
pub(crate) async fn points_after(
    store: &Store,
    mark: i64,
    decision: i64,
) -> Result<Vec<PointId>, ValidityError> {
    let rows = sqlx::query(
        "SELECT point FROM validity_mark WHERE id > $1 \
         UNION SELECT point FROM validity_decision WHERE id > $2",
    )
    .bind(mark)
    .bind(decision)
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(|row| Ok(PointId(row.try_get(0)?))).collect()
}
