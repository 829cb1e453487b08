//! A kind of case as it is declared (事项类型).

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::Length;
use rulebook::{Confidence, Text};

use crate::words::{
    EnterpriseSees, EscalateTo, FieldForm, LinkKind, Owner, PublicView, Told, Visibility, Who,
};

/// A kind of case: its states, who may move it, under which clocks (事项类型).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseKind {
    /// The file that it was read from.
    pub file: String,
    /// The declaration as it was read: kept with the cases that were opened under it.
    pub text: String,
    /// The identifier in addresses and files.
    pub id: String,
    /// The version of the declaration: it grows when a state, a transition or a clock changes.
    pub version: u32,
    /// What the numbers of its cases begin with: `TS` in `TS-2026-000123`.
    pub prefix: String,
    /// What it is called.
    pub name: Text,
    /// What it is for.
    pub purpose: Text,
    /// The texts it rests on.
    pub legal_basis: Vec<Basis>,
    /// How a case begins.
    pub opens: Opens,
    /// What the enterprise concerned sees.
    pub enterprise_sees: EnterpriseSees,
    /// What everybody sees.
    pub public_view: PublicView,
    /// The state in which a case begins.
    pub initial: String,
    /// What is written down.
    pub fields: Vec<Field>,
    /// Where a case may stand.
    pub states: Vec<State>,
    /// How it moves.
    pub transitions: Vec<Transition>,
    /// What must be done in time.
    pub clocks: Vec<Clock>,
    /// Official replies.
    pub templates: Vec<Template>,
    /// The lines of the file on which places stand.
    pub(crate) lines: BTreeMap<String, u32>,
}

/// A text that a kind rests on (依据).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The text and its article.
    pub text: Text,
    /// Where it was read.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// How a case begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opens {
    /// The action that a user needs.
    pub by: String,
    /// The roles that may; empty: any with the action.
    pub roles: Vec<String>,
    /// Whether a citizen may, without an account.
    pub public: bool,
    /// Whether the platform may, from an alert or another system.
    pub system: bool,
    /// The fields that must be filled from the start.
    pub needs: Vec<String>,
    /// The fields that may be filled from the start.
    pub may_fill: Vec<String>,
    /// Who is told.
    pub tells: Vec<Told>,
    /// The reply that a reporter gets.
    pub template: Option<String>,
}

/// Something that is written down (字段).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The identifier.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// What it holds.
    pub form: FieldForm,
    /// The choices of a choice.
    pub choices: Vec<Choice>,
    /// What to write; empty where the name says it.
    pub help: Text,
    /// Whether everybody sees it of a published case.
    pub public: bool,
    /// Whether the enterprise concerned sees it of a shared case.
    pub enterprise: bool,
    /// Whether the reporter sees it.
    pub reporter: bool,
    /// Whether it is about a person: shown to who may read personal data, kept out of lists.
    pub personal: bool,
}

/// One choice of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The word that is stored.
    pub id: String,
    /// What it is called.
    pub name: Text,
}

/// Where a case may stand (状态).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The identifier.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// What it means.
    pub meaning: Text,
    /// Whether the work is over; a transition may still reopen it.
    pub is_final: bool,
    /// Whether it is a good end, a bad one, or neither.
    pub is_good: Option<bool>,
}

/// A way from one state to another (流转).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The identifier.
    pub id: String,
    /// What its button says.
    pub name: Text,
    /// The states in which it may be taken.
    pub from: Vec<String>,
    /// The state after it; `None` (written `same`): the state stays.
    pub to: Option<String>,
    /// The action that a user needs; empty where it is the reporter's turn or the platform's.
    pub by: String,
    /// The roles that may; empty: any with the action.
    pub roles: Vec<String>,
    /// Whose turn it is.
    pub who: Who,
    /// What must be there.
    pub needs: Needs,
    /// The fields that may be filled beside those that must.
    pub may_fill: Vec<String>,
    /// What must hold for it to be taken: all of these, with the fields as they will be.
    pub only_when: Vec<When>,
    /// The clocks that it starts, those whose own condition holds.
    pub starts: Vec<String>,
    /// The clocks that it stops; `all` in the file is every clock that is no right.
    pub stops: Vec<String>,
    /// The clocks that stand still from now on.
    pub suspends: Vec<String>,
    /// The clocks that go on.
    pub resumes: Vec<String>,
    /// The clocks that get longer.
    pub extends: Vec<Extension>,
    /// Whether the enterprise concerned sees the case from now on.
    pub shares_with_enterprise: bool,
    /// Whether everybody sees the case, anonymised, from now on.
    pub publishes: bool,
    /// Whether the reporter gets the code with which a reward is claimed.
    pub issues_claim_code: bool,
    /// Who is told.
    pub tells: Vec<Told>,
    /// The official reply that goes with it.
    pub template: Option<String>,
    /// Who reads its line in the timeline.
    pub visibility: Visibility,
}

