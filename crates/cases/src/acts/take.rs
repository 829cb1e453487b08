//! Taking a transition (办理): the rules of the kind, the clocks, the telling.

use super::open::{add_words, fields_text, write_fields};
use super::{audit, before, check_text, entry, last_act};
use crate::clocks::{Kept, day_of};
use crate::desk::{Done, Draft, File};
use crate::engine::Engine;
use crate::seal::{CodeUse, Secret};
use crate::store::citizens::{Code, Sealed};
use crate::telling::{self, Telling};
use crate::who::{Acting, Who};
use crate::{Act, CaseError, CaseId, EventKind, Taken};
use authority::{Action, Denial, Principal};
use caseflow::{Asked, CaseKind, LinkKind, Standing, Step};
use jiff::Timestamp;
use std::sync::Arc;

/// The field by which a rating is counted, and its words.
pub(crate) const SATISFACTION: &str = "satisfaction";
pub(crate) const SATISFIED: &str = "satisfied";
pub(crate) const UNSATISFIED: &str = "unsatisfied";
pub(crate) const RATING_WORDS: &str = "rating_words";

/// Takes a transition, or finds that the same key has taken it.
pub(super) fn take(
    engine: &Engine,
    draft: &mut Draft<'_>,
    who: &Who,
    id: CaseId,
    act: &Act,
    assignee: Option<&Principal>,
    now: Timestamp,
) -> Result<Taken, CaseError> {
    let key = act
        .action_key
        .as_ref()
        .map(|key| engine.seal.once(&format!("{} {}", who.realm(), id.0), key));
    if let Some(done) = key.as_ref().and_then(|key| draft.done(key)) {
        return Ok(Taken {
            id: done.case,
            version: done.version,
            state: done.state.clone(),
            sequence: done.sequence,
            is_new: false,
        });
    }
    check_text(&act.note)?;
    let (mut file, kind, acting) = before(engine, draft, who, id)?;
    let kind = Arc::clone(kind);
    if act.version != file.case.version {
        return Err(file.conflict(&kind, acting.seen_as == crate::SeenAs::Officer));
    }
    let rule = permitted(&acting, &kind, act, &file)?;
    let step = decided(draft, (&file, &kind), &acting, act, now)?;
    let from = file.case.state.clone();
    hand_over(engine, &mut file, &kind, act, assignee)?;
    apply_fields(engine, draft, &mut file, &kind, &step)?;
    apply_clocks(&mut file, &kind, &step, now)?;
    apply_state(&mut file, &step, who, now);
    if step.transition.shares_with_enterprise {
        share(&mut file, now)?;
    }
    if step.transition.publishes {
        file.case.published_at.get_or_insert(now);
    }
    file.settle(&kind);
    if let Some(into) = act.link.filter(|_| step.transition.needs.link.is_some()) {
        let link = step.transition.needs.link.unwrap_or(LinkKind::Follows);
        super::join::follow_link(engine, draft, &mut file, (link, into), (who, &acting, now))?;
    }
    let sequence = event(engine, draft, &mut file, &kind, (who, &acting, act, &step), now);
    for evidence in &act.evidence {
        draft.rows.evidence_acts.push((*evidence, sequence));
    }
    if step.transition.issues_claim_code {
        issue_claim_code(engine, draft, &file, now);
    }
    index(draft, &file, &kind, act);
    let what = step.transition.name.clone();
    let telling =
        Telling { kind: &kind, sequence, what, reply: step.template, note: &act.note, at: now };
    telling::tell(engine, draft, &file, &step.transition.tells, &telling)?;
    let was = serde_json::json!({ "state": from, "version": act.version });
    let is = serde_json::json!({ "transition": act.transition, "state": file.case.state,
        "version": file.case.version, "fields": written(&kind, &step),
        "unit": act.unit.map(|unit| unit.0), "assignee": act.assignee.map(|user| user.0) });
    audit(draft, who, &rule, "case.act", &file, (Some(was), Some(is)), now);
    let taken = Taken {
        id,
        version: file.case.version,
        state: file.case.state.clone(),
        sequence,
        is_new: true,
    };
    if let Some(key) = key {
        let done = Done { case: id, sequence, version: taken.version, state: taken.state.clone() };
        draft.rows.done.push((key, done));
    }
    draft.put(file);
    Ok(taken)
}

