//! Reports of a demonstration: filled in and filed as the invented people of the city would, some
//! time ago.

use super::facts;
use super::filled::Filled;
use super::model::{State, day_of};
use super::store::{self, NewReport, ReportError};
use ::store::Store;
use authority::audit::Actor;
use jiff::Timestamp;
use jiff::civil::Date;
use permits::ReportCycle;
use plausibility::Check;
use registry::Snapshot;

/// A report as a file of the demonstration says it.
#[derive(Clone, Debug)]
pub struct DemoReport {
    /// The permit's number.
    pub permit: String,
    /// How long its period is.
    pub cycle: ReportCycle,
    /// The first day of its period.
    pub from: Date,
    /// Values and reasons, by the names of the form.
    pub values: Vec<(String, String)>,
    /// When it was filed; `None`: it is still a draft.
    pub filed: Option<(Actor, Timestamp)>,
    /// When it was accepted, or returned with a note.
    pub decided: Option<(Actor, Timestamp, bool, String)>,
}

/// Keeps a report that is not there yet; says whether it was made.
///
/// # Errors
/// When the permit asks for no such report, or the store fails.
pub async fn keep(
    store: &Store,
    snapshot: &Snapshot,
    checks: &[Check],
    by: &Actor,
    demo: &DemoReport,
    now: Timestamp,
) -> Result<bool, ReportError> {
    let due = facts::asked(store, &demo.permit, demo.cycle, demo.from).await?;
    if !store::of_subject(store, &due.subject).await?.is_empty() {
        return Ok(false);
    }
    let known = facts::facts(store, snapshot, due.enterprise, &due.subject).await?;
    let filed_at = demo.filed.as_ref().map_or(now, |(_, at)| *at);
    let content = known.filled_in();
    let new = NewReport {
        enterprise: due.enterprise,
        subject: &due.subject,
        permit_version: due.permit_version,
        content: &content,
        due_on: due.due,
    };
    let id = store::begin(store, by, &new, filed_at).await?;
    let Some(report) = store::report(store, id).await? else { return Ok(false) };
    let filled = Filled::read(&known.shape, &due.subject, &content, demo.values.clone());
    let day = day_of(filed_at);
    let findings = known.findings(checks, &due.subject, &filled.content, &filled.reasons, day);
    let Some((filer, at)) = &demo.filed else {
        store::save(store, &report, &filled.content, &findings).await?;
        return Ok(true);
    };
    store::file(store, filer, &report, &filled.content, &findings, *at).await?;
    if let (Some((officer, at, accepts, note)), Some(filed)) =
        (&demo.decided, store::report(store, id).await?)
    {
        let to = if *accepts { State::Accepted } else { State::Returned };
        store::decide(store, officer, &filed, to, note, *at).await?;
    }
    Ok(true)
}
