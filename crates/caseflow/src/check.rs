//! Checks a declaration.

use crate::model::CaseKind;
use crate::problem::Problem;

impl CaseKind {
    /// What is wrong with the declaration; nothing when it is sound.
    pub fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// The words of actions and roles that are not among those known.
    pub fn check_words(&self, _actions: &[&str], _roles: &[&str]) -> Vec<Problem> {
        Vec::new()
    }
}
