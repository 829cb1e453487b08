//! Devices that speak HJ 212 over TCP, with seeded cycles and faults.
//!
//! Everything that is measured is a pure function of a seed, a device and a time
//! ([`Signal`]), so a demonstration repeats to the byte. [`Scenario`] lists who does what wrong
//! and when, [`History`] yields what the devices have sent before, [`Fleet`] runs them live;
//! [`Demonstration`] puts them together.

mod clock;
mod conversation;
mod demonstration;
mod device;
mod fleet;
pub mod fraud;
mod history;
mod noise;
mod outbox;
mod packet;
mod report;
mod scenario;
mod schedule;
mod signal;
mod site;
mod statistics;
mod weather;

pub use clock::Clock;
pub use demonstration::{DEFAULT_SEED, Demonstration};
pub use device::{DeviceOptions, run_device};
pub use fleet::{Fleet, FleetOptions};
pub use history::{History, HistoryCounts};
pub use report::{Reading, Report, Statistic};
pub use scenario::{Event, Fault, Scenario};
pub use signal::Signal;
pub use site::{Site, SiteFactor, SiteKind};
pub use statistics::{Counts, Statistics};
pub use weather::Weather;
