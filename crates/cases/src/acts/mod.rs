//! The changes of cases: what each needs to know, and what it does.

mod assign;
mod attach;
mod citizen;
mod join;
mod load;
mod look;
mod open;
mod remark;
mod take;

pub use assign::{Assignment, Correction};
pub(crate) use load::load;
pub(crate) use take::{RATING_WORDS, SATISFACTION, SATISFIED, UNSATISFIED};

use crate::desk::{Audit, Draft, File, LastAct};
use crate::engine::Engine;
use crate::who::{Acting, Who};
use crate::writer::Job;
use crate::{Act, CaseError, CaseId, Event, EventKind, EvidenceId, NewCase, Opened, Taken, Ticked};
use ::evidence::Kept;
use authority::Principal;
use caseflow::{CaseKind, LinkKind, Visibility};
use jiff::Timestamp;
use rulebook::Text;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A change that is asked for.
#[derive(Debug)]
pub(crate) enum Change {
    /// Open a case, given to somebody.
    Open(Box<NewCase>, Option<Arc<Principal>>),
    /// Take a transition, giving the case to somebody.
    Take(CaseId, Box<Act>, Option<Arc<Principal>>),
    /// Remark something.
    Comment { id: CaseId, text: String, is_public: bool },
    /// Give a case to others.
    Assign(CaseId, Box<Assignment>, Option<Arc<Principal>>),
    /// Say where it lies and whom it concerns.
    Correct(CaseId, Box<Correction>),
    /// Link cases.
    Link(CaseId, LinkKind, CaseId),
    /// Watch, or no more.
    Watch(CaseId, bool),
    /// Write down a file that is kept.
    Attach(CaseId, Box<Kept>, Visibility),
    /// Say what one thinks of a result.
    Rate { id: CaseId, is_satisfied: bool, words: String },
    /// Take a claim code in.
    Claim(CaseId, String),
    /// Look at clocks.
    Look(Vec<CaseId>),
}

/// What came of a change.
#[derive(Debug)]
pub(crate) enum Answer {
    Opened(Opened),
    Taken(Taken),
    Attached(EvidenceId),
    Looked(Ticked),
    Done,
}

/// Decides one change.
pub(crate) fn apply(
    engine: &Engine,
    draft: &mut Draft<'_>,
    job: &Job,
) -> Result<Answer, CaseError> {
    let (who, now) = (&job.who, job.now);
    match &job.change {
        Change::Open(new, assignee) => {
            open::open(engine, draft, who, new, assignee.as_deref(), now).map(Answer::Opened)
        }
        Change::Take(id, act, assignee) => {
            take::take(engine, draft, who, *id, act, assignee.as_deref(), now).map(Answer::Taken)
        }
        Change::Comment { id, text, is_public } => {
            remark::comment(engine, draft, who, *id, (text, *is_public), now)
        }
        Change::Assign(id, to, assignee) => {
            assign::assign(engine, draft, who, *id, (to, assignee.as_deref()), now)
        }
        Change::Correct(id, to) => assign::correct(engine, draft, who, *id, to, now),
        Change::Link(id, kind, other) => join::link(engine, draft, who, (*id, *kind, *other), now),
        Change::Watch(id, is_watched) => remark::watch(engine, draft, who, *id, *is_watched, now),
        Change::Attach(id, kept, visibility) => {
            attach::attach(engine, draft, who, *id, (kept, *visibility), now).map(Answer::Attached)
        }
        Change::Rate { id, is_satisfied, words } => {
            citizen::rate(engine, draft, who, *id, (*is_satisfied, words), now)
        }
        Change::Claim(id, code) => citizen::claim(engine, draft, who, *id, code, now),
        Change::Look(ids) => look::look(engine, draft, ids, now).map(Answer::Looked),
    }
}

/// A case that somebody acts on, with its declaration.
pub(crate) fn before<'a>(
    engine: &'a Engine,
    draft: &Draft<'_>,
    who: &'a Who,
    id: CaseId,
) -> Result<(File, &'a Arc<CaseKind>, Acting<'a>), CaseError> {
    let file = draft.file(id)?;
    let kind = engine.kinds.of(file.case.declaration)?;
    let merged =
        |own: CaseId| draft.file(own).is_ok_and(|own| own.case.merged_into == Some(file.case.id));
    let parent = |unit| engine.unit_above(Some(unit));
    let acting = Acting::before(who, &file, kind, &merged, &parent)?;
    Ok((file, kind, acting))
}

/// An entry of the timeline by somebody.
pub(crate) fn entry(
    who: &Who,
    acting: &Acting<'_>,
    kind: EventKind,
    about: impl Into<String>,
    now: Timestamp,
) -> Event {
    Event {
        sequence: 0,
        at: now,
        happened_at: None,
        kind,
        what: Text::default(),
        about: about.into(),
        who: who.name(),
        as_who: acting.as_who(),
        user: who.user(),
        state: String::new(),
        note: String::new(),
        reply: None,
        visibility: Visibility::Internal,
        fields: BTreeMap::new(),
    }
}

/// What was done last, told to who comes too late.
pub(crate) fn last_act(event: &Event) -> LastAct {
    LastAct {
        kind: event.kind.as_str().to_owned(),
        about: event.about.clone(),
        who: event.who.clone(),
        as_who: event.as_who.as_str().to_owned(),
        at: event.at.as_millisecond(),
    }
}

/// The record of a change.
pub(crate) fn audit(
    draft: &mut Draft<'_>,
    who: &Who,
    rule: &str,
    action: &'static str,
    file: &File,
    change: (Option<serde_json::Value>, Option<serde_json::Value>),
    now: Timestamp,
) {
    let (before, after) = change;
    let number = file.case.number.clone();
    let actor = who.actor(rule);
    draft.rows.audits.push(Audit { actor, action, number, before, after, at: now });
}

/// The longest note, comment or report.
const LETTERS_MAX: usize = 20_000;
/// The longest title, name or address.
const LINE_LETTERS_MAX: usize = 200;

/// Refuses what is longer than a text may be.
pub(crate) fn check_text(text: &str) -> Result<(), CaseError> {
    within(text, LETTERS_MAX)
}

/// Refuses what is longer than a line may be.
pub(crate) fn check_line(text: &str) -> Result<(), CaseError> {
    within(text, LINE_LETTERS_MAX)
}

fn within(text: &str, limit: usize) -> Result<(), CaseError> {
    if text.chars().count() <= limit {
        return Ok(());
    }
    Err(CaseError::input(
        format!("文字过长,最多 {limit} 字"),
        format!("the text is too long: at most {limit} letters"),
    ))
}
