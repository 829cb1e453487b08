//! A store on a full disk: it refuses, says why, loses nothing and goes on when there is room.

use sqlx::Row as _;
use store::{Migration, Store, StoreError, says_full};

const STEPS: &[Migration] = &[Migration {
    version: 1,
    name: "notes",
    sql: "CREATE TABLE note (id BIGINT PRIMARY KEY, body {bytes} NOT NULL);",
}];

async fn write(store: &Store, id: i64) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    sqlx::query("INSERT INTO note (id, body) VALUES ($1, $2)")
        .bind(id)
        .bind(vec![7_u8; 10_000])
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

async fn count(store: &Store) -> i64 {
    let row = sqlx::query("SELECT COUNT(*) FROM note").fetch_one(store.reader()).await;
    row.expect("it can be read").get(0)
}

#[tokio::test]
async fn what_is_held_back_refuses_what_comes_from_outside_alone() {
    let test = testkit::sqlite(STEPS).await;
    test.store.ensure_room().expect("nothing is held back");
    test.store.probe().await.expect("the disk takes bytes");
    test.store.hold_back(u64::MAX);
    let refused = test.store.ensure_room().expect_err("no disk is as large");
    assert!(says_full(&refused) && matches!(refused, StoreError::NoRoom { .. }), "{refused:?}");
    assert!(refused.to_string().contains("make room"), "{refused}");
    assert!(test.store.probe().await.is_err());
    write(&test.store, 1).await.expect("what belongs to something accepted goes on");
    test.store.hold_back(0);
    test.store.probe().await.expect("room again");
    let left = test.store.file().expect("a file").with_extension("probe");
    assert!(!left.exists(), "the probe is taken away");
}

#[tokio::test]
async fn other_failures_do_not_say_that_the_disk_is_full() {
    let test = testkit::sqlite(STEPS).await;
    write(&test.store, 1).await.expect("there is room");
    let twice = write(&test.store, 1).await.expect_err("the same number");
    assert!(!says_full(&twice), "{twice:?}");
    let address = Store::open("mysql://x", STEPS).await.expect_err("an unknown engine");
    assert!(!says_full(&address));
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_in_truth_loses_no_commit() {
    testkit::with_tiny_disk("a_disk_that_is_full_in_truth_loses_no_commit", 8 << 20, |disk| {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(fill_and_make_room(disk));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn many_who_are_refused_at_once_all_hear_that_the_disk_is_full() {
    let name = "many_who_are_refused_at_once_all_hear_that_the_disk_is_full";
    testkit::with_tiny_disk(name, 8 << 20, |disk| {
        tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
            let store = disk.store(STEPS).await;
            let ballast = disk.fill();
            let all = (0..40).map(|id| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut refused = 0;
                    for round in 0..25 {
                        match write(&store, id * 1000 + round).await {
                            Ok(()) => {}
                            Err(error) => {
                                assert!(says_full(&error), "{error:?}");
                                refused += 1;
                            }
                        }
                    }
                    refused
                })
            });
            let mut refused = 0;
            for one in all.collect::<Vec<_>>() {
                refused += one.await.expect("it says nothing else");
            }
            assert!(refused > 500, "{refused} of 1000 were refused");
            std::fs::remove_file(ballast).expect("room is made");
            write(&store, 100_000).await.expect("it goes on");
        });
    });
}

#[cfg(target_os = "linux")]
async fn fill_and_make_room(disk: &testkit::TinyDisk) {
    let store = disk.store(STEPS).await;
    write(&store, 0).await.expect("there is room");
    let ballast = disk.fill();
    let (mut id, mut refused) = (0, 0);
    // The log may have pages of its own left to write over.
    while refused < 20 {
        id += 1;
        assert!(id < 2000, "the disk is not full");
        match write(&store, id).await {
            Ok(()) => {}
            Err(error) => {
                assert!(says_full(&error), "{error:?}");
                refused += 1;
            }
        }
    }
    let written = id + 1 - refused;
    assert_eq!(count(&store).await, written, "what was committed can be read");
    assert!(store.probe().await.is_err());
    std::fs::remove_file(ballast).expect("room is made");
    store.probe().await.expect("the same store, without a restart");
    write(&store, id + 1).await.expect("it goes on");
    assert_eq!(count(&store).await, written + 1);
    store.close().await;
    let again = disk.store(STEPS).await;
    assert_eq!(count(&again).await, written + 1);
    let check: String = sqlx::query("PRAGMA integrity_check")
        .fetch_one(again.reader())
        .await
        .expect("it answers")
        .get(0);
    assert_eq!(check, "ok");
}

/// PostgreSQL on a table space that lies on a small disk: as its own disk, full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_of_postgresql_is_told_as_such_and_goes_on_when_there_is_room() {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(server) = std::env::var("LUCID_TEST_POSTGRES") else {
        eprintln!("SKIPPED on PostgreSQL: LUCID_TEST_POSTGRES names no server");
        return;
    };
    let Some(disk) = testkit::TinyDisk::mount(48 << 20) else {
        eprintln!("SKIPPED on PostgreSQL: the server sees only disks that root has mounted");
        return;
    };
    sqlx::any::install_default_drivers();
    let admin = sqlx::AnyPool::connect(&format!("{server}/postgres")).await.expect("the server");
    let row = sqlx::query("SHOW data_directory").fetch_one(&admin).await.expect("its folder");
    let owner = std::fs::metadata(row.get::<String, _>(0)).expect("this machine's").uid();
    let given = std::process::Command::new("chown")
        .arg(owner.to_string())
        .arg(disk.path())
        .status()
        .expect("chown runs");
    assert!(given.success());
    let name = format!("lucid_full_{}", std::process::id());
    let place = disk.path().display();
    for words in [
        format!("CREATE TABLESPACE {name} LOCATION '{place}'"),
        format!("CREATE DATABASE {name} TABLESPACE {name}"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(words)).execute(&admin).await.expect("it is made");
    }
    // Whatever comes of it, the server loses its table space before the disk is gone.
    let (url, ballast) = (format!("{server}/{name}"), disk.path().join("ballast"));
    let filling = disk.path().to_owned();
    let tried = tokio::spawn(async move { on_postgresql(&url, &filling).await }).await;
    if ballast.exists() {
        std::fs::remove_file(ballast).expect("room is made");
    }
    for words in [format!("DROP DATABASE {name} WITH (FORCE)"), format!("DROP TABLESPACE {name}")] {
        sqlx::query(sqlx::AssertSqlSafe(words)).execute(&admin).await.expect("it is dropped");
    }
    admin.close().await;
    tried.expect("it went as above");
}

#[cfg(target_os = "linux")]
async fn on_postgresql(url: &str, place: &std::path::Path) {
    let store = Store::open(url, STEPS).await.expect("a new store");
    write(&store, 0).await.expect("there is room");
    assert_eq!(store.room(), None, "its disk is elsewhere");
    let ballast = testkit::fill(place);
    let mut id = 0;
    let refused = loop {
        id += 1;
        assert!(id < 2000, "the disk is not full");
        if let Err(error) = write(&store, id).await {
            break error;
        }
    };
    assert!(says_full(&refused), "{refused:?}");
    assert_eq!(count(&store).await, id, "what was committed can be read");
    std::fs::remove_file(ballast).expect("room is made");
    write(&store, id).await.expect("it goes on");
    store.close().await;
}
