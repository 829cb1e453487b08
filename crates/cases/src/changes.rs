//! Changes of cases: what the engine offers to those who act.

use crate::acts::{Answer, Assignment, Change, Correction};
use crate::engine::Cases;
use crate::reading::citizen::{RATE, review_step};
use crate::seal::Secret;
use crate::who::Who;
use crate::{
    Act, By, CaseError, CaseId, EvidenceId, NewCase, Opened, PersonalData, Reporter, Taken, Ticked,
    Upload, recording, sight, store,
};
use authority::{Action, Denial, OrganisationId, Principal, UserId};
use caseflow::LinkKind;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// So many cases are looked at in one commit.
const LOOKS_A_COMMIT: i64 = 100;
/// The clocks are looked at so often.
const LOOK_EVERY: Duration = Duration::from_secs(30);

impl Cases {
    /// Opens a case. A key that has opened one finds it again.
    ///
    /// # Errors
    /// When they may not, something is missing, or the store fails.
    pub async fn open_case(
        &self,
        by: &By<'_>,
        new: NewCase,
        now: Timestamp,
    ) -> Result<Opened, CaseError> {
        let who = Who::of(by);
        self.know(&who, new.responsible).await?;
        let assignee = self.assignee(new.assignee).await?;
        match self.submit(who, Change::Open(Box::new(new), assignee), now).await? {
            Answer::Opened(opened) => Ok(opened),
            other => Err(unexpected(&other)),
        }
    }

