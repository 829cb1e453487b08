//! Who sees, makes and decides on marks: the enterprise at its own outlets, officers within their
//! jurisdiction.

use crate::alerts::subject_of;
use authority::audit::Actor;
use authority::{Action, Principal, Scope, decide, scope};
use axum::http::StatusCode;
use registry::{MonitoringPoint, PointId, PointKind, Snapshot};
use validity::ValidityError;
use web::{Problem, SignedIn};

/// The outlets whose marks somebody may see; `None` = all.
///
/// # Errors
/// 403 for those who may see none.
pub(super) fn points(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
) -> Result<Option<Vec<PointId>>, Problem> {
    let scope = signed_in.scope(Action::ReadAlerts)?;
    Ok(held(&scope, snapshot))
}

fn held(scope: &Scope, snapshot: &Snapshot) -> Option<Vec<PointId>> {
    if *scope == Scope::Everything {
        return None;
    }
    let outlets = snapshot.points_of(PointKind::Outlet);
    let seen = outlets.filter(|point| scope.holds(&subject_of(snapshot, point)));
    Some(seen.map(|point| point.id).collect())
}

/// Whether somebody may see the marks of an outlet.
///
/// # Errors
/// 403 when they may not.
pub(super) fn may_see(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    point: &MonitoringPoint,
) -> Result<(), Problem> {
    signed_in.allowed(Action::ReadAlerts, &subject_of(snapshot, point)).map(drop)
}

/// Who marks the data of an outlet, for the audit record.
///
/// # Errors
/// 403 for everybody but the enterprise.
pub(super) fn may_mark(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    point: &MonitoringPoint,
) -> Result<Actor, Problem> {
    signed_in.allowed(Action::MarkData, &subject_of(snapshot, point))
}

/// Who decides on the data of an outlet, for the audit record.
///
/// # Errors
/// 403 for everybody but officers of the jurisdiction.
pub(super) fn may_decide(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    point: &MonitoringPoint,
) -> Result<Actor, Problem> {
    signed_in.allowed(Action::DecideMarks, &subject_of(snapshot, point))
}

/// Whether a principal may do something at an outlet, for a page that offers it.
pub(super) fn may(
    principal: &Principal,
    action: Action,
    snapshot: &Snapshot,
    point: &MonitoringPoint,
) -> bool {
    decide(principal, action, &subject_of(snapshot, point)).is_allowed()
}

/// The outlets at which somebody may mark, in the order of the city's files.
pub(super) fn own<'snapshot>(
    principal: &Principal,
    snapshot: &'snapshot Snapshot,
) -> Vec<&'snapshot MonitoringPoint> {
    let scope = scope(principal, Action::MarkData);
    if scope == Scope::Nothing {
        return Vec::new();
    }
    let outlets = snapshot.points_of(PointKind::Outlet);
    outlets.filter(|point| may(principal, Action::MarkData, snapshot, point)).collect()
}

/// What a refusal of the rules answers: 400 with the reason; anything else is ours.
pub(super) fn refused(error: ValidityError) -> Problem {
    match error {
        ValidityError::Refused { code, zh, en } => {
            let status = match code {
                "validity.decided" | "validity.withdrawn" => StatusCode::CONFLICT,
                _ => StatusCode::BAD_REQUEST,
            };
            Problem::new(status, code, zh, en)
        }
        other => Problem::internal(&other),
    }
}
