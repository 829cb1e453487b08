//! Following the commit log without a gap: from the store while behind, live when caught up.

use crate::error::ObservationError;
use crate::model::CommittedBatch;
use crate::store::committed_since;
use std::collections::VecDeque;
use store::Store;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

const BLOCKS_AT_ONCE: u32 = 64;

/// Hands over every commit after a given one, in order, each at least once after a restart.
///
/// The follower's owner keeps [`CommittedBatch::block`] of what it has finished and passes it to
/// [`crate::Recorder::follow`] at the next start. Rows read again from the store come in the state
/// they have now, which may be newer than the commit.
pub struct Follower {
    store: Store,
    live: broadcast::Receiver<CommittedBatch>,
    cursor: i64,
    behind: bool,
    waiting: VecDeque<CommittedBatch>,
}

impl Follower {
    pub(crate) fn new(
        store: Store,
        live: broadcast::Receiver<CommittedBatch>,
        cursor: i64,
    ) -> Self {
        Self { store, live, cursor, behind: true, waiting: VecDeque::new() }
    }

    /// Whether every commit known so far has been handed over.
    pub fn has_caught_up(&self) -> bool {
        !self.behind && self.waiting.is_empty()
    }

    /// The next commit; `None` when the recorder has stopped and all has been handed over.
    ///
    /// Safe to cancel: nothing is skipped.
    ///
    /// # Errors
    /// When the store cannot be read; the call may be repeated.
    pub async fn next(&mut self) -> Result<Option<CommittedBatch>, ObservationError> {
        loop {
            if let Some(batch) = self.waiting.pop_front() {
                self.cursor = batch.block;
                return Ok(Some(batch));
            }
            if self.behind {
                let found = committed_since(&self.store, self.cursor, BLOCKS_AT_ONCE).await?;
                self.behind = !found.is_empty();
                self.waiting.extend(found);
                continue;
            }
            match self.live.recv().await {
                Ok(batch) if batch.block <= self.cursor => {}
                Ok(batch) if batch.block == self.cursor + 1 => {
                    self.cursor = batch.block;
                    return Ok(Some(batch));
                }
                Ok(_) | Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => {
                    let found = committed_since(&self.store, self.cursor, BLOCKS_AT_ONCE).await?;
                    if found.is_empty() {
                        return Ok(None);
                    }
                    self.waiting.extend(found);
                }
            }
        }
    }
}
