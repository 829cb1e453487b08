//! Appending: entries, their secrets, tiles, cursors and the checkpoint in one transaction.

use super::{count, cursor, tree};
use crate::note::{Checkpoint, Signer};
use crate::tile::{Growing, TileId, Tiles, bytes_of};
use crate::tree::TreeHead;
use crate::{Entry, Hash, LogError};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use observations::RowKey;
use sqlx::{AssertSqlSafe, Row as _};

/// How many rows one statement holds.
const ROWS_A_STATEMENT: [usize; 3] = [32, 8, 1];
const HOUR_MS: i64 = 3_600_000;

/// What is kept beside an entry and never published, or where it came from.
pub(crate) enum Secret {
    Audit { salt: [u8; 32] },
    Packets { salt: [u8; 32], blocks: Vec<u8> },
    Figure { row: RowKey, edition: u32, row_version: i64, verdict: Option<(i64, i64)> },
}

pub(crate) struct NewEntry {
    pub(crate) entry: Entry,
    pub(crate) secret: Secret,
}

/// A cursor that moves, from where it was read.
pub(crate) struct Move {
    pub(crate) name: String,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// What is appended at once.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<NewEntry>,
    pub(crate) moves: Vec<Move>,
    pub(crate) gaps_seen: Vec<i64>,
    pub(crate) gaps_closed: Vec<i64>,
    /// Versions of figures that look the same in another edition of their publication.
    pub(crate) confirmed: Vec<Confirmed>,
}

/// A version of a figure that looks the same in this edition of its publication.
pub(crate) struct Confirmed {
    pub(crate) row: RowKey,
    pub(crate) version: i64,
    pub(crate) edition: u32,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.moves.is_empty() && self.gaps_closed.is_empty()
    }
}

/// Signs the tree without leaves where nothing has been signed yet.
pub(crate) async fn begin_log(
    store: &Store,
    signer: &Signer,
    now: Timestamp,
) -> Result<(), LogError> {
    if tree::latest_checkpoint(store).await?.is_some() {
        return Ok(());
    }
    let mut transaction = store.begin().await?;
    let head = TreeHead { size: 0, root: Hash::of_nothing() };
    put_checkpoint(&mut transaction, signer, head, now).await?;
    transaction.commit().await?;
    Ok(())
}

/// Appends a batch, all or nothing; gives the new size.
pub(crate) async fn append(
    store: &Store,
    signer: &Signer,
    batch: Batch,
    now: Timestamp,
) -> Result<u64, LogError> {
    let mut transaction = store.begin().await?;
    let added = batch.entries.len() as u64;
    // The row of the size is locked first: whoever else appends waits here.
    let size = advance_size(&mut transaction, added).await?;
    for step in &batch.moves {
        move_cursor(&mut transaction, step).await?;
    }
    gaps(&mut transaction, &batch, now).await?;
    confirm(&mut transaction, &batch.confirmed).await?;
    if added > 0 {
        let (first, texts) = (size - added, texts_of(&batch.entries));
        let mut growing = growing(&mut transaction, first).await?;
        for text in &texts {
            growing.push(Hash::of_leaf(text.as_bytes()));
        }
        put_entries(&mut transaction, &batch.entries, texts, first, now).await?;
        put_secrets(&mut transaction, batch.entries, first).await?;
        for (tile, hashes) in growing.take_full().iter().chain(growing.partial()) {
            put_tile(&mut transaction, *tile, hashes).await?;
        }
        let head = TreeHead { size, root: growing.root() };
        put_checkpoint(&mut transaction, signer, head, now).await?;
    }
    transaction.commit().await?;
    Ok(size)
}

fn texts_of(entries: &[NewEntry]) -> Vec<String> {
    entries.iter().map(|new| new.entry.to_text()).collect()
}

async fn advance_size(transaction: &mut Transaction, added: u64) -> Result<u64, LogError> {
    let row = sqlx::query(
        "INSERT INTO log_cursor (name, value) VALUES ($1, $2) ON CONFLICT (name) \
         DO UPDATE SET value = log_cursor.value + excluded.value RETURNING value",
    )
    .bind(cursor::SIZE)
    .bind(added as i64)
    .fetch_one(&mut **transaction)
    .await?;
    count(row.try_get(0)?)
}

async fn move_cursor(transaction: &mut Transaction, step: &Move) -> Result<(), LogError> {
    let moved = sqlx::query(
        "INSERT INTO log_cursor (name, value) VALUES ($1, $2) ON CONFLICT (name) \
         DO UPDATE SET value = excluded.value WHERE log_cursor.value = $3",
    )
    .bind(&step.name)
    .bind(step.to)
    .bind(step.from)
    .execute(&mut **transaction)
    .await?;
    if moved.rows_affected() == 1 { Ok(()) } else { Err(LogError::Contended) }
}

