//! The SQL of users, their grants, identities, codes and one-time links.

use crate::secret::Digest;
use crate::store::instant;
use crate::users::{NewUser, Purpose, User};
use crate::{AuthorityError, Jurisdiction, OrganisationId, Role, UserId};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A user with what only the sign-in sees.
pub(crate) struct Keys {
    pub(crate) user: User,
    pub(crate) password: Option<String>,
    pub(crate) totp_secret: Option<Vec<u8>>,
    pub(crate) totp_step: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, login, name, organisation, created_at, disabled_at, password, \
             totp_secret, totp_step FROM authority_user ",
            $rest
        )
    };
}

fn keys(row: &AnyRow) -> Result<Keys, AuthorityError> {
    let password: Option<String> = row.try_get(6)?;
    let totp_secret: Option<Vec<u8>> = row.try_get(7)?;
    let user = User {
        id: UserId(row.try_get(0)?),
        login: row.try_get(1)?,
        name: row.try_get(2)?,
        organisation: row.try_get::<Option<i64>, _>(3)?.map(OrganisationId),
        created_at: instant(row.try_get(4)?)?,
        disabled_at: row.try_get::<Option<i64>, _>(5)?.map(instant).transpose()?,
        has_password: password.is_some(),
        has_second_factor: totp_secret.is_some(),
    };
    Ok(Keys { user, password, totp_secret, totp_step: row.try_get(8)? })
}

pub(crate) async fn all(store: &Store) -> Result<Vec<User>, AuthorityError> {
    let rows = sqlx::query(select!("ORDER BY login")).fetch_all(store.reader()).await?;
    rows.iter().map(|row| keys(row).map(|keys| keys.user)).collect()
}

pub(crate) async fn by_login(store: &Store, login: &str) -> Result<Option<Keys>, AuthorityError> {
    let row =
        sqlx::query(select!("WHERE login = $1")).bind(login).fetch_optional(store.reader()).await?;
    row.as_ref().map(keys).transpose()
}

pub(crate) async fn by_id(store: &Store, user: UserId) -> Result<Option<Keys>, AuthorityError> {
    let row =
        sqlx::query(select!("WHERE id = $1")).bind(user.0).fetch_optional(store.reader()).await?;
    row.as_ref().map(keys).transpose()
}

pub(crate) async fn insert(
    transaction: &mut Transaction,
    new: &NewUser,
    now: Timestamp,
) -> Result<Option<UserId>, AuthorityError> {
    let row = sqlx::query(
        "INSERT INTO authority_user (login, name, organisation, created_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (login) DO NOTHING RETURNING id",
    )
    .bind(&new.login)
    .bind(&new.name)
    .bind(new.organisation.map(|id| id.0))
    .bind(now.as_millisecond())
    .fetch_optional(&mut **transaction)
    .await?;
    row.map(|row| Ok(UserId(row.try_get(0)?))).transpose()
}

