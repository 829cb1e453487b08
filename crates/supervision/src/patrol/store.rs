//! The SQL of photos that phones delivered ahead of their work.

use authority::UserId;
use evidence::Digest;
use jiff::Timestamp;
use sqlx::Row as _;
use store::{Store, StoreError};

/// A photo that a phone delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delivered {
    pub(super) digest: Digest,
    pub(super) name: String,
}

/// Notes a photo under the key of the phone; a key that is known stays what it is.
pub(super) async fn insert(
    store: &Store,
    user: UserId,
    key: &str,
    photo: &Delivered,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO supervision_patrol_photo (user_id, key, digest, name, delivered_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, key) DO NOTHING",
    )
    .bind(user.0)
    .bind(key)
    .bind(photo.digest.as_bytes().to_vec())
    .bind(&photo.name)
    .bind(now.as_millisecond())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// The photo of a key, if this user delivered it.
pub(super) async fn photo(
    store: &Store,
    user: UserId,
    key: &str,
) -> Result<Option<Delivered>, StoreError> {
    let row = sqlx::query(
        "SELECT digest, name FROM supervision_patrol_photo WHERE user_id = $1 AND key = $2",
    )
    .bind(user.0)
    .bind(key)
    .fetch_optional(store.reader())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let digest: Vec<u8> = row.try_get(0)?;
    let name = row.try_get(1)?;
    Ok(Digest::from_slice(&digest).map(|digest| Delivered { digest, name }))
}

/// The digests of all photos that phones delivered.
///
/// # Errors
/// When the store cannot be read.
pub async fn kept_photos(store: &Store) -> Result<Vec<Digest>, StoreError> {
    let rows = sqlx::query("SELECT digest FROM supervision_patrol_photo")
        .fetch_all(store.reader())
        .await?;
    let mut digests = Vec::with_capacity(rows.len());
    for row in &rows {
        digests.extend(Digest::from_slice(&row.try_get::<Vec<u8>, _>(0)?));
    }
    Ok(digests)
}
