//! The city's nouns, dated: divisions, enterprises, monitoring points, devices, factors, limits.
//!
//! A city is a folder of data files; `load` reads and checks it, `store` keeps it in the
//! database, `Registry` is the snapshot in memory that everybody reads.

mod error;
pub mod geometry;
pub mod load;
pub mod model;
mod offered;
mod precedence;
mod registry;
mod snapshot;
pub mod store;

pub use error::RegistryError;
pub use model::{
    AirStation, City, Confidence, Department, Device, Division, DivisionKind, Enterprise,
    EnterpriseId, Factor, FactorId, Limit, LimitBound, Medium, MonitoringPoint, Name, Outlet,
    PointDetail, PointId, PointKind, Position, WaterBody, WaterSection,
};
pub use registry::Registry;
pub use snapshot::Snapshot;
pub use store::MIGRATIONS;

/// Whether a text can be the code of a factor: 1 to 20 ASCII letters, digits, `_` and `-`.
pub(crate) fn is_factor_code(code: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=20).contains(&code.len()) && code.bytes().all(allowed)
}
