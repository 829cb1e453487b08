//! The audit record (审计记录): who did what, from where, by which rule, what it changed.
//!
//! A record is written in the transaction of the change itself: neither stands without the other.

use crate::{Authority, AuthorityError, Principal, UserId, store};
use ::store::{Store, Transaction};
use jiff::Timestamp;

/// Who acts, and from where: what every change is told.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user, where it is one.
    pub user: Option<UserId>,
    /// Their login, a token's name, or the program.
    pub name: String,
    /// Where from: an address, or `console`.
    pub origin: String,
    /// For whom, where somebody stands in.
    pub on_behalf_of: Option<String>,
    /// The rule that allows it, as [`crate::Decision::Allowed`] gives it.
    pub rule: String,
}

impl Actor {
    /// A principal who acts by a rule.
    pub fn of(principal: &Principal, origin: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            user: principal.user,
            name: principal.name.clone(),
            origin: origin.into(),
            on_behalf_of: None,
            rule: rule.into(),
        }
    }

    /// Whoever may write into the data folder.
    pub fn console() -> Self {
        Self {
            user: None,
            name: "console".into(),
            origin: "console".into(),
            on_behalf_of: None,
            rule: "console".into(),
        }
    }
}

/// What is written down.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// When.
    pub at: Timestamp,
    /// Who, from where, by which rule.
    pub actor: &'a Actor,
    /// What was done, `user.disable`, `case.read_personal_data`.
    pub action: &'a str,
    /// To what, `user 7`, `case 2026-000123`.
    pub subject: String,
    /// What was there before, as JSON.
    pub before: Option<String>,
    /// What is there now, as JSON.
    pub after: Option<String>,
}

/// Writes a record within the transaction of what it tells.
///
/// # Errors
/// When the database refuses.
pub async fn record(
    transaction: &mut Transaction,
    record: Record<'_>,
) -> Result<i64, AuthorityError> {
    store::audit::insert(transaction, &record).await
}

/// The records after this one, the oldest first, at most `limit`: for whoever follows the audit.
///
/// On PostgreSQL a record may appear later than one of a higher number, when its transaction took
/// longer.
///
/// # Errors
/// When the store fails.
pub async fn after(
    store: &Store,
    record: i64,
    limit: u32,
) -> Result<Vec<Recorded>, AuthorityError> {
    store::audit::after(store, record, limit).await
}

/// The numbers of the records after this one, the lowest first, at most `limit`, whatever they
/// hold.
///
/// # Errors
/// When the store fails.
pub async fn numbers_after(
    store: &Store,
    record: i64,
    limit: u32,
) -> Result<Vec<i64>, AuthorityError> {
    store::audit::numbers_after(store, record, limit).await
}

/// A record as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The user, where it was one.
    pub user: Option<UserId>,
    /// Their name.
    pub who: String,
    /// Where from.
    pub origin: String,
    /// For whom.
    pub on_behalf_of: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// By which rule.
    pub rule: String,
    /// What was there before, as JSON.
    pub before: Option<String>,
    /// What was there afterwards, as JSON.
    pub after: Option<String>,
}

/// Which records to read: each part narrows, an empty one does not.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// By whom, their name.
    pub who: String,
    /// What was done, its beginning: `user.`.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Since when.
    pub from: Option<Timestamp>,
    /// Until when, not included.
    pub until: Option<Timestamp>,
}

impl Authority {
    /// Records of the audit, the newest first, at most `limit`, those before the record `before`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u16,
    ) -> Result<Vec<Recorded>, AuthorityError> {
        store::audit::page(&self.store, filter, before, limit).await
    }
}
