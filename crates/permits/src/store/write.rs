//! Permits go in: a version with its limits and its audit record in one transaction.

use super::read::{self, background};
use crate::background::Background;
use crate::model::{Ended, Permit, PermitId, PermitVersion};
use crate::{PermitDraft, PermitError, limits, versions};
use ::store::{Store, Transaction};
use authority::audit::{self, Actor};
use jiff::Timestamp;
use registry::{EnterpriseId, Snapshot};
use serde_json::json;
use sqlx::Row as _;

/// What became of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The number of the new version; `None` where the permit says all of it already.
    pub version: Option<u32>,
    /// Whether approvals or quotas changed.
    pub has_new_background: bool,
    /// How many stretches of limits of this permit judges now use.
    pub limits: usize,
}

impl Kept {
    /// Whether anything was written.
    pub const fn is_changed(&self) -> bool {
        self.version.is_some() || self.has_new_background
    }
}

/// Keeps a draft: a new version where it says something else than the version that begins on the
/// same day, nothing where it does not. Reload the registry afterwards.
///
/// # Errors
/// When the number belongs to another enterprise, or the store fails.
pub async fn keep(
    store: &Store,
    actor: &Actor,
    snapshot: &Snapshot,
    enterprise: EnterpriseId,
    draft: &PermitDraft,
    now: Timestamp,
) -> Result<Kept, PermitError> {
    let mut transaction = store.begin().await?;
    let mut permit = permit(&mut transaction, draft, enterprise).await?;
    if permit.enterprise != enterprise {
        let holder = snapshot.enterprise(permit.enterprise);
        let holder = holder.map(|holder| holder.code.clone()).unwrap_or_default();
        return Err(PermitError::OtherHolder { number: draft.number.clone(), holder });
    }
    let mut known = read::in_transaction(&mut transaction, &draft.number).await?;
    permit.ended = known.first().and_then(|it| it.permit.ended.clone());
    let same_day = |it: &&PermitVersion| it.in_force_from == draft.content.in_force_from;
    let before = known.iter().filter(same_day).max_by_key(|it| it.version).cloned();
    let is_new = before.as_ref().is_none_or(|it| it.content != draft.content);
    let mut kept = Kept { version: None, has_new_background: false, limits: 0 };
    if is_new {
        let version = insert(&mut transaction, &permit, draft, actor, now).await?;
        kept.version = Some(version.version);
        let summary = |it: &PermitVersion| {
            json!({ "version": it.version, "in_force_from": it.in_force_from.to_string(),
                "reason": it.reason, "valid_to": it.valid_to.to_string() })
            .to_string()
        };
        let record = audit::Record {
            at: now,
            actor,
            action: "permit.version",
            subject: format!("permit {}", draft.number),
            before: versions::shown(&known, version.in_force_from).map(summary),
            after: Some(summary(&version)),
        };
        audit::record(&mut transaction, record).await?;
        known.push(version);
    }
    let rows = limits::of_permit(&known, snapshot);
    registry::store::install_limits_of(&mut transaction, &owner(&draft.number), &rows).await?;
    kept.limits = rows.len();
    if let Some(background) = &draft.background {
        kept.has_new_background =
            keep_background(&mut transaction, &permit, background, actor, now).await?;
    }
    transaction.commit().await?;
    Ok(kept)
}

fn owner(number: &str) -> String {
    format!("permit {number}")
}

/// The permit of a number, made where there is none, and locked: two who keep versions of the same
/// permit follow each other.
async fn permit(
    transaction: &mut Transaction,
    draft: &PermitDraft,
    enterprise: EnterpriseId,
) -> Result<Permit, PermitError> {
    sqlx::query(
        "INSERT INTO discharge_permit (number, enterprise) VALUES ($1, $2) \
         ON CONFLICT (number) DO NOTHING",
    )
    .bind(draft.number.clone())
    .bind(enterprise.0)
    .execute(&mut **transaction)
    .await?;
    lock(transaction, &draft.number).await?;
    let row = sqlx::query("SELECT id, enterprise FROM discharge_permit WHERE number = $1")
        .bind(draft.number.clone())
        .fetch_one(&mut **transaction)
        .await?;
    Ok(Permit {
        id: PermitId(row.try_get(0)?),
        number: draft.number.clone(),
        enterprise: EnterpriseId(row.try_get(1)?),
        class: draft.content.class,
        ended: None,
    })
}

