//! Comments (批注) and watching (关注).

use super::open::add_words;
use super::{Answer, audit, before, check_text, entry};
use crate::desk::{Draft, to_unit, to_user};
use crate::engine::Engine;
use crate::telling::tell_watchers;
use crate::who::Who;
use crate::{CaseError, CaseId, EventKind, SeenAs};
use authority::{Action, Denial};
use caseflow::Visibility;
use jiff::Timestamp;

/// Remarks something. What an enterprise or a reporter says is read by the administration; only an
/// officer may say something to all parties.
pub(super) fn comment(
    engine: &Engine,
    draft: &mut Draft<'_>,
    who: &Who,
    id: CaseId,
    (text, is_public): (&str, bool),
    now: Timestamp,
) -> Result<Answer, CaseError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CaseError::input("批注不能为空", "a comment needs words"));
    }
    check_text(text)?;
    let (mut file, _, acting) = before(engine, draft, who, id)?;
    let rule = acting.allowed(Action::CommentOnCase, &file.case)?;
    let is_officer = acting.seen_as == SeenAs::Officer;
    let mut event = entry(who, &acting, EventKind::Comment, "", now);
    text.clone_into(&mut event.note);
    event.state.clone_from(&file.case.state);
    if is_officer && is_public {
        event.visibility = Visibility::Parties;
    }
    let sequence = draft.add_event(&mut file, event);
    if !is_officer {
        for unit in file.case.responsible.iter().chain(&file.case.assisting).copied() {
            draft.tell(to_unit(unit), &file, sequence, now);
        }
    }
    if let Some(user) = file.case.assignee.filter(|user| who.user() != Some(*user)) {
        draft.tell(to_user(user), &file, sequence, now);
    }
    tell_watchers(draft, &file, sequence, now);
    add_words(draft, id, text, "", "");
    let told = serde_json::json!({ "sequence": sequence, "is_public": is_officer && is_public });
    audit(draft, who, &rule, "case.comment", &file, (None, Some(told)), now);
    draft.put_sequence(file);
    Ok(Answer::Done)
}

/// Watches a case, or no more.
pub(super) fn watch(
    engine: &Engine,
    draft: &mut Draft<'_>,
    who: &Who,
    id: CaseId,
    is_watched: bool,
    now: Timestamp,
) -> Result<Answer, CaseError> {
    let (file, _, acting) = before(engine, draft, who, id)?;
    let user = who.user().ok_or(CaseError::Denied(Denial::NoRole))?;
    let rule = acting.allowed(Action::ReadCase, &file.case)?;
    draft.rows.watching.push((id, user, is_watched, now));
    let told = serde_json::json!({ "is_watched": is_watched });
    audit(draft, who, &rule, "case.watch", &file, (None, Some(told)), now);
    Ok(Answer::Done)
}
