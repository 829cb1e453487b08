//! The pure step: whether a transition may be taken now, and what it does.

mod guards;
mod refusal;

use std::collections::BTreeMap;

use self::guards::{
    another, check_fields, extensions_left, holds_role, its_turn, missing, notice_is_over,
    right_is_open,
};
pub use self::refusal::Refusal;
use self::refusal::{
    condition, lacking, may_not_open, no_such_transition, unknown_state, wrong_state,
};
use crate::model::{CaseKind, Clock, ClockLength, Extension, State, Template, Transition, When};
use crate::words::LinkKind;

/// How a case stands.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The state.
    pub state: &'a str,
    /// What is written down.
    pub fields: &'a BTreeMap<String, String>,
    /// The clocks that run, stand still or have run out: all that were started and not stopped.
    pub clocks: &'a [ClockStanding],
    /// Who last took each transition, by its identifier.
    pub doers: &'a BTreeMap<String, String>,
}

/// How a clock of a case stands; one that was stopped is not there. A right that has lapsed is,
/// with `is_past_due`: a transition may wait for its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockStanding {
    /// The clock.
    pub clock: String,
    /// Whether it stands still.
    pub is_suspended: bool,
    /// Whether it has run out.
    pub is_past_due: bool,
    /// How often it was extended.
    pub extensions: u32,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub enum Actor<'a> {
    /// Somebody with an account.
    Person {
        /// By what they are told from others.
        id: &'a str,
        /// The words of the roles that they hold over this case.
        roles: &'a [&'a str],
        /// Whether they belong to a unit responsible or assisting.
        is_responsible: bool,
        /// Whether they speak for the enterprise concerned.
        is_enterprise: bool,
    },
    /// Who reported, without an account.
    Reporter,
    /// The platform.
    System,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The transition.
    pub transition: &'a str,
    /// Who asks.
    pub actor: Actor<'a>,
    /// What is written down with it; an empty value clears a field.
    pub fields: &'a BTreeMap<String, String>,
    /// Whether something is said.
    pub has_note: bool,
    /// How many pieces of evidence come with it.
    pub evidence: u32,
    /// Whether a unit is named.
    pub names_unit: bool,
    /// Whether an officer is named.
    pub names_assignee: bool,
    /// The links of the case to others, those that come with it among them.
    pub links: &'a [LinkKind],
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'kind> {
    /// The transition taken: what it shares, publishes and tells stands there.
    pub transition: &'kind Transition,
    /// The state after it.
    pub to: &'kind State,
    /// The clocks to start; one that runs already begins anew.
    pub starts: Vec<&'kind Clock>,
    /// The clocks to stop, of those that run or stand still.
    pub stops: Vec<&'kind Clock>,
    /// The clocks to suspend, of those that run.
    pub suspends: Vec<&'kind Clock>,
    /// The clocks to resume, of those that stand still.
    pub resumes: Vec<&'kind Clock>,
    /// The clocks to make longer.
    pub extends: Vec<&'kind Extension>,
    /// The fields to write, as they came.
    pub fields: BTreeMap<String, String>,
    /// The official reply that goes with it.
    pub template: Option<&'kind Template>,
}

/// What an opening does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening<'kind> {
    /// The state in which the case begins.
    pub state: &'kind State,
    /// The clocks to start.
    pub starts: Vec<&'kind Clock>,
    /// The fields to write.
    pub fields: BTreeMap<String, String>,
}

/// The transitions that leave the state in which a case stands, each with the reason for which
/// this actor may not take it.
pub fn offered<'kind>(
    kind: &'kind CaseKind,
    standing: &Standing<'_>,
    actor: Actor<'_>,
) -> Vec<(&'kind Transition, Option<Box<Refusal>>)> {
    let here = |transition: &&Transition| transition.from.iter().any(|id| id == standing.state);
    let refusal = |transition| may_take(kind, standing, transition, actor).err();
    kind.transitions.iter().filter(here).map(|each| (each, refusal(each))).collect()
}

/// Whether an actor may take a transition as the case stands, whatever they fill in.
///
/// # Errors
/// A [`Refusal`] with the reason.
pub fn may_take(
    kind: &CaseKind,
    standing: &Standing<'_>,
    transition: &Transition,
    actor: Actor<'_>,
) -> Result<(), Box<Refusal>> {
    if !transition.from.iter().any(|id| id == standing.state) {
        return Err(wrong_state(kind, standing.state, transition));
    }
    its_turn(transition, actor)?;
    another(kind, standing, transition, actor)?;
    right_is_open(kind, standing, transition)?;
    notice_is_over(kind, standing, transition)?;
    extensions_left(kind, standing, transition)?;
    let is_settled = |when: &&When| !transition.takes_field(&when.field);
    let broken =
        transition.only_when.iter().filter(is_settled).find(|when| !holds(when, standing.fields));
    broken.map_or(Ok(()), |when| Err(condition(kind, transition, when)))
}

