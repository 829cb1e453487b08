//! The SQL of the history: what belongs to it, moves under way, what waits, what is deleted.

use super::manifest::{HeldFile, HeldPart, Manifest};
use super::{Forgotten, Month, Witness};
use crate::block::unpack_keys;
use crate::error::{ObservationError, PackingError};
use crate::model::Row;
use crate::store::{POINTS, row_of, second_not_before};
use ::store::{Engine, Store, Transaction};
use jiff::Timestamp;
use registry::PointId;
use rulebook::Period;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

type Result<T> = std::result::Result<T, ObservationError>;

/// The number by which recorder and mover keep out of each other's way on PostgreSQL: the recorder
/// shares it, the mover has it alone while it changes the manifest. SQLite has one writer anyway.
const LOCK: i64 = 202_611_291_600;

/// The number that rises with every change of the manifest.
pub(super) async fn version(store: &Store) -> Result<i64> {
    let version = sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM history_state");
    Ok(version.fetch_one(store.reader()).await?)
}

/// The same within a transaction that records: until it ends, the manifest does not change.
pub(crate) async fn version_held(transaction: &mut Transaction, engine: Engine) -> Result<i64> {
    if engine == Engine::Postgres {
        sqlx::query("SELECT 1 AS held FROM pg_advisory_xact_lock_shared($1)")
            .bind(LOCK)
            .fetch_one(&mut **transaction)
            .await?;
    }
    let version = sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM history_state");
    Ok(version.fetch_one(&mut **transaction).await?)
}

/// Begins a transaction that changes the manifest: nobody records until it ends.
pub(super) async fn begin_change(store: &Store) -> Result<Transaction> {
    let mut transaction = store.begin().await?;
    if store.engine() == Engine::Postgres {
        sqlx::query("SELECT 1 AS held FROM pg_advisory_xact_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut *transaction)
            .await?;
    }
    sqlx::query(
        "INSERT INTO history_state (id, version) VALUES (1, 1) \
         ON CONFLICT (id) DO UPDATE SET version = history_state.version + 1",
    )
    .execute(&mut *transaction)
    .await?;
    Ok(transaction)
}

/// The manifest as it is now.
pub(super) async fn manifest(store: &Store) -> Result<Manifest> {
    let mut snapshot = store.snapshot().await?;
    let version = sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM history_state")
        .fetch_one(&mut *snapshot)
        .await?;
    let mut manifest = Manifest { version, ..Manifest::default() };
    for row in sqlx::query("SELECT period, month, move_number, sealed_block FROM history_month")
        .fetch_all(&mut *snapshot)
        .await?
    {
        let (period, month) = (period_of(row.try_get(0)?)?, month_of(row.try_get(1)?)?);
        let months = &mut manifest.months[period.code() as usize];
        let held = months.entry(month).or_default();
        (held.move_number, held.sealed_block) = (row.try_get(2)?, row.try_get(3)?);
    }
    for part in current_parts(&mut snapshot).await? {
        let months = &mut manifest.months[part.period.code() as usize];
        months.entry(part.month).or_default().parts.push(Arc::new(part));
    }
    Ok(manifest)
}

/// The parts that make up the history now, by period, month and point.
pub(super) async fn current_parts(transaction: &mut Transaction) -> Result<Vec<HeldPart>> {
    let rows = sqlx::query(
        "SELECT id, period, month, values_name, values_bytes, values_sha256, rows_name, \
         rows_bytes, rows_sha256, first_point, last_point, first_at, last_at, row_count, \
         factor_row_count FROM history_part WHERE retired_at IS NULL \
         ORDER BY period, month, first_point, id",
    )
    .fetch_all(&mut **transaction)
    .await?;
    rows.iter().map(part_of).collect()
}

fn part_of(row: &AnyRow) -> Result<HeldPart> {
    let file = |from: usize| {
        Ok::<_, sqlx::Error>(HeldFile {
            name: row.try_get(from)?,
            bytes: row.try_get::<i64, _>(from + 1)?.unsigned_abs(),
            sha256: row.try_get(from + 2)?,
        })
    };
    Ok(HeldPart {
        id: row.try_get(0)?,
        period: period_of(row.try_get(1)?)?,
        month: month_of(row.try_get(2)?)?,
        values: file(3)?,
        rows: file(6)?,
        points: PointId(row.try_get(9)?)..=PointId(row.try_get(10)?),
        first: second_of(row.try_get(11)?)?,
        last: second_of(row.try_get(12)?)?,
        row_count: row.try_get::<i64, _>(13)?.unsigned_abs(),
        factor_row_count: row.try_get::<i64, _>(14)?.unsigned_abs(),
    })
}

fn period_of(code: i64) -> Result<Period> {
    let damaged = PackingError { offset: 0, what: "an unknown period in the manifest" };
    Ok(Period::from_code(code).ok_or(damaged)?)
}

fn month_of(code: i64) -> Result<Month> {
    let damaged = PackingError { offset: 1, what: "an unknown month in the manifest" };
    Ok(Month::from_code(code).ok_or(damaged)?)
}

fn second_of(second: i64) -> Result<Timestamp> {
    let damaged = PackingError { offset: 2, what: "a time beyond all years in the manifest" };
    Ok(Timestamp::from_second(second).map_err(|_| damaged)?)
}

/// A moved month as the database has it, with what is still to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MonthState {
    pub(super) period: Period,
    pub(super) month: Month,
    pub(super) move_number: i64,
    pub(super) sealed_block: i64,
    pub(super) sealed_at: Timestamp,
    pub(super) is_cleared: bool,
    pub(super) late_rows: u64,
}

