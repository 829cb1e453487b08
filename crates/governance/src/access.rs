//! Who sees the plan at work: officers, leaders, auditors; not who speaks for an enterprise alone.

use authority::audit::Actor;
use authority::{Action, Denial, Principal, Role, Scope, Subject, scope};
use axum::http::StatusCode;
use web::{Problem, SignedIn};

/// An officer (工作人员): whoever has signed in, without what they hold for an enterprise.
pub(crate) struct Officer<'request> {
    principal: Principal,
    signed_in: &'request SignedIn,
}

impl<'request> Officer<'request> {
    /// Lets officers in.
    ///
    /// # Errors
    /// 403 for everybody else.
    pub(crate) fn of(signed_in: &'request SignedIn) -> Result<Self, Problem> {
        let mut principal = signed_in.principal().clone();
        principal.grants.retain(|grant| grant.role != Role::EnterpriseManager);
        if scope(&principal, Action::ReadAlerts) == Scope::Nothing {
            let (zh, en) = Denial::NoRole.texts();
            return Err(Problem::new(StatusCode::FORBIDDEN, Denial::NoRole.code(), zh, en));
        }
        Ok(Self { principal, signed_in })
    }

    /// Whether they may keep the plan's values somewhere.
    pub(crate) fn may_keep(&self) -> bool {
        let whole = Subject::installation();
        authority::decide(&self.principal, Action::ManagePlan, &whole).is_allowed()
    }

    /// Who keeps values of the whole city, for the audit record.
    ///
    /// # Errors
    /// 403 when they may not.
    pub(crate) fn to_keep(&self) -> Result<Actor, Problem> {
        self.signed_in.allowed(Action::ManagePlan, &Subject::installation())
    }
}
