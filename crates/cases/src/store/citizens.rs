//! What is sealed of citizens, and the digests of their codes.

use super::{Into, by_numbers};
use crate::{CaseError, CaseId};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;
use std::collections::HashMap;

/// Sealed personal data of a case, and by what the reporter is known again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) body: Vec<u8>,
    pub(crate) contact: Option<Vec<u8>>,
}

const SEALED: Into = Into {
    table: "case_sealed",
    columns: &["case_id", "body", "contact"],
    tail: "ON CONFLICT (case_id) DO UPDATE SET body = excluded.body, contact = excluded.contact",
};

/// Keeps sealed data, in place of what was there.
pub(crate) async fn put_sealed(
    transaction: &mut Transaction,
    sealed: &[(CaseId, Sealed)],
) -> Result<(), CaseError> {
    SEALED
        .insert(transaction, sealed, |query, (case, sealed)| {
            query.bind(case.0).bind(sealed.body.clone()).bind(sealed.contact.clone())
        })
        .await
}

/// The sealed data of cases.
pub(crate) async fn sealed(
    connection: &mut sqlx::AnyConnection,
    ids: &[i64],
) -> Result<HashMap<CaseId, Sealed>, CaseError> {
    let text = "SELECT case_id, body, contact FROM case_sealed WHERE case_id IN ({})";
    let rows = by_numbers(connection, text, ids).await?;
    rows.iter()
        .map(|row| {
            let sealed = Sealed { body: row.try_get(1)?, contact: row.try_get(2)? };
            Ok((CaseId(row.try_get(0)?), sealed))
        })
        .collect()
}

/// A code given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) purpose: &'static str,
    pub(crate) digest: Vec<u8>,
    pub(crate) issued_at: Timestamp,
}

const CODE: Into = Into {
    table: "case_code",
    columns: &["case_id", "purpose", "digest", "issued_at"],
    tail: "ON CONFLICT (case_id, purpose) DO NOTHING",
};

/// Keeps the digests of codes; the first of a case for a use stands.
pub(crate) async fn insert_codes(
    transaction: &mut Transaction,
    codes: &[(CaseId, Code)],
) -> Result<(), CaseError> {
    CODE.insert(transaction, codes, |query, (case, code)| {
        query
            .bind(case.0)
            .bind(code.purpose)
            .bind(code.digest.clone())
            .bind(code.issued_at.as_millisecond())
    })
    .await
}

/// The digest of a code and whether it was used.
pub(crate) async fn code(
    connection: &mut sqlx::AnyConnection,
    case: CaseId,
    purpose: &str,
) -> Result<Option<(Vec<u8>, bool)>, CaseError> {
    let found =
        sqlx::query("SELECT digest, used_at FROM case_code WHERE case_id = $1 AND purpose = $2")
            .bind(case.0)
            .bind(purpose.to_owned())
            .fetch_optional(connection)
            .await?;
    let Some(row) = found else { return Ok(None) };
    Ok(Some((row.try_get(0)?, row.try_get::<Option<i64>, _>(1)?.is_some())))
}

/// Notes that a code was used; false when it was before.
pub(crate) async fn use_code(
    transaction: &mut Transaction,
    case: CaseId,
    purpose: &str,
    now: Timestamp,
) -> Result<bool, CaseError> {
    let done = sqlx::query(
        "UPDATE case_code SET used_at = $1 WHERE case_id = $2 AND purpose = $3 \
         AND used_at IS NULL",
    )
    .bind(now.as_millisecond())
    .bind(case.0)
    .bind(purpose.to_owned())
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Reads one sealed row.
pub(crate) async fn sealed_of(store: &Store, case: CaseId) -> Result<Option<Sealed>, CaseError> {
    let mut connection = store.reader().acquire().await?;
    Ok(sealed(&mut connection, &[case.0]).await?.remove(&case))
}

/// Whether anything is sealed.
pub(crate) async fn is_anything_sealed(store: &Store) -> Result<bool, CaseError> {
    let found = sqlx::query("SELECT case_id FROM case_sealed LIMIT 1")
        .fetch_optional(store.reader())
        .await?;
    Ok(found.is_some())
}
