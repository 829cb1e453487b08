//! Backup and restore: every table as lines of JSON in one compressed file, the same for both
//! engines, so that a backup of one can be restored into the other, and a backup of an earlier
//! release into a later one.
//!
//! The file is zstd; within it the first line is a header (form, schema steps, tables with columns
//! and counts), then per table one line that names it and one line a row, last a trailer with
//! the SHA-256 of all lines before it. The form is described in `backup/format.rs`.

pub(crate) mod catalogue;
pub(crate) mod cell;
mod format;

pub(crate) use catalogue::Table;
pub(crate) use cell::{Cell, RowSum};

use crate::{Engine, Migration, Store, StoreError, Transaction};
use format::{Header, LineReader, LineWriter};
use futures_util::TryStreamExt as _;
use sqlx::AssertSqlSafe;
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

/// What the first line of a backup says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The steps that had made the schema.
    pub schema: Vec<i64>,
    /// The engine from which it came, `sqlite` or `postgres`.
    pub engine: String,
    /// Rows of all tables.
    pub rows: u64,
}

/// Writes one consistent state of the store into `file`, which appears only when it is whole.
/// The store can be read and written meanwhile.
///
/// # Errors
/// When the store cannot be read, a table has a column of a kind that the form does not know, or
/// the file cannot be written.
pub async fn backup(
    store: &Store,
    file: &Path,
    progress: impl FnMut(Progress<'_>),
) -> Result<Summary, StoreError> {
    let mut snapshot = store.snapshot().await?;
    backup_of(store.engine(), &mut snapshot, file, progress).await
}

/// As [`backup`], of the state that a snapshot sees: for who has to read something else of the
/// same state.
///
/// # Errors
/// As [`backup`].
pub async fn backup_of(
    engine: Engine,
    snapshot: &mut Transaction,
    file: &Path,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<Summary, StoreError> {
    let mut tables = catalogue::tables(engine, snapshot).await?;
    for table in &mut tables {
        catalogue::count(engine, snapshot, table).await?;
    }
    let schema = catalogue::schema(snapshot).await?;
    let header = Header { form: format::FORM, engine: engine_word(engine), schema, tables };
    let rows_total = header.tables.iter().map(|table| table.rows).sum();
    let mut writer = LineWriter::create(file)?;
    writer.header(&header).await?;
    let mut rows_done = 0;
    for table in &header.tables {
        writer.table(&table.name).await?;
        let sql = table.select();
        let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut **snapshot);
        while let Some(row) = rows.try_next().await? {
            writer.row(cell::of_row(&row, table)?).await?;
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

/// What a backup says of itself in its first line.
///
/// # Errors
/// When it cannot be read or is no backup.
pub async fn contents(file: &Path) -> Result<Contents, StoreError> {
    let header = LineReader::open(file)?.header().await?;
    Ok(Contents {
        rows: header.tables.iter().map(|table| table.rows).sum(),
        schema: header.schema,
        engine: header.engine,
    })
}

/// Refuses a store that holds rows; a database without any table is empty as well.
///
/// # Errors
/// When a table has rows, or the store cannot be read.
pub async fn ensure_empty(store: &Store) -> Result<(), StoreError> {
    let mut snapshot = store.snapshot().await?;
    catalogue::check_empty(store.engine(), &mut snapshot).await.map(|_| ())
}

/// Reads a backup from its first line to its last and compares the sum, without any store.
///
/// # Errors
/// When the file is damaged, cut short or of another form.
pub async fn verify(
    file: &Path,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<Summary, StoreError> {
    let mut reader = LineReader::open(file)?;
    let header = reader.header().await?;
    let rows_total = header.tables.iter().map(|table| table.rows).sum();
    let mut rows_done = 0;
    for table in &header.tables {
        reader.table(&table.name).await?;
        for _ in 0..table.rows {
            reader.row(table).await?;
            rows_done += 1;
            if rows_done % REPORT_EVERY == 0 {
                progress(Progress { table: &table.name, rows_done, rows_total });
            }
        }
        progress(Progress { table: &table.name, rows_done, rows_total });
    }
    let file_bytes = reader.finish().await?;
    Ok(Summary { tables: header.tables.len() as u64, rows: rows_done, file_bytes })
}

/// Opens the store at `url` in the schema of the backup `file`, reads the backup into it, then
/// takes the steps of `migrations` that are younger than the backup.
///
/// # Errors
/// As [`restore`]; when the backup has steps that `migrations` lacks: it was made by a newer
/// program. Where only a younger step fails, the store holds the backup, and opening it tries the
/// step again.
pub async fn restore_at(
    url: &str,
    migrations: &[Migration],
    file: &Path,
    progress: impl FnMut(Progress<'_>),
) -> Result<(Store, Summary), StoreError> {
    let Contents { schema, .. } = contents(file).await?;
    let is_known = |step: &i64| migrations.iter().any(|migration| migration.version == *step);
    if let Some(step) = schema.iter().copied().find(|step| !is_known(step)) {
        let known = migrations.iter().map(|migration| migration.version).max().unwrap_or(0);
        return Err(StoreError::BackupNewer { step, known });
    }
    let then: Vec<Migration> = migrations
        .iter()
        .filter(|migration| schema.contains(&migration.version))
        .copied()
        .collect();
    let store = match Store::open(url, &then).await {
        // The store has later steps than the backup: somebody has used it.
        Err(StoreError::Newer { .. }) => Store::open(url, migrations).await?,
        opened => opened?,
    };
    let summary = restore(&store, file, progress).await;
    if summary.is_err() {
        store.close().await;
    }
    let summary = summary?;
    store.bring_to(migrations).await?;
    Ok((store, summary))
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
    let engine = store.engine();
    catalogue::check_target(engine, &mut transaction, &header.schema, &header.tables).await?;
    let rows_total = header.tables.iter().map(|table| table.rows).sum();
    let mut rows_done = 0;
    for table in &header.tables {
        reader.table(&table.name).await?;
        let mut left = table.rows;
        while left > 0 {
            let batch = batch(&mut reader, table, left).await?;
            left -= batch.len() as u64;
            rows_done += batch.len() as u64;
            cell::insert(&mut transaction, table, batch).await?;
            progress(Progress { table: &table.name, rows_done, rows_total });
        }
        catalogue::set_identity(store.engine(), &mut transaction, table).await?;
    }
    let file_bytes = reader.finish().await?;
    transaction.commit().await?;
    Ok(Summary { tables: header.tables.len() as u64, rows: rows_done, file_bytes })
}

/// The engine's name in the header, for people; a restore does not look at it.
fn engine_word(engine: Engine) -> String {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
    .to_owned()
}

/// The next rows of a table, bounded in number and size.
async fn batch(
    reader: &mut LineReader,
    table: &Table,
    left: u64,
) -> Result<Vec<Vec<Cell>>, StoreError> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while batch.len() < BATCH_ROWS && (batch.len() as u64) < left && bytes < BATCH_BYTES {
        let row = reader.row(table).await?;
        bytes += cell::size(&row);
        batch.push(row);
    }
    Ok(batch)
}
