//! As what somebody sees a case, and which of their roles hold over it. Pure.

use crate::{Case, CaseError, SeenAs};
use authority::{
    Action, Decision, Denial, OrganisationId, Principal, Reach, Role, Scope, decide, scope,
};
use caseflow::{CaseKind, EnterpriseSees};
use std::collections::BTreeSet;

/// Whether a reach holds a case.
pub(crate) fn covers(reach: &Reach, case: &Case) -> bool {
    match reach {
        Reach::Everything => true,
        Reach::Divisions(codes) => codes.contains(&case.division),
        Reach::Organisations(ids) => {
            case.responsible.iter().chain(&case.assisting).any(|id| ids.contains(id))
        }
        Reach::Enterprise(code) => case.enterprise.as_ref() == Some(code),
    }
}

/// The words of the roles that somebody holds over a case.
pub(crate) fn roles(principal: &Principal, case: &Case) -> Vec<&'static str> {
    let mut roles: Vec<&str> = principal
        .grants
        .iter()
        .filter(|grant| covers(&grant.reach, case))
        .map(|grant| grant.role.as_str())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// Whether the enterprise concerned sees a case as it stands.
pub(crate) fn enterprise_sees(case: &Case, kind: &CaseKind) -> bool {
    match kind.enterprise_sees {
        EnterpriseSees::Never => false,
        EnterpriseSees::WhenShared => case.shared_at.is_some(),
        EnterpriseSees::Always => true,
    }
}

/// Somebody's grants taken apart: what they are as officers, and the enterprises for which they
/// speak. Whoever speaks for an enterprise is never an officer by that, wherever the role is
/// granted.
fn as_officer(principal: &Principal) -> Principal {
    let mut officer = principal.clone();
    officer.grants.retain(|grant| grant.role != Role::EnterpriseManager);
    officer
}

/// The enterprises for which somebody speaks.
pub(crate) fn enterprises(principal: &Principal) -> BTreeSet<String> {
    let of = |reach: &Reach| match reach {
        Reach::Enterprise(code) => Some(code.clone()),
        _ => None,
    };
    let speaks = |role| role == Role::EnterpriseManager;
    principal
        .grants
        .iter()
        .filter(|grant| speaks(grant.role))
        .filter_map(|grant| of(&grant.reach))
        .collect()
}

fn has_scope(principal: &Principal, action: Action) -> bool {
    principal.scopes.as_ref().is_none_or(|scopes| scopes.contains(&action))
}

/// As what somebody sees a case; `None`: not at all.
pub(crate) fn seen_as(principal: &Principal, case: &Case, kind: &CaseKind) -> Option<SeenAs> {
    if !has_scope(principal, Action::ReadCase) {
        return None;
    }
    let is_officer = principal.grants.iter().any(|grant| {
        grant.role != Role::EnterpriseManager
            && grant.role.actions().contains(&Action::ReadCase)
            && covers(&grant.reach, case)
    });
    if is_officer {
        return Some(SeenAs::Officer);
    }
    let speaks = case.enterprise.as_ref().is_some_and(|code| enterprises(principal).contains(code));
    (speaks && enterprise_sees(case, kind)).then_some(SeenAs::Enterprise)
}

/// Whether somebody may do something with a case that they see as what they see it; gives the rule
/// for the audit record.
pub(crate) fn allowed(
    principal: &Principal,
    seen_as: SeenAs,
    action: Action,
    case: &Case,
) -> Result<String, CaseError> {
    let decision = match seen_as {
        SeenAs::Officer => decide(&as_officer(principal), action, &case.subject()),
        _ => decide(principal, action, &case.subject()),
    };
    match decision {
        Decision::Allowed { rule } => Ok(rule),
        Decision::Denied { why } => Err(CaseError::Denied(why)),
    }
}

/// Whether somebody belongs to a unit that answers for a case or helps: to the unit itself or to
/// one below it. Nobody's case is everybody's who has it in their reach.
pub(crate) fn is_responsible(
    principal: &Principal,
    case: &Case,
    parent: &dyn Fn(OrganisationId) -> Option<OrganisationId>,
) -> bool {
    if case.responsible.is_none() {
        return true;
    }
    let mut at = principal.organisation;
    // A ring in the data ends the climb.
    for _ in 0..16 {
        let Some(organisation) = at else { return false };
        if case.responsible == Some(organisation) || case.assisting.contains(&organisation) {
            return true;
        }
        at = parent(organisation);
    }
    false
}

/// What of the lists somebody sees: as an officer, and as the voice of enterprises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    /// As an officer.
    pub(crate) officer: Scope,
    /// Cases about these that are shared with them.
    pub(crate) enterprises: BTreeSet<String>,
}

impl Sight {
    /// What somebody may read.
    pub(crate) fn of(principal: &Principal) -> Self {
        let may_read = has_scope(principal, Action::ReadCase);
        Self {
            officer: scope(&as_officer(principal), Action::ReadCase),
            enterprises: if may_read { enterprises(principal) } else { BTreeSet::new() },
        }
    }

    /// The sight of who sees everything.
    pub(crate) fn everything() -> Self {
        Self { officer: Scope::Everything, enterprises: BTreeSet::new() }
    }

    /// The sight of who sees nothing.
    pub(crate) fn nothing() -> Self {
        Self { officer: Scope::Nothing, enterprises: BTreeSet::new() }
    }

    /// Whether they see nothing whatever.
    pub(crate) fn is_empty(&self) -> bool {
        self.officer == Scope::Nothing && self.enterprises.is_empty()
    }

    /// An error for who sees nothing.
    pub(crate) fn or_denied(self) -> Result<Self, CaseError> {
        if self.is_empty() { Err(CaseError::Denied(Denial::NoRole)) } else { Ok(self) }
    }
}
