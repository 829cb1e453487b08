//! Verdicts of a demonstration: invented people conclude about what invented devices gave.

use super::model::{Conclusion, State};
use super::store::{self, Given, TriageError};
use authority::Actor;
use jiff::Timestamp;
use registry::PointKind;
use web::AppState;

/// An invented verdict.
#[derive(Clone, Debug)]
pub struct Invented {
    /// The outlet's code.
    pub outlet: String,
    /// The kind of an alarm that the finding holds.
    pub alarm: String,
    /// `device`, `process`, `real` or `other`.
    pub conclusion: String,
    /// Why.
    pub reason: String,
    /// Who concludes.
    pub actor: Actor,
}

/// Keeps invented verdicts, each on the oldest finding of its outlet that holds such an alarm and
/// has none; nothing where somebody has concluded before. Says how many there are.
///
/// # Errors
/// When the store fails.
pub async fn demonstrate(state: &AppState, verdicts: &[Invented]) -> Result<usize, TriageError> {
    super::look(state, None).await?;
    if !store::judged_places(&state.store).await?.is_empty() {
        return Ok(0);
    }
    let snapshot = state.snapshot();
    let mut kept = 0;
    for invented in verdicts {
        let point = snapshot.point_by_code(PointKind::Outlet, &invented.outlet);
        let conclusion = Conclusion::parse(&invented.conclusion);
        let (Some(point), Some(conclusion)) = (point, conclusion) else { continue };
        let known = store::known(&state.store, Some(&[point.id]), Timestamp::UNIX_EPOCH).await?;
        let holds = |finding: &&super::model::Finding| {
            finding.state != State::Decided
                && finding.members.iter().any(|member| member.what == invented.alarm)
        };
        let Some(finding) = known.iter().find(holds) else { continue };
        let rank = store::place(&state.store, finding).await?;
        let given = Given { finding, conclusion, reason: &invented.reason, rank };
        store::give(&state.store, &invented.actor, &given, state.now()).await?;
        kept += 1;
    }
    super::look(state, None).await?;
    Ok(kept)
}
