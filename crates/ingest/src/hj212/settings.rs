//! The limits of the receiver.

use crate::receivers::Place;
use ::hj212::conversation::Terms;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Where the receiver listens and what it bears.
#[derive(Clone, Debug)]
pub struct ReceiverSettings {
    /// The address on which it listens.
    pub address: SocketAddr,
    /// Connections at one time; more are closed at once.
    pub connections_max: usize,
    /// Connections at one time from one network address.
    pub connections_per_address_max: usize,
    /// A connection that has not sent a valid packet within this time is closed.
    pub greeting: Duration,
    /// A connection on which nothing came for so long is closed.
    pub idle: Duration,
    /// A peer that takes none of the platform's bytes for so long is given up.
    pub write: Duration,
    /// Bytes without a valid packet among them after which a connection is closed.
    pub bytes_without_packet_max: usize,
    /// Packets a second on one connection; a faster sender is read more slowly.
    pub packets_per_second_max: u32,
    /// How patient the platform is with a device that it has asked for something.
    pub terms: Terms,
    /// The data folder, in which the key file stands that seals the keys of devices; without it
    /// no device has a key.
    pub keys_folder: Option<PathBuf>,
    /// Whether a device that connects for the first time is initialised without being asked.
    pub initialises: bool,
    /// Which one of several receivers it is.
    pub place: Place,
}

impl ReceiverSettings {
    /// The usual limits at an address.
    pub const fn at(address: SocketAddr) -> Self {
        Self {
            address,
            connections_max: 10_000,
            connections_per_address_max: 2_000,
            greeting: Duration::from_mins(1),
            idle: Duration::from_mins(90),
            write: Duration::from_secs(30),
            bytes_without_packet_max: 64 << 10,
            packets_per_second_max: 1_000,
            terms: Terms { answer_ms: 10_000, resends: 3, execution_ms: 60_000 },
            keys_folder: None,
            initialises: false,
            place: Place::alone(),
        }
    }
}
