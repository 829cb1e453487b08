//! The words of the engine: who acts, what is asked, what comes back.

use authority::{OrganisationId, Principal, UserId};
use caseflow::{LinkKind, Visibility};
use jiff::Timestamp;
use rulebook::Decimal;
use std::collections::BTreeMap;

/// A case (事项) in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseId(pub i64);

/// A file of evidence (证据材料) of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EvidenceId(pub i64);

/// Who acts, and from where.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Someone who has signed in.
    Person {
        /// Who.
        principal: &'a Principal,
        /// Where from.
        address: &'a str,
    },
    /// The reporter of a case, proved by number and code: see [`crate::Cases::prove`].
    Reporter {
        /// Their case.
        case: CaseId,
        /// Where from.
        address: &'a str,
    },
    /// A citizen of whom nothing is known.
    Anonymous {
        /// Where from.
        address: &'a str,
    },
    /// A part of the program, `alerts`, `exchange`.
    System {
        /// Which.
        name: &'a str,
    },
}

/// Who reads a case.
#[derive(Clone, Copy, Debug)]
pub enum Viewer<'a> {
    /// Someone who has signed in: an officer, or the manager of an enterprise.
    Person(&'a Principal),
    /// The reporter, proved by number and code.
    Reporter(CaseId),
    /// Anybody.
    Public,
}

/// As what somebody sees a case: decides what of it they see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeenAs {
    /// Someone of the administration.
    Officer,
    /// The enterprise that it concerns: never learns who complained.
    Enterprise,
    /// Who reported it.
    Reporter,
    /// Anybody.
    Public,
}

/// By what way a case came (来源渠道).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// A page of the web.
    Web,
    /// A page on a phone.
    Phone,
    /// A call, taken down by an operator (12369, 12345).
    Hotline,
    /// An Open311 application.
    Open311,
    /// The exchange with the city's 12345.
    Exchange,
    /// An alert of the monitoring.
    Alert,
    /// A file.
    Import,
    /// A patrol.
    Patrol,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 8] = [
        Self::Web,
        Self::Phone,
        Self::Hotline,
        Self::Open311,
        Self::Exchange,
        Self::Alert,
        Self::Import,
        Self::Patrol,
    ];

    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Phone => "phone",
            Self::Hotline => "hotline",
            Self::Open311 => "open311",
            Self::Exchange => "exchange",
            Self::Alert => "alert",
            Self::Import => "import",
            Self::Patrol => "patrol",
        }
    }

    /// What it is called in Chinese and English.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Web => ("网页", "web"),
            Self::Phone => ("手机", "phone"),
            Self::Hotline => ("热线电话", "hotline"),
            Self::Open311 => ("Open311 应用", "Open311"),
            Self::Exchange => ("12345 交换", "12345 exchange"),
            Self::Alert => ("监测预警", "alert"),
            Self::Import => ("导入", "import"),
            Self::Patrol => ("巡查", "patrol"),
        }
    }

    /// The channel of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }
}

/// Where something is: degrees in WGS 84, and the address in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Degrees east.
    pub longitude: Decimal,
    /// Degrees north.
    pub latitude: Decimal,
    /// In words; may be empty.
    pub address: String,
}

/// Who reported (举报人): sealed in the store, never shown to the enterprise. Any part may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reporter {
    /// Their name; empty where they gave none.
    pub name: String,
    /// Their phone number.
    pub phone: String,
    /// Their e-mail address.
    pub email: String,
    /// Where they live or work.
    pub address: String,
}

impl Reporter {
    /// Whether nothing is known of them.
    pub fn is_empty(&self) -> bool {
        [&self.name, &self.phone, &self.email, &self.address].iter().all(|part| part.is_empty())
    }
}

/// Who reported, with the personal fields of their case, as an authorised reader gets them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonalData {
    /// Who reported.
    pub reporter: Reporter,
    /// The fields whose declaration says `personal`.
    pub fields: BTreeMap<String, String>,
    /// The same of those whose cases were merged into this one, by number of the case.
    pub merged: Vec<(String, Reporter)>,
}

/// A case to be opened.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// The kind's id.
    pub kind: String,
    /// In a few words. Empty: made from the text.
    pub title: String,
    /// What was reported, in the reporter's words.
    pub text: String,
    /// The division in which it lies, by its code.
    pub division: String,
    /// The enterprise that it concerns, by its code.
    pub enterprise: Option<String>,
    /// Where it is.
    pub place: Option<Place>,
    /// The fields of the kind, by id.
    pub fields: BTreeMap<String, String>,
    /// Who reported.
    pub reporter: Option<Reporter>,
    /// The same key opens the same case: a phone that sends twice, an exchange that repeats.
    pub origin_key: Option<String>,
    /// By what way it came.
    pub channel: Channel,
    /// The unit that answers for it.
    pub responsible: Option<OrganisationId>,
    /// The user who is to do it.
    pub assignee: Option<UserId>,
    /// To which cases it belongs.
    pub links: Vec<(LinkKind, CaseId)>,
    /// When it happened, where that is known.
    pub happened_at: Option<Timestamp>,
}

impl NewCase {
    /// A case of a kind in a division that came by a way; all else empty.
    pub fn new(kind: impl Into<String>, division: impl Into<String>, channel: Channel) -> Self {
        Self {
            kind: kind.into(),
            title: String::new(),
            text: String::new(),
            division: division.into(),
            enterprise: None,
            place: None,
            fields: BTreeMap::new(),
            reporter: None,
            origin_key: None,
            channel,
            responsible: None,
            assignee: None,
            links: Vec::new(),
            happened_at: None,
        }
    }
}

/// A case that was opened, or that the same key had opened before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its id.
    pub id: CaseId,
    /// Its number, `TS-2026-000123`.
    pub number: String,
    /// The code by which the reporter follows it; shown now, the store keeps its digest. The same
    /// long key of the same way gets it again, in case the first answer was lost.
    pub follow_code: Option<String>,
    /// False when the key had opened it before.
    pub is_new: bool,
}

/// What somebody does to a case: a transition of its kind.
#[derive(Clone, Debug, Default)]
pub struct Act {
    /// The transition's id.
    pub transition: String,
    /// The version of the case that they saw: another one is a conflict.
    pub version: i64,
    /// What they say.
    pub note: String,
    /// Fields that they fill or change.
    pub fields: BTreeMap<String, String>,
    /// The unit that is to answer for it from now on.
    pub unit: Option<OrganisationId>,
    /// The user who is to do it from now on.
    pub assignee: Option<UserId>,
    /// Files attached before, that belong to this act.
    pub evidence: Vec<EvidenceId>,
    /// The case to which the act links it, where the transition needs a link.
    pub link: Option<CaseId>,
    /// The same key takes the same act once: a phone that sends twice.
    pub action_key: Option<String>,
    /// When it was done, where it was done without a network; never later than now.
    pub happened_at: Option<Timestamp>,
}

impl Act {
    /// A transition of a case as it was seen at a version; all else empty.
    pub fn new(transition: impl Into<String>, version: i64) -> Self {
        Self { transition: transition.into(), version, ..Self::default() }
    }
}

/// What came of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The case.
    pub id: CaseId,
    /// The version that it has now.
    pub version: i64,
    /// The state that it is in now.
    pub state: String,
    /// Its place in the timeline.
    pub sequence: i64,
    /// False when the same key had taken it before.
    pub is_new: bool,
}

/// A file to be attached.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Who may see it. A reporter's file is seen by the administration alone, whatever is said.
    pub visibility: Visibility,
}
