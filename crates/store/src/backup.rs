//! Backup and restore: every table as lines of JSON in one compressed file, the same for both
//! engines, so that a backup of one can be restored into the other.
//!
//! The file is zstd; within it the first line is a header (form, schema steps, tables with columns
//! and counts), then per table one line that names it and one line a row, last a trailer with
//! the SHA-256 of all lines before it. The form is described in `backup/format.rs`.

mod catalogue;
mod format;

use crate::{Store, StoreError, Transaction};
use catalogue::{Kind, Table};
use format::{Header, Line, LineReader, LineWriter};
use futures_util::TryStreamExt as _;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};
use std::path::Path;

/// What was written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Tables, empty ones included.
    pub tables: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Size of the file in bytes.
    pub file_bytes: u64,
}

/// How far a backup or a restore has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'work> {
    /// The table at work.
    pub table: &'work str,
    /// Rows done, of all tables.
    pub rows_done: u64,
    /// Rows to be done, of all tables.
    pub rows_total: u64,
}

/// Rows between two reports of progress.
const REPORT_EVERY: u64 = 1000;
/// Rows and bytes of one insertion.
const BATCH_ROWS: usize = 100;
const BATCH_BYTES: usize = 4 << 20;

/// Writes one consistent state of the store into `file`, which appears only when it is whole.
/// The store can be read and written meanwhile.
///
/// # Errors
/// When the store cannot be read, a table has a column of a kind that the form does not know, or
/// the file cannot be written.
pub async fn backup(
    store: &Store,
    file: &Path,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<Summary, StoreError> {
    let mut snapshot = store.snapshot().await?;
    let mut tables = catalogue::tables(store.engine(), &mut snapshot).await?;
    for table in &mut tables {
        catalogue::count(store.engine(), &mut snapshot, table).await?;
    }
    let schema = catalogue::schema(&mut snapshot).await?;
    let header = Header { form: format::FORM, engine: engine_word(store), schema, tables };
    let rows_total = header.tables.iter().map(|table| table.rows).sum();
    let mut writer = LineWriter::create(file)?;
    writer.header(&header).await?;
    let mut rows_done = 0;
    for table in &header.tables {
        writer.table(&table.name).await?;
        let sql = table.select();
        let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            writer.row(&values(&row, table)?).await?;
            rows_done += 1;
            if rows_done % REPORT_EVERY == 0 {
                progress(Progress { table: &table.name, rows_done, rows_total });
            }
        }
        progress(Progress { table: &table.name, rows_done, rows_total });
    }
    let file_bytes = writer.finish().await?;
    Ok(Summary { tables: header.tables.len() as u64, rows: rows_done, file_bytes })
}

/// Reads `file` into an empty store of the same schema, all or nothing.
///
/// # Errors
/// When the store holds rows or has another schema, the file is damaged, cut short or of another
/// form, or the database refuses; the store is then as it was.
pub async fn restore(
    store: &Store,
    file: &Path,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<Summary, StoreError> {
    let mut reader = LineReader::open(file)?;
    let header = reader.header().await?;
    let mut transaction = store.begin().await?;
    check_target(store, &mut transaction, &header).await?;
    let rows_total = header.tables.iter().map(|table| table.rows).sum();
    let mut rows_done = 0;
    for table in &header.tables {
        reader.table(&table.name).await?;
        let mut left = table.rows;
        while left > 0 {
            let batch = batch(&mut reader, table, left).await?;
            left -= batch.len() as u64;
            rows_done += batch.len() as u64;
            insert(&mut transaction, table, batch).await?;
            progress(Progress { table: &table.name, rows_done, rows_total });
        }
        catalogue::set_identity(store.engine(), &mut transaction, table).await?;
    }
    let file_bytes = reader.finish().await?;
    transaction.commit().await?;
    Ok(Summary { tables: header.tables.len() as u64, rows: rows_done, file_bytes })
}

/// The engine's name in the header, for people; a restore does not look at it.
fn engine_word(store: &Store) -> String {
    match store.engine() {
        crate::Engine::Sqlite => "sqlite",
        crate::Engine::Postgres => "postgres",
    }
    .to_owned()
}

/// The store must be empty and of the same schema, table by table and column by column.
async fn check_target(
    store: &Store,
    transaction: &mut Transaction,
    header: &Header,
) -> Result<(), StoreError> {
    let schema = catalogue::schema(transaction).await?;
    if schema != header.schema {
        return Err(StoreError::BackupSchema { file: header.schema.clone(), store: schema });
    }
    let mut present = catalogue::tables(store.engine(), transaction).await?;
    for table in &mut present {
        catalogue::count(store.engine(), transaction, table).await?;
        if table.rows > 0 {
            return Err(StoreError::NotEmpty { table: table.name.clone() });
        }
    }
    for table in &header.tables {
        let same = present.iter().any(|other| other.name == table.name && other.fits(table));
        if !same {
            let what = format!("the store has no table {} with these columns", table.name);
            return Err(StoreError::BackupContent { line: 1, what });
        }
    }
    Ok(())
}

/// One row as the form writes it.
fn values(row: &AnyRow, table: &Table) -> Result<Vec<Value>, StoreError> {
    table
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            Ok(match column.kind {
                Kind::Integer => row.try_get::<Option<i64>, _>(index)?.into(),
                Kind::Text => row.try_get::<Option<String>, _>(index)?.into(),
                Kind::Bytes => {
                    row.try_get::<Option<Vec<u8>>, _>(index)?.map(format::bytes_to_text).into()
                }
            })
        })
        .collect()
}

/// The next rows of a table, bounded in number and size.
async fn batch(reader: &mut LineReader, table: &Table, left: u64) -> Result<Vec<Line>, StoreError> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while batch.len() < BATCH_ROWS && (batch.len() as u64) < left && bytes < BATCH_BYTES {
        let line = reader.row(table).await?;
        bytes += line.bytes;
        batch.push(line);
    }
    Ok(batch)
}

async fn insert(
    transaction: &mut Transaction,
    table: &Table,
    batch: Vec<Line>,
) -> Result<(), StoreError> {
    let sql = table.insert(batch.len());
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for line in batch {
        for (value, column) in line.values.into_iter().zip(&table.columns) {
            let wrong = || StoreError::BackupContent {
                line: line.number,
                what: format!("column {}.{} holds another kind of value", table.name, column.name),
            };
            query = match (column.kind, value) {
                (Kind::Integer, Value::Null) => query.bind(None::<i64>),
                (Kind::Text, Value::Null) => query.bind(None::<String>),
                (Kind::Bytes, Value::Null) => query.bind(None::<Vec<u8>>),
                (Kind::Integer, Value::Number(number)) => {
                    query.bind(number.as_i64().ok_or_else(wrong)?)
                }
                (Kind::Text, Value::String(text)) => query.bind(text),
                (Kind::Bytes, Value::String(text)) => {
                    query.bind(format::text_to_bytes(&text).ok_or_else(wrong)?)
                }
                _ => return Err(wrong()),
            };
        }
    }
    query.execute(&mut **transaction).await?;
    Ok(())
}
