//! The only door to SQLite and PostgreSQL: pools, write transactions, migrations, backup.
//!
//! One SQL text serves both engines: `$1` placeholders, `ON CONFLICT`, whole numbers as BIGINT.
//! SQLite runs with a write-ahead log and full synchronisation; it has one writing connection,
//! so a transaction that begins has the store for itself and a committed one is on the disk.

pub mod backup;
mod error;
mod migration;
mod open;

pub use error::StoreError;
pub use migration::Migration;
pub use open::{Engine, Store};

/// A write transaction; dropped without `commit` it leaves nothing behind.
pub type Transaction = sqlx::Transaction<'static, sqlx::Any>;
