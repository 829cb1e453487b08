//! Rows of ledgers with their history: a row that changes is superseded and stays.

use crate::GovernanceError;
use ::ledger::{Ledger, Row, Rows};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// A row as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its number.
    pub id: i64,
    /// What names it.
    pub key: String,
    /// Its values.
    pub row: Row,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// By whom.
    pub who: String,
    /// Why it was changed; empty at first.
    pub reason: String,
    /// Whether it says that the row is gone.
    pub is_removed: bool,
    /// When another took its place.
    pub superseded_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, row_key, content, entered_at, who, reason, is_removed, superseded_at";

fn kept(row: &AnyRow) -> Result<Kept, GovernanceError> {
    let id: i64 = row.try_get("id")?;
    let broken = || GovernanceError::Kept(format!("the row {id} of a ledger"));
    let time = |milliseconds| Timestamp::from_millisecond(milliseconds).map_err(|_| broken());
    let values = serde_json::from_str(&row.try_get::<String, _>("content")?);
    Ok(Kept {
        id,
        key: row.try_get("row_key")?,
        row: Row { values: values.map_err(|_| broken())? },
        entered_at: time(row.try_get("entered_at")?)?,
        who: row.try_get("who")?,
        reason: row.try_get("reason")?,
        is_removed: row.try_get::<i64, _>("is_removed")? != 0,
        superseded_at: row.try_get::<Option<i64>, _>("superseded_at")?.map(time).transpose()?,
    })
}

const STANDING: &str = "FROM ledger_row WHERE ledger = $1 AND superseded_at IS NULL \
    AND is_removed = 0 ORDER BY row_key";

/// The rows of a ledger as they stand, by key.
///
/// # Errors
/// When the store fails.
pub async fn rows(store: &Store, ledger: &str) -> Result<Vec<Kept>, GovernanceError> {
    let text = format!("SELECT {COLUMNS} {STANDING}");
    let query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(ledger);
    query.fetch_all(store.reader()).await?.iter().map(kept).collect()
}

/// The same within the transaction that changes them.
pub(super) async fn rows_within(
    transaction: &mut Transaction,
    ledger: &str,
) -> Result<Rows, GovernanceError> {
    let text = format!("SELECT {COLUMNS} {STANDING}");
    let query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(ledger);
    let all = query.fetch_all(&mut **transaction).await?;
    all.iter().map(|row| kept(row).map(|kept| (kept.key, kept.row))).collect()
}

/// How many rows each ledger has.
pub(crate) async fn counts(store: &Store) -> Result<HashMap<String, i64>, GovernanceError> {
    let rows = sqlx::query(
        "SELECT ledger, COUNT(*) AS many FROM ledger_row \
         WHERE superseded_at IS NULL AND is_removed = 0 GROUP BY ledger",
    )
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(|row| Ok((row.try_get("ledger")?, row.try_get("many")?))).collect()
}

/// Everything that was ever written of a row, the newest first.
pub(super) async fn history(
    store: &Store,
    ledger: &str,
    key: &str,
) -> Result<Vec<Kept>, GovernanceError> {
    let text = format!(
        "SELECT {COLUMNS} FROM ledger_row WHERE ledger = $1 AND row_key = $2 ORDER BY id DESC"
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(ledger).bind(key);
    query.fetch_all(store.reader()).await?.iter().map(kept).collect()
}

/// Who writes a row, and why.
pub(super) struct Writing<'a> {
    pub(super) who: &'a str,
    pub(super) reason: &'a str,
    pub(super) is_removed: bool,
    pub(super) at: Timestamp,
}

/// Writes a row in the place of the one that has its key.
pub(super) async fn write(
    transaction: &mut Transaction,
    ledger: &Ledger,
    (key, row): (&str, &Row),
    writing: &Writing<'_>,
) -> Result<(), GovernanceError> {
    sqlx::query(
        "UPDATE ledger_row SET superseded_at = $1 \
         WHERE ledger = $2 AND row_key = $3 AND superseded_at IS NULL",
    )
    .bind(writing.at.as_millisecond())
    .bind(ledger.id.clone())
    .bind(key)
    .execute(&mut **transaction)
    .await?;
    let content = serde_json::to_string(&row.values)
        .map_err(|_| GovernanceError::Kept(format!("the row {key}")))?;
    let part = |column: &Option<String>| column.as_ref().and_then(|id| row.get(id));
    sqlx::query(
        "INSERT INTO ledger_row (ledger, ledger_version, row_key, division, year, content, \
         entered_at, who, reason, is_removed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(ledger.id.clone())
    .bind(i64::from(ledger.version))
    .bind(key)
    .bind(part(&ledger.division).map(str::to_owned))
    .bind(part(&ledger.year).and_then(|year| year.parse::<i64>().ok()))
    .bind(content)
    .bind(writing.at.as_millisecond())
    .bind(writing.who)
    .bind(writing.reason)
    .bind(i64::from(writing.is_removed))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The rows of all ledgers as they stand, with the ledger of each.
///
/// # Errors
/// When the store fails.
pub(crate) async fn rows_of_all(store: &Store) -> Result<Vec<(String, Kept)>, GovernanceError> {
    let text = format!(
        "SELECT ledger, {COLUMNS} FROM ledger_row \
         WHERE superseded_at IS NULL AND is_removed = 0 ORDER BY ledger, row_key"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    rows.iter().map(|row| Ok((row.try_get("ledger")?, kept(row)?))).collect()
}
