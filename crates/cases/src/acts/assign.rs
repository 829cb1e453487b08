//! Giving a case to a unit, helping units and a user (派办), and saying where it lies and whom it
//! concerns (更正).

use super::{Answer, audit, before, entry, last_act};
use crate::desk::{Draft, to_unit, to_user};
use crate::engine::Engine;
use crate::sight;
use crate::who::Who;
use crate::{Case, CaseError, CaseId, EventKind, SeenAs};
use authority::{Action, OrganisationId, Principal, UserId};
use caseflow::CaseKind;
use jiff::Timestamp;

/// To whom a case is given; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// The unit that answers for it.
    pub unit: Option<OrganisationId>,
    /// The units that help.
    pub assisting: Option<Vec<OrganisationId>>,
    /// The user who is to do it; `Some(None)`: nobody.
    pub assignee: Option<Option<UserId>>,
}

/// Where a case lies and whom it concerns; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// The division, by its code.
    pub division: Option<String>,
    /// The enterprise, by its code; `Some(None)`: none. Another enterprise does not see what was
    /// shared with the first.
    pub enterprise: Option<Option<String>>,
}

/// Refuses to give a case to who does not see it as an officer.
pub(super) fn check_assignee(
    assignee: &Principal,
    case: &Case,
    kind: &CaseKind,
) -> Result<(), CaseError> {
    if sight::seen_as(assignee, case, kind) == Some(SeenAs::Officer) {
        return Ok(());
    }
    Err(CaseError::input(
        "该用户的角色或管辖范围不含此事项,不能派给该用户",
        "the user's roles or jurisdiction do not hold this case: choose another",
    ))
}

pub(super) fn assign(
    engine: &Engine,
    draft: &mut Draft<'_>,
    who: &Who,
    id: CaseId,
    (to, assignee): (&Assignment, Option<&Principal>),
    now: Timestamp,
) -> Result<Answer, CaseError> {
    let (mut file, kind, acting) = before(engine, draft, who, id)?;
    let rule = acting.allowed_as_officer(Action::AssignCase, &file.case)?;
    let was = standing(&file.case);
    if let Some(unit) = to.unit {
        engine.check_unit(unit)?;
        if file.case.responsible != Some(unit) {
            file.case.assignee = None;
        }
        file.case.responsible = Some(unit);
    }
    if let Some(helping) = &to.assisting {
        helping.iter().try_for_each(|unit| engine.check_unit(*unit))?;
        file.case.assisting.clone_from(helping);
    }
    let responsible = file.case.responsible;
    file.case.assisting.retain(|unit| Some(*unit) != responsible);
    file.case.assisting.sort_unstable();
    file.case.assisting.dedup();
    match (to.assignee, assignee) {
        (Some(None), _) => file.case.assignee = None,
        (Some(Some(_)), Some(assignee)) => {
            check_assignee(assignee, &file.case, kind)?;
            file.case.assignee = assignee.user;
        }
        _ => {}
    }
    let is = standing(&file.case);
    if was == is {
        return Ok(Answer::Done);
    }
    file.case.version += 1;
    file.settle(kind);
    let mut event = entry(who, &acting, EventKind::Assigned, "", now);
    event.state.clone_from(&file.case.state);
    file.last_act = last_act(&event);
    let sequence = draft.add_event(&mut file, event);
    for unit in file.case.responsible.iter().chain(&file.case.assisting).copied() {
        draft.tell(to_unit(unit), &file, sequence, now);
    }
    if let Some(user) = file.case.assignee {
        draft.tell(to_user(user), &file, sequence, now);
    }
    crate::telling::tell_watchers(draft, &file, sequence, now);
    audit(draft, who, &rule, "case.assign", &file, (Some(was), Some(is)), now);
    draft.write_helpers(id);
    draft.put(file);
    Ok(Answer::Done)
}

fn standing(case: &Case) -> serde_json::Value {
    serde_json::json!({
        "unit": case.responsible.map(|unit| unit.0),
        "assisting": case.assisting.iter().map(|unit| unit.0).collect::<Vec<_>>(),
        "assignee": case.assignee.map(|user| user.0),
    })
}

pub(super) fn correct(
    engine: &Engine,
    draft: &mut Draft<'_>,
    who: &Who,
    id: CaseId,
    to: &Correction,
    now: Timestamp,
) -> Result<Answer, CaseError> {
    let (mut file, kind, acting) = before(engine, draft, who, id)?;
    let rule = acting.allowed_as_officer(Action::ActOnCase, &file.case)?;
    let concerned = |case: &Case| serde_json::json!({ "division": case.division, "enterprise": case.enterprise });
    let was = concerned(&file.case);
    if let Some(division) = &to.division {
        super::check_line(division)?;
        if division.trim().is_empty() {
            return Err(CaseError::input("须指明所在区划", "name the division in which it lies"));
        }
        division.trim().clone_into(&mut file.case.division);
    }
    if let Some(enterprise) = &to.enterprise {
        let code = enterprise.as_ref().map(|code| code.trim().to_owned());
        let code = code.filter(|code| !code.is_empty());
        code.as_ref().map_or(Ok(()), |code| super::check_line(code))?;
        if file.case.enterprise != code {
            file.case.shared_at = None;
            file.case.enterprise = code;
        }
    }
    let is = concerned(&file.case);
    if was == is {
        return Ok(Answer::Done);
    }
    file.case.version += 1;
    file.settle(kind);
    let mut event = entry(who, &acting, EventKind::Assigned, "correction", now);
    event.state.clone_from(&file.case.state);
    file.last_act = last_act(&event);
    let sequence = draft.add_event(&mut file, event);
    crate::telling::tell_watchers(draft, &file, sequence, now);
    draft.rows.corrected.push(id);
    audit(draft, who, &rule, "case.correct", &file, (Some(was), Some(is)), now);
    draft.put(file);
    Ok(Answer::Done)
}
