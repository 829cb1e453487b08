//! The one place that decides who may do what to what, and what a list may show them. Pure.

use crate::{Action, Jurisdiction, OrganisationId, Reach, Role, UserId};
use std::collections::BTreeSet;
use std::fmt;

/// A role that somebody holds somewhere (授权).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub jurisdiction: Jurisdiction,
    /// The same, with everything below written out.
    pub reach: Reach,
}

impl Grant {
    /// A role in the whole installation.
    pub const fn everywhere(role: Role) -> Self {
        Self { role, jurisdiction: Jurisdiction::Everything, reach: Reach::Everything }
    }

    fn rule(&self) -> String {
        format!("{}@{}", self.role.as_str(), self.jurisdiction)
    }
}

/// Someone who has shown who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user; `None` for a token that is nobody's own.
    pub user: Option<UserId>,
    /// The name by which others know them.
    pub name: String,
    /// Where they belong.
    pub organisation: Option<OrganisationId>,
    /// What they hold.
    pub grants: Vec<Grant>,
    /// Only these actions, when a token is limited to them.
    pub scopes: Option<Vec<Action>>,
}

impl Principal {
    /// Whoever holds one role in the whole installation and is no user.
    pub fn of_role(role: Role) -> Self {
        let name = role.as_str().to_owned();
        let grants = vec![Grant::everywhere(role)];
        Self { user: None, name, organisation: None, grants, scopes: None }
    }

    /// Whether they hold a role anywhere.
    pub fn has_role(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }
}

/// What an action is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    division: Option<String>,
    organisations: Vec<OrganisationId>,
    enterprise: Option<String>,
    done_by: Vec<UserId>,
}

impl Subject {
    /// The installation as a whole: only who holds a role everywhere reaches it.
    pub fn installation() -> Self {
        Self::default()
    }

    /// Something in a division, by its code.
    pub fn in_division(mut self, code: impl Into<String>) -> Self {
        self.division = Some(code.into());
        self
    }

    /// Something that a unit answers for, or helps with.
    pub fn of_organisation(mut self, organisation: OrganisationId) -> Self {
        self.organisations.push(organisation);
        self
    }

    /// Something of an enterprise, by its code.
    pub fn of_enterprise(mut self, code: impl Into<String>) -> Self {
        self.enterprise = Some(code.into());
        self
    }

    /// Something that a user has done: they may not accept it themselves.
    pub fn done_by(mut self, user: UserId) -> Self {
        self.done_by.push(user);
        self
    }
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They may.
    Allowed {
        /// The grant that allows it, `county_officer@division 350603`: for the audit record.
        rule: String,
    },
    /// They may not.
    Denied {
        /// Why.
        why: Denial,
    },
}

impl Decision {
    /// Whether they may.
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

/// Why somebody may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Denial {
    /// No role of theirs brings the action.
    NoRole,
    /// A role brings it, elsewhere.
    OutOfJurisdiction,
    /// The token is limited to other actions.
    OutOfScope,
    /// What they did themselves is accepted by another.
    OwnWork,
}

impl Denial {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoRole => "authority.no_role",
            Self::OutOfJurisdiction => "authority.out_of_jurisdiction",
            Self::OutOfScope => "authority.out_of_scope",
            Self::OwnWork => "authority.own_work",
        }
    }

    /// The reason and what to do, in Chinese and English.
    pub const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::NoRole => (
                "您的角色不包含此操作;如需要,请向系统管理员申请",
                "no role of yours brings this; ask an administrator if you need it",
            ),
            Self::OutOfJurisdiction => (
                "不在您的管辖范围内",
                "this lies outside your jurisdiction; an administrator may widen it",
            ),
            Self::OutOfScope => (
                "该令牌的使用范围不包含此操作",
                "the token is limited to other actions; make one with this scope",
            ),
            Self::OwnWork => (
                "本人办理的事项须由他人验收",
                "what one has done oneself is accepted by another person",
            ),
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.texts().1)
    }
}

/// Decides whether somebody may do something to something.
pub fn decide(principal: &Principal, action: Action, subject: &Subject) -> Decision {
    let denied = |why| Decision::Denied { why };
    if !in_scope(principal, action) {
        return denied(Denial::OutOfScope);
    }
    let is_own = |user: UserId| subject.done_by.contains(&user);
    if action == Action::AcceptCase && principal.user.is_some_and(is_own) {
        return denied(Denial::OwnWork);
    }
    let mut bringing = bringing(principal, action).peekable();
    if bringing.peek().is_none() {
        return denied(Denial::NoRole);
    }
    match bringing.find(|grant| reaches(&grant.reach, subject)) {
        Some(grant) => Decision::Allowed { rule: grant.rule() },
        None => denied(Denial::OutOfJurisdiction),
    }
}

fn in_scope(principal: &Principal, action: Action) -> bool {
    principal.scopes.as_ref().is_none_or(|scopes| scopes.contains(&action))
}

fn bringing(principal: &Principal, action: Action) -> impl Iterator<Item = &Grant> {
    principal.grants.iter().filter(move |grant| grant.role.actions().contains(&action))
}

fn reaches(reach: &Reach, subject: &Subject) -> bool {
    match reach {
        Reach::Everything => true,
        Reach::Divisions(codes) => {
            subject.division.as_ref().is_some_and(|code| codes.contains(code))
        }
        Reach::Organisations(ids) => subject.organisations.iter().any(|id| ids.contains(id)),
        Reach::Enterprise(code) => subject.enterprise.as_ref() == Some(code),
    }
}

/// What of a list somebody may see: the filter of every query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    Everything,
    /// What lies in one of these, or belongs to one of them.
    Within(Limits),
    /// None of it.
    Nothing,
}

/// What a limited list holds: a row matches when it matches one of the three.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Divisions, each with all below it that the city's files name.
    pub divisions: BTreeSet<String>,
    /// Organisations, each with all below it.
    pub organisations: BTreeSet<OrganisationId>,
    /// Enterprises.
    pub enterprises: BTreeSet<String>,
}

impl Scope {
    /// Whether something is within it.
    pub fn holds(&self, subject: &Subject) -> bool {
        match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::Within(limits) => {
                let division = subject.division.as_ref();
                division.is_some_and(|code| limits.divisions.contains(code))
                    || subject.organisations.iter().any(|id| limits.organisations.contains(id))
                    || subject
                        .enterprise
                        .as_ref()
                        .is_some_and(|code| limits.enterprises.contains(code))
            }
        }
    }
}

/// What of a list somebody may see when they want to do something with it.
pub fn scope(principal: &Principal, action: Action) -> Scope {
    if !in_scope(principal, action) {
        return Scope::Nothing;
    }
    let mut limits = Limits::default();
    let mut is_empty = true;
    for grant in bringing(principal, action) {
        is_empty = false;
        match &grant.reach {
            Reach::Everything => return Scope::Everything,
            Reach::Divisions(codes) => limits.divisions.extend(codes.iter().cloned()),
            Reach::Organisations(ids) => limits.organisations.extend(ids.iter().copied()),
            Reach::Enterprise(code) => {
                limits.enterprises.insert(code.clone());
            }
        }
    }
    if is_empty { Scope::Nothing } else { Scope::Within(limits) }
}
