//! What the engine offers.

use crate::{
    Act, By, Candidate, Case, CaseError, CaseId, CaseRow, CaseView, Counts, EvidenceFile,
    EvidenceId, Form, NewCase, Notice, Offered, Opened, Page, PersonalData, Progress, PublicCase,
    PublicFilter, SavedView, Statistics, StatisticsFilter, StatisticsRow, Taken, Ticked, Upload,
    Viewer, WorkFilter,
};
use ::store::Store;
use authority::{Authority, OrganisationId, Principal, UserId};
use caseflow::{CaseKind, LinkKind};
use delivery::Outbox;
use evidence::Evidence;
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Cases {
    kinds: Arc<[Arc<CaseKind>]>,
}

#[expect(clippy::unused_async, unused_variables, reason = "signatures come first")]
impl Cases {
    /// Opens the engine: checks the kinds, reads or makes the key file in `folder`.
    ///
    /// # Errors
    /// When a declaration cannot be used, the key file cannot be read, or the store fails.
    pub async fn open(
        store: &Store,
        authority: &Authority,
        evidence: &Evidence,
        outbox: &Outbox,
        folder: &Path,
        kinds: Vec<CaseKind>,
    ) -> Result<Self, CaseError> {
        Ok(Self { kinds: kinds.into_iter().map(Arc::new).collect() })
    }

    /// The kinds by which cases are opened now.
    pub fn kinds(&self) -> &[Arc<CaseKind>] {
        &self.kinds
    }

    /// The kind of an id, as it is declared now.
    pub fn kind(&self, id: &str) -> Option<&Arc<CaseKind>> {
        self.kinds.iter().find(|kind| kind.id == id)
    }

    /// Opens a case.
    ///
    /// # Errors
    /// When they may not, something is missing, or the store fails.
    pub async fn open_case(
        &self,
        by: &By<'_>,
        new: NewCase,
        now: Timestamp,
    ) -> Result<Opened, CaseError> {
        Err(CaseError::Stopped)
    }

    /// Takes a transition.
    ///
    /// # Errors
    /// When they may not, the kind does not let them, somebody was faster, or the store fails.
    pub async fn take(
        &self,
        by: &By<'_>,
        id: CaseId,
        act: Act,
        now: Timestamp,
    ) -> Result<Taken, CaseError> {
        Err(CaseError::Stopped)
    }

    /// The transitions from the case's state, each with what hinders this person.
    pub fn may_take(&self, principal: &Principal, case: &Case) -> Vec<Offered> {
        Vec::new()
    }

    /// Remarks something; `is_public`: the reporter and the enterprise read it as well.
    ///
    /// # Errors
    /// When they may not, it is empty, or the store fails.
    pub async fn comment(
        &self,
        by: &By<'_>,
        id: CaseId,
        text: &str,
        is_public: bool,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        Err(CaseError::Stopped)
    }

    /// Gives a case to a unit, helping units and a user; what is `None` stays as it is.
    ///
    /// # Errors
    /// When they may not, unit or user are not known, or the store fails.
    pub async fn assign(
        &self,
        by: &By<'_>,
        id: CaseId,
        to: Assignment,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        Err(CaseError::Stopped)
    }

    /// As [`Cases::assign`], for many: each by itself, what was refused is told beside its case.
    pub async fn bulk_assign(
        &self,
        by: &By<'_>,
        ids: &[CaseId],
        to: Assignment,
        now: Timestamp,
    ) -> Vec<(CaseId, Result<(), CaseError>)> {
        Vec::new()
    }

    /// Links a case to another.
    ///
    /// # Errors
    /// When they may not act on both, the link is there or makes a ring, or the store fails.
    pub async fn link(
        &self,
        by: &By<'_>,
        id: CaseId,
        kind: LinkKind,
        other: CaseId,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        Err(CaseError::Stopped)
    }

