//! The SQL of audit records.

use crate::audit::{AuditFilter, Record, Recorded};
use crate::store::{instant, instant_or_none};
use crate::{AuthorityError, UserId};
use ::store::{Store, Transaction};
use sqlx::Row as _;
use sqlx::any::AnyRow;

pub(crate) async fn insert(
    transaction: &mut Transaction,
    record: &Record<'_>,
) -> Result<i64, AuthorityError> {
    let actor = record.actor;
    let row = sqlx::query(
        "INSERT INTO audit_record \
         (at, user_id, who, origin, on_behalf_of, action, subject, rule, before, after) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
    )
    .bind(record.at.as_millisecond())
    .bind(actor.user.map(|user| user.0))
    .bind(&actor.name)
    .bind(&actor.origin)
    .bind(actor.on_behalf_of.as_deref())
    .bind(record.action)
    .bind(&record.subject)
    .bind(&actor.rule)
    .bind(record.before.as_deref())
    .bind(record.after.as_deref())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(row.try_get(0)?)
}

pub(crate) async fn page(
    store: &Store,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: u16,
) -> Result<Vec<Recorded>, AuthorityError> {
    let like: String = filter
        .action
        .chars()
        .flat_map(|letter| match letter {
            '%' | '_' | '\\' => vec!['\\', letter],
            other => vec![other],
        })
        .collect();
    let rows = sqlx::query(
        "SELECT id, at, user_id, who, origin, on_behalf_of, action, subject, rule, before, after \
         FROM audit_record WHERE id < $1 AND at >= $2 AND at < $3 \
         AND ($4 = '' OR who = $4) AND ($5 = '' OR action LIKE $5 ESCAPE '\\') \
         AND ($6 = '' OR subject = $6) ORDER BY id DESC LIMIT $7",
    )
    .bind(before.unwrap_or(i64::MAX))
    .bind(instant_or_none(filter.from).unwrap_or(i64::MIN))
    .bind(instant_or_none(filter.until).unwrap_or(i64::MAX))
    .bind(&filter.who)
    .bind(if like.is_empty() { String::new() } else { format!("{like}%") })
    .bind(&filter.subject)
    .bind(i64::from(limit))
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(recorded).collect()
}

pub(crate) async fn after(
    store: &Store,
    record: i64,
    limit: u32,
) -> Result<Vec<Recorded>, AuthorityError> {
    let rows = sqlx::query(
        "SELECT id, at, user_id, who, origin, on_behalf_of, action, subject, rule, before, after \
         FROM audit_record WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind(record)
    .bind(i64::from(limit))
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(recorded).collect()
}

pub(crate) async fn numbers_after(
    store: &Store,
    record: i64,
    limit: u32,
) -> Result<Vec<i64>, AuthorityError> {
    let rows = sqlx::query("SELECT id FROM audit_record WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(record)
        .bind(i64::from(limit))
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

fn recorded(row: &AnyRow) -> Result<Recorded, AuthorityError> {
    Ok(Recorded {
        id: row.try_get(0)?,
        at: instant(row.try_get(1)?)?,
        user: row.try_get::<Option<i64>, _>(2)?.map(UserId),
        who: row.try_get(3)?,
        origin: row.try_get(4)?,
        on_behalf_of: row.try_get(5)?,
        action: row.try_get(6)?,
        subject: row.try_get(7)?,
        rule: row.try_get(8)?,
        before: row.try_get(9)?,
        after: row.try_get(10)?,
    })
}
