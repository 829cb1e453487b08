//! The kinds of case of an installation, and every declaration by which cases were ever opened: a
//! case goes on by the rule under which it was opened.

use crate::{CaseError, store};
use ::store::Store;
use authority::{Action, Role};
use caseflow::CaseKind;
use jiff::Timestamp;
use rulebook::Language;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// The declarations that are known.
pub(crate) struct Kinds {
    current: Vec<Arc<CaseKind>>,
    /// The number of the declaration of each kind as it is now.
    numbers: HashMap<String, i64>,
    declarations: HashMap<i64, Arc<CaseKind>>,
}

impl Kinds {
    /// Checks kinds and keeps their declarations.
    pub(crate) async fn open(
        store: &Store,
        kinds: Vec<CaseKind>,
        now: Timestamp,
    ) -> Result<Self, CaseError> {
        check(&kinds)?;
        let digests: Vec<Vec<u8>> =
            kinds.iter().map(|kind| Sha256::digest(kind.text.as_bytes()).to_vec()).collect();
        let known = store::declarations::all(store).await?;
        let is_known = |digest: &Vec<u8>| known.iter().any(|one| one.digest == *digest);
        if !digests.iter().all(is_known) {
            let mut transaction = store.begin().await?;
            for (kind, digest) in kinds.iter().zip(&digests) {
                let name = (kind.id.as_str(), kind.version);
                store::declarations::insert(&mut transaction, name, digest, &kind.text, now)
                    .await?;
            }
            transaction.commit().await?;
        }
        let current: Vec<_> = kinds.into_iter().map(Arc::new).collect();
        let mut numbers = HashMap::new();
        let mut declarations = HashMap::new();
        for kept in store::declarations::all(store).await? {
            let place = digests.iter().position(|digest| *digest == kept.digest);
            if let Some(kind) = place.and_then(|place| current.get(place)) {
                numbers.insert(kind.id.clone(), kept.id);
                declarations.insert(kept.id, Arc::clone(kind));
            } else {
                let kind = CaseKind::parse(&format!("{} (kept)", kept.kind), &kept.body);
                let kind = kind.map_err(|problems| CaseError::Kinds(lines(&problems)))?;
                declarations.insert(kept.id, Arc::new(kind));
            }
        }
        Ok(Self { current, numbers, declarations })
    }

    /// The kinds as they are declared now.
    pub(crate) fn current(&self) -> &[Arc<CaseKind>] {
        &self.current
    }

    /// A kind as it is declared now, with the number of its declaration.
    pub(crate) fn of_id(&self, id: &str) -> Result<(i64, &Arc<CaseKind>), CaseError> {
        let unknown = || CaseError::UnknownKind(id.to_owned());
        let kind = self.current.iter().find(|kind| kind.id == id).ok_or_else(unknown)?;
        let number = self.numbers.get(id).ok_or_else(unknown)?;
        Ok((*number, kind))
    }

    /// The declaration of a number.
    pub(crate) fn of(&self, declaration: i64) -> Result<&Arc<CaseKind>, CaseError> {
        self.declarations.get(&declaration).ok_or_else(|| {
            CaseError::Stored(format!("the declaration {declaration} of a kind of case"))
        })
    }
}

/// Refuses kinds that cannot be used.
fn check(kinds: &[CaseKind]) -> Result<(), CaseError> {
    let actions: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let mut problems = Vec::new();
    for (place, kind) in kinds.iter().enumerate() {
        problems.extend(lines(&kind.check()));
        problems.extend(lines(&kind.check_words(&actions, &roles)));
        for other in &kinds[..place] {
            if other.id == kind.id {
                problems.push(format!(
                    "{}: id: {} is declared by {} as well; give one of them another id",
                    kind.file, kind.id, other.file
                ));
            } else if other.prefix == kind.prefix {
                problems.push(format!(
                    "{}: prefix: the numbers of {} begin with {} as well; choose another prefix",
                    kind.file, other.id, kind.prefix
                ));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(CaseError::Kinds(problems)) }
}

fn lines(problems: &[caseflow::Problem]) -> Vec<String> {
    problems.iter().map(|problem| problem.to_plain(Language::English)).collect()
}
