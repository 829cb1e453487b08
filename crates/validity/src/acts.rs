//! What people do: an enterprise marks and withdraws, the bureau decides. Each writes a row and its
//! audit record in one transaction and changes no row that is there.
//!
//! Who may is decided by the caller; what may be said is decided here.

use crate::error::ValidityError;
use crate::inputs::MarkEffect;
use crate::model::{BureauVerdict, DecisionId, EnterpriseMark, MarkId};
use crate::month::day_of;
use crate::rules::{facilities, mark_due, mark_kind};
use crate::store::{decisions, marks};
use ::store::{Store, Transaction};
use authority::audit::{self, Actor};
use jiff::{SignedDuration, Timestamp};
use registry::{FactorId, PointId};
use serde_json::{Value, json};

/// The facility that none of the listed ones is.
pub const OTHER_FACILITY: &str = "other";
/// A reason has at most so many letters.
const REASON_MAX: usize = 1000;
/// A reason has at least so many letters.
const REASON_MIN: usize = 4;
/// A stretch is at most so long.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 92);

/// A mark that an enterprise wants to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMark {
    /// The outlet.
    pub point: PointId,
    /// The factor; `None` = all of the outlet.
    pub factor: Option<FactorId>,
    /// From when, counted.
    pub from: Timestamp,
    /// Until when, not counted.
    pub to: Timestamp,
    /// A kind of `marks.csv`.
    pub kind: String,
    /// For start-up and shut-down: the facility, or [`OTHER_FACILITY`]; empty for other kinds.
    pub facility: String,
    /// Why.
    pub reason: String,
    /// The digest of a file that proves it.
    pub evidence: Option<String>,
    /// The name of that file.
    pub evidence_name: Option<String>,
}

/// A decision of the bureau on data by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDecision {
    /// The outlet.
    pub point: PointId,
    /// The factor; `None` = all of the outlet.
    pub factor: Option<FactorId>,
    /// From when, counted.
    pub from: Timestamp,
    /// Until when, not counted.
    pub to: Timestamp,
    /// True = the stretch counts, false = it does not.
    pub is_valid: bool,
    /// Why.
    pub reason: String,
    /// The digest of a file that proves it.
    pub evidence: Option<String>,
}

