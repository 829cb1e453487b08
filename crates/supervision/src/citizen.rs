//! What a citizen is asked when they open a case: by the declaration of its kind.

use caseflow::{CaseKind, Field};
use cases::Reporter;
use std::collections::BTreeMap;

/// Whether somebody gives their name (是否实名): seen from what they give, never asked.
const IS_REAL_NAME: &str = "is_real_name";

/// The fields that are filled when a case is opened, personal ones apart, and whether they must be.
pub(crate) fn opening_fields(kind: &CaseKind) -> impl Iterator<Item = (&Field, bool)> {
    let needed = kind.opens.needs.iter().map(|id| (id, true));
    let others = kind.opens.may_fill.iter().map(|id| (id, false));
    let found = needed.chain(others).filter_map(|(id, must)| Some((kind.field(id)?, must)));
    found.filter(|(field, _)| !field.personal && field.id != IS_REAL_NAME)
}

/// Those of them that a citizen is asked: the ones that they may see afterwards.
pub(crate) fn citizen_fields(kind: &CaseKind) -> impl Iterator<Item = (&Field, bool)> {
    opening_fields(kind).filter(|(field, must)| field.reporter || *must)
}

/// Notes whether the reporter gave a name and a way to reach them, where the kind asks for it.
pub(crate) fn note_real_name(
    kind: &CaseKind,
    fields: &mut BTreeMap<String, String>,
    reporter: Option<&Reporter>,
) {
    if !kind.opens.may_fill.iter().any(|id| id == IS_REAL_NAME) {
        return;
    }
    let is_reachable = |one: &Reporter| !one.phone.is_empty() || !one.email.is_empty();
    let is_real = reporter.is_some_and(|one| !one.name.is_empty() && is_reachable(one));
    fields.insert(IS_REAL_NAME.to_owned(), if is_real { "yes" } else { "no" }.to_owned());
}
