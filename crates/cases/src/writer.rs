//! The writer: changes that wait while one commit runs become the next one. Each is decided by
//! itself, all or nothing; what a refused one would have done is in no commit.

use crate::acts::{self, Answer, Change};
use crate::desk::{Desk, Draft, File};
use crate::engine::{Cases, Engine};
use crate::who::Who;
use crate::{CaseError, store};
use ::store::Transaction;
use authority::audit::{Record, record};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// A commit takes no further change once it holds so many.
const CHANGES_A_COMMIT: usize = 64;
/// So often a change is tried when another program is in the way.
const ATTEMPTS: u32 = 5;

/// A change that waits.
pub(crate) struct Job {
    pub(crate) who: Who,
    pub(crate) change: Change,
    pub(crate) now: Timestamp,
    reply: oneshot::Sender<Result<Answer, CaseError>>,
}

impl Cases {
    /// Hands a change to the writer; resolves after it is on the disk.
    pub(crate) async fn submit(
        &self,
        who: Who,
        change: Change,
        now: Timestamp,
    ) -> Result<Answer, CaseError> {
        let answer = self.hand_in(who, change, now).await?;
        answer.await.unwrap_or(Err(CaseError::Stopped))
    }

    /// Hands a change to the writer; the answer comes when it is on the disk.
    pub(crate) async fn hand_in(
        &self,
        who: Who,
        change: Change,
        now: Timestamp,
    ) -> Result<oneshot::Receiver<Result<Answer, CaseError>>, CaseError> {
        if !matches!(who, Who::System(_)) {
            self.engine.store.ensure_room()?;
        }
        let (reply, answer) = oneshot::channel();
        let job = Job { who, change, now, reply };
        self.jobs.send(job).await.map_err(|_| CaseError::Stopped)?;
        Ok(answer)
    }
}

/// Commits changes until the engine is closed or gone.
pub(crate) async fn run(engine: Arc<Engine>, mut queue: mpsc::Receiver<Job>) {
    loop {
        let first = tokio::select! {
            biased;
            job = queue.recv() => job,
            () = engine.stop.notified() => {
                queue.close();
                continue;
            }
        };
        let Some(first) = first else { break };
        let mut jobs = vec![first];
        while jobs.len() < CHANGES_A_COMMIT
            && let Ok(job) = queue.try_recv()
        {
            jobs.push(job);
        }
        work(&engine, jobs).await;
    }
}

/// Commits jobs together; when that fails, each by itself, so that one which the database refuses
/// does not take the others with it.
async fn work(engine: &Engine, jobs: Vec<Job>) {
    let started = Instant::now();
    match commit(engine, &jobs).await {
        Ok(answers) => answer(engine, jobs.into_iter().zip(answers)),
        Err(error) if jobs.len() > 1 => {
            tracing::warn!(code = error.code(), %error, "a commit of cases is tried piece by piece");
            for job in jobs {
                alone(engine, job).await;
            }
        }
        Err(_) => {
            for job in jobs {
                alone(engine, job).await;
            }
        }
    }
    metrics::histogram!("lucid_cases_commit_seconds").record(started.elapsed());
}

