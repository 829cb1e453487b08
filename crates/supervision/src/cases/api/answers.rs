//! Cases as JSON: what somebody may see and nothing else, texts in both languages.

use caseflow::CaseKind;
use cases::{
    CaseRow, CaseView, Clock, Event, EvidenceView, Link, Notice, Offered, SeenAs, Statistics,
};
use rulebook::Text;
use serde_json::{Value, json};

pub(super) fn text(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}

/// A case in a list.
pub(super) fn row_json(row: &CaseRow) -> Value {
    let is_officer = row.seen_as == SeenAs::Officer;
    json!({
        "id": row.id.0,
        "number": row.number,
        "kind": row.kind,
        "kind_name": text(&row.kind_name),
        "state": row.state,
        "state_name": text(&row.state_name),
        "title": text(&row.title),
        "division": row.division,
        "enterprise": row.enterprise,
        "responsible": row.responsible.map(|unit| unit.0),
        "assignee": row.assignee.filter(|_| is_officer).map(|user| user.0),
        "opened_at": row.opened_at.to_string(),
        "closed_at": row.closed_at.map(|at| at.to_string()),
        "due_at": row.due_at.map(|at| at.to_string()),
        "is_provisional": row.is_provisional,
        "is_overdue": row.is_overdue,
        "is_due_soon": row.is_due_soon,
        "escalation": row.escalation,
        "is_key": row.is_key,
        "merged": row.merged,
        "version": row.version,
    })
}

/// A case with everything that somebody may see of it.
pub(super) fn case_json(view: &CaseView) -> Value {
    let (case, is_officer) = (&view.case, view.seen_as == SeenAs::Officer);
    let place = case.place.as_ref().map(|place| {
        json!({ "longitude": place.longitude.to_string(),
            "latitude": place.latitude.to_string(), "address": place.address })
    });
    let fields: Vec<Value> = view
        .fields
        .iter()
        .map(|field| {
            json!({ "id": field.id, "name": text(&field.name), "value": field.value,
                "shown": text(&field.shown) })
        })
        .collect();
    let assisting: Vec<i64> = case.assisting.iter().map(|unit| unit.0).collect();
    let all = |events: &[Event]| events.iter().map(event).collect::<Vec<_>>();
    json!({
        "id": case.id.0,
        "number": case.number,
        "kind": case.kind,
        "kind_name": text(&view.kind.name),
        "state": case.state,
        "state_name": text(&view.state),
        "version": case.version,
        "seen_as": seen_as(view.seen_as),
        "title": case.title,
        "text": case.text,
        "division": case.division,
        "enterprise": case.enterprise,
        "place": place,
        "fields": fields,
        "channel": is_officer.then(|| case.channel.as_str()),
        "responsible": case.responsible.map(|unit| unit.0),
        "assisting": assisting,
        "assignee": case.assignee.filter(|_| is_officer).map(|user| user.0),
        "opened_at": case.opened_at.to_string(),
        "happened_at": case.happened_at.map(|at| at.to_string()),
        "closed_at": case.closed_at.map(|at| at.to_string()),
        "shared_at": case.shared_at.map(|at| at.to_string()),
        "published_at": case.published_at.map(|at| at.to_string()),
        "due_at": case.due_at.map(|at| at.to_string()),
        "is_provisional": case.is_provisional,
        "was_late": case.was_late,
        "escalation": case.escalation,
        "is_key": case.is_key,
        "repeats": case.repeats,
        "merged_into": case.merged_into.map(|into| into.0),
        "merged": case.merged,
        "satisfied": case.satisfied,
        "is_watched": view.is_watched,
        "clocks": view.clocks.iter().map(clock).collect::<Vec<_>>(),
        "timeline": all(&view.timeline),
        "comments": all(&view.comments),
        "evidence": view.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "links": view.links.iter().map(link).collect::<Vec<_>>(),
        "offered": view.offered.iter().map(offered).collect::<Vec<_>>(),
    })
}

fn seen_as(seen_as: SeenAs) -> &'static str {
    match seen_as {
        SeenAs::Officer => "officer",
        SeenAs::Enterprise => "enterprise",
        SeenAs::Reporter => "reporter",
        SeenAs::Public => "public",
    }
}

fn clock(clock: &Clock) -> Value {
    json!({
        "id": clock.id,
        "name": text(&clock.name),
        "state": clock.state.as_str(),
        "started_at": clock.started_at.to_string(),
        "stopped_at": clock.stopped_at.map(|at| at.to_string()),
        "due_at": clock.due_at.map(|at| at.to_string()),
        "is_provisional": clock.is_provisional,
        "is_overdue": clock.is_overdue,
        "proof": clock.proof.iter().map(text).collect::<Vec<_>>(),
        "source": clock.source,
        "confidence": clock.confidence,
        "owner": clock.owner,
        "extensions": clock.extensions,
        "escalation": clock.escalation,
    })
}

fn event(event: &Event) -> Value {
    json!({
        "sequence": event.sequence,
        "at": event.at.to_string(),
        "happened_at": event.happened_at.map(|at| at.to_string()),
        "kind": event.kind.as_str(),
        "what": text(&event.what),
        "about": event.about,
        "who": event.who,
        "as": event.as_who.as_str(),
        "state": event.state,
        "note": event.note,
        "reply": event.reply.as_ref().map(text),
        "visibility": event.visibility.as_str(),
        "fields": event.fields,
    })
}

