//! Looking at the clocks of cases (时限巡查): warned, overdue, escalated, each told once.

use crate::clocks::Passing;
use crate::desk::{Audit, Draft, File, to_unit};
use crate::engine::Engine;
use crate::telling::{audience_of, tell_owner, tell_watchers};
use crate::{ActedAs, CaseError, CaseId, Event, EventKind, Ticked};
use caseflow::{CaseKind, EscalateTo, Visibility};
use jiff::Timestamp;
use rulebook::Text;
use std::collections::BTreeMap;

/// The name under which the engine itself writes.
const PROGRAM: &str = "clocks";

pub(super) fn look(
    engine: &Engine,
    draft: &mut Draft<'_>,
    ids: &[CaseId],
    now: Timestamp,
) -> Result<Ticked, CaseError> {
    let mut ticked = Ticked::default();
    for id in ids {
        let mut file = draft.file(*id)?;
        let kind = engine.kinds.of(file.case.declaration)?;
        let mut passings = Vec::new();
        for clock in &mut file.clocks {
            if let Some(declared) = kind.clock(&clock.id) {
                passings.extend(clock.look(declared, now));
            }
        }
        for passing in &passings {
            tell(engine, draft, &mut file, kind, passing, now);
            match passing {
                Passing::Warned { .. } => ticked.warned += 1,
                Passing::Overdue { .. } => ticked.overdue += 1,
                Passing::Escalated { step, .. } => {
                    ticked.escalated += 1;
                    file.case.escalation = file.case.escalation.max(*step);
                }
            }
        }
        file.settle(kind);
        if !passings.is_empty() {
            record(draft, &file, &passings, now);
        }
        draft.put(file);
    }
    Ok(ticked)
}

fn tell(
    engine: &Engine,
    draft: &mut Draft<'_>,
    file: &mut File,
    kind: &CaseKind,
    passing: &Passing,
    now: Timestamp,
) {
    let (entry, about) = match passing {
        Passing::Warned { clock, .. } => (EventKind::Warned, clock.clone()),
        Passing::Overdue { clock, .. } => (EventKind::Overdue, clock.clone()),
        Passing::Escalated { clock, to, .. } => {
            (EventKind::Escalated, format!("{clock} {}", to.as_str()))
        }
    };
    let note = match (passing, kind.clock(about.split(' ').next().unwrap_or_default())) {
        (Passing::Overdue { .. }, Some(clock)) => clock.overdue.zh.to_string(),
        _ => String::new(),
    };
    let event = Event {
        sequence: 0,
        at: now,
        happened_at: None,
        kind: entry,
        what: Text::default(),
        about,
        who: PROGRAM.to_owned(),
        as_who: ActedAs::System,
        user: None,
        state: file.case.state.clone(),
        note,
        reply: None,
        visibility: Visibility::Internal,
        fields: BTreeMap::new(),
    };
    let sequence = draft.add_event(file, event);
    match passing {
        Passing::Warned { owner, .. } | Passing::Overdue { owner, .. } => {
            tell_owner(engine, draft, file, *owner, sequence, now);
        }
        Passing::Escalated { to, .. } => {
            let audience = audience_of(engine, *to, file.case.responsible);
            draft.tell(audience, file, sequence, now);
            // Who is late hears that others know.
            if let (EscalateTo::SuperiorUnit, Some(unit)) = (to, file.case.responsible) {
                draft.tell(to_unit(unit), file, sequence, now);
            }
            tell_watchers(draft, file, sequence, now);
        }
    }
}

fn record(draft: &mut Draft<'_>, file: &File, passings: &[Passing], now: Timestamp) {
    let told: Vec<String> = passings
        .iter()
        .map(|passing| match passing {
            Passing::Warned { clock, .. } => format!("warned {clock}"),
            Passing::Overdue { clock, .. } => format!("overdue {clock}"),
            Passing::Escalated { clock, to, .. } => format!("escalated {clock} {}", to.as_str()),
        })
        .collect();
    let actor = authority::Actor {
        user: None,
        name: PROGRAM.to_owned(),
        origin: "program".to_owned(),
        on_behalf_of: None,
        rule: "program".to_owned(),
    };
    draft.rows.audits.push(Audit {
        actor,
        action: "case.clock",
        number: file.case.number.clone(),
        before: None,
        after: Some(serde_json::json!({ "told": told })),
        at: now,
    });
}
