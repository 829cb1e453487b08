//! What a citizen sees of the case that they reported (查询进展).

use crate::reading::case::{Sight, state_name};
use crate::seal::CodeUse;
use crate::{ActedAs, Case, CaseError, CaseId, Cases, Event, EventKind, Progress, SeenAs, store};
use caseflow::{CaseKind, Who};
use jiff::Timestamp;

/// The transition by which a kind takes in what the reporter thinks.
pub(crate) const RATE: &str = "rate";

/// Whether there is something to rate: the kind's own step for it stands open, or, where it has
/// none, the case is closed.
pub(crate) fn has_result(kind: &CaseKind, case: &Case) -> bool {
    match kind.transition(RATE).filter(|rate| rate.who == Who::Reporter) {
        Some(rate) => rate.from.contains(&case.state),
        None => !case.is_open(),
    }
}

/// The steps by which a reporter asks that a result be looked at again, in the order of the
/// declaration.
pub(crate) fn review_steps<'kind>(
    kind: &'kind CaseKind,
    case: &Case,
) -> impl Iterator<Item = &'kind caseflow::Transition> {
    let state = case.state.clone();
    kind.transitions.iter().filter(move |transition| {
        transition.who == Who::Reporter
            && transition.id.contains("review")
            && transition.from.contains(&state)
    })
}

/// The step by which the reporter may ask for a review now.
pub(crate) fn review_step<'kind>(
    file: &crate::desk::File,
    kind: &'kind CaseKind,
    now: Timestamp,
) -> Option<&'kind caseflow::Transition> {
    let clocks: Vec<_> = file
        .clocks
        .iter()
        .filter(|clock| clock.is_standing())
        .map(|clock| clock.standing(now))
        .collect();
    let standing = caseflow::Standing {
        state: &file.case.state,
        fields: &file.case.fields,
        clocks: &clocks,
        doers: &file.case.doers,
    };
    let reporter = caseflow::Actor::Reporter;
    review_steps(kind, &file.case)
        .find(|step| caseflow::may_take(kind, &standing, step, reporter).is_ok())
}

impl Cases {
    /// The case of a number and its code: what [`crate::By::Reporter`] and
    /// [`crate::Viewer::Reporter`] need.
    ///
    /// # Errors
    /// [`CaseError::WrongCode`] when they do not belong together.
    pub async fn prove(&self, number: &str, code: &str) -> Result<CaseId, CaseError> {
        let number = number.trim().to_ascii_uppercase();
        let engine = &self.engine;
        let found = store::files::by_number(&engine.store, &number).await?;
        let id = found.ok_or(CaseError::WrongCode)?;
        let mut connection = engine.store.reader().acquire().await?;
        let follow = CodeUse::Follow;
        let kept = store::citizens::code(&mut connection, id, follow.as_str()).await?;
        let (digest, _) = kept.ok_or(CaseError::WrongCode)?;
        if engine.seal.code_digest(id, follow, code) == digest {
            Ok(id)
        } else {
            Err(CaseError::WrongCode)
        }
    }

    /// How far a case is, for the citizen who has its number and code.
    ///
    /// # Errors
    /// [`CaseError::WrongCode`] when they do not belong together.
    pub async fn track(
        &self,
        number: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Progress, CaseError> {
        let id = self.prove(number, code).await?;
        let engine = &self.engine;
        let own = store::files::whole(&engine.store, id).await?.ok_or(CaseError::WrongCode)?;
        let own_kind = engine.kinds.of(own.case.declaration)?;
        let own_sight = Sight { seen_as: SeenAs::Reporter, kind: own_kind, file: &own };
        let mut steps: Vec<Event> = store::events::of_case(&engine.store, id)
            .await?
            .into_iter()
            .filter_map(|event| own_sight.event(event))
            .collect();
        let rows = store::evidence::of_case(&engine.store, id).await?;
        let mut evidence: Vec<_> = rows.iter().filter_map(|row| own_sight.evidence(row)).collect();
        let main = match own.case.merged_into {
            Some(into) => store::files::whole(&engine.store, into).await?,
            None => None,
        };
        let merged_at = own.case.closed_at.unwrap_or(own.case.opened_at);
        if let Some(main) = &main {
            let kind = engine.kinds.of(main.case.declaration)?;
            let sight = Sight { seen_as: SeenAs::Reporter, kind, file: main };
            let is_theirs = |event: &Event| {
                let is_own = event.who == own.case.number;
                (event.as_who != ActedAs::Reporter || is_own)
                    && event.at >= merged_at
                    && event.kind != EventKind::Opened
            };
            // What goes on there is for this reporter too; what its own reporter says is not.
            let events = store::events::of_case(&engine.store, main.case.id).await?;
            steps.extend(events.into_iter().filter(is_theirs).filter_map(|mut event| {
                if event.who == own.case.number {
                    event.who = String::new();
                }
                sight.event(event)
            }));
            let rows = store::evidence::of_case(&engine.store, main.case.id).await?;
            evidence.extend(
                rows.iter()
                    .filter(|row| row.as_who != ActedAs::Reporter && row.at >= merged_at)
                    .filter_map(|row| sight.evidence(row)),
            );
        }
        for step in &mut steps {
            if step.as_who != ActedAs::Reporter {
                (step.who, step.user) = (String::new(), None);
            }
        }
        steps.sort_by_key(|step| step.at);
        let shown = main.as_ref().unwrap_or(&own);
        let kind = engine.kinds.of(shown.case.declaration)?;
        let (claim_code, is_claimed) = self.claim_code(&own.case).await?;
        Ok(Progress {
            id,
            number: own.case.number.clone(),
            kind: own_kind.name.clone(),
            text: own.case.text.clone(),
            state: state_name(kind, &shown.case),
            meaning: kind.state(&shown.case.state).map(|it| it.meaning.clone()).unwrap_or_default(),
            opened_at: own.case.opened_at,
            due_at: shown.case.due_at,
            is_closed: !shown.case.is_open(),
            is_merged: main.is_some(),
            steps,
            evidence,
            may_rate: own.case.satisfied.is_none() && has_result(kind, &shown.case),
            satisfied: own.case.satisfied,
            may_ask_review: review_step(shown, kind, now).is_some(),
            claim_code,
            is_claimed,
        })
    }

    /// The claim code of a case, once it was issued, and whether it was used.
    async fn claim_code(&self, case: &Case) -> Result<(Option<String>, bool), CaseError> {
        let engine = &self.engine;
        let mut connection = engine.store.reader().acquire().await?;
        let claim = CodeUse::Claim;
        let kept = store::citizens::code(&mut connection, case.id, claim.as_str()).await?;
        let Some((digest, is_used)) = kept else { return Ok((None, false)) };
        let code = engine.seal.code(case.id, case.opened_at, claim);
        let is_ours = engine.seal.code_digest(case.id, claim, &code) == digest;
        Ok((is_ours.then_some(code), is_used))
    }
}
