//! The SQL of tokens.

use crate::{AuthorityError, Role};
use ::store::Store;
use jiff::Timestamp;
use sqlx::Row as _;

pub(crate) async fn tokens(store: &Store) -> Result<Vec<([u8; 32], Role)>, AuthorityError> {
    let rows = sqlx::query("SELECT digest, role FROM authority_token ORDER BY issued_at")
        .fetch_all(store.reader())
        .await?;
    let mut tokens = Vec::with_capacity(rows.len());
    for row in rows {
        let digest: Vec<u8> = row.try_get(0)?;
        let role: String = row.try_get(1)?;
        if let (Ok(digest), Some(role)) = (<[u8; 32]>::try_from(digest), Role::parse(&role)) {
            tokens.push((digest, role));
        }
    }
    Ok(tokens)
}

pub(crate) async fn insert(
    store: &Store,
    digest: &[u8; 32],
    role: Role,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    let mut transaction = store.begin().await?;
    sqlx::query("INSERT INTO authority_token (digest, role, issued_at) VALUES ($1, $2, $3)")
        .bind(digest.to_vec())
        .bind(role.as_str())
        .bind(now.as_millisecond())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

pub(crate) async fn delete(store: &Store, role: Role) -> Result<(), AuthorityError> {
    let mut transaction = store.begin().await?;
    sqlx::query("DELETE FROM authority_token WHERE role = $1")
        .bind(role.as_str())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}
