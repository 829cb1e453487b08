//! Who acts, kept for as long as their change waits for its commit.

use crate::desk::File;
use crate::sight;
use crate::{ActedAs, By, Case, CaseError, CaseId, SeenAs};
use authority::{Action, Denial, OrganisationId, Principal, UserId};
use caseflow::CaseKind;
use std::sync::Arc;

/// Who acts.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// Someone who has signed in.
    Person(Arc<Principal>, String),
    /// The reporter of a case.
    Reporter(CaseId, String),
    /// A citizen.
    Anonymous(String),
    /// A part of the program.
    System(String),
}

impl Who {
    pub(crate) fn of(by: &By<'_>) -> Self {
        match by {
            By::Person { principal, address } => {
                Self::Person(Arc::new((*principal).clone()), (*address).to_owned())
            }
            By::Reporter { case, address } => Self::Reporter(*case, (*address).to_owned()),
            By::Anonymous { address } => Self::Anonymous((*address).to_owned()),
            By::System { name } => Self::System((*name).to_owned()),
        }
    }

    pub(crate) fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Person(principal, _) => Some(principal),
            _ => None,
        }
    }

    pub(crate) fn user(&self) -> Option<UserId> {
        self.principal().and_then(|principal| principal.user)
    }

    /// The name in the timeline; a citizen has none.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Person(principal, _) => principal.name.clone(),
            Self::Reporter(..) | Self::Anonymous(_) => String::new(),
            Self::System(name) => name.clone(),
        }
    }

    /// By what one person is told from another.
    pub(crate) fn doer(&self) -> String {
        match self {
            Self::Person(principal, _) => match principal.user {
                Some(user) => user.0.to_string(),
                None => principal.name.clone(),
            },
            Self::Reporter(case, _) => format!("reporter {}", case.0),
            Self::Anonymous(_) => "citizen".to_owned(),
            Self::System(name) => format!("system {name}"),
        }
    }

    /// A realm of its own for the keys under which somebody does something once.
    pub(crate) fn realm(&self) -> String {
        format!("act {}", self.doer())
    }

    /// Who acts by which rule, for the audit.
    pub(crate) fn actor(&self, rule: &str) -> authority::Actor {
        let named = |name: &str, origin: &str| authority::Actor {
            user: None,
            name: name.to_owned(),
            origin: origin.to_owned(),
            on_behalf_of: None,
            rule: rule.to_owned(),
        };
        match self {
            Self::Person(principal, address) => {
                authority::Actor::of(principal, address.clone(), rule)
            }
            Self::Reporter(_, address) => named("reporter", address),
            Self::Anonymous(address) => named("citizen", address),
            Self::System(name) => named(name, "program"),
        }
    }
}

/// Somebody before a case that they see.
pub(crate) struct Acting<'who> {
    who: &'who Who,
    /// As what they see it.
    pub(crate) seen_as: SeenAs,
    roles: Vec<&'static str>,
    is_responsible: bool,
    doer: String,
}

impl<'who> Acting<'who> {
    /// Somebody before a case; [`CaseError::Unknown`] for who does not see it. The reporter of a
    /// case stands before the one into which it was merged as well.
    pub(crate) fn before(
        who: &'who Who,
        file: &File,
        kind: &CaseKind,
        merged: &dyn Fn(CaseId) -> bool,
        parent: &dyn Fn(OrganisationId) -> Option<OrganisationId>,
    ) -> Result<Self, CaseError> {
        let case = &file.case;
        let seen_as = match who {
            Who::Person(principal, _) => {
                sight::seen_as(principal, case, kind).ok_or(CaseError::Unknown)?
            }
            Who::Reporter(own, _) if *own == case.id || merged(*own) => SeenAs::Reporter,
            Who::Reporter(..) | Who::Anonymous(_) => return Err(CaseError::Unknown),
            Who::System(_) => SeenAs::Officer,
        };
        let person = who.principal().filter(|_| seen_as == SeenAs::Officer);
        Ok(Self {
            who,
            seen_as,
            roles: who.principal().map(|one| sight::roles(one, case)).unwrap_or_default(),
            is_responsible: person.is_some_and(|one| sight::is_responsible(one, case, parent)),
            doer: who.doer(),
        })
    }

    pub(crate) fn as_who(&self) -> ActedAs {
        match (self.who, self.seen_as) {
            (Who::System(_), _) => ActedAs::System,
            (_, SeenAs::Officer) => ActedAs::Officer,
            (_, SeenAs::Enterprise) => ActedAs::Enterprise,
            _ => ActedAs::Reporter,
        }
    }

    /// What caseflow asks of them.
    pub(crate) fn actor(&self) -> caseflow::Actor<'_> {
        match self.who {
            Who::Person(..) => caseflow::Actor::Person {
                id: &self.doer,
                roles: &self.roles,
                is_responsible: self.is_responsible,
                is_enterprise: self.seen_as == SeenAs::Enterprise,
            },
            Who::Reporter(..) | Who::Anonymous(_) => caseflow::Actor::Reporter,
            Who::System(_) => caseflow::Actor::System,
        }
    }

    /// Whether they may do something; gives the rule. A citizen with the code and the program
    /// need no role: what they may is decided by the kind.
    pub(crate) fn allowed(&self, action: Action, case: &Case) -> Result<String, CaseError> {
        match self.who {
            Who::Person(principal, _) => sight::allowed(principal, self.seen_as, action, case),
            Who::Reporter(..) => Ok("code".to_owned()),
            Who::System(_) => Ok("program".to_owned()),
            Who::Anonymous(_) => Err(CaseError::Denied(Denial::NoRole)),
        }
    }

    /// As [`Acting::allowed`], for what belongs to the administration alone.
    pub(crate) fn allowed_as_officer(
        &self,
        action: Action,
        case: &Case,
    ) -> Result<String, CaseError> {
        if self.seen_as != SeenAs::Officer {
            return Err(CaseError::Denied(Denial::NoRole));
        }
        self.allowed(action, case)
    }
}
