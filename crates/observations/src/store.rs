//! The SQL of observations: one text for both engines.

pub(crate) mod positions;
pub(crate) mod soundness;

use crate::block::{self, instant_ms, pack_keys, unpack_keys};
use crate::error::{ObservationError, PackingError};
use crate::history::reading;
use crate::model::{CommittedBatch, RawPacket, Revision, Row, RowKey, Source, StoredBlock};
use crate::packing::{pack, unpack};
use crate::trace::TracePlace;
use jiff::Timestamp;
use registry::PointId;
use rulebook::Period;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock};
use store::{Engine, Store, Transaction};

type Result<T> = std::result::Result<T, ObservationError>;

/// The points that have rows, found by jumping from one to the next.
pub(crate) const POINTS: &str = "WITH RECURSIVE points(point) AS ( \
      SELECT MIN(point) FROM observation \
      UNION ALL \
      SELECT (SELECT MIN(later.point) FROM observation later WHERE later.point > points.point) \
      FROM points WHERE points.point IS NOT NULL \
    )";

/// How many rows one statement holds: few texts, so that each is prepared once.
const ROWS_A_STATEMENT: [usize; 4] = [128, 32, 8, 1];

/// The statements whose text depends on a number of rows.
///
/// SQLite looks every numbered placeholder up by its name, which costs more than the binding when
/// there are hundreds; placeholders without a number are simply counted.
struct Texts {
    insert: [Arc<str>; ROWS_A_STATEMENT.len()],
    select: [Arc<str>; ROWS_A_STATEMENT.len()],
}

impl Texts {
    fn new(engine: Engine) -> Self {
        let rows = |count: usize, width: usize, constant: &str| -> String {
            let mark = |number: usize| match engine {
                Engine::Sqlite => "?".to_owned(),
                Engine::Postgres => format!("${number}"),
            };
            let row = |row: usize| {
                let marks: Vec<_> =
                    (row * width..row * width + width).map(|index| mark(index + 1)).collect();
                format!("({}{constant})", marks.join(", "))
            };
            (0..count).map(row).collect::<Vec<_>>().join(", ")
        };
        let insert = |count| {
            format!(
                "INSERT INTO observation (point, period, observed_at, received_at, block, \
                 block_index, payload, version) VALUES {} ON CONFLICT DO NOTHING",
                rows(count, 7, ", 1")
            )
            .into()
        };
        let select = |count| {
            format!(
                "WITH wanted(point, period, observed_at) AS (VALUES {}) \
                 SELECT held.point, held.period, held.observed_at, held.received_at, held.block, \
                 held.block_index, held.version, held.payload \
                 FROM wanted CROSS JOIN observation held WHERE held.point = wanted.point \
                 AND held.period = wanted.period AND held.observed_at = wanted.observed_at",
                rows(count, 3, "")
            )
            .into()
        };
        Self { insert: ROWS_A_STATEMENT.map(insert), select: ROWS_A_STATEMENT.map(select) }
    }

    fn of(engine: Engine) -> &'static Self {
        static SQLITE: LazyLock<Texts> = LazyLock::new(|| Texts::new(Engine::Sqlite));
        static POSTGRES: LazyLock<Texts> = LazyLock::new(|| Texts::new(Engine::Postgres));
        match engine {
            Engine::Sqlite => &SQLITE,
            Engine::Postgres => &POSTGRES,
        }
    }
}

/// The place in [`ROWS_A_STATEMENT`] of the largest statement that `rows` rows fill.
fn largest(rows: usize) -> usize {
    ROWS_A_STATEMENT.iter().position(|size| *size <= rows).unwrap_or(ROWS_A_STATEMENT.len() - 1)
}

/// A row to be inserted as the first of its key.
pub(crate) struct Insertion {
    pub(crate) key: RowKey,
    pub(crate) received_ms: i64,
    pub(crate) index: u32,
    pub(crate) payload: Vec<u8>,
}

