//! Links between cases (关联) and merging (并案): whoever reported a merged case keeps the right to
//! a reply.

use super::{Answer, audit, before, entry};
use crate::desk::{Draft, File};
use crate::engine::Engine;
use crate::store::links::LinkRow;
use crate::telling::tell_watchers;
use crate::who::{Acting, Who};
use crate::{CaseError, CaseId, EventKind};
use authority::Action;
use caseflow::LinkKind;
use jiff::Timestamp;

/// Links a case to another: caused by it, or following on it.
pub(super) fn link(
    engine: &Engine,
    draft: &mut Draft<'_>,
    who: &Who,
    (id, link, other): (CaseId, LinkKind, CaseId),
    now: Timestamp,
) -> Result<Answer, CaseError> {
    if link == LinkKind::MergedInto {
        return Err(CaseError::input("并案请使用并案操作", "to merge a case, take its merging"));
    }
    let (mut file, _, acting) = before(engine, draft, who, id)?;
    let rule = acting.allowed_as_officer(Action::ActOnCase, &file.case)?;
    let (mut there, _, acting_there) = before(engine, draft, who, other)?;
    acting_there.allowed_as_officer(Action::ReadCase, &there.case)?;
    if id == other {
        return Err(to_itself());
    }
    if draft.has_link(id, link, other) {
        return Ok(Answer::Done);
    }
    if draft.has_link(other, link, id) {
        return Err(CaseError::input(
            "两个事项已有相反方向的同类关联",
            "the other is linked to this one in the same way already: that would be a ring",
        ));
    }
    draft.rows.links.push(LinkRow { case: id, kind: link, other, at: now });
    let event = entry(who, &acting, EventKind::Linked, link.as_str(), now);
    draft.add_event(&mut file, event.clone());
    draft.add_event(&mut there, event);
    let told = serde_json::json!({ "link": link.as_str(), "other": there.case.number });
    audit(draft, who, &rule, "case.link", &file, (None, Some(told)), now);
    draft.put_sequence(file);
    draft.put_sequence(there);
    Ok(Answer::Done)
}

fn to_itself() -> CaseError {
    CaseError::input("不能与自身关联", "a case is not linked to itself")
}

/// Follows the link that comes with a transition: for a merging, the case goes on in the other one
/// and so do those that had been merged into it.
pub(super) fn follow_link(
    engine: &Engine,
    draft: &mut Draft<'_>,
    file: &mut File,
    (link, other): (LinkKind, CaseId),
    (who, acting, now): (&Who, &Acting<'_>, Timestamp),
) -> Result<(), CaseError> {
    let id = file.case.id;
    if id == other {
        return Err(to_itself());
    }
    if link != LinkKind::MergedInto {
        draft.rows.links.push(LinkRow { case: id, kind: link, other, at: now });
        return Ok(());
    }
    let (mut into, _, acting_there) = before(engine, draft, who, other)?;
    acting_there.allowed_as_officer(Action::ActOnCase, &into.case)?;
    if into.case.merged_into.is_some() {
        return Err(CaseError::input(
            format!("{} 已并入其他事项,请并入那个事项", into.case.number),
            format!("{} was merged itself: merge into the case it went to", into.case.number),
        ));
    }
    if into.case.kind != file.case.kind {
        return Err(CaseError::input(
            "只有同类事项才能并案",
            "only cases of one kind are merged: link them instead",
        ));
    }
    for mut merged in draft.merged_into(id) {
        merged.case.merged_into = Some(other);
        draft.put(merged);
    }
    into.case.merged += 1 + file.case.merged;
    into.case.is_key |= file.case.is_key;
    into.case.repeats = into.case.repeats.max(file.case.repeats);
    file.case.merged_into = Some(other);
    file.case.merged = 0;
    draft.rows.links.push(LinkRow { case: id, kind: link, other, at: now });
    let mut event = entry(who, acting, EventKind::Merged, file.case.number.clone(), now);
    event.state.clone_from(&into.case.state);
    let sequence = draft.add_event(&mut into, event);
    tell_watchers(draft, &into, sequence, now);
    draft.put(into);
    Ok(())
}