/// Every moved month.
pub(super) async fn months(store: &Store) -> Result<Vec<MonthState>> {
    let rows = sqlx::query(
        "SELECT period, month, move_number, sealed_block, sealed_at, cleared, late_rows \
         FROM history_month ORDER BY period, month",
    )
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(month_state).collect()
}

/// One moved month.
pub(super) async fn month(
    transaction: &mut Transaction,
    period: Period,
    month: Month,
) -> Result<Option<MonthState>> {
    let row = sqlx::query(
        "SELECT period, month, move_number, sealed_block, sealed_at, cleared, late_rows \
         FROM history_month WHERE period = $1 AND month = $2",
    )
    .bind(period.code())
    .bind(month.code())
    .fetch_optional(&mut **transaction)
    .await?;
    row.as_ref().map(month_state).transpose()
}

fn month_state(row: &AnyRow) -> Result<MonthState> {
    Ok(MonthState {
        period: period_of(row.try_get(0)?)?,
        month: month_of(row.try_get(1)?)?,
        move_number: row.try_get(2)?,
        sealed_block: row.try_get(3)?,
        sealed_at: instant_of(row.try_get(4)?),
        is_cleared: row.try_get::<i64, _>(5)? != 0,
        late_rows: row.try_get::<i64, _>(6)?.unsigned_abs(),
    })
}

