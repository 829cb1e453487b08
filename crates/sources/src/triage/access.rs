//! Who works at the desk: officers within their jurisdiction. Not who speaks for an enterprise: a
//! finding seen too early warns whoever it is about.

use super::model::Finding;
use crate::alerts::subject_of;
use authority::audit::Actor;
use authority::{Action, Decision, Denial, Principal, Role, Scope, Subject, decide, scope};
use axum::http::StatusCode;
use registry::{PointId, PointKind, Snapshot};
use web::{Problem, SignedIn};

/// An officer (监管人员): whoever has signed in, without what they hold for an enterprise.
pub(super) struct Officer {
    principal: Principal,
    address: String,
    scope: Scope,
}

impl Officer {
    /// Lets officers in.
    ///
    /// # Errors
    /// 403 for everybody else.
    pub(super) fn of(signed_in: &SignedIn) -> Result<Self, Problem> {
        let officer = Self::principal(signed_in.principal());
        if officer.scope == Scope::Nothing {
            let speaks_for_one = signed_in.principal().has_role(Role::EnterpriseManager);
            return Err(if speaks_for_one { for_officers() } else { denied(Denial::NoRole) });
        }
        Ok(Self { address: signed_in.origin().address.clone(), ..officer })
    }

    /// What of somebody is an officer; it may be nothing.
    pub(super) fn principal(principal: &Principal) -> Self {
        let mut principal = principal.clone();
        principal.grants.retain(|grant| grant.role != Role::EnterpriseManager);
        let scope = scope(&principal, Action::ReadAlerts);
        Self { principal, address: String::new(), scope }
    }

    /// The outlets that they may see; `None` = all.
    pub(super) fn points(&self, snapshot: &Snapshot) -> Option<Vec<PointId>> {
        if self.scope == Scope::Everything {
            return None;
        }
        let outlets = snapshot.points_of(PointKind::Outlet);
        let held = outlets.filter(|point| self.scope.holds(&subject_of(snapshot, point)));
        Some(held.map(|point| point.id).collect())
    }

    /// Refuses a finding outside their jurisdiction.
    ///
    /// # Errors
    /// 403 then.
    pub(super) fn may_see(&self, snapshot: &Snapshot, finding: &Finding) -> Result<(), Problem> {
        self.decided(Action::ReadAlerts, snapshot, finding).map(|_| ())
    }

    /// Whether they may judge a finding; gives who acts, for the audit record.
    ///
    /// # Errors
    /// 403 when they may not.
    pub(super) fn may_judge(
        &self,
        snapshot: &Snapshot,
        finding: &Finding,
    ) -> Result<Actor, Problem> {
        self.decided(Action::DecideMarks, snapshot, finding)
    }

    /// Whether they may make an order of a finding; gives who acts, for the audit record.
    ///
    /// # Errors
    /// 403 when they may not.
    pub(super) fn may_order(
        &self,
        snapshot: &Snapshot,
        finding: &Finding,
    ) -> Result<Actor, Problem> {
        let is_of_the_desk = [Role::DutyOfficer, Role::CountyOfficer]
            .into_iter()
            .any(|role| self.principal.has_role(role));
        if !is_of_the_desk {
            return Err(denied(Denial::NoRole));
        }
        self.decided(Action::OpenCase, snapshot, finding)
    }

    /// Whether they may take the list out as a file.
    ///
    /// # Errors
    /// 403 when they may not.
    pub(super) fn may_export(&self) -> Result<(), Problem> {
        match scope(&self.principal, Action::Export) {
            Scope::Nothing => Err(denied(Denial::NoRole)),
            _ => Ok(()),
        }
    }

    /// Whether they may read cases.
    pub(super) fn reads_cases(&self) -> bool {
        scope(&self.principal, Action::ReadCase) != Scope::Nothing
    }

    /// Who they are, as officers.
    pub(super) fn as_principal(&self) -> &Principal {
        &self.principal
    }

    /// From where they come.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    fn decided(
        &self,
        action: Action,
        snapshot: &Snapshot,
        finding: &Finding,
    ) -> Result<Actor, Problem> {
        match decide(&self.principal, action, &about(snapshot, finding.point)) {
            Decision::Allowed { rule } => {
                Ok(Actor::of(&self.principal, self.address.clone(), rule))
            }
            Decision::Denied { why } => Err(denied(why)),
        }
    }
}

/// What a finding at a point is about; a point that is no longer listed is everybody's who sees
/// all.
fn about(snapshot: &Snapshot, point: PointId) -> Subject {
    snapshot.point(point).map_or_else(Subject::installation, |point| subject_of(snapshot, point))
}

fn denied(why: Denial) -> Problem {
    let (zh, en) = why.texts();
    Problem::new(StatusCode::FORBIDDEN, why.code(), zh, en)
}

fn for_officers() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "triage.officers_only",
        "值班台供监管人员使用,企业账号不可查看",
        "the duty desk is for officers; an account of an enterprise does not see it",
    )
}
