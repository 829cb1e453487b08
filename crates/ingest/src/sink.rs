//! Where a receiver puts what it has accepted: the recorder of its own process, or the stream.

use crate::stream::{PublishFailure, Publisher};
use observations::{Delivery, RecordError, Recorded, Recorder};

/// Where accepted packets go before the device is answered.
#[derive(Clone)]
pub enum Sink {
    /// Into the store, by this process.
    Recorder(Recorder),
    /// Into the stream, from which a server records them.
    Stream(Publisher),
}

/// What became of accepted packets: either way they outlast this process.
#[derive(Clone, Debug)]
pub enum Kept {
    /// They are in the store.
    Recorded(Vec<Recorded>),
    /// They are in the stream, with so many rows each.
    InStream(Vec<usize>),
}

/// Why accepted packets were not kept; their devices must not be answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotKept {
    #[error(transparent)]
    Recorder(#[from] RecordError),
    #[error(transparent)]
    Stream(#[from] PublishFailure),
}

impl NotKept {
    /// A stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Recorder(problem) => problem.code(),
            Self::Stream(PublishFailure::NotTaken(_)) => "stream.not_taken",
            Self::Stream(PublishFailure::Stopped) => "stream.stopped",
        }
    }
}

impl Sink {
    /// How many packets it has passed on to the stream.
    pub(crate) fn passed_on(&self) -> u64 {
        match self {
            Self::Recorder(_) => 0,
            Self::Stream(publisher) => publisher.health().packets,
        }
    }

    /// Keeps deliveries, all or none; resolves when an answer may be given.
    pub(crate) async fn keep(&self, deliveries: Vec<Delivery>) -> Result<Kept, NotKept> {
        match self {
            Self::Recorder(recorder) => Ok(Kept::Recorded(recorder.submit_all(deliveries).await?)),
            Self::Stream(publisher) => {
                let rows = deliveries.iter().map(|delivery| delivery.rows.len()).collect();
                publisher.publish(deliveries).await?;
                Ok(Kept::InStream(rows))
            }
        }
    }
}
