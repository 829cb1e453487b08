//! What tables the store has: their columns, order, counts, numbers that count by themselves.

use crate::{Engine, StoreError, Transaction};
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The library's own table of steps taken.
const STEPS: &str = "_sqlx_migrations";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Integer,
    Text,
    Bytes,
}

impl Kind {
    fn of(declared: &str) -> Option<Self> {
        Some(match declared.to_ascii_uppercase().as_str() {
            "INTEGER" | "BIGINT" => Self::Integer,
            "TEXT" => Self::Text,
            "BLOB" | "BYTEA" => Self::Bytes,
            _ => return None,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// The columns of the primary key: rows stand in their order.
    pub(crate) key: Vec<String>,
    pub(crate) rows: u64,
    /// The last number given to the column that counts by itself, so that none is given twice.
    pub(crate) counted: Option<Counted>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Counted {
    pub(crate) column: String,
    pub(crate) last: i64,
}

impl Table {
    pub(crate) fn select(&self) -> String {
        let key = if self.key.is_empty() { &self.column_names() } else { &self.key };
        format!(
            "SELECT {} FROM {} ORDER BY {}",
            list(&self.column_names()),
            quoted(&self.name),
            list(key)
        )
    }

    pub(crate) fn insert(&self, rows: usize) -> String {
        let mut sql =
            format!("INSERT INTO {} ({}) VALUES ", quoted(&self.name), list(&self.column_names()));
        let mut place = 1;
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.columns.len() {
                let comma = if column == 0 { "" } else { ", " };
                // Writing to a string cannot fail.
                let _ = write!(sql, "{comma}${place}");
                place += 1;
            }
            sql.push(')');
        }
        sql
    }

    /// Whether the rows of `other` can be put into this table.
    pub(crate) fn fits(&self, other: &Self) -> bool {
        let sorted = |table: &Self| {
            let columns =
                table.columns.iter().map(|column| (column.name.clone(), column.kind as u8));
            columns.collect::<BTreeSet<_>>()
        };
        sorted(self) == sorted(other)
    }

    fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// The steps that have made the schema.
pub(crate) async fn schema(transaction: &mut Transaction) -> Result<Vec<i64>, StoreError> {
    let sql = format!("SELECT version FROM {STEPS} WHERE success ORDER BY version");
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut **transaction).await?)
}

/// As [`schema`], where there may be nothing yet.
pub(crate) async fn schema_if_any(
    engine: Engine,
    transaction: &mut Transaction,
) -> Result<Vec<i64>, StoreError> {
    let sql = match engine {
        Engine::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE name = $1",
        Engine::Postgres => {
            "SELECT COUNT(*) FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name = $1"
        }
    };
    let found: i64 =
        sqlx::query_scalar(sql).bind(STEPS.to_owned()).fetch_one(&mut **transaction).await?;
    if found == 0 { Ok(Vec::new()) } else { schema(transaction).await }
}

/// All tables but the library's, a table after those to which it refers.
pub(crate) async fn tables(
    engine: Engine,
    transaction: &mut Transaction,
) -> Result<Vec<Table>, StoreError> {
    let columns = match engine {
        Engine::Sqlite => {
            "SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             ORDER BY m.name, c.cid"
        }
        Engine::Postgres => {
            "SELECT CAST(c.table_name AS TEXT), CAST(c.column_name AS TEXT), \
             CAST(c.data_type AS TEXT), CAST(COALESCE((SELECT k.ordinal_position \
             FROM information_schema.table_constraints t \
             JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name) \
             WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = c.table_schema \
             AND t.table_name = c.table_name AND k.column_name = c.column_name), 0) AS BIGINT) \
             FROM information_schema.columns c \
             JOIN information_schema.tables b USING (table_schema, table_name) \
             WHERE c.table_schema = current_schema() AND b.table_type = 'BASE TABLE' \
             ORDER BY c.table_name, c.ordinal_position"
        }
    };
    let mut tables: BTreeMap<String, (Table, BTreeMap<i64, String>)> = BTreeMap::new();
    for row in sqlx::query(columns).fetch_all(&mut **transaction).await? {
        let (name, column): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let (declared, key): (String, i64) = (row.try_get(2)?, row.try_get(3)?);
        if name == STEPS {
            continue;
        }
        let kind = Kind::of(&declared).ok_or_else(|| StoreError::BackupContent {
            line: 0,
            what: format!("column {name}.{column} is {declared}; a backup knows whole numbers, texts and bytes"),
        })?;
        let empty = Table {
            name: name.clone(),
            columns: Vec::new(),
            key: Vec::new(),
            rows: 0,
            counted: None,
        };
        let (table, keys) = tables.entry(name).or_insert((empty, BTreeMap::new()));
        table.columns.push(Column { name: column.clone(), kind });
        if key > 0 {
            keys.insert(key, column);
        }
    }
    let tables = tables.into_values().map(|(mut table, keys)| {
        table.key = keys.into_values().collect();
        table
    });
    let references = references(engine, transaction).await?;
    Ok(in_order(tables.collect(), &references))
}

/// Which table refers to which.
async fn references(
    engine: Engine,
    transaction: &mut Transaction,
) -> Result<BTreeSet<(String, String)>, StoreError> {
    let sql = match engine {
        Engine::Sqlite => {
            "SELECT m.name, f.\"table\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f \
             WHERE m.type = 'table'"
        }
        Engine::Postgres => {
            "SELECT CAST(f.relname AS TEXT), CAST(t.relname AS TEXT) FROM pg_constraint c \
             JOIN pg_class f ON f.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid \
             WHERE c.contype = 'f' AND c.connamespace = CAST(current_schema() AS regnamespace)"
        }
    };
    let rows = sqlx::query(sql).fetch_all(&mut **transaction).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Tables by name, but each after those to which it refers; a circle stays in the order of names.
fn in_order(mut left: Vec<Table>, references: &BTreeSet<(String, String)>) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_free = |table: &Table| {
            let mut waits =
                references.iter().filter(|(from, to)| *from == table.name && from != to);
            waits.all(|(_, to)| !left.iter().any(|other| other.name == *to))
        };
        let next = left.iter().position(is_free).unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

/// Fills in how many rows a table has and how far it has counted.
pub(crate) async fn count(
    engine: Engine,
    transaction: &mut Transaction,
    table: &mut Table,
) -> Result<(), StoreError> {
    let sql = format!("SELECT COUNT(*) FROM {}", quoted(&table.name));
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut **transaction).await?;
    table.rows = rows.unsigned_abs();
    let [key] = table.key.as_slice() else { return Ok(()) };
    let last: Option<i64> =
        match engine {
            Engine::Sqlite => {
                let known = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_sequence'";
                let known: i64 = sqlx::query_scalar(known).fetch_one(&mut **transaction).await?;
                if known == 0 {
                    return Ok(());
                }
                sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = $1")
                    .bind(table.name.clone())
                    .fetch_optional(&mut **transaction)
                    .await?
            }
            Engine::Postgres => sqlx::query_scalar(
                "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence($1, $2) AS regclass))",
            )
            .bind(quoted(&table.name))
            .bind(key.clone())
            .fetch_one(&mut **transaction)
            .await?,
        };
    table.counted = last.map(|last| Counted { column: key.clone(), last });
    Ok(())
}

/// Lets the target count on from where the source had come.
pub(crate) async fn set_identity(
    engine: Engine,
    transaction: &mut Transaction,
    table: &Table,
) -> Result<(), StoreError> {
    let Some(counted) = &table.counted else { return Ok(()) };
    match engine {
        Engine::Sqlite => {
            let forget = "DELETE FROM sqlite_sequence WHERE name = $1";
            sqlx::query(forget).bind(table.name.clone()).execute(&mut **transaction).await?;
            sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)")
                .bind(table.name.clone())
                .bind(counted.last)
                .execute(&mut **transaction)
                .await?;
        }
        // SQLite writes down a 0 where rows were put in by a question that found none; PostgreSQL
        // begins with 1 by itself.
        Engine::Postgres if counted.last < 1 => {}
        Engine::Postgres => {
            sqlx::query("SELECT setval(CAST(pg_get_serial_sequence($1, $2) AS regclass), $3)")
                .bind(quoted(&table.name))
                .bind(counted.column.clone())
                .bind(counted.last)
                .execute(&mut **transaction)
                .await?;
        }
    }
    Ok(())
}

/// The tables of a store that must have no rows.
pub(crate) async fn check_empty(
    engine: Engine,
    transaction: &mut Transaction,
) -> Result<Vec<Table>, StoreError> {
    let mut present = tables(engine, transaction).await?;
    for table in &mut present {
        count(engine, transaction, table).await?;
        if table.rows > 0 {
            return Err(StoreError::NotEmpty { table: table.name.clone() });
        }
    }
    Ok(present)
}

/// The store must be empty and of the same schema, table by table and column by column.
pub(crate) async fn check_target(
    engine: Engine,
    transaction: &mut Transaction,
    source_schema: &[i64],
    source_tables: &[Table],
) -> Result<(), StoreError> {
    let present = check_empty(engine, transaction).await?;
    let found = schema(transaction).await?;
    if found != source_schema {
        return Err(StoreError::BackupSchema { file: source_schema.to_vec(), store: found });
    }
    for table in source_tables {
        if !present.iter().any(|other| other.name == table.name && other.fits(table)) {
            let what = format!("the store has no table {} with these columns", table.name);
            return Err(StoreError::BackupContent { line: 1, what });
        }
    }
    Ok(())
}
