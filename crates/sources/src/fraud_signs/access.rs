//! Who sees signs: officers within their jurisdiction. Not who speaks for an enterprise: a sign
//! seen too early warns whoever it is about.

use super::model::StoredSign;
use crate::alerts::subject_of;
use authority::audit::Actor;
use authority::{Action, Decision, Denial, Principal, Role, Scope, Subject, decide, scope};
use axum::http::StatusCode;
use registry::{MonitoringPoint, PointId, PointKind, Snapshot};
use web::{Problem, SignedIn};

/// An officer (监管人员): whoever has signed in, without what they hold for an enterprise.
pub(super) struct Officer<'request> {
    principal: Principal,
    signed_in: &'request SignedIn,
    /// What of the list they may see.
    scope: Scope,
}

impl<'request> Officer<'request> {
    /// Lets officers in.
    ///
    /// # Errors
    /// 403 for everybody else.
    pub(super) fn of(signed_in: &'request SignedIn) -> Result<Self, Problem> {
        let mut principal = signed_in.principal().clone();
        principal.grants.retain(|grant| grant.role != Role::EnterpriseManager);
        let scope = scope(&principal, Action::ReadAlerts);
        if scope == Scope::Nothing {
            let speaks_for_one = signed_in.principal().has_role(Role::EnterpriseManager);
            return Err(if speaks_for_one { for_officers() } else { denied(Denial::NoRole) });
        }
        Ok(Self { principal, signed_in, scope })
    }

    /// The outlets whose signs they may see; `None` = all.
    pub(super) fn points(&self, snapshot: &Snapshot) -> Option<Vec<PointId>> {
        if self.scope == Scope::Everything {
            return None;
        }
        let outlets = snapshot.points_of(PointKind::Outlet);
        let held = outlets.filter(|point| self.scope.holds(&subject_of(snapshot, point)));
        Some(held.map(|point| point.id).collect())
    }

    /// Refuses a sign that names no outlet in their jurisdiction.
    ///
    /// # Errors
    /// 403 then.
    pub(super) fn may_see(&self, snapshot: &Snapshot, sign: &StoredSign) -> Result<(), Problem> {
        self.decided(Action::ReadAlerts, snapshot, sign).map(|_| ())
    }

    /// Whether they may conclude anything about a sign; gives who acts, for the audit record.
    ///
    /// # Errors
    /// 403 when they may not.
    pub(super) fn may_conclude(
        &self,
        snapshot: &Snapshot,
        sign: &StoredSign,
    ) -> Result<Actor, Problem> {
        self.decided(Action::ActOnCase, snapshot, sign)
    }

    /// Whether they may have signs computed: those who act on them, and those who run the
    /// installation.
    pub(super) fn may_compute(&self) -> bool {
        let may = |action| scope(&self.principal, action) != Scope::Nothing;
        may(Action::ActOnCase) || may(Action::ImportObservations)
    }

    /// 403 for those who may not.
    ///
    /// # Errors
    /// Then.
    pub(super) fn to_compute(&self) -> Result<(), Problem> {
        if self.may_compute() { Ok(()) } else { Err(denied(Denial::NoRole)) }
    }

    /// Whether they may, at one of the outlets that a sign names.
    fn decided(
        &self,
        action: Action,
        snapshot: &Snapshot,
        sign: &StoredSign,
    ) -> Result<Actor, Problem> {
        let mut why = Denial::OutOfJurisdiction;
        for point in sign.points() {
            match decide(&self.principal, action, &about(snapshot, point)) {
                Decision::Allowed { rule } => {
                    let address = self.signed_in.origin().address.clone();
                    return Ok(Actor::of(&self.principal, address, rule));
                }
                Decision::Denied { why: because } => why = because,
            }
        }
        Err(denied(why))
    }
}

/// What a sign at a point is about; a point that is no longer listed is everybody's who sees all.
fn about(snapshot: &Snapshot, point: PointId) -> Subject {
    let of = |point: &MonitoringPoint| subject_of(snapshot, point);
    snapshot.point(point).map_or_else(Subject::installation, of)
}

fn denied(why: Denial) -> Problem {
    let (zh, en) = why.texts();
    Problem::new(StatusCode::FORBIDDEN, why.code(), zh, en)
}

fn for_officers() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "fraud_signs.officers_only",
        "此页供监管人员核查使用,企业账号不可查看",
        "this is for officers; an account of an enterprise does not see it",
    )
}
