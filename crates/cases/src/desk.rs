//! The desk of one commit: the cases that it touches, as they are and as they become, and the rows
//! that will be written. Deciding is done here, in memory; the store comes before and after.

use crate::clocks::{Kept, NEVER, sum};
use crate::store::citizens::{Code, Sealed};
use crate::store::evidence::FileRow;
use crate::store::links::LinkRow;
use crate::{ActedAs, Case, CaseError, CaseId, Conflict, Event, EventKind, EvidenceId};
use authority::{OrganisationId, UserId};
use caseflow::{CaseKind, LinkKind};
use delivery::Message;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A case with what of it is not shown.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// The case; the reporter's words are in it only when it is new or was read whole.
    pub(crate) case: Case,
    /// Its clocks.
    pub(crate) clocks: Vec<Kept>,
    /// What was done last.
    pub(crate) last_act: LastAct,
    /// When the next thing is to be told of its clocks.
    pub(crate) next_at: i64,
    /// Whether the enterprise sees it.
    pub(crate) enterprise_sees: bool,
    /// Whether a clock that runs was warned of and has not run out.
    pub(crate) is_warned: bool,
}

/// What was done last to a case: told to who comes too late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastAct {
    /// The kind of entry.
    pub(crate) kind: String,
    /// The transition.
    pub(crate) about: String,
    /// Who.
    pub(crate) who: String,
    /// As what.
    pub(crate) as_who: String,
    /// When, in milliseconds.
    pub(crate) at: i64,
}

impl LastAct {
    /// Nothing that is told.
    pub(crate) fn none() -> Self {
        Self {
            kind: EventKind::Act.as_str().to_owned(),
            about: String::new(),
            who: String::new(),
            as_who: ActedAs::System.as_str().to_owned(),
            at: 0,
        }
    }
}

impl File {
    /// Sums up clocks and sight after a change.
    pub(crate) fn settle(&mut self, kind: &CaseKind) {
        let sum = sum(&self.clocks, kind, None);
        let is_open = self.case.is_open();
        let unless_never = |at: i64| (is_open && at != NEVER).then(|| crate::clocks::instant(at));
        self.case.due_at = unless_never(sum.due);
        self.case.warn_at = unless_never(sum.warn);
        self.case.is_provisional = is_open && sum.is_provisional;
        self.case.was_late |= sum.is_late;
        self.is_warned = is_open && sum.is_warned;
        self.next_at = sum.next;
        self.enterprise_sees = crate::sight::enterprise_sees(&self.case, kind);
    }

    /// What to tell who comes too late; `names`: whether they may read who it was.
    pub(crate) fn conflict(&self, kind: &CaseKind, names: bool) -> CaseError {
        let act = &self.last_act;
        let entry = EventKind::parse(&act.kind).unwrap_or(EventKind::Act);
        let is_citizen = act.as_who == ActedAs::Reporter.as_str();
        CaseError::Conflict(Box::new(Conflict {
            number: self.case.number.clone(),
            version: self.case.version,
            who: if names && !is_citizen { act.who.clone() } else { String::new() },
            what: crate::telling::what(kind, entry, &act.about),
            at: crate::clocks::instant(act.at),
        }))
    }
}

/// What was done under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) case: CaseId,
    pub(crate) sequence: i64,
    pub(crate) version: i64,
    pub(crate) state: String,
}

/// An audit record to be written.
#[derive(Clone, Debug)]
pub(crate) struct Audit {
    pub(crate) actor: authority::Actor,
    pub(crate) action: &'static str,
    pub(crate) number: String,
    pub(crate) before: Option<serde_json::Value>,
    pub(crate) after: Option<serde_json::Value>,
    pub(crate) at: Timestamp,
}

/// A message within the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoticeRow {
    pub(crate) audience: String,
    pub(crate) case: CaseId,
    pub(crate) sequence: i64,
    pub(crate) at: Timestamp,
}

/// Rows to be written.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) events: Vec<(CaseId, Event)>,
    pub(crate) notices: Vec<NoticeRow>,
    pub(crate) messages: Vec<(Message, Timestamp)>,
    pub(crate) audits: Vec<Audit>,
    pub(crate) words: Vec<(String, CaseId, bool)>,
    pub(crate) evidence: Vec<FileRow>,
    pub(crate) evidence_acts: Vec<(EvidenceId, i64)>,
    pub(crate) links: Vec<LinkRow>,
    pub(crate) codes: Vec<(CaseId, Code)>,
    pub(crate) codes_used: Vec<(CaseId, &'static str, Timestamp)>,
    pub(crate) done: Vec<(Vec<u8>, Done)>,
    pub(crate) watching: Vec<(CaseId, UserId, bool, Timestamp)>,
    /// Cases that lie elsewhere now or concern another.
    pub(crate) corrected: Vec<CaseId>,
}

