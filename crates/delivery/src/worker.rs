//! The worker: a lane for each channel, so that a slow one holds up no other.
//!
//! A message is claimed by a commit that makes it due again later, then sent, then its end is
//! written down. A process that dies in between leaves it to be sent again, under the same key.

use crate::answer::Answer;
use crate::schedule::delay_asked;
use crate::store::{self, End};
use crate::ways::Outgoing;
use crate::{Channel, DeliveryError, Outbox, Round, signature};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often a lane looks by itself.
const LOOK: Duration = Duration::from_secs(2);
/// How long messages under way are waited for when the program ends.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often the outbox forgets what is old.
const FORGET: Duration = Duration::from_hours(1);

/// How many messages of a channel are under way at once.
const fn width(channel: Channel) -> usize {
    match channel {
        Channel::Email | Channel::Sms => 4,
        Channel::Webhook | Channel::Exchange => 8,
    }
}

/// Resolves when the worker is to end; whoever would say so gone means the same.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

impl Outbox {
    /// Sends all that is due and waits for the answers.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn deliver_due(&self, now: Timestamp) -> Result<Round, DeliveryError> {
        let mut round = Round::default();
        loop {
            let mut sending = JoinSet::new();
            for channel in Channel::ALL {
                self.begin(&mut sending, channel, width(channel), now).await?;
            }
            if sending.is_empty() {
                return Ok(round);
            }
            while let Some(done) = sending.join_next().await {
                if let Ok((outgoing, answer)) = done {
                    self.end(&outgoing, &answer, now, &mut round).await?;
                }
            }
        }
    }

    /// Sends messages as they become due, until `stop` says so.
    pub async fn run(&self, clock: fn() -> Timestamp, stop: watch::Receiver<bool>) {
        let mut lanes = JoinSet::new();
        for channel in Channel::ALL {
            let (outbox, stop) = (self.clone(), stop.clone());
            lanes.spawn(async move { outbox.lane(channel, clock, stop).await });
        }
        let (outbox, stop) = (self.clone(), stop);
        lanes.spawn(async move { outbox.forgetting(clock, stop).await });
        lanes.join_all().await;
    }

    async fn lane(
        &self,
        channel: Channel,
        clock: fn() -> Timestamp,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut woken = self.inner.woken.subscribe();
        let mut sending = JoinSet::new();
        loop {
            let free = width(channel) - sending.len();
            let begun = self.begin(&mut sending, channel, free, clock()).await;
            if let Err(problem) = &begun {
                tracing::warn!(channel = channel.as_str(), %problem, "the outbox cannot be read");
            }
            tokio::select! {
                () = stopped(&mut stop) => break,
                Some(done) = sending.join_next() => self.note(done, clock()).await,
                _ = woken.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        let rest = async {
            while let Some(done) = sending.join_next().await {
                self.note(done, clock()).await;
            }
        };
        if tokio::time::timeout(FAREWELL, rest).await.is_err() {
            tracing::info!(channel = channel.as_str(), "messages under way will be sent again");
        }
    }

    async fn note(&self, done: Result<(Outgoing, Answer), tokio::task::JoinError>, now: Timestamp) {
        let Ok((outgoing, answer)) = done else { return };
        if let Err(problem) = self.end(&outgoing, &answer, now, &mut Round::default()).await {
            tracing::warn!(message = outgoing.id, %problem, "what was sent cannot be noted");
        }
    }

    /// Claims messages and begins to send them.
    async fn begin(
        &self,
        sending: &mut JoinSet<(Outgoing, Answer)>,
        channel: Channel,
        many: usize,
        now: Timestamp,
    ) -> Result<(), DeliveryError> {
        if many == 0 || !store::is_any_due(&self.store, channel, now).await? {
            return Ok(());
        }
        let mut transaction = self.store.begin().await?;
        // Longer than the longest attempt: what is claimed is never claimed again beside it.
        let lease = SignedDuration::try_from(self.inner.ways.patience * 3)
            .unwrap_or(SignedDuration::from_mins(5));
        let claimed = store::claim(&mut transaction, channel, (now, now + lease), many).await?;
        transaction.commit().await?;
        for outgoing in claimed {
            let inner = std::sync::Arc::clone(&self.inner);
            sending.spawn(async move {
                let answer = if outgoing.attempt > inner.ways.settings.attempts_max {
                    Answer::Refused("the program ended whenever it was being sent".into())
                } else {
                    inner.ways.send(&outgoing, now).await
                };
                (outgoing, answer)
            });
        }
        Ok(())
    }

    /// Writes down how an attempt ended.
    async fn end(
        &self,
        outgoing: &Outgoing,
        answer: &Answer,
        now: Timestamp,
        round: &mut Round,
    ) -> Result<(), DeliveryError> {
        let is_last = outgoing.attempt >= self.inner.ways.settings.attempts_max;
        let end = match answer {
            Answer::Taken(_) => End::Sent,
            Answer::Failed(_, asked) if !is_last => {
                End::Again(now + delay_asked(outgoing.attempt, &outgoing.key, *asked))
            }
            Answer::Failed(..) | Answer::Refused(_) => End::Dead,
        };
        let count = match end {
            End::Sent => &mut round.sent,
            End::Again(_) => &mut round.failed,
            End::Dead => &mut round.dead,
        };
        *count += 1;
        let mut transaction = self.store.begin().await?;
        store::note_attempt(&mut transaction, outgoing.id, answer, now).await?;
        store::end(&mut transaction, outgoing, end, now).await?;
        transaction.commit().await?;
        let (channel, outcome) = (outgoing.channel.as_str(), answer.outcome());
        metrics::counter!("lucid_delivery_attempts_total", "channel" => channel,
            "outcome" => outcome)
        .increment(1);
        if end == End::Dead {
            tracing::warn!(message = outgoing.id, channel, said = answer.said(), "given up");
        }
        Ok(())
    }

    async fn forgetting(&self, clock: fn() -> Timestamp, mut stop: watch::Receiver<bool>) {
        let mut due = tokio::time::interval(FORGET);
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return,
                _ = due.tick() => {}
            }
            if let Err(problem) = self.forget(clock()).await {
                tracing::warn!(%problem, "the outbox cannot forget what is old");
            }
        }
    }

    /// Forgets messages that were sent long ago, with their keys, and nonces whose requests would
    /// no longer be believed. Says how many messages that were.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget(&self, now: Timestamp) -> Result<u64, DeliveryError> {
        let mut transaction = self.store.begin().await?;
        let sent_before = now - self.inner.ways.settings.remember;
        let count = store::forget_sent(&mut transaction, sent_before).await?;
        store::forget_nonces(&mut transaction, now - signature::CLOCKS_APART_MAX * 3).await?;
        transaction.commit().await?;
        Ok(count)
    }
}