    /// Takes a transition. Clocks count by `now`; when it was done without a network stands in the
    /// timeline beside it.
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
        let who = Who::of(by);
        self.know(&who, act.unit).await?;
        let assignee = self.assignee(act.assignee).await?;
        match self.submit(who, Change::Take(id, Box::new(act), assignee), now).await? {
            Answer::Taken(taken) => Ok(taken),
            other => Err(unexpected(&other)),
        }
    }

    /// Remarks something; `is_public`: the reporter and the enterprise read it as well, when an
    /// officer says it.
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
        let change = Change::Comment { id, text: text.to_owned(), is_public };
        self.submit(Who::of(by), change, now).await.map(|_| ())
    }

    /// Gives a case to a unit, helping units and a user; what is `None` stays as it is.
    ///
    /// # Errors
    /// When they may not, unit or user are not known, the user does not see the case, or the
    /// store fails.
    pub async fn assign(
        &self,
        by: &By<'_>,
        id: CaseId,
        to: Assignment,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        let answer = self.hand_assignment(by, id, to, now).await?;
        answer.await.unwrap_or(Err(CaseError::Stopped)).map(|_| ())
    }

    /// As [`Cases::assign`], for many: each by itself, what was refused is told beside its case.
    pub async fn bulk_assign(
        &self,
        by: &By<'_>,
        ids: &[CaseId],
        to: Assignment,
        now: Timestamp,
    ) -> Vec<(CaseId, Result<(), CaseError>)> {
        let mut waiting = Vec::with_capacity(ids.len());
        for id in ids {
            waiting.push((*id, self.hand_assignment(by, *id, to.clone(), now).await));
        }
        let mut answers = Vec::with_capacity(ids.len());
        for (id, answer) in waiting {
            let answer = match answer {
                Ok(answer) => answer.await.unwrap_or(Err(CaseError::Stopped)),
                Err(error) => Err(error),
            };
            answers.push((id, answer.map(|_| ())));
        }
        answers
    }

    /// Checks an assignment and hands it in.
    async fn hand_assignment(
        &self,
        by: &By<'_>,
        id: CaseId,
        to: Assignment,
        now: Timestamp,
    ) -> Result<oneshot::Receiver<Result<Answer, CaseError>>, CaseError> {
        let units = to.unit.into_iter().chain(to.assisting.iter().flatten().copied());
        self.engine.know_units(units).await?;
        let assignee = self.assignee(to.assignee.flatten()).await?;
        let change = Change::Assign(id, Box::new(to), assignee);
        self.hand_in(Who::of(by), change, now).await
    }

    /// Says where a case lies and which enterprise it concerns. What was shared with one
    /// enterprise is not seen by another.
    ///
    /// # Errors
    /// When they may not or the store fails.
    pub async fn correct(
        &self,
        by: &By<'_>,
        id: CaseId,
        to: Correction,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        self.submit(Who::of(by), Change::Correct(id, Box::new(to)), now).await.map(|_| ())
    }

    /// Links a case to another: caused by it, or following on it.
    ///
    /// # Errors
    /// When they may not act on it or read the other, it would make a ring, or the store fails.
    pub async fn link(
        &self,
        by: &By<'_>,
        id: CaseId,
        kind: LinkKind,
        other: CaseId,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        if kind == LinkKind::MergedInto {
            return self.merge(by, id, other, now).await;
        }
        self.submit(Who::of(by), Change::Link(id, kind, other), now).await.map(|_| ())
    }

    /// Merges a duplicate into a case: the work goes on there, its reporter keeps the code and
    /// gets every reply.
    ///
    /// # Errors
    /// When the kind has no such step from the duplicate's state, they may not act on both, or the
    /// store fails.
    pub async fn merge(
        &self,
        by: &By<'_>,
        duplicate: CaseId,
        into: CaseId,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        // Whoever may not see it does not learn that it is there.
        self.check_sight(&Who::of(by), duplicate).await?;
        let mut connection = self.engine.store.reader().acquire().await?;
        let found = store::files::by_ids(&mut connection, &[duplicate.0]).await?.pop();
        drop(connection);
        let file = found.ok_or(CaseError::Unknown)?;
        let kind = self.engine.kinds.of(file.case.declaration)?;
        let merges = |step: &&caseflow::Transition| {
            step.needs.link == Some(LinkKind::MergedInto) && step.from.contains(&file.case.state)
        };
        let Some(step) = kind.transitions.iter().find(merges) else {
            return Err(CaseError::input(
                "此类事项在当前状态下不能并案",
                "a case of this kind is not merged from the state it is in",
            ));
        };
        let act = Act { link: Some(into), ..Act::new(step.id.clone(), file.case.version) };
        self.take(by, duplicate, act, now).await.map(|_| ())
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
        let by = By::Person { principal, address: "" };
        self.submit(Who::of(&by), Change::Watch(id, is_watched), now).await.map(|_| ())
    }

    /// Attaches a file: kept by `evidence` first, then written down. Only an officer lets others
    /// see a file.
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
        let (who, visibility) = (Who::of(by), upload.visibility);
        self.check_sight(&who, id).await?;
        self.engine.store.ensure_room()?;
        let file = evidence::Upload { name: upload.name, bytes: upload.bytes };
        let kept = Box::new(self.engine.evidence.keep(file).await?);
        match self.submit(who, Change::Attach(id, kept, visibility), now).await? {
            Answer::Attached(id) => Ok(id),
            other => Err(unexpected(&other)),
        }
    }

    /// Who may not see a case does not fill the disk.
    async fn check_sight(&self, who: &Who, id: CaseId) -> Result<(), CaseError> {
        let mut connection = self.engine.store.reader().acquire().await?;
        let found = store::files::by_ids(&mut connection, &[id.0]).await?.pop();
        let file = found.ok_or(CaseError::Unknown)?;
        let kind = self.engine.kinds.of(file.case.declaration)?;
        match who {
            Who::Person(principal, _) => {
                sight::seen_as(principal, &file.case, kind).ok_or(CaseError::Unknown).map(|_| ())
            }
            Who::Reporter(own, _) if *own == id => Ok(()),
            Who::System(_) => Ok(()),
            Who::Reporter(..) | Who::Anonymous(_) => Err(CaseError::Unknown),
        }
    }

    /// Every digest of files that cases speak of: what [`evidence::Evidence::verify_all`] expects.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn evidence_digests(&self) -> Result<Vec<evidence::Digest>, CaseError> {
        store::evidence::digests(&self.engine.store).await
    }

    /// Who reported, and the personal fields: for a reason that is written into the audit with
    /// the reader's name before anything is shown.
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
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(CaseError::input(
                "查看个人信息须写明理由",
                "say why you read personal data",
            ));
        }
        let engine = &self.engine;
        let who = Who::of(by);
        let principal = who.principal().ok_or(CaseError::Denied(Denial::NoRole))?;
        let mut connection = engine.store.reader().acquire().await?;
        let file = store::files::by_ids(&mut connection, &[id.0]).await?.pop();
        let file = file.ok_or(CaseError::Unknown)?;
        let kind = engine.kinds.of(file.case.declaration)?;
        let seen_as = sight::seen_as(principal, &file.case, kind).ok_or(CaseError::Unknown)?;
        if seen_as != crate::SeenAs::Officer {
            return Err(CaseError::Denied(Denial::NoRole));
        }
        let rule = sight::allowed(principal, seen_as, Action::ReadPersonalData, &file.case)?;
        let mut ids = vec![id.0];
        if file.case.merged > 0 {
            ids.extend(store::files::merged_into(&mut connection, &[id.0]).await?);
        }
        let sealed = store::citizens::sealed(&mut connection, &ids).await?;
        let others = store::files::by_ids(&mut connection, &ids[1..]).await?;
        drop(connection);
        let mut transaction = engine.store.begin().await?;
        let numbers = std::iter::once(&file).chain(&others).map(|file| &file.case.number);
        for number in numbers {
            let actor = who.actor(&rule);
            recording::record_reading(&mut transaction, &actor, number, reason, now).await?;
        }
        transaction.commit().await?;
        let reveal = |id: CaseId| {
            let sealed = sealed.get(&id);
            sealed.map(|sealed| engine.seal.reveal(id, &sealed.body)).transpose()
        };
        let own = reveal(id)?.unwrap_or_default();
        let merged = others
            .iter()
            .map(|file| {
                let secret = reveal(file.case.id)?;
                let reporter: Reporter = secret.as_ref().map(Secret::reporter).unwrap_or_default();
                Ok((file.case.number.clone(), reporter))
            })
            .collect::<Result<_, CaseError>>()?;
        Ok(PersonalData { reporter: own.reporter(), fields: own.fields, merged })
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
        let id = self.prove(number, code).await?;
        let who = Who::Reporter(id, address.to_owned());
        let words = words.trim().to_owned();
        let change = match self.rating(id, is_satisfied, &words).await? {
            Some(act) => Change::Take(id, Box::new(act), None),
            None => Change::Rate { id, is_satisfied, words },
        };
        self.submit(who, change, now).await.map(|_| ())
    }

    /// The step of the kind by which the reporter rates, where the case is in a state for it and
    /// was not rated.
    async fn rating(
        &self,
        id: CaseId,
        is_satisfied: bool,
        words: &str,
    ) -> Result<Option<Act>, CaseError> {
        use crate::acts::{RATING_WORDS, SATISFACTION, SATISFIED, UNSATISFIED};
        let mut connection = self.engine.store.reader().acquire().await?;
        let found = store::files::by_ids(&mut connection, &[id.0]).await?.pop();
        let file = found.ok_or(CaseError::Unknown)?;
        let kind = self.engine.kinds.of(file.case.declaration)?;
        let step = kind.transition(RATE).filter(|step| {
            step.who == caseflow::Who::Reporter
                && step.from.contains(&file.case.state)
                && step.takes_field(SATISFACTION)
        });
        let Some(step) = step.filter(|_| file.case.satisfied.is_none()) else { return Ok(None) };
        let mut act = Act::new(RATE, file.case.version);
        let word = if is_satisfied { SATISFIED } else { UNSATISFIED };
        act.fields.insert(SATISFACTION.to_owned(), word.to_owned());
        if !words.is_empty() && step.takes_field(RATING_WORDS) {
            act.fields.insert(RATING_WORDS.to_owned(), words.to_owned());
        } else {
            words.clone_into(&mut act.note);
        }
        Ok(Some(act))
    }

    /// The citizen asks that the result be reviewed (复查); of a merged case, that of the case
    /// into which it went.
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
        let own = self.prove(number, code).await?;
        let engine = &self.engine;
        let mut connection = engine.store.reader().acquire().await?;
        let found = store::files::by_ids(&mut connection, &[own.0]).await?.pop();
        let mut file = found.ok_or(CaseError::Unknown)?;
        if let Some(main) = file.case.merged_into {
            let found = store::files::by_ids(&mut connection, &[main.0]).await?.pop();
            file = found.ok_or(CaseError::Unknown)?;
        }
        drop(connection);
        let kind = engine.kinds.of(file.case.declaration)?;
        let Some(step) = review_step(&file, kind, now) else {
            return Err(CaseError::input(
                "目前不能申请复查:尚未办结,或申请期限已过",
                "no review can be asked for now: there is no result yet, or its time has passed",
            ));
        };
        let note = words.trim().to_owned();
        let act = Act { note, ..Act::new(step.id.clone(), file.case.version) };
        let change = Change::Take(file.case.id, Box::new(act), None);
        self.submit(Who::Reporter(own, address.to_owned()), change, now).await.map(|_| ())
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
        let change = Change::Claim(id, claim_code.to_owned());
        self.submit(Who::of(by), change, now).await.map(|_| ())
    }

    /// Looks at the clocks: warns, notes what ran out, tells further up; each once, however often
    /// it is called.
    ///
    /// # Errors
    /// When the store fails: the next look does the rest.
    pub async fn tick(&self, now: Timestamp) -> Result<Ticked, CaseError> {
        let engine = &self.engine;
        engine.refresh_organisations().await?;
        let mut all = Ticked::default();
        loop {
            let due = store::files::due_for_a_look(&engine.store, now, LOOKS_A_COMMIT).await?;
            if due.is_empty() {
                break;
            }
            let who = Who::System("clocks".to_owned());
            match self.submit(who, Change::Look(due), now).await? {
                Answer::Looked(ticked) => {
                    all.warned += ticked.warned;
                    all.overdue += ticked.overdue;
                    all.escalated += ticked.escalated;
                }
                other => return Err(unexpected(&other)),
            }
        }
        self.tell_by_other_ways(now).await?;
        Ok(all)
    }

    /// Looks at the clocks every 30 seconds until `stop` says so.
    pub async fn run(&self, clock: fn() -> Timestamp, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                // The sender gone means the same.
                () = async { let _ = stop.wait_for(|stop| *stop).await; } => return,
                _ = ticks.tick() => {
                    if let Err(error) = self.tick(clock()).await {
                        tracing::error!(code = error.code(), cause = ?error, "clocks wait");
                    }
                }
            }
        }
    }

    /// Makes sure that units are known before something is decided about them.
    async fn know(&self, who: &Who, unit: Option<OrganisationId>) -> Result<(), CaseError> {
        let own = who.principal().and_then(|principal| principal.organisation);
        self.engine.know_units(own.into_iter().chain(unit)).await
    }

    async fn assignee(&self, user: Option<UserId>) -> Result<Option<Arc<Principal>>, CaseError> {
        match user {
            Some(user) => self.engine.assignee(user).await.map(Some),
            None => Ok(None),
        }
    }
}

fn unexpected(answer: &Answer) -> CaseError {
    CaseError::Stored(format!("an answer to another question: {answer:?}"))
}
