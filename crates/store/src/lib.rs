//! The only door to SQLite, PostgreSQL and the place of objects: pools, write transactions,
//! migrations, backup, large files that never change.
//!
//! One SQL text serves both engines: `$1` placeholders, `ON CONFLICT`, whole numbers as BIGINT.
//! SQLite runs with a write-ahead log and full synchronisation; it has one writing connection,
//! so a transaction that begins has the store for itself and a committed one is on the disk.

mod attachment;
pub mod backup;
mod copy;
mod error;
mod examine;
mod migration;
mod objects;
mod open;
mod room;

pub use copy::{Copied, copy};
pub use error::{StoreError, with_causes};
pub use examine::{Examined, examine};
pub use migration::Migration;
pub use objects::{Access, Object, Objects, sha256_hex};
pub use open::{Engine, Store};
pub use room::{Room, says_full};

/// A write transaction; dropped without `commit` it leaves nothing behind.
pub type Transaction = sqlx::Transaction<'static, sqlx::Any>;
