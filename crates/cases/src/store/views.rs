//! Saved views.

use crate::{CaseError, SavedView};
use ::store::{Store, Transaction};
use authority::UserId;
use jiff::Timestamp;
use sqlx::Row as _;

/// Keeps a view; the same name is replaced.
pub(crate) async fn put(
    transaction: &mut Transaction,
    user: UserId,
    (name, query): (&str, &str),
    now: Timestamp,
) -> Result<i64, CaseError> {
    let row = sqlx::query(
        "INSERT INTO case_view (user_id, name, query, saved_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id, name) DO UPDATE SET query = excluded.query, \
         saved_at = excluded.saved_at RETURNING id",
    )
    .bind(user.0)
    .bind(name.to_owned())
    .bind(query.to_owned())
    .bind(now.as_millisecond())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(row.try_get(0)?)
}

/// The views of a user, by name.
pub(crate) async fn of_user(store: &Store, user: UserId) -> Result<Vec<SavedView>, CaseError> {
    let rows =
        sqlx::query("SELECT id, name, query FROM case_view WHERE user_id = $1 ORDER BY name")
            .bind(user.0)
            .fetch_all(store.reader())
            .await?;
    rows.iter()
        .map(|row| {
            Ok(SavedView { id: row.try_get(0)?, name: row.try_get(1)?, query: row.try_get(2)? })
        })
        .collect()
}

/// Forgets a view of a user; gives its name.
pub(crate) async fn delete(
    transaction: &mut Transaction,
    user: UserId,
    id: i64,
) -> Result<Option<String>, CaseError> {
    let row = sqlx::query("DELETE FROM case_view WHERE id = $1 AND user_id = $2 RETURNING name")
        .bind(id)
        .bind(user.0)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}
