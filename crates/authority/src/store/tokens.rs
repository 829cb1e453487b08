//! The SQL of API tokens.

use crate::secret::Digest;
use crate::store::{instant, instant_or_none};
use crate::tokens::{ApiToken, TokenId};
use crate::{Action, AuthorityError, Role, UserId};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

pub(crate) struct NewToken<'a> {
    pub(crate) digest: Digest,
    pub(crate) name: &'a str,
    pub(crate) user: Option<UserId>,
    pub(crate) role: Option<Role>,
    pub(crate) scopes: &'a [Action],
    pub(crate) ends_at: Option<Timestamp>,
}

pub(crate) async fn insert(
    transaction: &mut Transaction,
    new: NewToken<'_>,
    now: Timestamp,
) -> Result<TokenId, AuthorityError> {
    let scopes: Vec<&str> = new.scopes.iter().map(|action| action.as_str()).collect();
    let row = sqlx::query(
        "INSERT INTO authority_api_token \
         (digest, name, user_id, role, scopes, issued_at, ends_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
    )
    .bind(new.digest)
    .bind(new.name)
    .bind(new.user.map(|user| user.0))
    .bind(new.role.map(Role::as_str))
    .bind(scopes.join(" "))
    .bind(now.as_millisecond())
    .bind(instant_or_none(new.ends_at))
    .fetch_one(&mut **transaction)
    .await?;
    Ok(TokenId(row.try_get(0)?))
}

fn token(row: &AnyRow) -> Result<ApiToken, AuthorityError> {
    let role: Option<String> = row.try_get(3)?;
    let scopes: String = row.try_get(4)?;
    let unknown = |word: &str| AuthorityError::Stored(format!("the word {word} of a token"));
    Ok(ApiToken {
        id: TokenId(row.try_get(0)?),
        name: row.try_get(1)?,
        user: row.try_get::<Option<i64>, _>(2)?.map(UserId),
        role: role.map(|role| Role::parse(&role).ok_or_else(|| unknown(&role))).transpose()?,
        scopes: scopes
            .split_whitespace()
            .map(|word| Action::parse(word).ok_or_else(|| unknown(word)))
            .collect::<Result<_, _>>()?,
        issued_at: instant(row.try_get(5)?)?,
        ends_at: row.try_get::<Option<i64>, _>(6)?.map(instant).transpose()?,
    })
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, user_id, role, scopes, issued_at, ends_at FROM authority_api_token ",
            $rest
        )
    };
}

pub(crate) async fn living(
    store: &Store,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<ApiToken>, AuthorityError> {
    let row = sqlx::query(select!("WHERE digest = $1 AND (ends_at IS NULL OR ends_at > $2)"))
        .bind(digest)
        .bind(now.as_millisecond())
        .fetch_optional(store.reader())
        .await?;
    row.as_ref().map(token).transpose()
}

pub(crate) async fn of_user(store: &Store, user: UserId) -> Result<Vec<ApiToken>, AuthorityError> {
    let rows = sqlx::query(select!("WHERE user_id = $1 ORDER BY id"))
        .bind(user.0)
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(token).collect()
}

pub(crate) async fn has_role(store: &Store, role: Role) -> Result<bool, AuthorityError> {
    let row = sqlx::query(select!("WHERE role = $1 AND user_id IS NULL LIMIT 1"))
        .bind(role.as_str())
        .fetch_optional(store.reader())
        .await?;
    Ok(row.is_some())
}

pub(crate) async fn delete_role(
    transaction: &mut Transaction,
    role: Role,
) -> Result<(), AuthorityError> {
    sqlx::query("DELETE FROM authority_api_token WHERE role = $1 AND user_id IS NULL")
        .bind(role.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

pub(crate) async fn delete(
    transaction: &mut Transaction,
    user: UserId,
    token: TokenId,
) -> Result<bool, AuthorityError> {
    let done = sqlx::query("DELETE FROM authority_api_token WHERE id = $1 AND user_id = $2")
        .bind(token.0)
        .bind(user.0)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}