pub(crate) async fn set_disabled(
    transaction: &mut Transaction,
    user: UserId,
    at: Option<Timestamp>,
) -> Result<(), AuthorityError> {
    sqlx::query("UPDATE authority_user SET disabled_at = $2 WHERE id = $1")
        .bind(user.0)
        .bind(at.map(Timestamp::as_millisecond))
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

pub(crate) async fn set_password(
    transaction: &mut Transaction,
    user: UserId,
    hash: Option<&str>,
) -> Result<(), AuthorityError> {
    sqlx::query("UPDATE authority_user SET password = $2 WHERE id = $1")
        .bind(user.0)
        .bind(hash)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

pub(crate) async fn set_second_factor(
    transaction: &mut Transaction,
    user: UserId,
    secret: Option<&[u8]>,
    step: i64,
) -> Result<(), AuthorityError> {
    sqlx::query("UPDATE authority_user SET totp_secret = $2, totp_step = $3 WHERE id = $1")
        .bind(user.0)
        .bind(secret.map(<[u8]>::to_vec))
        .bind(step)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Uses up a step of the one-time passwords; false when it was used before.
pub(crate) async fn use_step(
    transaction: &mut Transaction,
    user: UserId,
    step: i64,
) -> Result<bool, AuthorityError> {
    let done =
        sqlx::query("UPDATE authority_user SET totp_step = $2 WHERE id = $1 AND totp_step < $2")
            .bind(user.0)
            .bind(step)
            .execute(&mut **transaction)
            .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn put_recovery_codes(
    transaction: &mut Transaction,
    user: UserId,
    digests: &[Digest],
) -> Result<(), AuthorityError> {
    sqlx::query("DELETE FROM authority_recovery_code WHERE user_id = $1")
        .bind(user.0)
        .execute(&mut **transaction)
        .await?;
    for digest in digests {
        sqlx::query("INSERT INTO authority_recovery_code (user_id, digest) VALUES ($1, $2)")
            .bind(user.0)
            .bind(digest.clone())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

pub(crate) async fn use_recovery_code(
    transaction: &mut Transaction,
    user: UserId,
    digest: Digest,
) -> Result<bool, AuthorityError> {
    let done =
        sqlx::query("DELETE FROM authority_recovery_code WHERE user_id = $1 AND digest = $2")
            .bind(user.0)
            .bind(digest)
            .execute(&mut **transaction)
            .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn recovery_codes(store: &Store, user: UserId) -> Result<i64, AuthorityError> {
    let row = sqlx::query(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM authority_recovery_code WHERE user_id = $1",
    )
    .bind(user.0)
    .fetch_one(store.reader())
    .await?;
    Ok(row.try_get(0)?)
}

/// A stored grant, before what lies below it is written out.
pub(crate) type StoredGrant = (UserId, Role, Jurisdiction);

fn grant(row: &AnyRow) -> Result<StoredGrant, AuthorityError> {
    let (role, kind, code): (String, String, String) =
        (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    let wrong = || AuthorityError::Stored(format!("the grant {role} {kind} {code}"));
    let parsed = Role::parse(&role).ok_or_else(wrong)?;
    let jurisdiction = Jurisdiction::parse(&kind, &code).ok_or_else(wrong)?;
    Ok((UserId(row.try_get(0)?), parsed, jurisdiction))
}

pub(crate) async fn grants(store: &Store) -> Result<Vec<StoredGrant>, AuthorityError> {
    let rows = sqlx::query(
        "SELECT user_id, role, jurisdiction, code FROM authority_grant ORDER BY user_id, id",
    )
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(grant).collect()
}

pub(crate) async fn grants_of(
    store: &Store,
    user: UserId,
) -> Result<Vec<StoredGrant>, AuthorityError> {
    let rows = sqlx::query(
        "SELECT user_id, role, jurisdiction, code FROM authority_grant WHERE user_id = $1 \
         ORDER BY id",
    )
    .bind(user.0)
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(grant).collect()
}

pub(crate) async fn insert_grant(
    transaction: &mut Transaction,
    (user, role, jurisdiction): &StoredGrant,
    now: Timestamp,
) -> Result<bool, AuthorityError> {
    let (kind, code) = jurisdiction.parts();
    let done = sqlx::query(
        "INSERT INTO authority_grant (user_id, role, jurisdiction, code, granted_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, role, jurisdiction, code) DO NOTHING",
    )
    .bind(user.0)
    .bind(role.as_str())
    .bind(kind)
    .bind(code)
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn delete_grant(
    transaction: &mut Transaction,
    (user, role, jurisdiction): &StoredGrant,
) -> Result<bool, AuthorityError> {
    let (kind, code) = jurisdiction.parts();
    let done = sqlx::query(
        "DELETE FROM authority_grant \
         WHERE user_id = $1 AND role = $2 AND jurisdiction = $3 AND code = $4",
    )
    .bind(user.0)
    .bind(role.as_str())
    .bind(kind)
    .bind(code)
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn insert_link(
    transaction: &mut Transaction,
    digest: Digest,
    user: UserId,
    purpose: Purpose,
    ends_at: Timestamp,
) -> Result<(), AuthorityError> {
    sqlx::query(
        "INSERT INTO authority_one_time_link (digest, user_id, purpose, ends_at) \
         VALUES ($1, $2, $3, $4)",
    )
    .bind(digest)
    .bind(user.0)
    .bind(purpose.as_str())
    .bind(ends_at.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(crate) async fn link(
    store: &Store,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<(UserId, Purpose)>, AuthorityError> {
    let row = sqlx::query(
        "SELECT user_id, purpose FROM authority_one_time_link WHERE digest = $1 AND ends_at > $2",
    )
    .bind(digest)
    .bind(now.as_millisecond())
    .fetch_optional(store.reader())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let purpose: String = row.try_get(1)?;
    Ok(Purpose::parse(&purpose).zip(Some(UserId(row.try_get(0)?))).map(|(what, who)| (who, what)))
}

/// Uses up a link; false when somebody else was first.
pub(crate) async fn delete_link(
    transaction: &mut Transaction,
    digest: Digest,
) -> Result<bool, AuthorityError> {
    let done = sqlx::query("DELETE FROM authority_one_time_link WHERE digest = $1")
        .bind(digest)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Withdraws what was sent to a user before, and what nobody can use any more.
pub(crate) async fn delete_links(
    transaction: &mut Transaction,
    user: UserId,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    sqlx::query("DELETE FROM authority_one_time_link WHERE user_id = $1 OR ends_at <= $2")
        .bind(user.0)
        .bind(now.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

pub(crate) async fn by_identity(
    store: &Store,
    issuer: &str,
    subject: &str,
) -> Result<Option<UserId>, AuthorityError> {
    let row =
        sqlx::query("SELECT user_id FROM authority_identity WHERE issuer = $1 AND subject = $2")
            .bind(issuer)
            .bind(subject)
            .fetch_optional(store.reader())
            .await?;
    row.map(|row| Ok(UserId(row.try_get(0)?))).transpose()
}

pub(crate) async fn insert_identity(
    transaction: &mut Transaction,
    issuer: &str,
    subject: &str,
    user: UserId,
) -> Result<bool, AuthorityError> {
    let done = sqlx::query(
        "INSERT INTO authority_identity (issuer, subject, user_id) VALUES ($1, $2, $3) \
         ON CONFLICT (issuer, subject) DO NOTHING",
    )
    .bind(issuer)
    .bind(subject)
    .bind(user.0)
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}
