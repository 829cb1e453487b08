//! A case as it is kept, its clocks, and what happened to it.

use crate::{CaseId, Channel, Place};
use authority::{OrganisationId, Subject, UserId};
use caseflow::{LinkKind, Visibility};
use jiff::Timestamp;
use rulebook::Text;
use std::collections::BTreeMap;

/// A case (事项) as it is kept, without what is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Its number, `TS-2026-000123`.
    pub number: String,
    /// The id of its kind.
    pub kind: String,
    /// The declaration by which it was opened and by which it goes on.
    pub declaration: i64,
    /// Its state.
    pub state: String,
    /// Counts its changes.
    pub version: i64,
    /// In a few words; empty for who must not read the reporter's words.
    pub title: String,
    /// The reporter's words; empty for who must not read them.
    pub text: String,
    /// The division in which it lies.
    pub division: String,
    /// The enterprise that it concerns.
    pub enterprise: Option<String>,
    /// Where it is.
    pub place: Option<Place>,
    /// The fields that are not personal.
    pub fields: BTreeMap<String, String>,
    /// By what way it came.
    pub channel: Channel,
    /// The unit that answers for it.
    pub responsible: Option<OrganisationId>,
    /// The units that help.
    pub assisting: Vec<OrganisationId>,
    /// The user who is to do it.
    pub assignee: Option<UserId>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it happened, where that is known.
    pub happened_at: Option<Timestamp>,
    /// When it reached a final state.
    pub closed_at: Option<Timestamp>,
    /// When the enterprise was let in.
    pub shared_at: Option<Timestamp>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// The earliest end of its running clocks.
    pub due_at: Option<Timestamp>,
    /// Whether that end counts days of a year whose holidays are not announced.
    pub is_provisional: bool,
    /// When the warning of that end begins.
    pub warn_at: Option<Timestamp>,
    /// Whether a clock has run out at some time.
    pub was_late: bool,
    /// How far it was escalated; 0 = not at all.
    pub escalation: u32,
    /// Whether it is a key case: complained of again and again (重点件).
    pub is_key: bool,
    /// How many earlier complaints it repeats.
    pub repeats: u32,
    /// The case in which it goes on.
    pub merged_into: Option<CaseId>,
    /// How many cases were merged into it.
    pub merged: u32,
    /// Whether somebody reported it whose identity is sealed.
    pub has_reporter: bool,
    /// What the reporter said of the result.
    pub satisfied: Option<bool>,
    /// Who last took each transition: a user's number, or a name.
    pub doers: BTreeMap<String, String>,
    /// The number of the last entry of its timeline.
    pub last_sequence: i64,
}

impl Case {
    /// What authority decides about.
    pub fn subject(&self) -> Subject {
        let mut subject = Subject::installation().in_division(&self.division);
        for unit in self.responsible.iter().chain(&self.assisting) {
            subject = subject.of_organisation(*unit);
        }
        if let Some(enterprise) = &self.enterprise {
            subject = subject.of_enterprise(enterprise);
        }
        subject
    }

    /// Whether it is not in a final state.
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }
}

/// How a clock stands (时限状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClockState {
    /// It runs.
    Running,
    /// It is held (中止).
    Suspended,
    /// What it asked for was done.
    Stopped,
}

impl ClockState {
    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Suspended => "suspended",
            Self::Stopped => "stopped",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Running, Self::Suspended, Self::Stopped]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// A clock of a case (时限).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The id in the declaration.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// How it stands.
    pub state: ClockState,
    /// From when it counts.
    pub started_at: Timestamp,
    /// When it was stopped.
    pub stopped_at: Option<Timestamp>,
    /// Its end; none while it is suspended.
    pub due_at: Option<Timestamp>,
    /// Whether the end counts days of a year whose holidays are not announced.
    pub is_provisional: bool,
    /// How the end was counted, line by line.
    pub proof: Vec<Text>,
    /// Where the length is written.
    pub source: String,
    /// How sure that is.
    pub confidence: String,
    /// Who is to act within it.
    pub owner: String,
    /// Whether it is a right that lapses, not a duty.
    pub is_right: bool,
    /// How often it was extended.
    pub extensions: u32,
    /// Whether its end has passed, or had when it was stopped.
    pub is_overdue: bool,
    /// How far its running out was escalated.
    pub escalation: u32,
}