/// A moment of the platform's own doing, kept in milliseconds.
fn instant_of(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Notes a move before its first file is written, so that its files are found if it ends midway.
pub(super) async fn begin_move(
    store: &Store,
    token: &str,
    (period, month): (Period, Month),
    now: Timestamp,
) -> Result<i64> {
    let mut transaction = store.begin().await?;
    let id = sqlx::query_scalar(
        "INSERT INTO history_move (token, period, month, alive_at) VALUES ($1, $2, $3, $4) \
         RETURNING id",
    )
    .bind(token.to_owned())
    .bind(period.code())
    .bind(month.code())
    .bind(now.as_millisecond())
    .fetch_one(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(id)
}

/// Notes that a move is under way still.
pub(super) async fn note_alive(store: &Store, id: i64, now: Timestamp) -> Result<()> {
    let mut transaction = store.begin().await?;
    sqlx::query("UPDATE history_move SET alive_at = $1 WHERE id = $2")
        .bind(now.as_millisecond())
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}

/// Strikes a move out: it is done, or its files are deleted.
pub(super) async fn end_move(transaction: &mut Transaction, id: i64) -> Result<()> {
    sqlx::query("DELETE FROM history_move WHERE id = $1")
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// A move that has begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MoveState {
    pub(super) id: i64,
    pub(super) token: String,
    pub(super) period: Period,
    pub(super) month: Month,
    pub(super) alive_at: Timestamp,
}

/// The moves that have begun and not ended: under way, or broken off.
pub(super) async fn moves(store: &Store) -> Result<Vec<MoveState>> {
    let rows =
        sqlx::query("SELECT id, token, period, month, alive_at FROM history_move ORDER BY id")
            .fetch_all(store.reader())
            .await?;
    let state = |row: &AnyRow| {
        Ok(MoveState {
            id: row.try_get(0)?,
            token: row.try_get(1)?,
            period: period_of(row.try_get(2)?)?,
            month: month_of(row.try_get(3)?)?,
            alive_at: instant_of(row.try_get(4)?),
        })
    };
    rows.iter().map(state).collect()
}

/// A part to be entered.
pub(super) struct NewPart {
    pub(super) part: HeldPart,
    pub(super) format: i64,
}

/// Enters the parts of a move, in place of those that the month had.
pub(super) async fn make_current(
    transaction: &mut Transaction,
    state: MonthState,
    parts: &[NewPart],
) -> Result<()> {
    let now = state.sealed_at.as_millisecond();
    retire(transaction, (state.period, state.month), state.sealed_at).await?;
    for NewPart { part, format } in parts {
        sqlx::query(
            "INSERT INTO history_part (period, month, move_number, values_name, values_bytes, \
             values_sha256, rows_name, rows_bytes, rows_sha256, first_point, last_point, \
             first_at, last_at, row_count, factor_row_count, format, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        )
        .bind(part.period.code())
        .bind(part.month.code())
        .bind(state.move_number)
        .bind(part.values.name.clone())
        .bind(part.values.bytes as i64)
        .bind(part.values.sha256.clone())
        .bind(part.rows.name.clone())
        .bind(part.rows.bytes as i64)
        .bind(part.rows.sha256.clone())
        .bind(part.points.start().0)
        .bind(part.points.end().0)
        .bind(part.first.as_second())
        .bind(part.last.as_second())
        .bind(part.row_count as i64)
        .bind(part.factor_row_count as i64)
        .bind(*format)
        .bind(now)
        .execute(&mut **transaction)
        .await?;
    }
    sqlx::query(
        "INSERT INTO history_month (period, month, move_number, sealed_block, sealed_at, cleared, \
         late_rows) VALUES ($1, $2, $3, $4, $5, 0, $6) ON CONFLICT (period, month) DO UPDATE \
         SET move_number = excluded.move_number, sealed_block = excluded.sealed_block, \
         sealed_at = excluded.sealed_at, cleared = 0, late_rows = excluded.late_rows",
    )
    .bind(state.period.code())
    .bind(state.month.code())
    .bind(state.move_number)
    .bind(state.sealed_block)
    .bind(now)
    .bind(state.late_rows as i64)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Takes the parts of a month out of the history; their files are deleted after a while.
pub(super) async fn retire(
    transaction: &mut Transaction,
    (period, month): (Period, Month),
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE history_part SET retired_at = $1 \
         WHERE period = $2 AND month = $3 AND retired_at IS NULL",
    )
    .bind(now.as_millisecond())
    .bind(period.code())
    .bind(month.code())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// How many rows of a month the commits after `block` have touched, and the last of those commits.
pub(super) async fn touched_after(
    transaction: &mut Transaction,
    (period, month): (Period, Month),
    block: i64,
) -> Result<(u64, i64)> {
    let rows = sqlx::query("SELECT id, touched FROM raw_block WHERE id > $1 ORDER BY id LIMIT 256")
        .bind(block)
        .fetch_all(&mut **transaction)
        .await?;
    let (mut count, mut last) = (0, block);
    for row in &rows {
        last = row.try_get(0)?;
        let keys = unpack_keys(&row.try_get::<Vec<u8>, _>(1)?)?;
        let within =
            keys.iter().filter(|key| key.period == period && Month::of(key.observed_at) == month);
        count += within.count() as u64;
    }
    Ok((count, last))
}

/// Notes rows recorded into a moved month.
pub(crate) async fn note_late(
    transaction: &mut Transaction,
    (period, month): (Period, Month),
    rows: u64,
) -> Result<()> {
    sqlx::query(
        "UPDATE history_month SET late_rows = late_rows + $1 WHERE period = $2 AND month = $3",
    )
    .bind(rows as i64)
    .bind(period.code())
    .bind(month.code())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The time of the first recent row of a period that is not before a time.
pub(super) async fn first_since(
    store: &Store,
    period: Period,
    from: Timestamp,
) -> Result<Option<Timestamp>> {
    let sql = format!(
        "{POINTS} SELECT MIN(first_at) FROM (SELECT (SELECT MIN(held.observed_at) \
         FROM observation held WHERE held.point = points.point AND held.period = $1 \
         AND held.observed_at >= $2) AS first_at FROM points WHERE points.point IS NOT NULL) found"
    );
    let second: Option<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(period.code())
        .bind(second_not_before(from))
        .fetch_one(store.reader())
        .await?;
    second.map(second_of).transpose()
}

/// The points that have recent rows of a period in a time, in order.
pub(super) async fn points_within(
    store: &Store,
    period: Period,
    range: &Range<Timestamp>,
) -> Result<Vec<PointId>> {
    let sql = format!(
        "{POINTS} SELECT point FROM (SELECT points.point AS point, (SELECT MIN(held.observed_at) \
         FROM observation held WHERE held.point = points.point AND held.period = $1 \
         AND held.observed_at >= $2 AND held.observed_at < $3) AS first_at \
         FROM points WHERE points.point IS NOT NULL) found WHERE first_at IS NOT NULL \
         ORDER BY point"
    );
    let points = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(period.code())
        .bind(second_not_before(range.start))
        .bind(second_not_before(range.end))
        .fetch_all(store.reader())
        .await?;
    Ok(points.into_iter().map(PointId).collect())
}

/// The recent rows of a point in a time that no commit after `block` has touched, oldest first.
pub(super) async fn rows_until(
    store: &Store,
    (point, period): (PointId, Period),
    range: &Range<Timestamp>,
    block: i64,
) -> Result<Vec<Row>> {
    let rows = sqlx::query(
        "SELECT point, period, observed_at, received_at, block, block_index, version, payload \
         FROM observation WHERE point = $1 AND period = $2 AND observed_at >= $3 \
         AND observed_at < $4 AND block <= $5 ORDER BY observed_at",
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

/// Deletes the recent rows of a point in a time that no commit after `block` has touched, but for
/// the newest that the point has.
pub(super) async fn clear(
    transaction: &mut Transaction,
    (point, period): (PointId, Period),
    range: &Range<Timestamp>,
    block: i64,
) -> Result<u64> {
    let deleted = sqlx::query(
        "DELETE FROM observation WHERE point = $1 AND period = $2 AND observed_at >= $3 \
         AND observed_at < $4 AND block <= $5 AND observed_at < \
         (SELECT MAX(newest.observed_at) FROM observation newest \
          WHERE newest.point = $1 AND newest.period = $2)",
    )
    .bind(point.0)
    .bind(period.code())
    .bind(second_not_before(range.start))
    .bind(second_not_before(range.end))
    .bind(block)
    .execute(&mut **transaction)
    .await?;
    Ok(deleted.rows_affected())
}

/// Notes that the moved rows of a month are deleted from the recent ones.
pub(super) async fn note_cleared(store: &Store, state: MonthState) -> Result<()> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "UPDATE history_month SET cleared = 1 \
         WHERE period = $1 AND month = $2 AND move_number = $3",
    )
    .bind(state.period.code())
    .bind(state.month.code())
    .bind(state.move_number)
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}

/// A replaced part whose files may be deleted.
pub(super) struct Retired {
    pub(super) id: i64,
    pub(super) names: [String; 2],
}

/// The parts that were replaced before a moment; none while a hold lasts.
pub(super) async fn retired(
    transaction: &mut Transaction,
    before: Timestamp,
    now: Timestamp,
) -> Result<Vec<Retired>> {
    let rows = sqlx::query(
        "SELECT id, values_name, rows_name FROM history_part WHERE retired_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM history_hold WHERE held_until > $2) ORDER BY id",
    )
    .bind(before.as_millisecond())
    .bind(now.as_millisecond())
    .fetch_all(&mut **transaction)
    .await?;
    let part = |row: &AnyRow| {
        Ok(Retired { id: row.try_get(0)?, names: [row.try_get(1)?, row.try_get(2)?] })
    };
    rows.iter().map(part).collect()
}

/// How many replaced parts wait to be deleted, and their bytes.
pub(super) async fn retired_bytes(store: &Store) -> Result<(u64, u64)> {
    let row = sqlx::query(
        "SELECT COUNT(*), CAST(COALESCE(SUM(values_bytes + rows_bytes), 0) AS BIGINT) \
         FROM history_part WHERE retired_at IS NOT NULL",
    )
    .fetch_one(store.reader())
    .await?;
    Ok((row.try_get::<i64, _>(0)?.unsigned_abs(), row.try_get::<i64, _>(1)?.unsigned_abs()))
}

/// Strikes a replaced part out, its files being deleted.
pub(super) async fn strike_part(store: &Store, id: i64) -> Result<()> {
    let mut transaction = store.begin().await?;
    sqlx::query("DELETE FROM history_part WHERE id = $1 AND retired_at IS NOT NULL")
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}

/// The names of all files that the manifest knows, replaced ones included.
pub(super) async fn known_names(store: &Store) -> Result<Vec<String>> {
    let names = sqlx::query_scalar(
        "SELECT values_name FROM history_part UNION ALL SELECT rows_name FROM history_part",
    );
    Ok(names.fetch_all(store.reader()).await?)
}

/// Keeps replaced files from being deleted until a moment, or releases them.
pub(super) async fn hold(store: &Store, name: &str, until: Option<Timestamp>) -> Result<()> {
    let mut transaction = store.begin().await?;
    let query = match until {
        Some(until) => sqlx::query(
            "INSERT INTO history_hold (held_until, name) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET held_until = excluded.held_until",
        )
        .bind(until.as_millisecond()),
        None => sqlx::query("DELETE FROM history_hold WHERE held_until > $1 AND name = $2")
            .bind(i64::MIN),
    };
    query.bind(name.to_owned()).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// How many rows of a point in a time are recent alone: touched by commits after `block`.
pub(super) async fn recent_alone(
    store: &Store,
    (point, period): (PointId, Period),
    range: &Range<Timestamp>,
    block: i64,
) -> Result<u64> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM observation WHERE point = $1 AND period = $2 \
         AND observed_at >= $3 AND observed_at < $4 AND block > $5",
    )
    .bind(point.0)
    .bind(period.code())
    .bind(second_not_before(range.start))
    .bind(second_not_before(range.end))
    .bind(block)
    .fetch_one(store.reader())
    .await?;
    Ok(count.unsigned_abs())
}

/// Takes a month out of the history for good, and keeps that and how many rows it held; its recent
/// rows are deleted afterwards.
pub(super) async fn forget(
    store: &Store,
    forgotten: Forgotten,
    witness: Witness<'_>,
) -> Result<()> {
    let (period, month) = (forgotten.period, forgotten.month);
    let mut transaction = begin_change(store).await?;
    retire(&mut transaction, (period, month), forgotten.at).await?;
    sqlx::query("DELETE FROM history_month WHERE period = $1 AND month = $2")
        .bind(period.code())
        .bind(month.code())
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "INSERT INTO history_forgotten (period, month, forgotten_at, row_count, keep_months) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(period.code())
    .bind(month.code())
    .bind(forgotten.at.as_millisecond())
    .bind(forgotten.rows as i64)
    .bind(i64::from(forgotten.keep_months))
    .execute(&mut *transaction)
    .await?;
    witness(&mut transaction, forgotten).await.map_err(ObservationError::Interrupted)?;
    Ok(transaction.commit().await?)
}

/// Deletes the rows of a point in a time, and what they were before.
pub(super) async fn delete(
    transaction: &mut Transaction,
    (point, period): (PointId, Period),
    range: &Range<Timestamp>,
) -> Result<u64> {
    const ROWS: &str = "DELETE FROM observation WHERE point = $1 AND period = $2 \
        AND observed_at >= $3 AND observed_at < $4";
    const REVISIONS: &str = "DELETE FROM observation_revision WHERE point = $1 AND period = $2 \
        AND observed_at >= $3 AND observed_at < $4";
    let mut rows = 0;
    for sql in [ROWS, REVISIONS] {
        let deleted = sqlx::query(sql)
            .bind(point.0)
            .bind(period.code())
            .bind(second_not_before(range.start))
            .bind(second_not_before(range.end))
            .execute(&mut **transaction)
            .await?;
        rows += deleted.rows_affected();
    }
    Ok(rows)
}

/// Every month that was forgotten.
pub(super) async fn forgotten_months(store: &Store) -> Result<HashSet<(Period, Month)>> {
    let rows = sqlx::query("SELECT DISTINCT period, month FROM history_forgotten")
        .fetch_all(store.reader())
        .await?;
    let of = |row: &AnyRow| Ok((period_of(row.try_get(0)?)?, month_of(row.try_get(1)?)?));
    rows.iter().map(of).collect()
}

/// What was forgotten, newest first, at most `limit` months.
pub(super) async fn forgotten(store: &Store, limit: u32) -> Result<Vec<Forgotten>> {
    let rows = sqlx::query(
        "SELECT period, month, forgotten_at, row_count, keep_months FROM history_forgotten \
         ORDER BY forgotten_at DESC, period, month DESC LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(store.reader())
    .await?;
    let forgotten = |row: &AnyRow| {
        Ok(Forgotten {
            period: period_of(row.try_get(0)?)?,
            month: month_of(row.try_get(1)?)?,
            at: instant_of(row.try_get(2)?),
            rows: row.try_get::<i64, _>(3)?.unsigned_abs(),
            keep_months: u32::try_from(row.try_get::<i64, _>(4)?).unwrap_or(u32::MAX),
        })
    };
    rows.iter().map(forgotten).collect()
}
