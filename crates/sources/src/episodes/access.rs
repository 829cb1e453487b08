//! Who sees episodes and who decides on them: officers within their jurisdiction, an enterprise its
//! own.

use super::model::Episode;
use crate::alerts::subject_of;
use authority::audit::Actor;
use authority::{Action, Scope, Subject};
use registry::{PointId, PointKind, Snapshot};
use web::{Problem, SignedIn};

/// What an episode at a point is about; a point that is no longer listed is the installation's.
fn about(snapshot: &Snapshot, point: PointId) -> Subject {
    snapshot.point(point).map_or_else(Subject::installation, |point| subject_of(snapshot, point))
}

/// Refuses an episode that lies outside what somebody may see.
///
/// # Errors
/// 403 then.
pub(super) fn may_see(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    point: PointId,
) -> Result<(), Problem> {
    signed_in.allowed(Action::ReadAlerts, &about(snapshot, point)).map(|_| ())
}

/// Whether somebody may decide on an episode: count it, issue its packet.
///
/// # Errors
/// 403 when they may not.
pub(super) fn may_decide(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    episode: &Episode,
) -> Result<Actor, Problem> {
    may_decide_at(signed_in, snapshot, episode.computed.point)
}

/// Whether somebody may decide on what is found at a point.
///
/// # Errors
/// 403 when they may not.
pub(super) fn may_decide_at(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    point: PointId,
) -> Result<Actor, Problem> {
    signed_in.allowed(Action::DecideMarks, &about(snapshot, point))
}

/// Whether somebody may open a case of an episode.
///
/// # Errors
/// 403 when they may not.
pub(super) fn may_open_case(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    episode: &Episode,
) -> Result<(), Problem> {
    signed_in.allowed(Action::OpenCase, &about(snapshot, episode.computed.point)).map(|_| ())
}

/// The outlets whose episodes a scope holds; `None` = all.
pub(super) fn points(snapshot: &Snapshot, scope: &Scope) -> Option<Vec<PointId>> {
    if *scope == Scope::Everything {
        return None;
    }
    let outlets = snapshot.points_of(PointKind::Outlet);
    let held = outlets.filter(|point| scope.holds(&subject_of(snapshot, point)));
    Some(held.map(|point| point.id).collect())
}
