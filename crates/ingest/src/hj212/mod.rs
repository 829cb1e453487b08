//! Receiving HJ 212 over TCP: sessions, limits, refusals, answers after the data are durable.

mod exchanges;
mod intake;
mod mapping;
mod pace;
mod receiver;
mod session;
mod settings;

pub(crate) use receiver::Shared;
pub use receiver::{Receiver, listen, listen_into};
pub use settings::ReceiverSettings;