/// Inserts rows; the keys that were there already are left alone and returned with their rows.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    engine: Engine,
    block: i64,
    insertions: &mut [Insertion],
) -> Result<HashMap<RowKey, Row>> {
    let texts = Texts::of(engine);
    let mut doubtful = Vec::new();
    let mut rest = insertions;
    while !rest.is_empty() {
        let index = largest(rest.len());
        let (part, after) = rest.split_at_mut(ROWS_A_STATEMENT[index]);
        rest = after;
        let mut query = sqlx::query(AssertSqlSafe(texts.insert[index].clone()));
        for row in part.iter_mut() {
            query = query
                .bind(row.key.point.0)
                .bind(row.key.period.code())
                .bind(row.key.observed_at.as_second())
                .bind(row.received_ms)
                .bind(block)
                .bind(i64::from(row.index))
                .bind(std::mem::take(&mut row.payload));
        }
        let affected = query.execute(&mut **transaction).await?.rows_affected();
        if affected < part.len() as u64 {
            doubtful.extend(part.iter().map(|row| row.key));
        }
    }
    let found = by_keys(transaction, engine, &doubtful).await?;
    Ok(found
        .into_iter()
        .filter(|row| row.source.block != block)
        .map(|row| (row.key(), row))
        .collect())
}

pub(crate) async fn by_keys(
    connection: &mut sqlx::AnyConnection,
    engine: Engine,
    keys: &[RowKey],
) -> Result<Vec<Row>> {
    let texts = Texts::of(engine);
    let mut rows = Vec::with_capacity(keys.len());
    let mut rest = keys;
    while !rest.is_empty() {
        let index = largest(rest.len());
        let (part, after) = rest.split_at(ROWS_A_STATEMENT[index]);
        rest = after;
        let mut query = sqlx::query(AssertSqlSafe(texts.select[index].clone()));
        for key in part {
            query =
                query.bind(key.point.0).bind(key.period.code()).bind(key.observed_at.as_second());
        }
        for row in query.fetch_all(&mut *connection).await? {
            rows.push(row_of(&row)?);
        }
    }
    Ok(rows)
}

/// Keeps what a row was and puts what it is now in its place; a row that has moved into the history
/// comes back with it.
pub(crate) async fn supersede(
    transaction: &mut Transaction,
    revisions: &[Revision],
    now: &Row,
) -> Result<()> {
    const UPDATE: &str = "UPDATE observation SET received_at = $1, block = $2, block_index = $3, \
        version = $4, payload = $5 WHERE point = $6 AND period = $7 AND observed_at = $8";
    const INSERT: &str = "INSERT INTO observation (received_at, block, block_index, version, \
        payload, point, period, observed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    for revision in revisions {
        let old = &revision.row;
        sqlx::query(
            "INSERT INTO observation_revision (point, period, observed_at, version, received_at, \
             block, block_index, superseded_at, superseded_by_block, superseded_by_index, payload) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(old.point.0)
        .bind(old.period.code())
        .bind(old.observed_at.as_second())
        .bind(i64::from(old.version))
        .bind(old.received_at.as_millisecond())
        .bind(old.source.block)
        .bind(i64::from(old.source.index))
        .bind(revision.superseded_at.as_millisecond())
        .bind(revision.superseded_by.block)
        .bind(i64::from(revision.superseded_by.index))
        .bind(pack(&old.values))
        .execute(&mut **transaction)
        .await?;
    }
    for sql in [UPDATE, INSERT] {
        let written = sqlx::query(sql)
            .bind(now.received_at.as_millisecond())
            .bind(now.source.block)
            .bind(i64::from(now.source.index))
            .bind(i64::from(now.version))
            .bind(pack(&now.values))
            .bind(now.point.0)
            .bind(now.period.code())
            .bind(now.observed_at.as_second())
            .execute(&mut **transaction)
            .await?;
        if written.rows_affected() > 0 {
            break;
        }
    }
    Ok(())
}

/// A block of the commit log.
pub(crate) struct Block {
    pub(crate) id: i64,
    pub(crate) first_received_ms: i64,
    pub(crate) last_received_ms: i64,
    pub(crate) packets: i64,
    pub(crate) size: i64,
    pub(crate) bytes: Vec<u8>,
}

