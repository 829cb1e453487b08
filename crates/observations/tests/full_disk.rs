//! Recording and moving on a disk that fills up: what is refused is whole afterwards, what was
//! recorded is read as before, and both go on when there is room.
#![cfg(target_os = "linux")]

use jiff::Timestamp;
use observations::history::{self, Rules, Step};
use observations::{
    Delivery, FactorValue, MIGRATIONS, NewRow, Origin, RecordError, Recorder, Row, series,
};
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use store::{Store, says_full};
use testkit::{TinyDisk, in_time, with_tiny_disk};

/// 2026-01-01 of Beijing and the minutes after it.
fn instant(minute: i64) -> Timestamp {
    Timestamp::from_second(1_767_196_800 + minute * 60).expect("a valid time")
}

/// Every month of the tests is closed by then, and moves that were broken off may be undone.
fn later() -> Timestamp {
    "2030-01-01T00:00:00Z".parse().expect("a time")
}

fn delivery(minute: i64) -> Delivery {
    let value = |factor: u16| {
        FactorValue::of(FactorId(factor), Decimal::new(minute * 7 + i64::from(factor), 1))
    };
    let row = NewRow {
        point: PointId(1),
        period: Period::Minute,
        observed_at: instant(minute),
        values: (1..8).map(value).collect(),
    };
    Delivery {
        raw: format!("minute {minute}").into_bytes(),
        received_at: instant(minute),
        origin: Origin { device: Some("MN1".into()), peer: "10.0.0.1:5000".into() },
        rows: vec![row],
    }
}

async fn all(store: &Store) -> Vec<Row> {
    let range = Timestamp::MIN..Timestamp::MAX;
    series(store, PointId(1), Period::Minute, range).await.expect("readable")
}

fn on(disk: &TinyDisk, test: impl AsyncFnOnce(&TinyDisk, Store)) {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let store = disk.store(MIGRATIONS).await;
        test(disk, store.clone()).await;
        store.close().await;
    });
}

#[test]
fn the_recorder_refuses_says_so_and_is_well_again_without_a_packet_in_vain() {
    let name = "the_recorder_refuses_says_so_and_is_well_again_without_a_packet_in_vain";
    with_tiny_disk(name, 24 << 20, |disk| {
        on(disk, async |disk, store| {
            let recorder = Recorder::open(&store).await.expect("a recorder");
            recorder.submit(delivery(0)).await.expect("there is room");
            let ballast = disk.fill();
            let (mut minute, mut refused) = (0, 0);
            while refused < 5 {
                minute += 1;
                assert!(minute < 5000, "the disk is not full");
                match recorder.submit(delivery(minute)).await {
                    Ok(_) => {}
                    Err(RecordError::NotStored(cause)) => {
                        assert!(says_full(&*cause), "{cause:?}");
                        refused += 1;
                    }
                    Err(other) => panic!("{other:?}"),
                }
            }
            assert!(recorder.health().failures_in_a_row > 0);
            let kept = all(&store).await;
            assert!(kept.iter().all(|row| row.values.len() == 7), "no half row");

            std::fs::remove_file(ballast).expect("room is made");
            let well = async {
                while recorder.health().failures_in_a_row > 0 {
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            };
            in_time("the recorder looks by itself", well).await;
            recorder.submit(delivery(minute + 1)).await.expect("it records again");
            assert_eq!(all(&store).await.len(), kept.len() + 1, "nothing else has come or gone");
            recorder.close().await;
        });
    });
}

#[test]
fn less_than_the_reserve_refuses_before_anything_is_begun() {
    let name = "less_than_the_reserve_refuses_before_anything_is_begun";
    with_tiny_disk(name, 24 << 20, |disk| {
        on(disk, async |_, store| {
            let recorder = Recorder::open(&store).await.expect("a recorder");
            recorder.submit(delivery(0)).await.expect("nothing is held back");
            store.hold_back(1 << 40);
            let refused = recorder.submit(delivery(1)).await.expect_err("so much is never free");
            let RecordError::NotStored(cause) = refused else { panic!("{refused:?}") };
            assert!(says_full(&*cause), "{cause:?}");
            store.hold_back(0);
            recorder.submit(delivery(1)).await.expect("it records again");
            recorder.close().await;
        });
    });
}

#[test]
fn a_move_that_finds_no_room_leaves_everything_where_it_was_and_is_made_later() {
    let name = "a_move_that_finds_no_room_leaves_everything_where_it_was_and_is_made_later";
    with_tiny_disk(name, 48 << 20, |disk| {
        on(disk, async |disk, store| {
            let recorder = Recorder::open(&store).await.expect("a recorder");
            for first in (0..50_000_i64).step_by(1000) {
                let minutes = (first..first + 1000).map(delivery).collect();
                recorder.submit_all(minutes).await.expect("there is room");
            }
            let before = all(&store).await;
            assert_eq!(before.len(), 50_000);
            let (rules, quiet) = (Rules::default(), |_: Step| {});
            let ballast = disk.fill();
            let moved = history::move_closed(&store, &rules, instant(200_000), &quiet).await;
            let problem = moved.expect_err("there is no room for files");
            assert!(says_full(&problem), "{problem:?}");
            assert_eq!(all(&store).await, before, "everything is read as before");

            std::fs::remove_file(ballast).expect("room is made");
            history::mend(&store, later(), &quiet).await.expect("what was left is undone");
            let moved = history::move_closed(&store, &rules, later(), &quiet).await;
            assert_eq!(moved.expect("there is room").rows, 50_000);
            assert_eq!(all(&store).await, before);
            assert_eq!(history::verify(&store, |_, _| {}).await.expect("verified"), []);
            recorder.close().await;
        });
    });
}
