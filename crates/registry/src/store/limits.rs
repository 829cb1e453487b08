//! Limits that something other than the city's files brings: each owner replaces its own.

use super::day;
use crate::RegistryError;
use crate::model::{Confidence, Limit, LimitBound};
use store::Transaction;

/// A limit with what decides between it and others.
#[derive(Clone, Debug)]
pub struct InstalledLimit {
    /// The limit.
    pub limit: Limit,
    /// On days on which several bind, the one of the highest rank holds; those of the city's files
    /// have rank 0.
    pub rank: u8,
    /// How far it can be trusted.
    pub confidence: Confidence,
}

/// Replaces all limits of an owner, such as the number of a permit, within the caller's
/// transaction. Call [`crate::Registry::reload`] after it is committed.
///
/// # Errors
/// When the database refuses.
pub async fn install_limits_of(
    transaction: &mut Transaction,
    owner: &str,
    limits: &[InstalledLimit],
) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM installed_limit WHERE owner = $1")
        .bind(owner.to_owned())
        .execute(&mut **transaction)
        .await?;
    for (place, InstalledLimit { limit, rank, confidence }) in limits.iter().enumerate() {
        let (least, most) = match &limit.bound {
            LimitBound::AtMost(most) => (None, most),
            LimitBound::Within(least, most) => (Some(least.to_string()), most),
        };
        sqlx::query(
            "INSERT INTO installed_limit (owner, place, point, factor, period, at_least, at_most, \
             on_converted, valid_from, valid_to, place_in_rank, source, confidence) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(owner.to_owned())
        .bind(place as i64)
        .bind(limit.point.0)
        .bind(i64::from(limit.factor.0))
        .bind(limit.period.code())
        .bind(least)
        .bind(most.to_string())
        .bind(i64::from(limit.on_converted))
        .bind(day(limit.valid_from))
        .bind(limit.valid_to.map(day))
        .bind(i64::from(*rank))
        .bind(limit.source.clone())
        .bind(confidence.as_str())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}
