//! SQL over recent values, history and registry, with the national standards as functions.
//!
//! Nothing but the binary depends on this crate, and only with its feature `sql`: the engine takes
//! longer to compile than all the rest. Tables stand in `tables`, functions in `functions`; what a
//! question may do is decided in `guard`, how much of everything it may take in `session`.

mod answer;
mod engine;
mod functions;
mod guard;
mod guide;
mod halt;
mod session;
mod sight;
mod tables;
mod trouble;
mod wire;

pub use answer::{Answer, cells};
pub use datafusion::error::Result;
pub use engine::SqlEngine;
pub use guide::reference;
pub use wire::{WireSettings, serve};
