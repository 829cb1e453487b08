//! Deliveries on their way through a replicated stream (NATS JetStream): receivers publish what
//! they have accepted and answer the device when most servers of the stream have it; one server
//! takes the messages in order and records each once.

mod connection;
mod consumer;
mod publisher;
mod upkeep;

pub use connection::{StreamError, StreamStanding, inspect};
pub use consumer::{Intake, IntakeStanding, take_in};
pub use publisher::{PublishFailure, Publisher, PublisherHealth};

use std::path::PathBuf;
use std::time::Duration;

/// Where the stream is and how it is kept.
#[derive(Clone, Debug)]
pub struct StreamSettings {
    /// The addresses of the NATS servers, between commas.
    pub servers: String,
    /// The name of the stream.
    pub name: String,
    /// On how many servers each message is kept.
    pub replicas: usize,
    /// A stream that has grown to so many bytes takes no more.
    pub bytes_max: u64,
    /// Messages that are recorded stay in the stream for so long.
    pub keep: Duration,
    /// User and password, where the servers ask for them.
    pub user: Option<(String, String)>,
    /// A file of credentials (`.creds`), where the servers ask for it.
    pub credentials: Option<PathBuf>,
    /// Root certificates to believe, in place of the system's.
    pub certificates: Option<PathBuf>,
    /// The certificate by which this program is known to the servers, and its key.
    pub own_certificate: Option<(PathBuf, PathBuf)>,
}

impl StreamSettings {
    /// The usual stream on these servers: three replicas, ten gigabytes, an hour.
    pub fn at(servers: impl Into<String>) -> Self {
        Self {
            servers: servers.into(),
            name: "LUCID".to_owned(),
            replicas: 3,
            bytes_max: 10 << 30,
            keep: Duration::from_hours(1),
            user: None,
            credentials: None,
            certificates: None,
            own_certificate: None,
        }
    }

    /// The subject under which deliveries are published.
    pub(crate) fn subject(&self) -> String {
        format!("lucid.{}.deliveries", self.name)
    }
}