/// Takes a transition: what it does, or why it may not be taken.
///
/// # Errors
/// A [`Refusal`] with the reason; nothing has happened then.
pub fn step<'kind>(
    kind: &'kind CaseKind,
    standing: &Standing<'_>,
    asked: &Asked<'_>,
) -> Result<Step<'kind>, Box<Refusal>> {
    let transition = kind
        .transition(asked.transition)
        .ok_or_else(|| no_such_transition(kind, asked.transition))?;
    may_take(kind, standing, transition, asked.actor)?;
    let allowed = |id: &str| transition.takes_field(id);
    check_fields(kind, asked.fields, allowed)?;
    let fields = merged(standing.fields, asked.fields);
    let missing = missing(kind, transition, asked, &fields);
    if !missing.is_empty() {
        return Err(lacking(kind, missing));
    }
    if let Some(when) = transition.only_when.iter().find(|when| !holds(when, &fields)) {
        return Err(condition(kind, transition, when));
    }
    let stands = |id: &str| standing.clocks.iter().find(|clock| clock.clock == id);
    let chosen = |ids: &[String], want: &dyn Fn(&ClockStanding) -> bool| {
        let known = ids.iter().filter(|id| stands(id).is_some_and(want));
        known.filter_map(|id| kind.clock(id)).collect::<Vec<_>>()
    };
    let state = transition.to.as_deref().unwrap_or(standing.state);
    let to = kind.state(state).ok_or_else(|| unknown_state(state))?;
    Ok(Step {
        transition,
        to,
        starts: starting(transition.starts.iter().filter_map(|id| kind.clock(id)), &fields),
        stops: chosen(&transition.stops, &|_| true),
        suspends: chosen(&transition.suspends, &|clock| !clock.is_suspended),
        resumes: chosen(&transition.resumes, &|clock| clock.is_suspended),
        extends: transition.extends.iter().collect(),
        fields: asked.fields.clone(),
        template: transition.template.as_deref().and_then(|id| kind.template(id)),
    })
}

/// Opens a case: where it begins and which clocks start, or why not.
///
/// # Errors
/// A [`Refusal`] with the reason.
pub fn open<'kind>(
    kind: &'kind CaseKind,
    actor: Actor<'_>,
    fields: &BTreeMap<String, String>,
) -> Result<Opening<'kind>, Box<Refusal>> {
    let opens = &kind.opens;
    let may = match actor {
        Actor::Person { roles, .. } => holds_role(&opens.roles, roles),
        Actor::Reporter => opens.public,
        Actor::System => opens.system,
    };
    if !may {
        return Err(may_not_open(kind));
    }
    let allowed = |id: &str| opens.needs.iter().chain(&opens.may_fill).any(|known| known == id);
    check_fields(kind, fields, allowed)?;
    let empty = |id: &&String| fields.get(*id).is_none_or(|value| value.trim().is_empty());
    let missing: Vec<String> = opens.needs.iter().filter(empty).cloned().collect();
    if !missing.is_empty() {
        return Err(lacking(kind, missing));
    }
    let state = kind.state(&kind.initial).ok_or_else(|| unknown_state(&kind.initial))?;
    let begin = kind.clocks.iter().filter(|clock| clock.starts_at_open);
    Ok(Opening { state, starts: starting(begin, fields), fields: fields.clone() })
}

impl Transition {
    /// Whether a field may be written with it.
    pub fn takes_field(&self, id: &str) -> bool {
        self.needs.fields.iter().chain(&self.may_fill).any(|known| known == id)
    }
}

fn starting<'kind>(
    clocks: impl Iterator<Item = &'kind Clock>,
    fields: &BTreeMap<String, String>,
) -> Vec<&'kind Clock> {
    let day_is_known = |clock: &Clock| match &clock.length {
        ClockLength::UntilField(id) => fields.get(id).is_some_and(|day| !day.trim().is_empty()),
        _ => true,
    };
    let begins = |clock: &&Clock| {
        day_is_known(clock) && clock.only_when.iter().all(|when| holds(when, fields))
    };
    clocks.filter(begins).collect()
}

fn holds(when: &When, fields: &BTreeMap<String, String>) -> bool {
    let value = fields.get(&when.field).map_or("", |value| value.trim());
    when.is.iter().any(|wanted| wanted == value)
}

fn merged(
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut fields = old.clone();
    fields.extend(new.iter().map(|(id, value)| (id.clone(), value.clone())));
    fields
}