/// Commits one change; again when another program wrote the same at the same moment.
async fn alone(engine: &Engine, job: Job) {
    let mut failed = None;
    for _ in 0..ATTEMPTS {
        match commit(engine, std::slice::from_ref(&job)).await {
            Ok(answers) => return answer(engine, std::iter::once(job).zip(answers)),
            Err(error) if is_contended(&error) => failed = Some(error),
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    let error = failed.unwrap_or(CaseError::Stopped);
    metrics::counter!("lucid_cases_commit_failures_total").increment(1);
    tracing::error!(code = error.code(), cause = ?error, "a change of a case failed");
    let _gone = job.reply.send(Err(CaseError::NotStored(Box::new(error))));
}

fn answer(engine: &Engine, answers: impl Iterator<Item = (Job, Result<Answer, CaseError>)>) {
    for (job, answer) in answers {
        // Nobody waiting is no failure: the change stands.
        let _gone = job.reply.send(answer);
    }
    engine.outbox.wake();
}

/// Whether a failure is that another program wrote the same row at the same moment.
fn is_contended(error: &CaseError) -> bool {
    match error {
        CaseError::Contended => true,
        CaseError::Database(error) => error.as_database_error().is_some_and(|error| {
            let code = error.code().unwrap_or_default();
            error.is_unique_violation() || matches!(&*code, "40001" | "40P01")
        }),
        _ => false,
    }
}

/// Decides and writes jobs in one transaction.
async fn commit(
    engine: &Engine,
    jobs: &[Job],
) -> Result<Vec<Result<Answer, CaseError>>, CaseError> {
    let mut transaction = engine.store.begin().await?;
    let mut desk = acts::load(engine, &mut transaction, jobs).await?;
    let mut answers = Vec::with_capacity(jobs.len());
    for (place, job) in jobs.iter().enumerate() {
        let mut draft = Draft::on(&desk, place);
        let answer = acts::apply(engine, &mut draft, job);
        let finished = draft.finish();
        if answer.is_ok() {
            desk.take(finished);
        }
        answers.push(answer);
    }
    write(engine, &mut transaction, &desk, jobs).await?;
    transaction.commit().await?;
    Ok(answers)
}

/// Writes what the desk has become.
async fn write(
    engine: &Engine,
    transaction: &mut Transaction,
    desk: &Desk,
    jobs: &[Job],
) -> Result<(), CaseError> {
    write_files(transaction, desk).await?;
    let rows = &desk.rows;
    store::counters::write(transaction, &desk.counters).await?;
    store::events::insert(transaction, &rows.events).await?;
    store::notices::insert(transaction, &rows.notices).await?;
    store::evidence::insert(transaction, &rows.evidence).await?;
    for (id, act) in &rows.evidence_acts {
        store::evidence::set_act(transaction, *id, *act).await?;
    }
    store::links::insert(transaction, &rows.links).await?;
    for (case, user, is_watched, at) in &rows.watching {
        store::links::watch(transaction, *case, *user, *is_watched, *at).await?;
    }
    store::citizens::insert_codes(transaction, &rows.codes).await?;
    for (case, purpose, at) in &rows.codes_used {
        if !store::citizens::use_code(transaction, *case, purpose, *at).await? {
            return Err(CaseError::Contended);
        }
    }
    let anew = desk.sealed_anew.iter().filter_map(|id| Some((*id, desk.sealed.get(id)?.clone())));
    store::citizens::put_sealed(transaction, &anew.collect::<Vec<_>>()).await?;
    store::words::insert(transaction, &rows.words).await?;
    if let Some(job) = jobs.first() {
        store::events::insert_done(transaction, &rows.done, job.now).await?;
    }
    for (message, at) in &rows.messages {
        engine.outbox.enqueue(transaction, message, *at).await?;
    }
    for audit in &rows.audits {
        let written = Record {
            at: audit.at,
            actor: &audit.actor,
            action: audit.action,
            subject: format!("case {}", audit.number),
            before: audit.before.as_ref().map(serde_json::Value::to_string),
            after: audit.after.as_ref().map(serde_json::Value::to_string),
        };
        record(transaction, written).await?;
    }
    Ok(())
}

async fn write_files(transaction: &mut Transaction, desk: &Desk) -> Result<(), CaseError> {
    let is_new = |file: &&File| !desk.loaded.contains_key(&file.case.id);
    let mut new: Vec<&File> = desk.files.values().filter(is_new).collect();
    new.sort_by_key(|file| file.case.id);
    store::files::insert(transaction, &new).await?;
    // In one order, so that two programs on one PostgreSQL do not wait for each other.
    let mut old: Vec<(&File, i64)> = desk
        .files
        .values()
        .filter_map(|file| Some((file, *desk.loaded.get(&file.case.id)?)))
        .collect();
    old.sort_by_key(|(file, _)| file.case.id);
    for (file, loaded) in old {
        let is_written = if desk.changed.contains(&file.case.id) {
            store::files::update(transaction, file, loaded).await?
        } else if file.case.last_sequence != loaded {
            store::files::update_sequence(transaction, file, loaded).await?
        } else {
            true
        };
        if !is_written {
            return Err(CaseError::Contended);
        }
    }
    for id in &desk.rows.corrected {
        if let Some(file) = desk.files.get(id) {
            store::files::update_subject(transaction, file).await?;
        }
    }
    let touched = desk.files.values().filter(|file| {
        let id = &file.case.id;
        let has_helpers = !file.case.assisting.is_empty() && desk.changed.contains(id);
        has_helpers || desk.helped.contains(id)
    });
    for file in touched {
        let case = &file.case;
        let due = store::stored(case.due_at).unwrap_or(crate::clocks::NEVER);
        let (units, is_open) = (&case.assisting, case.is_open());
        store::links::put_assisting(transaction, case.id, units, is_open, due).await?;
    }
    Ok(())
}
