//! Numbers given one after the other, without gaps.

use crate::CaseError;
use ::store::Transaction;
use sqlx::Row as _;
use std::collections::BTreeMap;

/// The last numbers given, held against others until the transaction ends.
pub(crate) async fn hold(
    transaction: &mut Transaction,
    names: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, i64>, CaseError> {
    let mut held = BTreeMap::new();
    for name in names {
        let row = sqlx::query(
            "INSERT INTO case_counter (name, last) VALUES ($1, 0) \
             ON CONFLICT (name) DO UPDATE SET last = case_counter.last RETURNING last",
        )
        .bind(name.clone())
        .fetch_one(&mut **transaction)
        .await?;
        held.insert(name, row.try_get(0)?);
    }
    Ok(held)
}

/// Writes the last numbers given.
pub(crate) async fn write(
    transaction: &mut Transaction,
    counters: &BTreeMap<String, i64>,
) -> Result<(), CaseError> {
    for (name, last) in counters {
        sqlx::query("UPDATE case_counter SET last = $1 WHERE name = $2")
            .bind(*last)
            .bind(name.clone())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}
