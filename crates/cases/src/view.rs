//! A case as somebody sees it.

use crate::{Case, CaseId, Clock, Event, EvidenceId, Link, SeenAs};
use caseflow::{CaseKind, Refusal, Visibility};
use jiff::Timestamp;
use rulebook::{Decimal, Text};
use std::sync::Arc;

/// A case as somebody sees it: what they may not see is not in it.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// As what they see it.
    pub seen_as: SeenAs,
    /// The case, with what they may not see left empty.
    pub case: Case,
    /// The declaration by which it was opened.
    pub kind: Arc<CaseKind>,
    /// The name of its state.
    pub state: Text,
    /// Its fields, in the order of the declaration.
    pub fields: Vec<FieldShown>,
    /// Its clocks.
    pub clocks: Vec<Clock>,
    /// What happened, oldest first, without comments.
    pub timeline: Vec<Event>,
    /// What was remarked, oldest first.
    pub comments: Vec<Event>,
    /// Its files.
    pub evidence: Vec<EvidenceView>,
    /// Its links to other cases.
    pub links: Vec<Link>,
    /// What they may do now, and what hinders the rest.
    pub offered: Vec<Offered>,
    /// Whether they watch it.
    pub is_watched: bool,
}

/// A field with its value, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldShown {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The value as kept.
    pub value: String,
    /// The value as read: the name of a choice.
    pub shown: Text,
}

/// A file of evidence as somebody sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceView {
    /// Its id.
    pub id: EvidenceId,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: i64,
    /// What it is, `image/jpeg`.
    pub media_type: String,
    /// The SHA-256 of the original, in hexadecimal; empty for who does not get the original.
    pub digest: String,
    /// When it was attached.
    pub at: Timestamp,
    /// Who attached it; empty for who may not know.
    pub who: String,
    /// The entry of the timeline to which it belongs.
    pub sequence: i64,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether there is a small picture.
    pub has_thumbnail: bool,
    /// Where the picture was taken, as its camera says: longitude, latitude; officers alone.
    pub location: Option<(Decimal, Decimal)>,
    /// When it was taken, as its camera says; officers alone.
    pub taken_at: Option<Timestamp>,
}

/// Which form of a file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// The file, or for who does not get the original the copy without hidden data.
    Whole,
    /// A small picture.
    Thumbnail,
}

/// A file's content as somebody gets it.
#[derive(Clone, Debug)]
pub struct EvidenceFile {
    /// Its name.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// A transition that stands open for somebody, or why not.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The transition's id.
    pub transition: String,
    /// What it is called.
    pub name: Text,
    /// What hinders them; none: they may, once what it needs is filled in.
    pub refusal: Option<Refusal>,
}

/// How far a case is, for the citizen who reported it.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The case.
    pub id: CaseId,
    /// Its number.
    pub number: String,
    /// What kind of case it is.
    pub kind: Text,
    /// What they wrote.
    pub text: String,
    /// The name of its state; of the case into which it was merged, where it was.
    pub state: Text,
    /// What that state means.
    pub meaning: Text,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Until when they are to hear, where a clock says so.
    pub due_at: Option<Timestamp>,
    /// Whether it is finished.
    pub is_closed: bool,
    /// Whether it goes on together with others that tell of the same.
    pub is_merged: bool,
    /// What happened that they may see, oldest first, replies among it.
    pub steps: Vec<Event>,
    /// The files that they may see.
    pub evidence: Vec<EvidenceView>,
    /// Whether they may say now what they think of the result.
    pub may_rate: bool,
    /// What they said.
    pub satisfied: Option<bool>,
    /// Whether they may ask for a review now.
    pub may_ask_review: bool,
    /// The code by which a reward is claimed without a name, once it was given (有奖举报).
    pub claim_code: Option<String>,
    /// Whether that code was used.
    pub is_claimed: bool,
}