    /// Merges a duplicate into a case: the work goes on there, its reporter keeps the code and
    /// gets every reply.
    ///
    /// # Errors
    /// As [`Cases::link`].
    pub async fn merge(
        &self,
        by: &By<'_>,
        duplicate: CaseId,
        into: CaseId,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        Err(CaseError::Stopped)
    }

    /// Watches a case, or no more.
    ///
    /// # Errors
    /// When they may not read it or the store fails.
    pub async fn watch(
        &self,
        principal: &Principal,
        id: CaseId,
        is_watched: bool,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        Err(CaseError::Stopped)
    }

    /// Attaches a file: kept by `evidence` first, then written down.
    ///
    /// # Errors
    /// When they may not, the file is too large or of no known type, or the store fails.
    pub async fn attach(
        &self,
        by: &By<'_>,
        id: CaseId,
        upload: Upload,
        now: Timestamp,
    ) -> Result<EvidenceId, CaseError> {
        Err(CaseError::Stopped)
    }

    /// A file's content, by the rules of who may see it: an officer gets the original, all others
    /// a copy without hidden data, the enterprise nothing that the reporter sent.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] when there is none for them.
    pub async fn evidence_file(
        &self,
        viewer: &Viewer<'_>,
        id: EvidenceId,
        form: Form,
    ) -> Result<EvidenceFile, CaseError> {
        Err(CaseError::Stopped)
    }

    /// The case of a number, whoever asks: reading it is another question.
    ///
    /// # Errors
    /// When there is none or the store fails.
    pub async fn find(&self, number: &str) -> Result<CaseId, CaseError> {
        Err(CaseError::Stopped)
    }

    /// A case as somebody sees it.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] when there is none for them.
    pub async fn case(
        &self,
        viewer: &Viewer<'_>,
        id: CaseId,
        now: Timestamp,
    ) -> Result<CaseView, CaseError> {
        Err(CaseError::Stopped)
    }

