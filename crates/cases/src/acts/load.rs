//! What a commit must know before its changes are decided: read in few statements for all of them.

use super::Change;
use crate::desk::{Desk, File, Repeats};
use crate::engine::Engine;
use crate::likeness::{self, Parameters};
use crate::writer::Job;
use crate::{CaseError, CaseId, NewCase, store};
use ::store::Transaction;
use caseflow::Told;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Reads what jobs need.
pub(crate) async fn load(
    engine: &Engine,
    transaction: &mut Transaction,
    jobs: &[Job],
) -> Result<Desk, CaseError> {
    let mut desk = Desk::default();
    let keys: Vec<Vec<u8>> = jobs.iter().filter_map(|job| key_of(engine, job)).collect();
    desk.done = store::events::done_under(transaction, &keys).await?;
    let mut counters = BTreeSet::new();
    let mut evidence = Vec::new();
    for (place, job) in jobs.iter().enumerate() {
        counters.extend(counters_of(engine, job));
        match &job.change {
            Change::Take(_, act, _) => evidence.extend(act.evidence.iter().map(|id| id.0)),
            Change::Open(new, _) => {
                let repeats = repeats(engine, transaction, new, job.now).await?;
                desk.repeats.insert(place, repeats);
            }
            Change::Claim(id, _) => {
                if let Some(code) = store::citizens::code(transaction, *id, "claim").await? {
                    desk.claims.insert(*id, code);
                }
            }
            _ => {}
        }
    }
    desk.counters = store::counters::hold(transaction, counters).await?;
    for file in store::evidence::by_ids(transaction, &evidence).await? {
        desk.evidence.insert(file.id, file);
    }
    load_files(transaction, &mut desk, jobs).await?;
    let all: Vec<i64> = desk.files.keys().map(|id| id.0).collect();
    desk.watchers = store::links::watchers(transaction, &all).await?;
    if jobs.iter().any(needs_links) {
        desk.links = store::links::from_cases(transaction, &all).await?.into_iter().collect();
    }
    let personal = needing_secrets(engine, &desk, jobs);
    desk.sealed = store::citizens::sealed(transaction, &personal).await?;
    Ok(desk)
}

/// The cases that jobs name, those into which they were merged, and those merged into them.
async fn load_files(
    transaction: &mut Transaction,
    desk: &mut Desk,
    jobs: &[Job],
) -> Result<(), CaseError> {
    let mut wanted: BTreeSet<i64> = jobs.iter().flat_map(cases_of).map(|id| id.0).collect();
    wanted.extend(desk.done.values().map(|done| done.case.0));
    let wanted: Vec<i64> = wanted.into_iter().collect();
    put(desk, store::files::by_ids(transaction, &wanted).await?);
    let above: Vec<i64> = desk
        .files
        .values()
        .filter_map(|file| file.case.merged_into)
        .filter(|id| !desk.files.contains_key(id))
        .map(|id| id.0)
        .collect();
    put(desk, store::files::by_ids(transaction, &above).await?);
    let with_merged: Vec<i64> = desk
        .files
        .values()
        .filter(|file| file.case.merged > 0)
        .map(|file| file.case.id.0)
        .collect();
    if !with_merged.is_empty() {
        let mut below = store::files::merged_into(transaction, &with_merged).await?;
        below.retain(|id| !desk.files.contains_key(&CaseId(*id)));
        put(desk, store::files::by_ids(transaction, &below).await?);
    }
    Ok(())
}

fn put(desk: &mut Desk, files: Vec<File>) {
    for file in files {
        desk.loaded.insert(file.case.id, file.case.last_sequence);
        desk.files.insert(file.case.id, file);
    }
}

/// The digest of the key under which a job is done once.
pub(crate) fn key_of(engine: &Engine, job: &Job) -> Option<Vec<u8>> {
    match &job.change {
        Change::Open(new, _) => {
            let key = new.origin_key.as_ref()?;
            Some(engine.seal.once(&format!("open {}", new.channel.as_str()), key))
        }
        Change::Take(id, act, _) => {
            let key = act.action_key.as_ref()?;
            Some(engine.seal.once(&format!("{} {}", job.who.realm(), id.0), key))
        }
        _ => None,
    }
}

/// The row of numbers of a kind in a year.
pub(crate) fn row_of_numbers(prefix: &str, now: Timestamp) -> String {
    format!("{prefix}-{}", crate::clocks::day_of(now).year())
}

