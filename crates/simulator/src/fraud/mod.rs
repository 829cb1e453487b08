//! Honest outlets and frauds done to them, to measure what detectors find and what they cry over
//! for nothing (造假检测的评测数据).
//!
//! [`honest`] draws outlets whose troubles are innocent, [`commit`] does one of [`FraudKind`] to
//! one of them at a known place and strength. All of it is decided by seeds.

mod deed;
mod kind;
mod plant;
mod random;

pub use deed::{Deed, commit};
pub use kind::{FraudKind, Strength};
pub use plant::honest;