/// What must be there for a transition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The fields that must be filled, before or with it.
    pub fields: Vec<String>,
    /// Whether something must be said.
    pub note: bool,
    /// How many pieces of evidence must come with it.
    pub evidence: u32,
    /// Whether a unit must be named.
    pub unit: bool,
    /// Whether an officer must be named.
    pub assignee: bool,
    /// The transitions whose last doer may not take this one: another must (换人).
    pub another_than: Vec<String>,
    /// The link to another case that must be there or come with it.
    pub link: Option<LinkKind>,
    /// The clocks one of which must be running and not run out: a right that may lapse.
    pub running: Vec<String>,
    /// The clocks that must have run out: a public notice that must have stood long enough.
    pub over: Vec<String>,
}

/// A condition on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// The field.
    pub field: String,
    /// The values that will do; an empty one stands for "not filled".
    pub is: Vec<String>,
}

/// What makes a clock longer (延期).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The clock.
    pub clock: String,
    /// By how much.
    pub length: ClockLength,
    /// How often.
    pub at_most: u32,
}

/// How long a clock runs, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClockLength {
    /// By a row of the table of deadlines of the crate `law`.
    Deadline(String),
    /// As the declaration says.
    Stated {
        /// How long.
        length: Length,
        /// Who says so.
        source: String,
        /// How sure that is.
        confidence: Confidence,
    },
    /// Up to the end of the day in a field of the case; it starts only once the field is filled.
    UntilField(String),
}

/// Something that must be done in time (期限).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The identifier.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// How long it runs.
    pub length: ClockLength,
    /// Whether it starts when the case is opened.
    pub starts_at_open: bool,
    /// What must hold for it to start, whoever starts it.
    pub only_when: Vec<When>,
    /// Whose it is.
    pub owner: Owner,
    /// Whether a last day off moves to the next working day.
    pub rolls: bool,
    /// Whether it is a right that lapses, not a duty: nothing is overdue when it ends, and it
    /// may run on in a final state.
    pub is_right: bool,
    /// What it means that it has run out.
    pub overdue: Text,
    /// How long before its end its owner is warned, the earliest first.
    pub warn: Vec<Length>,
    /// To whom it goes up once it is overdue.
    pub escalate: Vec<Escalation>,
}

/// A step up for what is overdue (升级).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// How long after the end; an amount of 0 is at once.
    pub after: Length,
    /// To whom.
    pub to: EscalateTo,
}

/// An official reply with places to fill (答复模板).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The identifier.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// The reply, with places like `{number}`.
    pub text: Text,
}

impl CaseKind {
    /// The state of an identifier.
    pub fn state(&self, id: &str) -> Option<&State> {
        self.states.iter().find(|state| state.id == id)
    }

    /// The transition of an identifier.
    pub fn transition(&self, id: &str) -> Option<&Transition> {
        self.transitions.iter().find(|transition| transition.id == id)
    }

    /// The field of an identifier.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The clock of an identifier.
    pub fn clock(&self, id: &str) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.id == id)
    }

    /// The template of an identifier.
    pub fn template(&self, id: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.id == id)
    }
}

/// How long a clock runs by a rule, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated<'a> {
    /// How long.
    pub length: Length,
    /// Who says so.
    pub source: &'a str,
    /// How sure that is.
    pub confidence: Confidence,
}

impl ClockLength {
    /// How long it is by the rule in force on a day, that of the opening of the case.
    ///
    /// `None` where a field of the case says it, and where no row of the table of deadlines is
    /// in force on that day.
    pub fn on(&self, day: Date) -> Option<Stated<'_>> {
        match self {
            Self::Deadline(id) => {
                let row = law::deadline(id, day)?;
                let (source, confidence) = (row.source.as_str(), row.confidence);
                Some(Stated { length: row.length()?, source, confidence })
            }
            Self::Stated { length, source, confidence } => {
                Some(Stated { length: *length, source, confidence: *confidence })
            }
            Self::UntilField(_) => None,
        }
    }
}