fn counters_of(engine: &Engine, job: &Job) -> Vec<String> {
    match &job.change {
        Change::Open(new, _) => match engine.kinds.of_id(&new.kind) {
            Ok((_, kind)) => vec!["case".to_owned(), row_of_numbers(&kind.prefix, job.now)],
            Err(_) => Vec::new(),
        },
        Change::Attach(..) => vec!["evidence".to_owned()],
        _ => Vec::new(),
    }
}

fn cases_of(job: &Job) -> Vec<CaseId> {
    use crate::who::Who;
    let mut ids = match &job.change {
        Change::Open(new, _) => new.links.iter().map(|(_, id)| *id).collect(),
        Change::Take(id, act, _) => [Some(*id), act.link].into_iter().flatten().collect(),
        Change::Link(id, _, other) => vec![*id, *other],
        Change::Look(ids) => ids.clone(),
        Change::Comment { id, .. }
        | Change::Rate { id, .. }
        | Change::Assign(id, ..)
        | Change::Correct(id, _)
        | Change::Watch(id, _)
        | Change::Attach(id, ..)
        | Change::Claim(id, _) => vec![*id],
    };
    if let Who::Reporter(own, _) = &job.who {
        ids.push(*own);
    }
    ids
}

fn needs_links(job: &Job) -> bool {
    matches!(&job.change, Change::Take(..) | Change::Link(..))
}

/// Cases whose sealed data a job may open: to tell the reporter, or to put in a personal field.
fn needing_secrets(engine: &Engine, desk: &Desk, jobs: &[Job]) -> Vec<i64> {
    use delivery::Channel::{Email, Sms};
    let may_tell = engine.outbox.offers(Sms) || engine.outbox.offers(Email);
    let mut needing = BTreeSet::new();
    for job in jobs {
        let Change::Take(id, act, _) = &job.change else { continue };
        let Some(file) = desk.files.get(id) else { continue };
        let Ok(kind) = engine.kinds.of(file.case.declaration) else { continue };
        let Some(transition) = kind.transition(&act.transition) else { continue };
        let is_personal = |field: &String| kind.field(field).is_some_and(|field| field.personal);
        if act.fields.keys().any(is_personal) {
            needing.insert(id.0);
        }
        if may_tell && transition.tells.contains(&Told::Reporter) {
            let merged = |other: &&File| other.case.merged_into == Some(*id);
            needing.insert(id.0);
            needing.extend(desk.files.values().filter(merged).map(|other| other.case.id.0));
        }
    }
    needing.into_iter().collect()
}

/// Earlier complaints are counted no further.
const COUNTED_MOST: i64 = 30;

/// How many earlier complaints of the same kind a new one repeats: about the same enterprise,
/// else at the same place, else from the same reporter.
async fn repeats(
    engine: &Engine,
    transaction: &mut Transaction,
    new: &NewCase,
    now: Timestamp,
) -> Result<Repeats, CaseError> {
    let Ok((_, kind)) = engine.kinds.of_id(&new.kind) else { return Ok(Repeats::default()) };
    // Only what citizens report is complained of again.
    if !kind.opens.public {
        return Ok(Repeats::default());
    }
    let parameters = Parameters::at(now)?;
    let since = now - SignedDuration::from_hours(24 * i64::from(parameters.repeat_days));
    let place = new.place.as_ref();
    let cells = place.map(|place| likeness::cells_around(place, parameters.repeat_distance_m));
    let contact = new.reporter.as_ref().and_then(|reporter| engine.seal.contact(reporter));
    let earlier = store::words::earlier(
        transaction,
        &new.kind,
        store::words::Alike {
            enterprise: new.enterprise.as_deref(),
            cells: cells.unwrap_or_default(),
            contact,
        },
        since,
        COUNTED_MOST,
    )
    .await?;
    let knows_no_place = new.enterprise.is_none() && place.is_none();
    let is_same = |one: &&store::words::Earlier| {
        let near = one
            .place
            .as_ref()
            .zip(place)
            .and_then(|(there, here)| likeness::distance_m(there, here));
        let is_near = near.is_some_and(|metres| metres <= parameters.repeat_distance_m);
        one.is_same_enterprise || is_near || (one.is_same_reporter && knows_no_place)
    };
    Ok(Repeats { earlier: earlier.iter().filter(is_same).count() as u32 })
}
