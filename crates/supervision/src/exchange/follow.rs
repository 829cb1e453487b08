//! Tells partners what becomes of the cases that they handed over: looks at them in turn and puts
//! every entry that the caller may hear into the outbox, once.

use super::store::{self, Exchanged};
use ::store::Store;
use cases::{CaseView, Cases, Event, EventKind, Viewer};
use delivery::{Channel, Message, Outbox};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::watch;
use web::Problem;

/// Cases that are looked at in one round.
const ROUND: i64 = 200;
/// The pause between rounds.
const PAUSE: Duration = Duration::from_secs(10);
/// A closed case may be reviewed; after so long nobody looks at it any more.
const OVER_AFTER: SignedDuration = SignedDuration::from_hours(24 * 180);

/// Tells partners, round after round, until `stop` says so.
pub async fn run(
    store: Store,
    cases: Cases,
    outbox: Outbox,
    clock: fn() -> Timestamp,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        if let Err(problem) = round(&store, &cases, &outbox, clock()).await {
            tracing::error!(?problem, "partners of exchange were not told");
        }
        let stopped = stop.wait_for(|stop| *stop);
        if tokio::time::timeout(PAUSE, stopped).await.is_ok() {
            return;
        }
    }
}

/// Looks at the cases that were not looked at longest; gives how many messages were written.
///
/// # Errors
/// When the store fails: the next round does the rest.
pub async fn round(
    store: &Store,
    cases: &Cases,
    outbox: &Outbox,
    now: Timestamp,
) -> Result<u32, Problem> {
    let mut count = 0;
    for one in store::next_to_look_at(store, ROUND).await? {
        count += look(store, cases, outbox, &one, now).await?;
    }
    if count > 0 {
        outbox.wake();
    }
    Ok(count)
}

async fn look(
    store: &Store,
    cases: &Cases,
    outbox: &Outbox,
    one: &Exchanged,
    now: Timestamp,
) -> Result<u32, Problem> {
    let view = cases.case(&Viewer::Reporter(one.case), one.case, now).await;
    let view = view.map_err(crate::engine::refused)?;
    let fresh = |event: &&Event| event.sequence > one.told_sequence;
    let told = |event: &&Event| event.kind != EventKind::Opened;
    let events: Vec<&Event> = view.timeline.iter().filter(fresh).collect();
    let last = events.last().map_or(one.told_sequence, |event| event.sequence);
    let is_over = view.case.closed_at.is_some_and(|at| now.duration_since(at) > OVER_AFTER);
    let mut transaction = store.begin().await?;
    let mut count = 0;
    for event in events.into_iter().filter(told) {
        outbox.enqueue(&mut transaction, &message(one, &view, event), now).await?;
        count += 1;
    }
    store::looked_at(&mut transaction, one, last, is_over, now).await?;
    transaction.commit().await?;
    Ok(count)
}

fn message(one: &Exchanged, view: &CaseView, event: &Event) -> Message {
    let state = view.kind.state(&event.state);
    let is_closed = state.is_some_and(|state| state.is_final);
    let subject = match (is_closed, event.reply.is_some()) {
        (true, _) => "case.closed",
        (false, true) => "case.replied",
        (false, false) => "case.progress",
    };
    let body = json!({
        "partner_number": one.partner_number,
        "number": one.number,
        "is_closed": is_closed,
        "event": event_json(event),
    });
    Message {
        channel: Channel::Exchange,
        to: one.partner.clone(),
        subject: subject.to_owned(),
        body: body.to_string(),
        key: format!("exchange:{}:{}:{}", one.partner, one.partner_number, event.sequence),
    }
}

/// An entry of the timeline as a partner reads it: who acted is not told.
pub(super) fn event_json(event: &Event) -> Value {
    json!({
        "sequence": event.sequence,
        "at": event.at.to_string(),
        "kind": event.kind.as_str(),
        "about": event.about,
        "what": { "zh": event.what.zh, "en": event.what.en },
        "state": event.state,
        "note": event.note,
        "reply": event.reply.as_ref().map(|reply| json!({ "zh": reply.zh, "en": reply.en })),
    })
}
