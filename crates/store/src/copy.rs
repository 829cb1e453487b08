//! Everything of one store into another that is empty, verified before it counts.

use crate::backup::{Cell, Progress, RowSum, Table, catalogue, cell};
use crate::{Store, StoreError, Transaction};
use futures_util::TryStreamExt as _;
use sqlx::AssertSqlSafe;

/// Rows and bytes of one insertion.
const BATCH_ROWS: usize = 200;
const BATCH_BYTES: usize = 4 << 20;

/// A table that stands in both stores now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// How many rows it has, counted in both.
    pub rows: u64,
    /// The sum of its rows' SHA-256, the same in both, in hexadecimal.
    pub digest: String,
}

/// Copies every row of `source`, as one state of it, into `target`, which must be empty and of the
/// same schema. Rows are read back from the target and compared by number and digest; only then
/// are they kept. When anything goes wrong, or the process ends, the target is as empty as before.
///
/// Progress counts each row twice: when it is written and when it is read back.
///
/// # Errors
/// When the target holds rows or has another schema, a database refuses, or the target gives back
/// something else than was put in.
pub async fn copy(
    source: &Store,
    target: &Store,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<Vec<Copied>, StoreError> {
    let mut snapshot = source.snapshot().await?;
    let schema = catalogue::schema(&mut snapshot).await?;
    let mut tables = catalogue::tables(source.engine(), &mut snapshot).await?;
    for table in &mut tables {
        catalogue::count(source.engine(), &mut snapshot, table).await?;
    }
    let mut transaction = target.begin().await?;
    catalogue::check_target(target.engine(), &mut transaction, &schema, &tables).await?;
    let rows_total = 2 * tables.iter().map(|table| table.rows).sum::<u64>();
    let mut rows_done = 0;
    let mut written = Vec::with_capacity(tables.len());
    for table in &tables {
        let sum = write(&mut snapshot, &mut transaction, table, |rows| {
            rows_done += rows;
            progress(Progress { table: &table.name, rows_done, rows_total });
        });
        written.push(sum.await?);
        catalogue::set_identity(target.engine(), &mut transaction, table).await?;
    }
    let mut copied = Vec::with_capacity(tables.len());
    for (table, written) in tables.iter().zip(written) {
        let found = read_back(&mut transaction, table, |rows| {
            rows_done += rows;
            progress(Progress { table: &table.name, rows_done, rows_total });
        });
        let found = found.await?;
        if found != written || written.rows != table.rows {
            let (table, written, found) = (table.name.clone(), written.rows, found.rows);
            return Err(StoreError::CopyDiffers { table, written, found });
        }
        copied.push(Copied { table: table.name.clone(), rows: found.rows, digest: found.digest() });
    }
    transaction.commit().await?;
    Ok(copied)
}

async fn write(
    snapshot: &mut Transaction,
    transaction: &mut Transaction,
    table: &Table,
    mut done: impl FnMut(u64),
) -> Result<RowSum, StoreError> {
    let mut sum = RowSum::default();
    let mut rows = sqlx::query(AssertSqlSafe(table.select())).fetch(&mut **snapshot);
    let mut batch: Vec<Vec<Cell>> = Vec::new();
    let mut bytes = 0;
    while let Some(row) = rows.try_next().await? {
        let row = cell::of_row(&row, table)?;
        sum.add(&row);
        bytes += cell::size(&row);
        batch.push(row);
        if batch.len() >= BATCH_ROWS || bytes >= BATCH_BYTES {
            let rows = batch.len() as u64;
            cell::insert(transaction, table, std::mem::take(&mut batch)).await?;
            bytes = 0;
            done(rows);
        }
    }
    let rows = batch.len() as u64;
    cell::insert(transaction, table, batch).await?;
    done(rows);
    Ok(sum)
}

async fn read_back(
    transaction: &mut Transaction,
    table: &Table,
    mut done: impl FnMut(u64),
) -> Result<RowSum, StoreError> {
    let mut sum = RowSum::default();
    let mut rows = sqlx::query(AssertSqlSafe(table.select())).fetch(&mut **transaction);
    let mut told = 0;
    while let Some(row) = rows.try_next().await? {
        sum.add(&cell::of_row(&row, table)?);
        if sum.rows - told >= 1000 {
            done(sum.rows - told);
            told = sum.rows;
        }
    }
    done(sum.rows - told);
    Ok(sum)
}