impl Rows {
    fn append(&mut self, mut other: Self) {
        self.events.append(&mut other.events);
        self.notices.append(&mut other.notices);
        self.messages.append(&mut other.messages);
        self.audits.append(&mut other.audits);
        self.words.append(&mut other.words);
        self.evidence.append(&mut other.evidence);
        self.evidence_acts.append(&mut other.evidence_acts);
        self.links.append(&mut other.links);
        self.codes.append(&mut other.codes);
        self.codes_used.append(&mut other.codes_used);
        self.done.append(&mut other.done);
        self.watching.append(&mut other.watching);
        self.corrected.append(&mut other.corrected);
    }
}

/// How an opened complaint repeats earlier ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repeats {
    /// How many earlier ones there are.
    pub(crate) earlier: u32,
}

/// What a commit knows before it decides.
#[derive(Default)]
pub(crate) struct Desk {
    /// The cases as they become.
    pub(crate) files: HashMap<CaseId, File>,
    /// The last entry of each case as it was loaded; none for a new one.
    pub(crate) loaded: HashMap<CaseId, i64>,
    /// Cases of which more than the timeline changes.
    pub(crate) changed: BTreeSet<CaseId>,
    /// Cases whose helping units are written anew.
    pub(crate) helped: HashSet<CaseId>,
    pub(crate) counters: BTreeMap<String, i64>,
    pub(crate) done: HashMap<Vec<u8>, Done>,
    pub(crate) watchers: HashMap<CaseId, Vec<UserId>>,
    pub(crate) sealed: HashMap<CaseId, Sealed>,
    pub(crate) sealed_anew: BTreeSet<CaseId>,
    pub(crate) evidence: HashMap<EvidenceId, FileRow>,
    pub(crate) links: HashSet<(CaseId, LinkKind, CaseId)>,
    /// Digest of a claim code and whether it was used.
    pub(crate) claims: HashMap<CaseId, (Vec<u8>, bool)>,
    /// Of the job of this place.
    pub(crate) repeats: HashMap<usize, Repeats>,
    pub(crate) rows: Rows,
}

/// What one job does on the desk: taken over when it succeeds, forgotten when it fails.
pub(crate) struct Draft<'desk> {
    desk: &'desk Desk,
    /// The place of the job in the commit.
    pub(crate) place: usize,
    files: BTreeMap<CaseId, File>,
    changed: BTreeSet<CaseId>,
    helped: HashSet<CaseId>,
    counters: BTreeMap<String, i64>,
    sealed: BTreeMap<CaseId, Sealed>,
    pub(crate) rows: Rows,
}

/// A draft without its desk.
pub(crate) struct Finished {
    files: BTreeMap<CaseId, File>,
    changed: BTreeSet<CaseId>,
    helped: HashSet<CaseId>,
    counters: BTreeMap<String, i64>,
    sealed: BTreeMap<CaseId, Sealed>,
    rows: Rows,
}

impl<'desk> Draft<'desk> {
    pub(crate) fn on(desk: &'desk Desk, place: usize) -> Self {
        Self {
            desk,
            place,
            files: BTreeMap::new(),
            changed: BTreeSet::new(),
            helped: HashSet::new(),
            counters: BTreeMap::new(),
            sealed: BTreeMap::new(),
            rows: Rows::default(),
        }
    }

    pub(crate) fn finish(self) -> Finished {
        Finished {
            files: self.files,
            changed: self.changed,
            helped: self.helped,
            counters: self.counters,
            sealed: self.sealed,
            rows: self.rows,
        }
    }

    /// A case as it stands now.
    pub(crate) fn file(&self, id: CaseId) -> Result<File, CaseError> {
        let known = self.files.get(&id).or_else(|| self.desk.files.get(&id));
        known.cloned().ok_or(CaseError::Unknown)
    }

    /// The cases that were merged into one.
    pub(crate) fn merged_into(&self, id: CaseId) -> Vec<File> {
        let mut found: BTreeMap<CaseId, &File> = BTreeMap::new();
        for file in self.desk.files.values().chain(self.files.values()) {
            found.insert(file.case.id, file);
        }
        let belongs = |file: &&&File| file.case.merged_into == Some(id);
        found.values().filter(belongs).map(|file| (*file).clone()).collect()
    }

