//! Reading tiles and checkpoints.

use super::count;
use crate::tile::{TileId, Tiles, hashes_of};
use crate::{Hash, LogError};
use ::store::Store;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A checkpoint as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct StoredCheckpoint {
    pub(crate) size: u64,
    pub(crate) made_at: Timestamp,
    pub(crate) note: String,
}

pub(super) fn hashes(row: &AnyRow) -> Result<Vec<Hash>, LogError> {
    let bytes: Vec<u8> = row.try_get("hashes")?;
    let length = bytes.len();
    hashes_of(&bytes).ok_or_else(|| LogError::Damaged(format!("a tile of {length} bytes")))
}

/// The hashes that a tile has so far.
pub(crate) async fn tile(store: &Store, tile: TileId) -> Result<Option<Vec<Hash>>, LogError> {
    let Ok(number) = i64::try_from(tile.number) else { return Ok(None) };
    let found = sqlx::query("SELECT hashes FROM log_tile WHERE level = $1 AND number = $2")
        .bind(i64::from(tile.level))
        .bind(number)
        .fetch_optional(store.reader())
        .await?;
    found.as_ref().map(hashes).transpose()
}

/// These tiles, as far as they are there.
pub(crate) async fn tiles(
    store: &Store,
    wanted: impl IntoIterator<Item = TileId>,
) -> Result<Tiles, LogError> {
    let mut found = Tiles::default();
    for id in wanted {
        if !found.0.contains_key(&id)
            && let Some(hashes) = tile(store, id).await?
        {
            found.0.insert(id, hashes);
        }
    }
    Ok(found)
}

/// The newest checkpoint.
pub(crate) async fn latest_checkpoint(store: &Store) -> Result<Option<StoredCheckpoint>, LogError> {
    let found =
        sqlx::query("SELECT size, made_at, note FROM log_checkpoint ORDER BY size DESC LIMIT 1")
            .fetch_optional(store.reader())
            .await?;
    found.as_ref().map(checkpoint).transpose()
}

/// Every checkpoint that is kept, the smallest tree first.
pub(crate) async fn checkpoints(store: &Store) -> Result<Vec<StoredCheckpoint>, LogError> {
    let found = sqlx::query("SELECT size, made_at, note FROM log_checkpoint ORDER BY size")
        .fetch_all(store.reader())
        .await?;
    found.iter().map(checkpoint).collect()
}

fn checkpoint(row: &AnyRow) -> Result<StoredCheckpoint, LogError> {
    let made_at: i64 = row.try_get(1)?;
    let made_at = Timestamp::from_millisecond(made_at)
        .map_err(|_| LogError::Damaged(format!("a checkpoint of the time {made_at}")))?;
    Ok(StoredCheckpoint { size: count(row.try_get(0)?)?, made_at, note: row.try_get(2)? })
}