    /// A work list.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        principal: &Principal,
        filter: &WorkFilter,
        now: Timestamp,
    ) -> Result<Page<CaseRow>, CaseError> {
        Err(CaseError::Stopped)
    }

    /// How many cases stand in somebody's lists.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn counts(&self, principal: &Principal, now: Timestamp) -> Result<Counts, CaseError> {
        Err(CaseError::Stopped)
    }

    /// Keeps a filter under a name; the same name is replaced.
    ///
    /// # Errors
    /// When they are no user, the name is empty, or the store fails.
    pub async fn save_view(
        &self,
        principal: &Principal,
        name: &str,
        query: &str,
        now: Timestamp,
    ) -> Result<SavedView, CaseError> {
        Err(CaseError::Stopped)
    }

    /// The filters that somebody keeps, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn views(&self, principal: &Principal) -> Result<Vec<SavedView>, CaseError> {
        Err(CaseError::Stopped)
    }

    /// Forgets a filter; false when it is not theirs.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_view(
        &self,
        principal: &Principal,
        id: i64,
        now: Timestamp,
    ) -> Result<bool, CaseError> {
        Err(CaseError::Stopped)
    }

    /// Cases that hold all of these words, the newest first, within somebody's reach.
    ///
    /// # Errors
    /// When no word can be searched for or the store fails.
    pub async fn search(
        &self,
        principal: &Principal,
        words: &str,
        filter: &WorkFilter,
        now: Timestamp,
    ) -> Result<Page<CaseRow>, CaseError> {
        Err(CaseError::Stopped)
    }

    /// Cases that may tell of the same thing, the likeliest first.
    ///
    /// # Errors
    /// When they may not read the case or the store fails.
    pub async fn duplicates(
        &self,
        principal: &Principal,
        id: CaseId,
        now: Timestamp,
    ) -> Result<Vec<Candidate>, CaseError> {
        Err(CaseError::Stopped)
    }

    /// Who reported, and the personal fields: for a reason that is written into the audit with
    /// the reader's name.
    ///
    /// # Errors
    /// When they may not, there is no reason, or the store fails.
    pub async fn reporter(
        &self,
        by: &By<'_>,
        id: CaseId,
        reason: &str,
        now: Timestamp,
    ) -> Result<PersonalData, CaseError> {
        Err(CaseError::Stopped)
    }

    /// The case of a number and its code: what [`By::Reporter`] and [`Viewer::Reporter`] need.
    ///
    /// # Errors
    /// [`CaseError::WrongCode`] when they do not belong together.
    pub async fn prove(&self, number: &str, code: &str) -> Result<CaseId, CaseError> {
        Err(CaseError::Stopped)
    }

    /// How far a case is, for the citizen who has its number and code.
    ///
    /// # Errors
    /// [`CaseError::WrongCode`] when they do not belong together.
    pub async fn track(
        &self,
        number: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Progress, CaseError> {
        Err(CaseError::Stopped)
    }

    /// What the citizen thinks of the result; once.
    ///
    /// # Errors
    /// When the code is wrong, there is no result yet, they have said it before, or the store
    /// fails.
    pub async fn rate(
        &self,
        (number, code): (&str, &str),
        is_satisfied: bool,
        words: &str,
        address: &str,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        Err(CaseError::Stopped)
    }

    /// The citizen asks that the result be reviewed (复查).
    ///
    /// # Errors
    /// When the code is wrong, the kind has no review or not now, or the store fails.
    pub async fn ask_review(
        &self,
        (number, code): (&str, &str),
        words: &str,
        address: &str,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        Err(CaseError::Stopped)
    }

    /// An officer takes a claim code in, to pay a reward to who shows it; works once.
    ///
    /// # Errors
    /// When they may not, the code is wrong or used, or the store fails.
    pub async fn claim(
        &self,
        by: &By<'_>,
        id: CaseId,
        claim_code: &str,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        Err(CaseError::Stopped)
    }

    /// Published cases, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn public_cases(&self, filter: &PublicFilter) -> Result<Page<PublicCase>, CaseError> {
        Err(CaseError::Stopped)
    }

    /// How the work on kinds that are public goes, all of it and by division.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn public_statistics(
        &self,
        filter: &StatisticsFilter,
    ) -> Result<(Statistics, Vec<StatisticsRow>), CaseError> {
        Err(CaseError::Stopped)
    }

    /// How work within somebody's reach goes: all of it, by division, by kind.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn statistics(
        &self,
        principal: &Principal,
        filter: &StatisticsFilter,
    ) -> Result<(Statistics, Vec<StatisticsRow>, Vec<StatisticsRow>), CaseError> {
        Err(CaseError::Stopped)
    }

    /// Looks at the clocks: warns, notes what ran out, tells further up; each once, however often
    /// it is called.
    ///
    /// # Errors
    /// When the store fails: the next look does the rest.
    pub async fn tick(&self, now: Timestamp) -> Result<Ticked, CaseError> {
        Err(CaseError::Stopped)
    }

    /// Looks at the clocks every 30 seconds until `stop` says so.
    pub async fn run(&self, clock: fn() -> Timestamp, stop: watch::Receiver<bool>) {}

    /// Messages to a user, the newest first, those before the message `before`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn notifications(
        &self,
        user: UserId,
        before: Option<i64>,
        limit: u16,
    ) -> Result<Vec<Notice>, CaseError> {
        Err(CaseError::Stopped)
    }

    /// Notes that a user has read a message, or all up to now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn mark_read(
        &self,
        user: UserId,
        notice: Option<i64>,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        Err(CaseError::Stopped)
    }

    /// Commits what waits and stops; later changes are refused.
    pub async fn close(&self) {}
}

/// To whom a case is given; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// The unit that answers for it.
    pub unit: Option<OrganisationId>,
    /// The units that help.
    pub assisting: Option<Vec<OrganisationId>>,
    /// The user who is to do it; `Some(None)`: nobody.
    pub assignee: Option<Option<UserId>>,
}
