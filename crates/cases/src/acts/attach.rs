//! Writing down a file that `evidence` has kept (上传材料).

use super::{audit, before, entry};
use crate::desk::Draft;
use crate::engine::Engine;
use crate::store::evidence::FileRow;
use crate::who::Who;
use crate::{CaseError, CaseId, EventKind, EvidenceId, SeenAs};
use ::evidence::Kept;
use authority::Action;
use caseflow::Visibility;
use jiff::Timestamp;

/// Writes a file down. What a reporter or an enterprise sends is for the administration alone.
pub(super) fn attach(
    engine: &Engine,
    draft: &mut Draft<'_>,
    who: &Who,
    id: CaseId,
    (kept, visibility): (&Kept, Visibility),
    now: Timestamp,
) -> Result<EvidenceId, CaseError> {
    let (mut file, _, acting) = before(engine, draft, who, id)?;
    let rule = acting.allowed(Action::ActOnCase, &file.case)?;
    let is_officer = acting.seen_as == SeenAs::Officer;
    let visibility = if is_officer { visibility } else { Visibility::Internal };
    let evidence = EvidenceId(draft.next("evidence"));
    let mut event = entry(who, &acting, EventKind::Attached, evidence.0.to_string(), now);
    event.state.clone_from(&file.case.state);
    event.note.clone_from(&kept.name);
    event.visibility = visibility;
    let sequence = draft.add_event(&mut file, event);
    draft.rows.evidence.push(FileRow {
        id: evidence,
        case: id,
        sequence,
        act: None,
        name: kept.name.clone(),
        size: i64::try_from(kept.size).unwrap_or(i64::MAX),
        media_type: kept.media_type.as_str().to_owned(),
        digest: kept.digest,
        thumbnail: kept.thumbnail,
        public_copy: kept.public_copy,
        location: kept.location.map(|place| (place.longitude, place.latitude)),
        taken_at: kept.taken_at,
        at: now,
        who: who.name(),
        as_who: acting.as_who(),
        user: who.user(),
        visibility,
    });
    let told = serde_json::json!({ "evidence": evidence.0, "sha256": kept.digest.to_string(),
        "visibility": visibility.as_str() });
    audit(draft, who, &rule, "case.attach", &file, (None, Some(told)), now);
    draft.put_sequence(file);
    Ok(evidence)
}