async fn gaps(
    transaction: &mut Transaction,
    batch: &Batch,
    now: Timestamp,
) -> Result<(), LogError> {
    for record in &batch.gaps_seen {
        sqlx::query(
            "INSERT INTO log_audit_gap (record, seen_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(*record)
        .bind(now.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    }
    for record in &batch.gaps_closed {
        let closed = sqlx::query("DELETE FROM log_audit_gap WHERE record = $1")
            .bind(*record)
            .execute(&mut **transaction)
            .await?;
        if closed.rows_affected() != 1 {
            return Err(LogError::Contended);
        }
    }
    Ok(())
}

async fn confirm(transaction: &mut Transaction, confirmed: &[Confirmed]) -> Result<(), LogError> {
    for figure in confirmed {
        sqlx::query(
            "UPDATE log_figure SET edition = $1 WHERE point = $2 AND period = $3 \
             AND observed_at = $4 AND version = $5",
        )
        .bind(i64::from(figure.edition))
        .bind(figure.row.point.0)
        .bind(figure.row.period.code())
        .bind(figure.row.observed_at.as_second())
        .bind(figure.version)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// The tree as it stands, ready to grow.
async fn growing(transaction: &mut Transaction, size: u64) -> Result<Growing, LogError> {
    let mut edge = Tiles::default();
    for tile in Growing::edge_of(size) {
        let found = sqlx::query("SELECT hashes FROM log_tile WHERE level = $1 AND number = $2")
            .bind(i64::from(tile.level))
            .bind(tile.number as i64)
            .fetch_optional(&mut **transaction)
            .await?;
        if let Some(row) = found {
            edge.0.insert(tile, tree::hashes(&row)?);
        }
    }
    Growing::new(size, edge)
        .ok_or_else(|| LogError::Damaged(format!("the last tiles of {size} entries are missing")))
}

enum Cell {
    Number(Option<i64>),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

/// Inserts rows into a table, many a statement.
async fn insert(
    transaction: &mut Transaction,
    table: &str,
    width: usize,
    rows: Vec<Vec<Cell>>,
) -> Result<(), LogError> {
    let mut rest = rows.into_iter();
    while rest.len() > 0 {
        let size = ROWS_A_STATEMENT.into_iter().find(|size| *size <= rest.len()).unwrap_or(1);
        let row = |row: usize| {
            let marks: Vec<String> =
                (row * width..row * width + width).map(|mark| format!("${}", mark + 1)).collect();
            format!("({})", marks.join(", "))
        };
        let marks: Vec<String> = (0..size).map(row).collect();
        let text = format!("INSERT INTO {table} VALUES {}", marks.join(", "));
        let mut query = sqlx::query(AssertSqlSafe(text));
        for cell in rest.by_ref().take(size).flatten() {
            query = match cell {
                Cell::Number(number) => query.bind(number),
                Cell::Text(text) => query.bind(text),
                Cell::Bytes(bytes) => query.bind(bytes),
            };
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}

async fn put_entries(
    transaction: &mut Transaction,
    entries: &[NewEntry],
    texts: Vec<String>,
    first: u64,
    now: Timestamp,
) -> Result<(), LogError> {
    let rows = (first..).zip(entries).zip(texts).map(|((position, new), text)| {
        vec![
            (position as i64).into(),
            Cell::Text(new.entry.kind().to_owned()),
            Cell::Text(new.entry.name().to_string()),
            new.entry.version().into(),
            now.as_millisecond().into(),
            Cell::Text(text),
        ]
    });
    let table = "log_entry (position, kind, name, version, logged_at, entry)";
    insert(transaction, table, 6, rows.collect()).await
}

async fn put_secrets(
    transaction: &mut Transaction,
    entries: Vec<NewEntry>,
    first: u64,
) -> Result<(), LogError> {
    let (mut audit, mut packets, mut figures) = (Vec::new(), Vec::new(), Vec::new());
    for (position, new) in (first as i64..).zip(entries) {
        match (new.entry, new.secret) {
            (Entry::Audit { record, .. }, Secret::Audit { salt }) => {
                audit.push(vec![record.into(), position.into(), Cell::Bytes(salt.to_vec())]);
            }
            (Entry::Packets { hour, .. }, Secret::Packets { salt, blocks }) => packets.push(vec![
                hour.as_second().into(),
                position.into(),
                Cell::Bytes(salt.to_vec()),
                Cell::Bytes(blocks),
            ]),
            (
                Entry::Figure { version, .. },
                Secret::Figure { row, edition, row_version, verdict },
            ) => {
                figures.push(vec![
                    row.point.0.into(),
                    row.period.code().into(),
                    row.observed_at.as_second().into(),
                    version.into(),
                    position.into(),
                    i64::from(edition).into(),
                    row_version.into(),
                    Cell::Number(verdict.map(|(id, _)| id)),
                    Cell::Number(verdict.map(|(_, version)| version)),
                ]);
            }
            (entry, _) => {
                return Err(LogError::Damaged(format!("{} with another's secret", entry.name())));
            }
        }
    }
    insert(transaction, "log_audit (record, position, salt)", 3, audit).await?;
    insert(transaction, "log_packets (hour, position, salt, blocks)", 4, packets).await?;
    let table = "log_figure (point, period, observed_at, version, position, edition, row_version, \
                 verdict, verdict_version)";
    insert(transaction, table, 9, figures).await
}

async fn put_tile(
    transaction: &mut Transaction,
    tile: TileId,
    hashes: &[Hash],
) -> Result<(), LogError> {
    sqlx::query(
        "INSERT INTO log_tile (level, number, hashes) VALUES ($1, $2, $3) \
         ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes",
    )
    .bind(i64::from(tile.level))
    .bind(tile.number as i64)
    .bind(bytes_of(hashes))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Signs a tree and keeps the checkpoint in the place of the last one of the same hour.
async fn put_checkpoint(
    transaction: &mut Transaction,
    signer: &Signer,
    head: TreeHead,
    now: Timestamp,
) -> Result<(), LogError> {
    let checkpoint = Checkpoint { origin: signer.public().name().to_owned(), head };
    let note = signer.sign(&checkpoint.to_string());
    let now = now.as_millisecond();
    sqlx::query("DELETE FROM log_checkpoint WHERE made_at >= $1 AND size > 0")
        .bind(now - now.rem_euclid(HOUR_MS))
        .execute(&mut **transaction)
        .await?;
    sqlx::query(
        "INSERT INTO log_checkpoint (size, made_at, note) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
    )
    .bind(head.size as i64)
    .bind(now)
    .bind(note)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
