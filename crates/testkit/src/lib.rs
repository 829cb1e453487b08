//! Stores for tests: each test gets an empty one of its own, on SQLite always and on PostgreSQL
//! when `LUCID_TEST_POSTGRES` names a server on which databases may be made. Disks that are full,
//! and waits that end. Servers of NATS where `LUCID_TEST_NATS` names their program.

mod disk;
pub mod nats;
mod patience;

pub use disk::{TinyDisk, fill, with_tiny_disk};
pub use patience::{Guarded, PATIENCE, in_time, until};

use sqlx::Executor as _;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Migration, Objects, Store};

/// A store that lives as long as the test.
pub struct TestStore {
    /// The store.
    pub store: Store,
    _folder: tempfile::TempDir,
}

/// An empty SQLite store with this schema.
///
/// # Panics
/// When it cannot be made: the test cannot go on.
pub async fn sqlite(migrations: &[Migration]) -> TestStore {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("lucid.sqlite").display());
    let store = Store::open(&url, migrations).await.expect("a new store opens");
    TestStore { store, _folder: folder }
}

/// An empty PostgreSQL database with this schema, or `None` (with a line that says so) where no
/// server is named.
///
/// # Panics
/// When a server is named but cannot be used.
pub async fn postgres(migrations: &[Migration]) -> Option<TestStore> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("LUCID_TEST_POSTGRES") else {
        eprintln!("SKIPPED on PostgreSQL: LUCID_TEST_POSTGRES names no server");
        return None;
    };
    sqlx::any::install_default_drivers();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("lucid_test_{}_{number}", std::process::id());
    let admin = sqlx::AnyPool::connect(&format!("{server}/postgres")).await.expect("the server");
    admin
        .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await
        .expect("a new database");
    admin.close().await;
    let store = Store::open(&format!("{server}/{name}"), migrations).await.expect("it opens");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let objects = Objects::in_folder(folder.path()).expect("a plain folder");
    Some(TestStore { store: store.with_objects(objects), _folder: folder })
}

/// Runs `test` on an empty SQLite store and, where a server is named, on an empty PostgreSQL one.
///
/// # Panics
/// When the test does, or a store cannot be made.
pub async fn on_both<Test, Run>(migrations: &[Migration], test: Test)
where
    Test: Fn(Store) -> Run,
    Run: Future<Output = ()>,
{
    let sqlite = sqlite(migrations).await;
    test(sqlite.store.clone()).await;
    sqlite.store.close().await;
    if let Some(postgres) = postgres(migrations).await {
        test(postgres.store.clone()).await;
        postgres.store.close().await;
    }
}
