//! The SQL of exchange: which case belongs to which number of a partner, and how far the partner
//! has been told.

use cases::CaseId;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use store::{Store, StoreError, Transaction};

/// A case of a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exchanged {
    pub(super) partner: String,
    pub(super) partner_number: String,
    pub(super) case: CaseId,
    pub(super) number: String,
    pub(super) told: Told,
}

/// How far a partner has been told: the last entry of the case, and of the one into which it was
/// merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) own: i64,
    pub(super) main: i64,
}

const COLUMNS: &str = "partner, partner_number, case_id, number, told_sequence, told_main_sequence";

/// Notes a case of a partner; one that is known stays as it is.
pub(super) async fn insert(
    store: &Store,
    new: &Exchanged,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO supervision_exchange_case \
         (partner, partner_number, case_id, number, opened_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (partner, partner_number) DO NOTHING",
    )
    .bind(&new.partner)
    .bind(&new.partner_number)
    .bind(new.case.0)
    .bind(&new.number)
    .bind(now.as_millisecond())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// The case of a partner's number.
pub(super) async fn find(
    store: &Store,
    partner: &str,
    partner_number: &str,
) -> Result<Option<Exchanged>, StoreError> {
    let text = format!(
        "SELECT {COLUMNS} FROM supervision_exchange_case \
         WHERE partner = $1 AND partner_number = $2"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(partner)
        .bind(partner_number)
        .fetch_optional(store.reader())
        .await?;
    row.as_ref().map(exchanged).transpose()
}

/// Cases that are not over, by their ids, those behind an id.
pub(super) async fn open_behind(
    store: &Store,
    after: CaseId,
    limit: i64,
) -> Result<Vec<Exchanged>, StoreError> {
    let text = format!(
        "SELECT {COLUMNS} FROM supervision_exchange_case \
         WHERE is_over = 0 AND case_id > $1 ORDER BY case_id LIMIT $2"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(after.0)
        .bind(limit)
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(exchanged).collect()
}

/// Notes how far the partner of a case is told, and whether the case is over.
pub(super) async fn note_told(
    transaction: &mut Transaction,
    one: &Exchanged,
    told: Told,
    is_over: bool,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE supervision_exchange_case SET told_sequence = $3, told_main_sequence = $4, \
         is_over = $5 WHERE partner = $1 AND partner_number = $2",
    )
    .bind(&one.partner)
    .bind(&one.partner_number)
    .bind(told.own)
    .bind(told.main)
    .bind(i64::from(is_over))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Whether a message of a partner was taken.
pub(super) async fn is_taken(
    store: &Store,
    partner: &str,
    message: &str,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM supervision_exchange_message WHERE partner = $1 AND message_id = $2",
    )
    .bind(partner)
    .bind(message)
    .fetch_optional(store.reader())
    .await?;
    Ok(row.is_some())
}

/// Notes that a message of a partner was taken.
pub(super) async fn note_taken(
    store: &Store,
    partner: &str,
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO supervision_exchange_message (partner, message_id, taken_at) \
         VALUES ($1, $2, $3) ON CONFLICT (partner, message_id) DO NOTHING",
    )
    .bind(partner)
    .bind(message)
    .bind(now.as_millisecond())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

fn exchanged(row: &AnyRow) -> Result<Exchanged, StoreError> {
    Ok(Exchanged {
        partner: row.try_get(0)?,
        partner_number: row.try_get(1)?,
        case: CaseId(row.try_get(2)?),
        number: row.try_get(3)?,
        told: Told { own: row.try_get(4)?, main: row.try_get(5)? },
    })
}