/// Writes a block with the keys, sorted, of the rows that its commit touched.
pub(crate) async fn insert_block(
    transaction: &mut Transaction,
    block: Block,
    touched: &[RowKey],
) -> Result<()> {
    sqlx::query(
        "INSERT INTO raw_block (id, first_received_at, last_received_at, packets, size, codec, \
         touched, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(block.id)
    .bind(block.first_received_ms)
    .bind(block.last_received_ms)
    .bind(block.packets)
    .bind(block.size)
    .bind(block::ZSTD)
    .bind(pack_keys(touched))
    .bind(block.bytes)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The number of the last commit; 0 before the first.
pub async fn last_block(store: &Store) -> Result<i64> {
    let row =
        sqlx::query("SELECT COALESCE(MAX(id), 0) FROM raw_block").fetch_one(store.reader()).await?;
    Ok(row.try_get(0)?)
}

/// The points that have rows in the store, in order.
pub(crate) async fn points(store: &Store) -> Result<Vec<PointId>> {
    let sql = format!("{POINTS} SELECT point FROM points WHERE point IS NOT NULL");
    let points = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(store.reader()).await?;
    Ok(points.into_iter().map(PointId).collect())
}

/// The newest row of every point and period.
pub(crate) async fn newest(store: &Store) -> Result<Vec<Row>> {
    let sql = format!(
        "{POINTS}, periods(period) AS (VALUES (0), (1), (2), (3)) \
         SELECT held.point, held.period, held.observed_at, held.received_at, held.block, \
                held.block_index, held.version, held.payload \
         FROM points CROSS JOIN periods JOIN observation held \
           ON held.point = points.point AND held.period = periods.period \
          AND held.observed_at = (SELECT MAX(newest.observed_at) FROM observation newest \
              WHERE newest.point = points.point AND newest.period = periods.period)",
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(store.reader()).await?;
    rows.iter().map(row_of).collect()
}

/// The version of the history's manifest that a statement saw together with its rows; where there
/// are none, it is asked for alone.
fn version_seen(rows: &[AnyRow]) -> Result<Option<i64>> {
    Ok(rows.first().map(|row| row.try_get(8)).transpose()?)
}

/// The rows of a point for a period, from the first time to before the last, oldest first.
pub async fn series(
    store: &Store,
    point: PointId,
    period: Period,
    range: Range<Timestamp>,
) -> Result<Vec<Row>> {
    let (recent, version) = recent(store, point, period, range.clone()).await?;
    reading::complete(store, version, (point, period), range, recent).await
}

/// The rows of a point that stand in the store itself, oldest first, and the version of the
/// manifest that was seen with them, where there are any.
pub(crate) async fn recent(
    store: &Store,
    point: PointId,
    period: Period,
    range: Range<Timestamp>,
) -> Result<(Vec<Row>, Option<i64>)> {
    let found = sqlx::query(
        "SELECT point, period, observed_at, received_at, block, block_index, version, payload, \
         (SELECT COALESCE(MAX(version), 0) FROM history_state) \
         FROM observation WHERE point = $1 AND period = $2 AND observed_at >= $3 \
         AND observed_at < $4 ORDER BY observed_at",
    )
    .bind(point.0)
    .bind(period.code())
    .bind(second_not_before(range.start))
    .bind(second_not_before(range.end))
    .fetch_all(store.reader())
    .await?;
    let rows = found.iter().map(row_of).collect::<Result<_>>()?;
    Ok((rows, version_seen(&found)?))
}

/// What the rows of a point for a period were before they changed, as far as a commit knew: oldest
/// version first.
pub(crate) async fn revised_in(
    store: &Store,
    point: PointId,
    period: Period,
    range: Range<Timestamp>,
    block: i64,
) -> Result<Vec<Row>> {
    let rows = sqlx::query(
        "SELECT point, period, observed_at, received_at, block, block_index, version, payload \
         FROM observation_revision WHERE point = $1 AND period = $2 AND observed_at >= $3 \
         AND observed_at < $4 AND block <= $5 ORDER BY observed_at, version",
    )
    .bind(point.0)
    .bind(period.code())
    .bind(second_not_before(range.start))
    .bind(second_not_before(range.end))
    .bind(block)
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(row_of).collect()
}

/// The last commit that touched a row of a point in a time; 0 where there is none.
pub async fn last_block_of(
    store: &Store,
    point: PointId,
    period: Period,
    range: Range<Timestamp>,
) -> Result<i64> {
    let row = sqlx::query(
        "SELECT COALESCE(MAX(block), 0), (SELECT COALESCE(MAX(version), 0) FROM history_state) \
         FROM observation WHERE point = $1 AND period = $2 AND observed_at >= $3 \
         AND observed_at < $4",
    )
    .bind(point.0)
    .bind(period.code())
    .bind(second_not_before(range.start))
    .bind(second_not_before(range.end))
    .fetch_one(store.reader())
    .await?;
    let (recent, version) = (row.try_get(0)?, row.try_get(1)?);
    reading::last_block(store, version, (point, period), range, recent).await
}

/// The newest rows of a point for a period before a time, newest first, at most `limit`.
pub async fn series_newest(
    store: &Store,
    point: PointId,
    period: Period,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<Row>> {
    let found = sqlx::query(
        "SELECT point, period, observed_at, received_at, block, block_index, version, payload, \
         (SELECT COALESCE(MAX(version), 0) FROM history_state) \
         FROM observation WHERE point = $1 AND period = $2 AND observed_at < $3 \
         ORDER BY observed_at DESC LIMIT $4",
    )
    .bind(point.0)
    .bind(period.code())
    .bind(second_not_before(before))
    .bind(i64::from(limit))
    .fetch_all(store.reader())
    .await?;
    let recent = found.iter().map(row_of).collect::<Result<_>>()?;
    let version = version_seen(&found)?;
    let limit = limit as usize;
    reading::complete_newest(store, version, (point, period), before, limit, recent).await
}

/// The first moment of which a point has a row of a period.
pub async fn oldest(store: &Store, point: PointId, period: Period) -> Result<Option<Timestamp>> {
    let row = sqlx::query(
        "SELECT MIN(observed_at), (SELECT COALESCE(MAX(version), 0) FROM history_state) \
         FROM observation WHERE point = $1 AND period = $2",
    )
    .bind(point.0)
    .bind(period.code())
    .fetch_one(store.reader())
    .await?;
    let second: Option<i64> = row.try_get(0)?;
    let recent = second.and_then(|second| Timestamp::from_second(second).ok());
    reading::oldest(store, row.try_get(1)?, point, period, recent).await
}

/// The rows with these keys, as far as there are any, in no order.
pub async fn rows_at(store: &Store, keys: &[RowKey]) -> Result<Vec<Row>> {
    let mut connection = store.reader().acquire().await?;
    let recent = by_keys(&mut connection, store.engine(), keys).await?;
    drop(connection);
    reading::complete_keys(store, keys, recent).await
}

/// What a row was before, oldest first; empty when it has its first values still.
pub async fn revisions(store: &Store, key: RowKey) -> Result<Vec<Revision>> {
    let rows = sqlx::query(
        "SELECT point, period, observed_at, received_at, block, block_index, version, payload, \
         superseded_at, superseded_by_block, superseded_by_index FROM observation_revision \
         WHERE point = $1 AND period = $2 AND observed_at = $3 ORDER BY version",
    )
    .bind(key.point.0)
    .bind(key.period.code())
    .bind(key.observed_at.as_second())
    .fetch_all(store.reader())
    .await?;
    let revision = |row: &AnyRow| {
        Ok(Revision {
            row: row_of(row)?,
            superseded_at: received_at(row.try_get(8)?)?,
            superseded_by: Source { block: row.try_get(9)?, index: index_of(row.try_get(10)?)? },
        })
    };
    rows.iter().map(revision).collect()
}

/// The commits after `block`, oldest first, at most `limit`, with the rows as they are now.
pub async fn committed_since(store: &Store, block: i64, limit: u32) -> Result<Vec<CommittedBatch>> {
    let found = sqlx::query("SELECT id, touched FROM raw_block WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(block)
        .bind(i64::from(limit))
        .fetch_all(store.reader())
        .await?;
    let mut batches = Vec::with_capacity(found.len());
    for row in found {
        let keys = unpack_keys(&row.try_get::<Vec<u8>, _>(1)?)?;
        let mut rows = rows_at(store, &keys).await?;
        rows.sort_unstable_by_key(Row::key);
        let rows = rows.into_iter().map(Arc::new).collect();
        batches.push(CommittedBatch { block: row.try_get(0)?, rows, trace: TracePlace::default() });
    }
    Ok(batches)
}

/// A packet as it came, or `None` where there is none of that number.
pub async fn raw_packet(store: &Store, source: Source) -> Result<Option<RawPacket>> {
    let packets = raw_block(store, source.block).await?;
    Ok(packets.into_iter().nth(source.index as usize))
}

/// All packets of a commit, in their order; empty where there is no such commit.
pub async fn raw_block(store: &Store, block: i64) -> Result<Vec<RawPacket>> {
    let found = sqlx::query("SELECT codec, bytes FROM raw_block WHERE id = $1")
        .bind(block)
        .fetch_optional(store.reader())
        .await?;
    let Some(row) = found else { return Ok(Vec::new()) };
    block::decompress(block, row.try_get(0)?, &row.try_get::<Vec<u8>, _>(1)?)
}

/// The keys of the rows that commits after `block` touched, oldest commit first, of at most `limit`
/// commits.
pub async fn touched_since(
    store: &Store,
    block: i64,
    limit: u32,
) -> Result<Vec<(i64, Vec<RowKey>)>> {
    let found = sqlx::query("SELECT id, touched FROM raw_block WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(block)
        .bind(i64::from(limit))
        .fetch_all(store.reader())
        .await?;
    let touched =
        |row: &AnyRow| Ok((row.try_get(0)?, unpack_keys(&row.try_get::<Vec<u8>, _>(1)?)?));
    found.iter().map(touched).collect()
}

/// The number of the first commit after `block` whose last packet came at or after `from`, and when
/// that packet came, in milliseconds since 1970.
pub async fn first_block_since(
    store: &Store,
    block: i64,
    from: Timestamp,
) -> Result<Option<(i64, i64)>> {
    let found = sqlx::query(
        "SELECT id, last_received_at FROM raw_block WHERE id > $1 AND last_received_at >= $2 \
         ORDER BY id LIMIT 1",
    )
    .bind(block)
    .bind(from.as_millisecond())
    .fetch_optional(store.reader())
    .await?;
    Ok(found.map(|row| Ok::<_, sqlx::Error>((row.try_get(0)?, row.try_get(1)?))).transpose()?)
}

/// The commits after `block`, oldest first, at most `limit`, byte for byte as they are stored.
pub async fn stored_blocks(store: &Store, block: i64, limit: u32) -> Result<Vec<StoredBlock>> {
    let found = sqlx::query(
        "SELECT id, first_received_at, last_received_at, packets, size, codec, touched, bytes \
         FROM raw_block WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind(block)
    .bind(i64::from(limit))
    .fetch_all(store.reader())
    .await?;
    let stored = |row: &AnyRow| {
        Ok(StoredBlock {
            id: row.try_get(0)?,
            first_received_at_ms: row.try_get(1)?,
            last_received_at_ms: row.try_get(2)?,
            packets: row.try_get(3)?,
            size: row.try_get(4)?,
            codec: row.try_get(5)?,
            touched: row.try_get(6)?,
            bytes: row.try_get(7)?,
        })
    };
    found.iter().map(stored).collect()
}

pub(crate) fn row_of(row: &AnyRow) -> Result<Row> {
    let period = Period::from_code(row.try_get(1)?)
        .ok_or(PackingError { offset: 1, what: "an unknown period" })?;
    Ok(Row {
        point: PointId(row.try_get(0)?),
        period,
        observed_at: Timestamp::from_second(row.try_get(2)?)
            .map_err(|_| PackingError { offset: 2, what: "a time beyond all years" })?,
        received_at: received_at(row.try_get(3)?)?,
        source: Source { block: row.try_get(4)?, index: index_of(row.try_get(5)?)? },
        version: index_of(row.try_get(6)?)?,
        values: unpack(&row.try_get::<Vec<u8>, _>(7)?)?,
    })
}

fn received_at(milliseconds: i64) -> Result<Timestamp> {
    let damaged = PackingError { offset: 3, what: "a time of receipt beyond all years" };
    Ok(instant_ms(milliseconds).ok_or(damaged)?)
}

fn index_of(number: i64) -> Result<u32> {
    let damaged = PackingError { offset: 5, what: "a number that is not of 32 bits" };
    Ok(u32::try_from(number).map_err(|_| damaged)?)
}

/// The first whole second that is not before the instant.
pub(crate) fn second_not_before(instant: Timestamp) -> i64 {
    let nanoseconds = instant.as_nanosecond();
    (nanoseconds.div_euclid(1_000_000_000) + i128::from(nanoseconds % 1_000_000_000 != 0)) as i64
}