/// What kind of entry the timeline holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// The case was opened.
    Opened,
    /// A transition was taken.
    Act,
    /// Somebody remarked something.
    Comment,
    /// Unit, assisting units or assignee were changed.
    Assigned,
    /// It was linked to another case.
    Linked,
    /// Another case was merged into it.
    Merged,
    /// A file was attached.
    Attached,
    /// A clock's warning began.
    Warned,
    /// A clock ran out.
    Overdue,
    /// Running out was told further up.
    Escalated,
    /// The reporter said what they think of the result.
    Rated,
    /// The reporter asked for a review.
    ReviewAsked,
    /// A reward was claimed by its code.
    Claimed,
    /// It was flagged as a key case.
    Flagged,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Opened,
        Self::Act,
        Self::Comment,
        Self::Assigned,
        Self::Linked,
        Self::Merged,
        Self::Attached,
        Self::Warned,
        Self::Overdue,
        Self::Escalated,
        Self::Rated,
        Self::ReviewAsked,
        Self::Claimed,
        Self::Flagged,
    ];

    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Act => "act",
            Self::Comment => "comment",
            Self::Assigned => "assigned",
            Self::Linked => "linked",
            Self::Merged => "merged",
            Self::Attached => "attached",
            Self::Warned => "warned",
            Self::Overdue => "overdue",
            Self::Escalated => "escalated",
            Self::Rated => "rated",
            Self::ReviewAsked => "review_asked",
            Self::Claimed => "claimed",
            Self::Flagged => "flagged",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// An entry of a timeline (办理过程).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the timeline, from 1.
    pub sequence: i64,
    /// When it was written.
    pub at: Timestamp,
    /// When it was done, where that was earlier: without a network.
    pub happened_at: Option<Timestamp>,
    /// What it is.
    pub kind: EventKind,
    /// What was done, in words: the transition's name, `时限届满`.
    pub what: Text,
    /// The transition, clock or other id that it is about.
    pub about: String,
    /// Who did it: a login, the name of a part of the program; empty for the citizen who reported,
    /// the number of their own case for one whose case was merged into this one.
    pub who: String,
    /// As what they did it.
    pub as_who: ActedAs,
    /// Their number, where it was a user.
    pub user: Option<UserId>,
    /// The state after it.
    pub state: String,
    /// What was said.
    pub note: String,
    /// The official reply that was made from a template.
    pub reply: Option<Text>,
    /// Who may see it.
    pub visibility: Visibility,
    /// The fields that it filled or changed; personal ones are not among them.
    pub fields: BTreeMap<String, String>,
}

/// As what somebody acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActedAs {
    /// Someone of the administration.
    Officer,
    /// The enterprise.
    Enterprise,
    /// Who reported, or another citizen.
    Reporter,
    /// A part of the program.
    System,
}

impl ActedAs {
    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Enterprise => "enterprise",
            Self::Reporter => "reporter",
            Self::System => "system",
        }
    }

    /// What of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Officer, Self::Enterprise, Self::Reporter, Self::System]
            .into_iter()
            .find(|one| one.as_str() == word)
    }
}

/// A link from a case to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// How they belong together.
    pub kind: LinkKind,
    /// True when this case is the one that was merged, caused or follows; false when the other is.
    pub is_from_here: bool,
    /// The other case.
    pub other: CaseId,
    /// Its number.
    pub number: String,
    /// When they were linked.
    pub at: Timestamp,
}