/// Whether authority lets them; gives the rule.
fn permitted(
    acting: &Acting<'_>,
    kind: &CaseKind,
    act: &Act,
    file: &File,
) -> Result<String, CaseError> {
    let Some(transition) = kind.transition(&act.transition) else {
        // What caseflow says of it is the better message.
        return Ok(String::new());
    };
    match acting.actor() {
        caseflow::Actor::Person { .. } => {
            let action = Action::parse(&transition.by).ok_or(CaseError::Denied(Denial::NoRole))?;
            acting.allowed(action, &file.case)
        }
        _ => acting.allowed(Action::ActOnCase, &file.case),
    }
}

/// What the kind says to it.
fn decided<'kind>(
    draft: &Draft<'_>,
    (file, kind): (&File, &'kind CaseKind),
    acting: &Acting<'_>,
    act: &Act,
    now: Timestamp,
) -> Result<Step<'kind>, CaseError> {
    let clocks: Vec<_> = file
        .clocks
        .iter()
        .filter(|clock| clock.is_standing())
        .map(|clock| clock.standing(now))
        .collect();
    let standing = Standing {
        state: &file.case.state,
        fields: &file.case.fields,
        clocks: &clocks,
        doers: &file.case.doers,
    };
    let mut evidence = 0;
    for id in &act.evidence {
        match draft.evidence(*id) {
            Some(kept) if kept.case == file.case.id && kept.act.is_none() => evidence += 1,
            _ => {
                return Err(CaseError::input(
                    "所附材料不属于此事项,或已随其他办理步骤提交",
                    "a file is not of this case, or came with another act already",
                ));
            }
        }
    }
    let mut links = draft.links_of(file.case.id);
    let wanted = kind.transition(&act.transition).and_then(|transition| transition.needs.link);
    if let Some((other, wanted)) = act.link.zip(wanted) {
        draft.file(other)?;
        links.push(wanted);
    }
    let asked = Asked {
        transition: &act.transition,
        actor: acting.actor(),
        fields: &act.fields,
        has_note: !act.note.trim().is_empty(),
        evidence,
        names_unit: act.unit.is_some(),
        names_assignee: act.assignee.is_some(),
        links: &links,
    };
    caseflow::step(kind, &standing, &asked).map_err(CaseError::Refused)
}

/// Gives the case to the unit and the user that come with the act.
fn hand_over(
    engine: &Engine,
    file: &mut File,
    kind: &CaseKind,
    act: &Act,
    assignee: Option<&Principal>,
) -> Result<(), CaseError> {
    if let Some(unit) = act.unit {
        engine.check_unit(unit)?;
        if file.case.responsible != Some(unit) {
            // Who did it in the former unit does it no more.
            file.case.assignee = None;
        }
        file.case.responsible = Some(unit);
        file.case.assisting.retain(|helping| *helping != unit);
    }
    if let Some(assignee) = assignee {
        super::assign::check_assignee(assignee, &file.case, kind)?;
        file.case.assignee = assignee.user;
    }
    Ok(())
}

fn apply_fields(
    engine: &Engine,
    draft: &mut Draft<'_>,
    file: &mut File,
    kind: &CaseKind,
    step: &Step<'_>,
) -> Result<(), CaseError> {
    let id = file.case.id;
    let is_personal = |field: &String| kind.field(field).is_some_and(|field| field.personal);
    let mut secret = Secret::default();
    let mut contact = None;
    let seals = step.fields.keys().any(is_personal);
    if seals && let Some(sealed) = draft.sealed(id) {
        secret = engine.seal.reveal(id, &sealed.body)?;
        contact.clone_from(&sealed.contact);
    }
    write_fields(kind, &step.fields, &mut file.case.fields, &mut secret);
    if seals {
        let body = engine.seal.close(id, &secret)?;
        draft.put_sealed(id, Sealed { body, contact });
    }
    match step.fields.get(SATISFACTION).map(|word| word.trim()) {
        Some(SATISFIED) => file.case.satisfied = Some(true),
        Some(UNSATISFIED) => file.case.satisfied = Some(false),
        _ => {}
    }
    Ok(())
}