    /// Puts a case back, changed.
    pub(crate) fn put(&mut self, file: File) {
        self.changed.insert(file.case.id);
        self.files.insert(file.case.id, file);
    }

    /// Puts a case back of which the timeline alone went on.
    pub(crate) fn put_sequence(&mut self, file: File) {
        self.files.insert(file.case.id, file);
    }

    /// The helping units of a case are to be written anew.
    pub(crate) fn write_helpers(&mut self, id: CaseId) {
        self.helped.insert(id);
    }

    /// The next number of a row of numbers.
    pub(crate) fn next(&mut self, name: &str) -> i64 {
        let last = self.counters.get(name).or_else(|| self.desk.counters.get(name));
        let next = last.copied().unwrap_or(0) + 1;
        self.counters.insert(name.to_owned(), next);
        next
    }

    /// What was done before under a key.
    pub(crate) fn done(&self, key: &[u8]) -> Option<&'desk Done> {
        self.desk.done.get(key)
    }

    pub(crate) fn watchers(&self, id: CaseId) -> &[UserId] {
        self.desk.watchers.get(&id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn sealed(&self, id: CaseId) -> Option<&Sealed> {
        self.sealed.get(&id).or_else(|| self.desk.sealed.get(&id))
    }

    pub(crate) fn put_sealed(&mut self, id: CaseId, sealed: Sealed) {
        self.sealed.insert(id, sealed);
    }

    pub(crate) fn evidence(&self, id: EvidenceId) -> Option<&'desk FileRow> {
        self.desk.evidence.get(&id)
    }

    /// The kinds of links that go out from a case.
    pub(crate) fn links_of(&self, id: CaseId) -> Vec<LinkKind> {
        self.desk.links.iter().filter(|link| link.0 == id).map(|link| link.1).collect()
    }

    pub(crate) fn has_link(&self, id: CaseId, kind: LinkKind, other: CaseId) -> bool {
        self.desk.links.contains(&(id, kind, other))
    }

    pub(crate) fn claim(&self, id: CaseId) -> Option<&'desk (Vec<u8>, bool)> {
        self.desk.claims.get(&id)
    }

    pub(crate) fn repeats(&self) -> Repeats {
        self.desk.repeats.get(&self.place).copied().unwrap_or_default()
    }

    /// Adds an entry to a timeline; gives its place there.
    pub(crate) fn add_event(&mut self, file: &mut File, mut event: Event) -> i64 {
        file.case.last_sequence += 1;
        event.sequence = file.case.last_sequence;
        self.rows.events.push((file.case.id, event));
        file.case.last_sequence
    }

    /// Tells an audience.
    pub(crate) fn tell(&mut self, audience: String, file: &File, sequence: i64, at: Timestamp) {
        let row = NoticeRow { audience, case: file.case.id, sequence, at };
        if !self.rows.notices.contains(&row) {
            self.rows.notices.push(row);
        }
    }
}

impl Desk {
    /// Takes over what a job has done.
    pub(crate) fn take(&mut self, finished: Finished) {
        for (digest, done) in &finished.rows.done {
            self.done.insert(digest.clone(), done.clone());
        }
        for link in &finished.rows.links {
            self.links.insert((link.case, link.kind, link.other));
        }
        for (id, act) in &finished.rows.evidence_acts {
            if let Some(file) = self.evidence.get_mut(id) {
                file.act = Some(*act);
            }
        }
        for (case, purpose, _) in &finished.rows.codes_used {
            if let Some(claim) = self.claims.get_mut(case).filter(|_| *purpose == "claim") {
                claim.1 = true;
            }
        }
        self.files.extend(finished.files);
        self.changed.extend(finished.changed);
        self.helped.extend(finished.helped);
        self.counters.extend(finished.counters);
        self.sealed_anew.extend(finished.sealed.keys());
        self.sealed.extend(finished.sealed);
        self.rows.append(finished.rows);
    }
}

/// The audience of a user.
pub(crate) fn to_user(user: UserId) -> String {
    format!("user {}", user.0)
}

/// The audience of a unit.
pub(crate) fn to_unit(unit: OrganisationId) -> String {
    format!("unit {}", unit.0)
}

/// The audience of an enterprise.
pub(crate) fn to_enterprise(code: &str) -> String {
    format!("enterprise {code}")
}

/// The audience of the leaders in whose reach a case lies.
pub(crate) const TO_LEADERS: &str = "leaders";
