//! Tells partners what becomes of the cases that they handed over: looks at them in turn and puts
//! every entry that the caller may hear into the outbox, once.

use super::store::{self, Exchanged, Told};
use ::store::Store;
use cases::{ActedAs, CaseId, CaseView, Cases, Event, EventKind, Viewer};
use delivery::{Channel, Message, Outbox};
use jiff::{SignedDuration, Timestamp};
use rulebook::Text;
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
    let mut after = CaseId(0);
    loop {
        match round(&store, &cases, &outbox, after, clock()).await {
            Ok((_, last)) => after = last,
            Err(problem) => tracing::error!(?problem, "partners of exchange were not told"),
        }
        let stopped = stop.wait_for(|stop| *stop);
        if tokio::time::timeout(PAUSE, stopped).await.is_ok() {
            return;
        }
    }
}

/// Looks at the next cases behind an id; gives how many messages were written and behind which id
/// to go on, from the beginning again after the last.
///
/// # Errors
/// When the store fails: the next round does the rest.
pub async fn round(
    store: &Store,
    cases: &Cases,
    outbox: &Outbox,
    after: CaseId,
    now: Timestamp,
) -> Result<(u32, CaseId), Problem> {
    let found = store::open_behind(store, after, ROUND).await?;
    let mut count = 0;
    for one in &found {
        count += look(store, cases, outbox, one, now).await?;
    }
    if count > 0 {
        outbox.wake();
    }
    let is_last = (found.len() as i64) < ROUND;
    let last = found.last().filter(|_| !is_last).map_or(CaseId(0), |one| one.case);
    Ok((count, last))
}

/// Looks at one case; the store is written only when there is something to tell.
async fn look(
    store: &Store,
    cases: &Cases,
    outbox: &Outbox,
    one: &Exchanged,
    now: Timestamp,
) -> Result<u32, Problem> {
    let heard = Heard::of(cases, one, now).await?;
    let closed_at = heard.standing().case.closed_at;
    let is_over = closed_at.is_some_and(|at| now.duration_since(at) > OVER_AFTER);
    let last = heard.last();
    if last == one.told && !is_over {
        return Ok(0);
    }
    let mut transaction = store.begin().await?;
    let mut count = 0;
    for message in heard.fresh() {
        outbox.enqueue(&mut transaction, &message, now).await?;
        count += 1;
    }
    store::note_told(&mut transaction, one, last, is_over).await?;
    transaction.commit().await?;
    Ok(count)
}

/// What the caller may hear of a case: its own entries and, where it was merged, what has become
/// of the case into which it went.
pub(super) struct Heard<'a> {
    one: &'a Exchanged,
    own: CaseView,
    pub(super) main: Option<CaseView>,
}

impl<'a> Heard<'a> {
    pub(super) async fn of(
        cases: &Cases,
        one: &'a Exchanged,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let read = async |id: CaseId| {
            let view = cases.case(&Viewer::Reporter(id), id, now).await;
            view.map_err(crate::engine::refused)
        };
        let own = read(one.case).await?;
        let main = match own.case.merged_into {
            Some(main) => Some(read(main).await?),
            None => None,
        };
        Ok(Self { one, own, main })
    }

    /// The case as which it stands.
    pub(super) fn standing(&self) -> &CaseView {
        self.main.as_ref().unwrap_or(&self.own)
    }

    /// The entries of the case that goes on: not what its own reporter said, and nothing from
    /// before the two were merged.
    fn of_main(&self) -> impl Iterator<Item = &Event> {
        let merged_at = self.own.case.closed_at.unwrap_or(self.own.case.opened_at);
        let timeline = self.main.iter().flat_map(|main| &main.timeline);
        timeline.filter(move |event| {
            let is_theirs = event.as_who == ActedAs::Reporter || event.kind == EventKind::Opened;
            !is_theirs && event.at >= merged_at
        })
    }

    /// All entries as JSON, in order.
    pub(super) fn everything(&self) -> Vec<Value> {
        let own = self.own.timeline.iter().map(event_json);
        own.chain(self.of_main().map(|event| self.renamed(event))).collect()
    }

    /// An official reply names the caller's own number.
    fn renamed(&self, event: &Event) -> Value {
        let number = self.main.as_ref().map_or("", |main| main.case.number.as_str());
        let mut event = event.clone();
        if let Some(reply) = &mut event.reply {
            let own = |text: &str| text.replace(number, &self.one.number);
            *reply = Text::new(own(&reply.zh), own(&reply.en));
        }
        event_json(&event)
    }

    /// Messages of what the partner has not been told.
    fn fresh(&self) -> Vec<Message> {
        let is_fresh =
            |event: &&Event| event.sequence > self.one.told.own && event.kind != EventKind::Opened;
        let own = self.own.timeline.iter().filter(is_fresh).map(|event| {
            self.message(&self.own, event, event_json(event), &event.sequence.to_string())
        });
        let main = self.of_main().filter(|event| event.sequence > self.one.told.main);
        let main = main.map(|event| {
            let place = format!("m{}", event.sequence);
            self.message(self.standing(), event, self.renamed(event), &place)
        });
        own.chain(main).collect()
    }

    /// How far the partner is told after that.
    fn last(&self) -> Told {
        let last = |view: Option<&CaseView>, before: i64| {
            let last = view.and_then(|view| view.timeline.last());
            last.map_or(before, |event| event.sequence.max(before))
        };
        let told = self.one.told;
        Told { own: last(Some(&self.own), told.own), main: last(self.main.as_ref(), told.main) }
    }

    fn message(&self, view: &CaseView, event: &Event, said: Value, place: &str) -> Message {
        let one = self.one;
        let is_merged = self.own.case.merged_into.is_some();
        let state = view.kind.state(&event.state);
        // A case that was merged is not over for its caller before the other one is.
        let is_final = state.is_some_and(|state| state.is_final);
        let is_closed = is_final && (!is_merged || view.case.id != one.case);
        let subject = match (is_closed, event.reply.is_some()) {
            (true, _) => "case.closed",
            (false, true) => "case.replied",
            (false, false) => "case.progress",
        };
        let body = json!({
            "partner_number": one.partner_number,
            "number": one.number,
            "is_closed": is_closed,
            "event": said,
        });
        Message {
            channel: Channel::Exchange,
            to: one.partner.clone(),
            subject: subject.to_owned(),
            body: body.to_string(),
            key: format!("exchange:{}:{}:{place}", one.partner, one.partner_number),
        }
    }
}

/// An entry of the timeline as a partner reads it: who acted is not told.
fn event_json(event: &Event) -> Value {
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