fn refused(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> ValidityError {
    ValidityError::Refused { code, zh: zh.into(), en: en.into() }
}

fn check_reason(reason: &str) -> Result<(), ValidityError> {
    let length = reason.trim().chars().count();
    if (REASON_MIN..=REASON_MAX).contains(&length) {
        return Ok(());
    }
    Err(refused(
        "validity.reason",
        format!("请用 {REASON_MIN} 至 {REASON_MAX} 字写明理由"),
        format!("give a reason of {REASON_MIN} to {REASON_MAX} letters"),
    ))
}

fn check_stretch(from: Timestamp, to: Timestamp, now: Timestamp) -> Result<(), ValidityError> {
    if from >= to {
        return Err(refused(
            "validity.stretch",
            "结束时间须晚于开始时间",
            "the end has to be after the beginning",
        ));
    }
    if to > now {
        return Err(refused(
            "validity.future",
            "不能标记尚未发生的时段，请在时段结束后标记",
            "a stretch that is not over cannot be marked; mark it when it has ended",
        ));
    }
    if to.duration_since(from) > LONGEST {
        return Err(refused(
            "validity.too_long",
            "一次最多标记 92 天，请分段标记",
            "at most 92 days at once; mark it in parts",
        ));
    }
    Ok(())
}

/// Marks a stretch of an enterprise's own data. The same mark sent twice is one mark.
///
/// # Errors
/// [`ValidityError::Refused`] when the mark cannot be; when the store fails.
pub async fn mark(
    store: &Store,
    actor: &Actor,
    new: &NewMark,
    now: Timestamp,
) -> Result<MarkId, ValidityError> {
    check_stretch(new.from, new.to, now)?;
    check_reason(&new.reason)?;
    check_kind(new)?;
    let is_late = now > mark_due(new.to);
    let mut transaction = store.begin().await?;
    if let Some(same) = marks::same(&mut transaction, new).await? {
        return Ok(same);
    }
    let row = marks::Insertion { mark: new, is_late, actor, now };
    let id = marks::insert(&mut transaction, &row).await?;
    let after = json!({ "point": new.point.0, "factor": new.factor.map(|factor| factor.0),
        "from": new.from.to_string(), "to": new.to.to_string(), "kind": new.kind,
        "facility": new.facility, "reason": new.reason, "evidence": new.evidence,
        "is_late": is_late });
    note(&mut transaction, actor, "mark.make", format!("mark {}", id.0), &after, now).await?;
    transaction.commit().await?;
    Ok(id)
}

fn check_kind(new: &NewMark) -> Result<(), ValidityError> {
    let on = day_of(new.from);
    let Some(kind) = mark_kind(&new.kind, on) else {
        return Err(refused(
            "validity.kind",
            "请选择标记种类；该日期没有这种标记",
            "choose a kind of mark; there is none of that name on that day",
        ));
    };
    let needs_facility = kind.effect == MarkEffect::Exempt && kind.phase != "fault";
    let is_listed = new.facility == OTHER_FACILITY
        || facilities(on).iter().any(|(facility, _)| *facility == new.facility);
    if needs_facility && !is_listed {
        return Err(refused(
            "validity.facility",
            "启停标记须选择设施类型，以便确定豁免时限",
            "a mark of start-up or shut-down names the facility: the hours allowed depend on it",
        ));
    }
    if !needs_facility && !new.facility.is_empty() {
        return Err(refused(
            "validity.facility",
            "此种标记不需要设施类型",
            "this kind of mark names no facility",
        ));
    }
    Ok(())
}

/// Withdraws a mark on which nobody has decided; the mark and its withdrawal both stay.
///
/// # Errors
/// [`ValidityError::Refused`] when it has been withdrawn or decided; when the store fails.
pub async fn withdraw(
    store: &Store,
    actor: &Actor,
    id: MarkId,
    reason: &str,
    now: Timestamp,
) -> Result<(), ValidityError> {
    check_reason(reason)?;
    let mut transaction = store.begin().await?;
    if !decisions::decisions_on(store, &[id]).await?.is_empty() {
        return Err(refused(
            "validity.decided",
            "该标记已审核，不能撤回；如有异议请联系审核部门",
            "the mark has been decided on and stays; speak with who decided",
        ));
    }
    if !marks::withdraw(&mut transaction, id, reason.trim(), actor, now).await? {
        return Err(already_withdrawn());
    }
    let after = json!({ "reason": reason.trim() });
    note(&mut transaction, actor, "mark.withdraw", format!("mark {}", id.0), &after, now).await?;
    transaction.commit().await?;
    Ok(())
}

fn already_withdrawn() -> ValidityError {
    refused("validity.withdrawn", "该标记已撤回", "the mark has been withdrawn")
}

/// Accepts or rejects marks, all of them or none, each with a row and an audit record of its own.
///
/// # Errors
/// [`ValidityError::Refused`] when one was withdrawn; when the store fails.
pub async fn decide_marks(
    store: &Store,
    actor: &Actor,
    on: &[EnterpriseMark],
    is_accepted: bool,
    reason: &str,
    now: Timestamp,
) -> Result<Vec<DecisionId>, ValidityError> {
    check_reason(reason)?;
    if on.is_empty() {
        return Err(refused(
            "validity.none_chosen",
            "请至少选择一条标记",
            "choose at least one mark",
        ));
    }
    let verdict = if is_accepted { BureauVerdict::Accepted } else { BureauVerdict::Rejected };
    let mut transaction = store.begin().await?;
    let mut made = Vec::with_capacity(on.len());
    for mark in on {
        if mark.withdrawn.is_some() {
            return Err(already_withdrawn());
        }
        let row = decisions::Insertion {
            mark: Some(mark.id),
            point: mark.point,
            factor: mark.factor,
            from: mark.from,
            to: mark.to,
            verdict,
            reason: reason.trim(),
            evidence: None,
            actor,
            now,
        };
        made.push(decisions::insert(&mut transaction, &row).await?);
        let after = json!({ "verdict": verdict.as_str(), "reason": reason.trim() });
        let subject = format!("mark {}", mark.id.0);
        note(&mut transaction, actor, "mark.decide", subject, &after, now).await?;
    }
    transaction.commit().await?;
    Ok(made)
}

/// Holds a stretch valid or invalid, whatever the device or the enterprise says of it.
///
/// # Errors
/// [`ValidityError::Refused`] when the stretch or the reason cannot be; when the store fails.
pub async fn decide_data(
    store: &Store,
    actor: &Actor,
    new: &NewDecision,
    now: Timestamp,
) -> Result<DecisionId, ValidityError> {
    check_stretch(new.from, new.to, now)?;
    check_reason(&new.reason)?;
    let verdict = if new.is_valid { BureauVerdict::Valid } else { BureauVerdict::Invalid };
    let mut transaction = store.begin().await?;
    let row = decisions::Insertion {
        mark: None,
        point: new.point,
        factor: new.factor,
        from: new.from,
        to: new.to,
        verdict,
        reason: new.reason.trim(),
        evidence: new.evidence.as_deref(),
        actor,
        now,
    };
    let id = decisions::insert(&mut transaction, &row).await?;
    let after = json!({ "point": new.point.0, "factor": new.factor.map(|factor| factor.0),
        "from": new.from.to_string(), "to": new.to.to_string(), "verdict": verdict.as_str(),
        "reason": new.reason.trim() });
    let subject = format!("point {}", new.point.0);
    note(&mut transaction, actor, "data.decide", subject, &after, now).await?;
    transaction.commit().await?;
    Ok(id)
}

async fn note(
    transaction: &mut Transaction,
    actor: &Actor,
    action: &'static str,
    subject: String,
    after: &Value,
    now: Timestamp,
) -> Result<(), ValidityError> {
    let record = audit::Record {
        at: now,
        actor,
        action,
        subject,
        before: None,
        after: Some(after.to_string()),
    };
    audit::record(transaction, record).await?;
    Ok(())
}
