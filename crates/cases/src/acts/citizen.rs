//! What citizens say of a result, and rewards claimed by code.

use super::{Answer, audit, before, check_text, entry};
use crate::desk::{Draft, to_unit};
use crate::engine::Engine;
use crate::seal::CodeUse;
use crate::telling::tell_watchers;
use crate::who::Who;
use crate::{CaseError, CaseId, EventKind};
use authority::Action;
use caseflow::Visibility;
use jiff::Timestamp;

/// Notes what the reporter of a case thinks of the result: once. Where the case was merged, the
/// result is that of the case into which it went.
pub(super) fn rate(
    engine: &Engine,
    draft: &mut Draft<'_>,
    who: &Who,
    id: CaseId,
    (is_satisfied, words): (bool, &str),
    now: Timestamp,
) -> Result<Answer, CaseError> {
    check_text(words)?;
    let (mut file, _, acting) = before(engine, draft, who, id)?;
    let rule = acting.allowed(Action::ActOnCase, &file.case)?;
    if file.case.satisfied.is_some() {
        return Err(CaseError::input("您已评价过", "you have said already what you think of it"));
    }
    let main = match file.case.merged_into {
        Some(main) => draft.file(main)?,
        None => file.clone(),
    };
    let kind = engine.kinds.of(main.case.declaration)?;
    if !crate::reading::citizen::has_result(kind, &main.case) {
        return Err(CaseError::input(
            "尚未答复,办结后可以评价",
            "there is no result yet: say what you think of it when there is",
        ));
    }
    file.case.satisfied = Some(is_satisfied);
    let mut event =
        entry(who, &acting, EventKind::Rated, if is_satisfied { "yes" } else { "no" }, now);
    words.trim().clone_into(&mut event.note);
    event.state.clone_from(&file.case.state);
    event.visibility = Visibility::Internal;
    let sequence = draft.add_event(&mut file, event);
    for unit in main.case.responsible.iter().chain(&main.case.assisting).copied() {
        draft.tell(to_unit(unit), &file, sequence, now);
    }
    tell_watchers(draft, &file, sequence, now);
    let told = serde_json::json!({ "is_satisfied": is_satisfied });
    audit(draft, who, &rule, "case.rate", &file, (None, Some(told)), now);
    draft.put(file);
    Ok(Answer::Done)
}

/// Takes a claim code in: it works once.
pub(super) fn claim(
    engine: &Engine,
    draft: &mut Draft<'_>,
    who: &Who,
    id: CaseId,
    code: &str,
    now: Timestamp,
) -> Result<Answer, CaseError> {
    let (mut file, _, acting) = before(engine, draft, who, id)?;
    let rule = acting.allowed_as_officer(Action::ActOnCase, &file.case)?;
    let Some((digest, is_used)) = draft.claim(id) else { return Err(CaseError::WrongCode) };
    if engine.seal.code_digest(id, CodeUse::Claim, code) != *digest {
        return Err(CaseError::WrongCode);
    }
    if *is_used {
        return Err(CaseError::input("领奖码已使用过", "the code was used already"));
    }
    draft.rows.codes_used.push((id, CodeUse::Claim.as_str(), now));
    let mut event = entry(who, &acting, EventKind::Claimed, "", now);
    event.state.clone_from(&file.case.state);
    let sequence = draft.add_event(&mut file, event);
    tell_watchers(draft, &file, sequence, now);
    audit(draft, who, &rule, "case.claim", &file, (None, None), now);
    draft.put_sequence(file);
    Ok(Answer::Done)
}
