//! The door: transactions, migrations, snapshots, on both engines.

use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use store::{Engine, Migration, Store, StoreError};

const STEPS: &[Migration] = &[
    Migration {
        version: 1,
        name: "things",
        sql: "CREATE TABLE thing (id {identity}, name TEXT NOT NULL, content {bytes}); \
              CREATE TABLE place (x BIGINT NOT NULL, y BIGINT NOT NULL, PRIMARY KEY (x, y)) \
              {without_rowid};",
    },
    Migration { version: 2, name: "colour", sql: "ALTER TABLE thing ADD COLUMN colour TEXT;" },
];

async fn add(store: &Store, name: &str) {
    let mut transaction = store.begin().await.expect("a transaction");
    sqlx::query("INSERT INTO thing (name, content) VALUES ($1, $2)")
        .bind(name.to_owned())
        .bind(name.as_bytes().to_vec())
        .execute(&mut *transaction)
        .await
        .expect("a row goes in");
    transaction.commit().await.expect("it is kept");
}

async fn count(store: &Store) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM thing")
        .fetch_one(store.reader())
        .await
        .expect("a count")
}

#[tokio::test]
async fn words_of_both_engines_make_tables_that_count_and_hold_bytes() {
    testkit::on_both(STEPS, async |store: Store| {
        add(&store, "first").await;
        add(&store, "second").await;
        let rows = sqlx::query("SELECT id, content, colour FROM thing ORDER BY id")
            .fetch_all(store.reader())
            .await
            .expect("the rows");
        let ids: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(ids, [1, 2]);
        assert_eq!(rows[1].get::<Vec<u8>, _>(1), b"second");
        assert_eq!(rows[1].get::<Option<String>, _>(2), None);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() {
    testkit::on_both(STEPS, async |store: Store| {
        let mut transaction = store.begin().await.expect("a transaction");
        transaction.execute("INSERT INTO thing (name) VALUES ('lost')").await.expect("a row");
        drop(transaction);
        assert_eq!(count(&store).await, 0);
        add(&store, "kept").await;
        assert_eq!(count(&store).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_does_not_see_what_comes_after() {
    testkit::on_both(STEPS, async |store: Store| {
        add(&store, "before").await;
        let mut snapshot = store.snapshot().await.expect("a snapshot");
        let sql = "SELECT COUNT(*) FROM thing";
        let first: i64 = sqlx::query_scalar(sql).fetch_one(&mut *snapshot).await.expect("a count");
        add(&store, "after").await;
        let again: i64 = sqlx::query_scalar(sql).fetch_one(&mut *snapshot).await.expect("a count");
        assert_eq!((first, again, count(&store).await), (1, 1, 2));
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_refuses_to_write() {
    testkit::on_both(STEPS, async |store: Store| {
        let mut snapshot = store.snapshot().await.expect("a snapshot");
        let written = snapshot.execute("INSERT INTO thing (name) VALUES ('no')").await;
        assert!(written.is_err(), "a snapshot took a row");
        drop(snapshot);
        assert_eq!(count(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn sqlite_readers_refuse_to_write() {
    let test = testkit::sqlite(STEPS).await;
    let refused = test.store.reader().execute("INSERT INTO thing (name) VALUES ('no')").await;
    let text = refused.expect_err("a reader wrote").to_string();
    assert!(text.contains("readonly"), "{text}");
}

#[tokio::test]
async fn sqlite_writes_ahead_and_waits_for_the_disk() {
    let test = testkit::sqlite(STEPS).await;
    let mut transaction = test.store.begin().await.expect("a transaction");
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut *transaction)
        .await
        .expect("the mode");
    let level: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(&mut *transaction)
        .await
        .expect("the level");
    assert_eq!((mode.as_str(), level), ("wal", 2));
}

#[tokio::test]
async fn opening_again_takes_no_step_twice_and_keeps_the_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("deep/er/lucid.sqlite");
    let url = format!("sqlite:{}", file.display());
    let store = Store::open(&url, &STEPS[..1]).await.expect("a new store");
    assert_eq!((store.engine(), store.file()), (Engine::Sqlite, Some(file.as_path())));
    add(&store, "old").await;
    store.close().await;
    for _ in 0..2 {
        let store = Store::open(&url, STEPS).await.expect("the second step is taken once");
        assert_eq!(count(&store).await, 1);
        store.close().await;
    }
}

#[tokio::test]
async fn a_store_newer_than_the_program_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("lucid.sqlite").display());
    Store::open(&url, STEPS).await.expect("a new store").close().await;
    let refused = Store::open(&url, &STEPS[..1]).await.expect_err("an older program opened it");
    assert_eq!(refused.code(), "store.newer");
    let text = refused.to_string();
    assert!(text.contains("schema step 2") && text.contains("up to 1"), "{text}");
}

#[tokio::test]
async fn a_step_that_was_changed_afterwards_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("lucid.sqlite").display());
    Store::open(&url, &STEPS[..1]).await.expect("a new store").close().await;
    let changed = [Migration { sql: "CREATE TABLE other (id {identity});", ..STEPS[0] }];
    let refused = Store::open(&url, &changed).await.expect_err("a changed step passed");
    assert_eq!(refused.code(), "store.changed");
}

#[tokio::test]
async fn an_address_of_no_known_engine_is_refused_without_its_password() {
    let refused = Store::open("mysql://lucid:secret@host/db", STEPS).await.expect_err("opened");
    assert!(matches!(refused, StoreError::Address { .. }));
    let text = refused.to_string();
    assert!(text.contains("@host/db") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn two_writers_take_turns() {
    testkit::on_both(STEPS, async |store: Store| {
        let writers: Vec<_> = (0..8)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move { add(&store, &format!("writer {number}")).await })
            })
            .collect();
        for writer in writers {
            writer.await.expect("no writer fails");
        }
        assert_eq!(count(&store).await, 8);
        let sql = "SELECT COUNT(DISTINCT id) FROM thing".to_owned();
        let ids: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(store.reader())
            .await
            .expect("a count");
        assert_eq!(ids, 8);
    })
    .await;
}
