//! What can go wrong when taking in data from outside, and how to mend it.

use std::net::SocketAddr;

/// A failure of ingest as a whole; what is wrong with a single packet is a refusal instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The address of the receiver cannot be used.
    #[error("cannot listen for HJ 212 on {address}; is another program using the port?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The store refused.
    #[error("the store cannot be used")]
    Store(#[from] store::StoreError),
    /// The keys of devices cannot be used.
    #[error("the keys of devices cannot be used: {0}")]
    Keys(#[from] crate::KeyProblem),
}

impl IngestError {
    /// The stable code under which the error is documented.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "ingest.listen",
            Self::Store(_) => "ingest.store",
            Self::Keys(problem) => problem.code(),
        }
    }
}
