//! Who sees a sheet and who may enter what: the unit states and appeals, the city verifies,
//! another decides. What is published is everybody's (Code, article 27).

use ::assessment::{EventKind, Sheet};
use authority::audit::Actor;
use authority::{Action, Denial, Role, Subject, decide};
use axum::http::StatusCode;
use registry::Snapshot;
use web::{AppState, Problem, SignedIn, Visitor};

/// What an action on a unit's sheet is about.
pub(super) async fn subject(
    state: &AppState,
    snapshot: &Snapshot,
    unit: &str,
) -> Result<Subject, Problem> {
    if snapshot.divisions.iter().any(|division| division.code == unit) {
        return Ok(Subject::installation().in_division(unit));
    }
    let organisations = state.authority.organisations().await.map_err(Problem::of_people)?;
    let found = organisations.iter().find(|organisation| organisation.code == unit);
    Ok(found
        .map_or_else(Subject::installation, |it| Subject::installation().of_organisation(it.id)))
}

/// Whether a visitor may see a sheet that may not be published yet.
pub(super) fn sees(visitor: &Visitor, subject: &Subject, sheet: &Sheet) -> bool {
    let Some(signed_in) = &visitor.signed_in else { return sheet.is_published };
    let mut principal = signed_in.principal().clone();
    principal.grants.retain(|grant| grant.role != Role::EnterpriseManager);
    let may = |action| decide(&principal, action, subject).is_allowed();
    sheet.is_published || may(Action::ManagePlan) || may(Action::ReadAudit)
}

/// Whether somebody keeps the plan of the whole city.
pub(super) fn keeps_all(signed_in: &SignedIn) -> bool {
    signed_in.allowed(Action::ManagePlan, &Subject::installation()).is_ok()
}

/// Whether somebody may make such an entry.
pub(super) fn may(signed_in: &SignedIn, subject: &Subject, kind: &EventKind) -> bool {
    to_enter(signed_in, subject, kind).is_ok()
}

/// Who makes an entry, for the audit record.
///
/// # Errors
/// 403 when they may not: the unit's own people state and appeal; who answers for the whole city
/// does the rest; only a leader decides appeals and takes vetoes back.
pub(super) fn to_enter(
    signed_in: &SignedIn,
    subject: &Subject,
    kind: &EventKind,
) -> Result<Actor, Problem> {
    let whole = Subject::installation();
    match kind {
        EventKind::Stated { .. } | EventKind::Appealed { .. } => {
            signed_in.allowed(Action::ManagePlan, subject)
        }
        EventKind::Verified { .. }
        | EventKind::Adjusted { .. }
        | EventKind::Vetoed { .. }
        | EventKind::Published => signed_in.allowed(Action::ManagePlan, &whole),
        EventKind::Decided { .. } | EventKind::VetoLifted { .. } => {
            let actor = signed_in.allowed(Action::ManagePlan, &whole)?;
            if signed_in.principal().has_role(Role::Leader) {
                return Ok(actor);
            }
            let (zh, en) = Denial::NoRole.texts();
            Err(Problem::new(StatusCode::FORBIDDEN, Denial::NoRole.code(), zh, en))
        }
    }
}