async fn lock(transaction: &mut Transaction, number: &str) -> Result<(), PermitError> {
    sqlx::query("UPDATE discharge_permit SET number = number WHERE number = $1")
        .bind(number.to_owned())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn insert(
    transaction: &mut Transaction,
    permit: &Permit,
    draft: &PermitDraft,
    actor: &Actor,
    now: Timestamp,
) -> Result<PermitVersion, PermitError> {
    let highest: i64 = sqlx::query_scalar(
        "SELECT COALESCE(MAX(version), 0) FROM discharge_permit_version WHERE permit = $1",
    )
    .bind(permit.id.0)
    .fetch_one(&mut **transaction)
    .await?;
    let version = u32::try_from(highest + 1).map_err(|_| super::wrong("version", highest))?;
    let content = &draft.content;
    let text = serde_json::to_string(content).map_err(|error| super::wrong("version", error))?;
    sqlx::query(
        "INSERT INTO discharge_permit_version (permit, version, in_force_from, valid_to, class, \
         content, entered_at, entered_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(permit.id.0)
    .bind(highest + 1)
    .bind(content.in_force_from.to_string())
    .bind(content.valid_to.to_string())
    .bind(content.class.as_str())
    .bind(text)
    .bind(now.as_millisecond())
    .bind(actor.name.clone())
    .execute(&mut **transaction)
    .await?;
    Ok(PermitVersion {
        permit: permit.clone(),
        version,
        content: content.clone(),
        entered_at: now,
        entered_by: actor.name.clone(),
    })
}

async fn keep_background(
    transaction: &mut Transaction,
    permit: &Permit,
    wanted: &Background,
    actor: &Actor,
    now: Timestamp,
) -> Result<bool, PermitError> {
    let row = sqlx::query(
        "SELECT edition, content FROM discharge_permit_background WHERE permit = $1 \
         ORDER BY edition DESC LIMIT 1",
    )
    .bind(permit.id.0)
    .fetch_optional(&mut **transaction)
    .await?;
    let (edition, text) = match &row {
        Some(row) => (row.try_get::<i64, _>(0)?, Some(row.try_get::<String, _>(1)?)),
        None => (0, None),
    };
    let before = text.as_deref().map(background).transpose()?.unwrap_or_default();
    if before == *wanted {
        return Ok(false);
    }
    let after = serde_json::to_string(wanted).map_err(|error| super::wrong("approvals", error))?;
    sqlx::query(
        "INSERT INTO discharge_permit_background (permit, edition, content, entered_at, \
         entered_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(permit.id.0)
    .bind(edition + 1)
    .bind(after.clone())
    .bind(now.as_millisecond())
    .bind(actor.name.clone())
    .execute(&mut **transaction)
    .await?;
    let record = audit::Record {
        at: now,
        actor,
        action: "permit.background",
        subject: format!("permit {}", permit.number),
        before: text,
        after: Some(after),
    };
    audit::record(transaction, record).await?;
    Ok(true)
}

/// Ends a permit before its expiry: cancelled, withdrawn or revoked. Its limits are judged up to
/// this day. Reload the registry afterwards.
///
/// # Errors
/// When no permit has this number, or the store fails.
pub async fn end(
    store: &Store,
    actor: &Actor,
    snapshot: &Snapshot,
    number: &str,
    ended: &Ended,
    now: Timestamp,
) -> Result<(), PermitError> {
    let mut transaction = store.begin().await?;
    lock(&mut transaction, number).await?;
    let mut known = read::in_transaction(&mut transaction, number).await?;
    let Some(first) = known.first() else { return Err(PermitError::Unknown(number.to_owned())) };
    let told = |ended: &Ended| {
        json!({ "last_day": ended.last_day.to_string(), "reason": ended.reason }).to_string()
    };
    let before = first.permit.ended.as_ref().map(told);
    for version in &mut known {
        version.permit.ended = Some(ended.clone());
    }
    sqlx::query("UPDATE discharge_permit SET ended_on = $2, end_reason = $3 WHERE number = $1")
        .bind(number.to_owned())
        .bind(ended.last_day.to_string())
        .bind(ended.reason.clone())
        .execute(&mut *transaction)
        .await?;
    let rows = limits::of_permit(&known, snapshot);
    registry::store::install_limits_of(&mut transaction, &owner(number), &rows).await?;
    let record = audit::Record {
        at: now,
        actor,
        action: "permit.end",
        subject: format!("permit {number}"),
        before,
        after: Some(told(ended)),
    };
    audit::record(&mut transaction, record).await?;
    transaction.commit().await?;
    Ok(())
}
