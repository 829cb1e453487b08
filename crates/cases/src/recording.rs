//! Audit records of what is no change of a case: reading personal data, one's own affairs.

use crate::CaseError;
use ::store::Transaction;
use authority::audit::{Record, record};
use authority::{Actor, Principal};
use jiff::Timestamp;

/// Writes down what somebody does in their own affairs.
pub(crate) async fn record_own(
    transaction: &mut Transaction,
    principal: &Principal,
    action: &str,
    what: &str,
    now: Timestamp,
) -> Result<(), CaseError> {
    let actor = Actor::of(principal, "", "self");
    let subject = principal.user.map_or_else(String::new, |user| format!("user {}", user.0));
    let after = Some(serde_json::json!({ "name": what }).to_string());
    let written = Record { at: now, actor: &actor, action, subject, before: None, after };
    record(transaction, written).await?;
    Ok(())
}

/// Writes down that somebody read personal data of a case, and why.
pub(crate) async fn record_reading(
    transaction: &mut Transaction,
    actor: &Actor,
    number: &str,
    reason: &str,
    now: Timestamp,
) -> Result<(), CaseError> {
    let after = Some(serde_json::json!({ "reason": reason }).to_string());
    let subject = format!("case {number}");
    let action = "case.read_personal_data";
    record(transaction, Record { at: now, actor, action, subject, before: None, after }).await?;
    Ok(())
}
