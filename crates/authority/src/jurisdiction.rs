//! Where a role holds (管辖范围): a division or an organisation with all below it, an enterprise,
//! or everything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// An organisation in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrganisationId(pub i64);

/// A user in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(pub i64);

/// Where a role holds (管辖范围).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Jurisdiction {
    /// The whole installation.
    Everything,
    /// A division and all below it, by its code.
    Division(String),
    /// An organisation and all below it.
    Organisation(OrganisationId),
    /// One enterprise, by its code.
    Enterprise(String),
}

impl Jurisdiction {
    /// The word of its kind and the code, as stored.
    pub fn parts(&self) -> (&'static str, String) {
        match self {
            Self::Everything => ("everything", String::new()),
            Self::Division(code) => ("division", code.clone()),
            Self::Organisation(id) => ("organisation", id.0.to_string()),
            Self::Enterprise(code) => ("enterprise", code.clone()),
        }
    }

    /// The jurisdiction of a kind and a code.
    pub fn parse(kind: &str, code: &str) -> Option<Self> {
        let code = code.trim();
        match kind {
            "everything" => Some(Self::Everything),
            "division" if !code.is_empty() => Some(Self::Division(code.to_owned())),
            "organisation" => code.parse().ok().map(|id| Self::Organisation(OrganisationId(id))),
            "enterprise" if !code.is_empty() => Some(Self::Enterprise(code.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, code) = self.parts();
        if code.is_empty() { formatter.write_str(kind) } else { write!(formatter, "{kind} {code}") }
    }
}

/// What lies below what: a tree by code (上下级关系).
#[derive(Clone, Debug, Default)]
pub struct Tree<Code: Ord> {
    below: BTreeMap<Code, Vec<Code>>,
}

impl<Code: Ord + Clone> Tree<Code> {
    /// The tree of these codes and the codes above them.
    pub fn new(pairs: impl IntoIterator<Item = (Code, Option<Code>)>) -> Self {
        let mut below: BTreeMap<Code, Vec<Code>> = BTreeMap::new();
        for (code, parent) in pairs {
            if let Some(parent) = parent {
                below.entry(parent).or_default().push(code);
            }
        }
        Self { below }
    }

    /// A code and all below it. A ring in the data ends where it began.
    pub fn subtree(&self, root: &Code) -> BTreeSet<Code> {
        let mut found = BTreeSet::from([root.clone()]);
        let mut next = vec![root];
        while let Some(code) = next.pop() {
            for child in self.below.get(code).into_iter().flatten() {
                if found.insert(child.clone()) {
                    next.push(child);
                }
            }
        }
        found
    }
}

/// A jurisdiction with everything below its root written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The whole installation.
    Everything,
    /// These divisions.
    Divisions(Arc<BTreeSet<String>>),
    /// These organisations.
    Organisations(Arc<BTreeSet<OrganisationId>>),
    /// This enterprise.
    Enterprise(String),
}
