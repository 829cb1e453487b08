//! The list of tasks that a phone takes along: each with what may be done with it.

use crate::cases::lamp;
use crate::citizen::opening_fields;
use crate::engine::refused;
use authority::{Principal, Role};
use caseflow::{CaseKind, Field, FieldForm, Transition};
use cases::{CaseRow, CaseView, Cases, Viewer, WorkFilter, WorkList};
use jiff::Timestamp;
use rulebook::Text;
use serde_json::{Value, json};
use web::Problem;

/// Tasks of a person, and besides of their unit, that a phone takes along.
const TASKS_MAX: u16 = 50;

/// The list as the phone keeps it.
pub(super) async fn list(
    cases: &Cases,
    principal: &Principal,
    user: i64,
    now: Timestamp,
) -> Result<Value, Problem> {
    let mut tasks = Vec::new();
    let mut known = Vec::new();
    for work_list in [WorkList::Mine, WorkList::Unit] {
        let filter = WorkFilter { limit: TASKS_MAX, ..WorkFilter::of(work_list) };
        let rows = cases.list(principal, &filter, now).await.map_err(refused)?.rows;
        for row in rows {
            if known.contains(&row.id) {
                continue;
            }
            known.push(row.id);
            let view = cases.case(&Viewer::Person(principal), row.id, now).await;
            let Ok(view) = view else { continue };
            tasks.push(task(&row, &view, work_list == WorkList::Mine));
        }
    }
    let mut kinds: Vec<_> = cases.kinds().iter().filter(|kind| may_open(principal, kind)).collect();
    // What every officer may register comes first: it is what one meets on the way.
    kinds.sort_by_key(|kind| !kind.opens.roles.is_empty());
    Ok(json!({
        "person": { "id": user, "name": principal.name },
        "made_at": now.to_string(),
        "tasks": tasks,
        "new_kinds": kinds.into_iter().map(|kind| new_kind(kind)).collect::<Vec<_>>(),
    }))
}

/// Kinds of the house that somebody may open: what citizens report has its own page.
fn may_open(principal: &Principal, kind: &CaseKind) -> bool {
    let is_named = |role: &Role| kind.opens.roles.iter().any(|word| word == role.as_str());
    let roles = principal.grants.iter().map(|grant| &grant.role);
    let mut brings = roles.filter(|role| {
        let actions = role.actions().iter();
        let brings = actions.into_iter().any(|action| action.as_str() == kind.opens.by);
        brings && (kind.opens.roles.is_empty() || is_named(role))
    });
    !kind.opens.public && brings.next().is_some()
}

fn both(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}

fn task(row: &CaseRow, view: &CaseView, is_mine: bool) -> Value {
    let case = &view.case;
    let place = case.place.as_ref();
    let offers = view.offered.iter().filter(|offered| offered.refusal.is_none());
    let offers = offers
        .filter_map(|offered| view.kind.transition(&offered.transition))
        .filter(|transition| is_for_a_phone(transition))
        .map(|transition| offer(&view.kind, transition));
    json!({
        "id": case.id.0,
        "number": case.number,
        "is_mine": is_mine,
        "kind": both(&view.kind.name),
        "title": row.title.zh,
        "text": case.text,
        "state": both(&view.state),
        "version": case.version,
        "address": place.map(|place| place.address.as_str()).unwrap_or_default(),
        "longitude": place.map(|place| place.longitude.to_string()),
        "latitude": place.map(|place| place.latitude.to_string()),
        "due_at": row.due_at.map(|at| at.to_string()),
        "due": row.due_at.map(lamp::end),
        "is_overdue": row.is_overdue,
        "path": format!("/cases/{}", case.number),
        "offers": offers.collect::<Vec<_>>(),
    })
}

/// Units, officers and other cases are chosen at a desk.
fn is_for_a_phone(transition: &Transition) -> bool {
    let needs = &transition.needs;
    !needs.unit && !needs.assignee && needs.link.is_none()
}

fn offer(kind: &CaseKind, transition: &Transition) -> Value {
    let needed = transition.needs.fields.iter().map(|id| (id, true));
    let others = transition.may_fill.iter().map(|id| (id, false));
    let is_visit = transition.needs.evidence > 0;
    let fields = needed.chain(others).filter_map(|(id, must)| {
        let field = kind.field(id)?;
        Some(json_of(field, must, is_visit && field.form == FieldForm::Date))
    });
    json!({
        "id": transition.id,
        "name": both(&transition.name),
        "fields": fields.collect::<Vec<_>>(),
        "needs_note": transition.needs.note,
        "photos_min": transition.needs.evidence,
    })
}

fn new_kind(kind: &CaseKind) -> Value {
    let fields = opening_fields(kind).map(|(field, must)| json_of(field, must, false));
    json!({
        "id": kind.id,
        "name": both(&kind.name),
        "fields": fields.collect::<Vec<_>>(),
    })
}

fn json_of(field: &Field, must: bool, is_today: bool) -> Value {
    let choices = field.choices.iter();
    let choices: Vec<Value> = choices
        .map(|choice| json!({ "id": choice.id, "zh": choice.name.zh, "en": choice.name.en }))
        .collect();
    let has_help = !field.help.zh.is_empty();
    json!({
        "id": field.id,
        "name": both(&field.name),
        "form": field.form.as_str(),
        "choices": choices,
        "help": has_help.then(|| both(&field.help)),
        "required": must,
        "is_today": is_today,
    })
}
