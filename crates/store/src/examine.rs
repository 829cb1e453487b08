//! Whether the database itself is sound: its pages and indexes, its references, every row readable.

use crate::backup::{catalogue, cell};
use crate::{Engine, Store, StoreError, Transaction};
use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Row as _};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// Tables, empty ones included.
    pub tables: u64,
    /// Rows that were read.
    pub rows: u64,
    /// What is wrong, in words.
    pub problems: Vec<String>,
}

/// Rows between two reports of progress.
const REPORT_EVERY: u64 = 10_000;

/// Reads every row of every table and lets the engine check itself: SQLite its pages, indexes and
/// references, PostgreSQL what it unpacks on the way. `told` hears how many rows are done and how
/// many there are.
///
/// # Errors
/// When the database cannot be reached; what is damaged in it is found, not failed at.
pub async fn examine(
    store: &Store,
    mut told: impl FnMut(u64, u64),
) -> Result<Examined, StoreError> {
    let mut snapshot = store.snapshot().await?;
    let mut found = Examined::default();
    if store.engine() == Engine::Sqlite {
        check_itself(&mut snapshot, &mut found.problems).await?;
    }
    let mut tables = catalogue::tables(store.engine(), &mut snapshot).await?;
    let mut uncounted = Vec::new();
    for table in &mut tables {
        if let Err(error) = catalogue::count(store.engine(), &mut snapshot, table).await {
            found.problems.push(format!("table {} cannot be counted: {error}", table.name));
            uncounted.push(table.name.clone());
            snapshot = store.snapshot().await?;
        }
    }
    let total = tables.iter().map(|table| table.rows).sum();
    for table in &tables {
        let before = found.rows;
        let mut rows = sqlx::query(AssertSqlSafe(table.select())).fetch(&mut *snapshot);
        let problem = loop {
            match rows.try_next().await {
                Ok(Some(row)) => {
                    if let Err(error) = cell::of_row(&row, table) {
                        break Some(error.to_string());
                    }
                    found.rows += 1;
                    if found.rows % REPORT_EVERY == 0 {
                        told(found.rows, total);
                    }
                }
                Ok(None) => break None,
                Err(error) => break Some(error.to_string()),
            }
        };
        drop(rows);
        if let Some(problem) = problem {
            let row = found.rows - before + 1;
            found.problems.push(format!("table {}, row {row}: {problem}", table.name));
            // The snapshot may have ended with the failure.
            snapshot = store.snapshot().await?;
        } else if found.rows - before != table.rows && !uncounted.contains(&table.name) {
            let (name, counted, read) = (&table.name, table.rows, found.rows - before);
            found.problems.push(format!("table {name} counts {counted} rows and gives {read}"));
        }
    }
    told(found.rows, total);
    found.tables = tables.len() as u64;
    Ok(found)
}

async fn check_itself(
    snapshot: &mut Transaction,
    problems: &mut Vec<String>,
) -> Result<(), StoreError> {
    let checked = sqlx::query("PRAGMA integrity_check(20)").fetch_all(&mut **snapshot).await;
    match checked {
        Ok(rows) => {
            for row in rows {
                let line: String = row.try_get(0)?;
                if line != "ok" {
                    problems.push(line.trim_start_matches("*** ").replace('\n', ", "));
                }
            }
        }
        Err(error) => problems.push(error.to_string()),
    }
    let sql = "SELECT \"table\", COUNT(*), parent FROM pragma_foreign_key_check \
               GROUP BY \"table\", parent";
    let referred = match sqlx::query(sql).fetch_all(&mut **snapshot).await {
        Ok(rows) => rows,
        Err(error) => {
            problems.push(format!("references cannot be followed: {error}"));
            return Ok(());
        }
    };
    for row in referred {
        let (table, count): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        let parent: String = row.try_get(2)?;
        problems.push(format!("{count} rows of {table} refer to rows of {parent} that are gone"));
    }
    Ok(())
}
