//! The declarations by which cases were opened.

use crate::CaseError;
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;

/// A declaration as kept.
pub(crate) struct Declaration {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) digest: Vec<u8>,
    pub(crate) body: String,
}

/// Every declaration.
pub(crate) async fn all(store: &Store) -> Result<Vec<Declaration>, CaseError> {
    let rows = sqlx::query("SELECT id, kind, digest, body FROM case_declaration ORDER BY id")
        .fetch_all(store.reader())
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Declaration {
                id: row.try_get(0)?,
                kind: row.try_get(1)?,
                digest: row.try_get(2)?,
                body: row.try_get(3)?,
            })
        })
        .collect()
}

/// Keeps a declaration that was not there.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    (kind, version): (&str, u32),
    digest: &[u8],
    body: &str,
    now: Timestamp,
) -> Result<(), CaseError> {
    sqlx::query(
        "INSERT INTO case_declaration (kind, version, digest, body, first_used_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (digest) DO NOTHING",
    )
    .bind(kind.to_owned())
    .bind(i64::from(version))
    .bind(digest.to_vec())
    .bind(body.to_owned())
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The fingerprint of the key file with which this store was sealed.
pub(crate) async fn fingerprint(store: &Store) -> Result<Option<Vec<u8>>, CaseError> {
    let found = sqlx::query("SELECT fingerprint FROM case_key_check WHERE id = 1")
        .fetch_optional(store.reader())
        .await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

/// Notes that fingerprint at the first start.
pub(crate) async fn put_fingerprint(
    transaction: &mut Transaction,
    fingerprint: Vec<u8>,
) -> Result<(), CaseError> {
    sqlx::query(
        "INSERT INTO case_key_check (id, fingerprint) VALUES (1, $1) ON CONFLICT (id) DO NOTHING",
    )
    .bind(fingerprint)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