fn evidence(file: &EvidenceView) -> Value {
    let location = file.location.map(|(longitude, latitude)| {
        json!({ "longitude": longitude.to_string(), "latitude": latitude.to_string() })
    });
    json!({
        "id": file.id.0,
        "name": file.name,
        "size": file.size,
        "media_type": file.media_type,
        "sha256": (!file.digest.is_empty()).then_some(&file.digest),
        "at": file.at.to_string(),
        "who": file.who,
        "sequence": file.sequence,
        "visibility": file.visibility.as_str(),
        "has_thumbnail": file.has_thumbnail,
        "location": location,
        "taken_at": file.taken_at.map(|at| at.to_string()),
    })
}

fn link(link: &Link) -> Value {
    json!({
        "kind": link.kind.as_str(),
        "is_from_here": link.is_from_here,
        "case": link.other.0,
        "number": link.number,
        "at": link.at.to_string(),
    })
}

fn offered(offered: &Offered) -> Value {
    let refusal = offered.refusal.as_ref().map(|refusal| {
        json!({ "code": refusal.code, "what": text(&refusal.what), "cure": text(&refusal.cure) })
    });
    json!({ "transition": offered.transition, "name": text(&offered.name), "refusal": refusal })
}

pub(super) fn notice(notice: &Notice) -> Value {
    json!({
        "id": notice.id,
        "at": notice.at.to_string(),
        "case": notice.case.0,
        "number": notice.number,
        "what": text(&notice.what),
        "kind": notice.kind,
        "is_read": notice.is_read,
    })
}

pub(super) fn statistics(numbers: &Statistics) -> Value {
    let percent = |value: Option<rulebook::Decimal>| value.map(|value| value.to_string());
    json!({
        "opened": numbers.opened,
        "closed": numbers.closed,
        "on_time": numbers.on_time,
        "late_open": numbers.late_open,
        "on_time_percent": percent(numbers.on_time_percent),
        "average_days": percent(numbers.average_days),
        "rated": numbers.rated,
        "satisfied": numbers.satisfied,
        "satisfaction_percent": percent(numbers.satisfaction_percent),
        "repeated": numbers.repeated,
        "merged": numbers.merged,
    })
}

/// A kind in a list.
pub(super) fn kind_row(kind: &CaseKind) -> Value {
    json!({
        "id": kind.id,
        "version": kind.version,
        "prefix": kind.prefix,
        "name": text(&kind.name),
        "purpose": text(&kind.purpose),
        "is_public": kind.opens.public,
        "enterprise_sees": kind.enterprise_sees.as_str(),
        "public_view": kind.public_view.as_str(),
    })
}

/// A kind with its states, fields, steps and clocks.
pub(super) fn kind_json(kind: &CaseKind, on: jiff::civil::Date) -> Value {
    let mut body = kind_row(kind);
    body["initial"] = json!(kind.initial);
    body["legal_basis"] = kind
        .legal_basis
        .iter()
        .map(|basis| {
            json!({ "text": text(&basis.text), "source": basis.source,
                "confidence": basis.confidence.as_str() })
        })
        .collect();
    body["states"] = kind
        .states
        .iter()
        .map(|state| {
            json!({ "id": state.id, "name": text(&state.name), "meaning": text(&state.meaning),
                "is_final": state.is_final, "is_good": state.is_good })
        })
        .collect();
    body["fields"] = kind
        .fields
        .iter()
        .map(|field| {
            let choices = field.choices.iter();
            let choices: Vec<_> =
                choices.map(|one| json!({ "id": one.id, "name": text(&one.name) })).collect();
            json!({ "id": field.id, "name": text(&field.name), "form": field.form.as_str(),
                "help": text(&field.help), "choices": choices, "public": field.public,
                "enterprise": field.enterprise, "reporter": field.reporter,
                "personal": field.personal })
        })
        .collect();
    body["transitions"] = kind.transitions.iter().map(transition).collect();
    body["clocks"] = kind
        .clocks
        .iter()
        .map(|clock| {
            json!({ "id": clock.id, "name": text(&clock.name),
                "length": text(&super::super::act::length(&clock.length, on)),
                "owner": clock.owner.as_str(), "starts_at_open": clock.starts_at_open,
                "rolls": clock.rolls, "is_right": clock.is_right })
        })
        .collect();
    body["drawing"] = json!(kind.draw(rulebook::Language::English));
    body
}

fn transition(way: &caseflow::Transition) -> Value {
    json!({
        "id": way.id,
        "name": text(&way.name),
        "from": way.from,
        "to": way.to,
        "who": way.who.as_str(),
        "roles": way.roles,
        "needs": {
            "fields": way.needs.fields,
            "note": way.needs.note,
            "evidence": way.needs.evidence,
            "unit": way.needs.unit,
            "assignee": way.needs.assignee,
            "another_than": way.needs.another_than,
            "link": way.needs.link.map(caseflow::LinkKind::as_str),
        },
        "may_fill": way.may_fill,
        "starts": way.starts,
        "stops": way.stops,
        "suspends": way.suspends,
        "resumes": way.resumes,
        "shares_with_enterprise": way.shares_with_enterprise,
        "publishes": way.publishes,
        "visibility": way.visibility.as_str(),
    })
}