fn apply_clocks(
    file: &mut File,
    kind: &CaseKind,
    step: &Step<'_>,
    now: Timestamp,
) -> Result<(), CaseError> {
    let opened_on = day_of(file.case.opened_at);
    let fields = &file.case.fields;
    let find = |clocks: &mut Vec<Kept>, id: &str| clocks.iter().position(|one| one.id == id);
    let clocks = &mut file.clocks;
    for declared in &step.stops {
        if let Some(place) = find(clocks, &declared.id) {
            clocks[place].stop(Some(declared), now);
        }
    }
    for declared in &step.suspends {
        if let Some(place) = find(clocks, &declared.id) {
            clocks[place].suspend(declared, now);
        }
    }
    for declared in &step.resumes {
        if let Some(place) = find(clocks, &declared.id) {
            clocks[place].resume(declared, now);
        }
    }
    for extension in &step.extends {
        let declared = kind.clock(&extension.clock);
        let place = find(clocks, &extension.clock);
        let Some((declared, place)) = declared.zip(place) else { continue };
        if !clocks[place].extend(declared, &extension.length, opened_on, now) {
            return Err(CaseError::input(
                "延期的长度没有依据可查,不能延期",
                "nobody knows how long the extension is: the table of deadlines has no row",
            ));
        }
    }
    let mut was_late = false;
    for declared in &step.starts {
        let clock = Kept::start(declared, fields, opened_on, now);
        match find(clocks, &declared.id) {
            Some(place) => {
                // What was late stays known though the clock begins anew.
                clocks[place].stop(Some(declared), now);
                was_late |= clocks[place].was_late();
                clocks[place] = clock;
            }
            None => clocks.push(clock),
        }
    }
    for clock in clocks.iter_mut() {
        if let Some(declared) = kind.clock(&clock.id) {
            clock.follow_field(declared, fields);
        }
    }
    file.case.was_late |= was_late;
    Ok(())
}

fn apply_state(file: &mut File, step: &Step<'_>, who: &Who, now: Timestamp) {
    let case = &mut file.case;
    case.state.clone_from(&step.to.id);
    case.version += 1;
    case.doers.insert(step.transition.id.clone(), who.doer());
    if !step.to.is_final {
        case.closed_at = None;
    } else if case.closed_at.is_none() {
        case.closed_at = Some(now);
    }
}

/// Lets the enterprise in.
fn share(file: &mut File, now: Timestamp) -> Result<(), CaseError> {
    if file.case.enterprise.is_none() {
        return Err(CaseError::input(
            "此事项尚未关联企业,请先更正所涉企业再推送",
            "no enterprise is named in this case: name it first, then share the case",
        ));
    }
    file.case.shared_at.get_or_insert(now);
    Ok(())
}

fn event(
    engine: &Engine,
    draft: &mut Draft<'_>,
    file: &mut File,
    kind: &CaseKind,
    (who, acting, act, step): (&Who, &Acting<'_>, &Act, &Step<'_>),
    now: Timestamp,
) -> i64 {
    let mut event = entry(who, acting, EventKind::Act, act.transition.clone(), now);
    if let Who::Reporter(own, _) = who
        && *own != file.case.id
        && let Ok(own) = draft.file(*own)
    {
        // Which of several reporters it was: known by the number of their own case.
        event.who = own.case.number;
    }
    event.happened_at =
        act.happened_at.filter(|at| *at < now).map(|at| at.max(file.case.opened_at));
    event.state.clone_from(&file.case.state);
    act.note.trim().clone_into(&mut event.note);
    event.visibility = step.transition.visibility;
    event.fields = written(kind, step);
    event.reply = step
        .template
        .map(|template| telling::reply(engine, kind, template, file, act.note.trim(), now));
    file.last_act = last_act(&event);
    draft.add_event(file, event)
}

/// The fields of a step, without the personal ones.
fn written(kind: &CaseKind, step: &Step<'_>) -> std::collections::BTreeMap<String, String> {
    let is_open = |id: &String| kind.field(id).is_some_and(|field| !field.personal);
    step.fields
        .iter()
        .filter(|(id, _)| is_open(id))
        .map(|(id, value)| (id.clone(), value.trim().to_owned()))
        .collect()
}

fn issue_claim_code(engine: &Engine, draft: &mut Draft<'_>, file: &File, now: Timestamp) {
    let id = file.case.id;
    let code = engine.seal.code(id, file.case.opened_at, CodeUse::Claim);
    let digest = engine.seal.code_digest(id, CodeUse::Claim, &code);
    let row = Code { purpose: CodeUse::Claim.as_str(), digest, issued_at: now };
    draft.rows.codes.push((id, row));
}

fn index(draft: &mut Draft<'_>, file: &File, kind: &CaseKind, act: &Act) {
    if act.note.trim().is_empty() && act.fields.is_empty() {
        return;
    }
    let of_enterprise = fields_text(kind, &act.fields, true);
    let others = fields_text(kind, &act.fields, false);
    add_words(draft, file.case.id, &act.note, &others, &of_enterprise);
}
