//! The recorder on both engines: new, duplicate, merged, revised; failures; following; reopening.

use jiff::{SignedDuration, Timestamp};
use observations::{
    Delivery, FactorValue, MIGRATIONS, NewRow, Origin, Outcome, RecordError, Recorder, RowKey,
    Source, StreamPosition, committed_since, oldest, raw_block, raw_packet, revisions, rows_at,
    series, series_newest, stream_position,
};
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use sqlx::Executor as _;
use store::Store;

fn instant(minute: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + minute * 60).expect("a valid time")
}

fn key(point: i64, minute: i64) -> RowKey {
    RowKey { point: PointId(point), period: Period::Minute, observed_at: instant(minute) }
}

fn value(factor: u16, digits: i64) -> FactorValue {
    FactorValue::of(FactorId(factor), Decimal::new(digits, 1))
}

fn delivery(raw: &str, rows: &[(RowKey, &[FactorValue])]) -> Delivery {
    Delivery {
        raw: raw.as_bytes().to_vec(),
        received_at: instant(1_000_000) + SignedDuration::from_millis(raw.len() as i64),
        origin: Origin { device: Some("MN1".into()), peer: "10.0.0.1:5000".into() },
        rows: rows
            .iter()
            .map(|(key, values)| NewRow {
                point: key.point,
                period: key.period,
                observed_at: key.observed_at,
                values: values.to_vec(),
            })
            .collect(),
    }
}

async fn outcomes(recorder: &Recorder, delivery: Delivery) -> Vec<Outcome> {
    recorder.submit(delivery).await.expect("it is recorded").outcomes
}

#[tokio::test]
async fn rows_are_new_then_duplicate_then_merged_then_revised() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let recorder = Recorder::open(&store).await.expect("it opens");
        let first = delivery("first", &[(key(1, 0), &[value(1, 100)])]);
        assert_eq!(outcomes(&recorder, first.clone()).await, [Outcome::New]);
        assert_eq!(outcomes(&recorder, first).await, [Outcome::Duplicate]);
        let part = delivery("part two", &[(key(1, 0), &[value(2, 70)])]);
        assert_eq!(outcomes(&recorder, part.clone()).await, [Outcome::Merged]);
        assert_eq!(outcomes(&recorder, part).await, [Outcome::Duplicate]);
        let other = delivery("corrected", &[(key(1, 0), &[value(1, 101)])]);
        let source = recorder.submit(other.clone()).await.expect("recorded");
        assert_eq!(source.outcomes, [Outcome::Revised]);

        let rows = series(&store, PointId(1), Period::Minute, instant(0)..instant(1)).await;
        let rows = rows.expect("readable");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].values, [value(1, 101), value(2, 70)]);
        assert_eq!((rows[0].version, rows[0].source), (3, source.source));
        assert_eq!(rows[0].received_at, other.received_at);
        let held = recorder.latest().get(PointId(1), Period::Minute).expect("held");
        assert_eq!(*held, rows[0]);

        let older = revisions(&store, key(1, 0)).await.expect("readable");
        let found: Vec<_> =
            older.iter().map(|old| (old.row.version, old.row.values.clone())).collect();
        assert_eq!(found, [(1, vec![value(1, 100)]), (2, vec![value(1, 100), value(2, 70)])]);
        assert_eq!(older[1].superseded_by, source.source);
        assert_eq!(older[1].superseded_at, other.received_at);
        let bytes = raw_packet(&store, older[0].row.source).await.expect("readable");
        assert_eq!(bytes.expect("there").bytes, b"first");
        recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_key_repeated_inside_one_commit_is_handled_in_the_order_of_arrival() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let recorder = Recorder::open(&store).await.expect("it opens");
        let recorded = recorder
            .submit_all(vec![
                delivery("a", &[(key(1, 0), &[value(1, 1)]), (key(2, 0), &[value(1, 9)])]),
                delivery("b", &[(key(1, 0), &[value(1, 1)])]),
                delivery("c", &[(key(1, 0), &[value(2, 2)]), (key(1, 0), &[value(1, 3)])]),
            ])
            .await
            .expect("recorded");
        let outcomes: Vec<_> = recorded.into_iter().map(|one| one.outcomes).collect();
        assert_eq!(
            outcomes,
            [
                vec![Outcome::New, Outcome::New],
                vec![Outcome::Duplicate],
                vec![Outcome::Merged, Outcome::Revised],
            ]
        );
        let mut rows = rows_at(&store, &[key(1, 0), key(2, 0), key(3, 0)]).await.expect("rows");
        rows.sort_by_key(observations::Row::key);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].values, [value(1, 3), value(2, 2)]);
        assert_eq!((rows[0].version, rows[0].source), (3, Source { block: 1, index: 2 }));
        assert_eq!(rows[1].version, 1);
        assert_eq!(revisions(&store, key(1, 0)).await.expect("readable").len(), 2);
        recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn many_rows_with_some_known_are_told_apart() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let recorder = Recorder::open(&store).await.expect("it opens");
        let rows = |step: usize| -> Vec<_> {
            (0..500).step_by(step).map(|minute| (key(7, minute), [value(1, minute)])).collect()
        };
        let known: Vec<_> = rows(3);
        let known: Vec<_> = known.iter().map(|(key, values)| (*key, values.as_slice())).collect();
        let found = outcomes(&recorder, delivery("known", &known)).await;
        assert!(found.iter().all(|outcome| *outcome == Outcome::New));
        let all: Vec<_> = rows(1);
        let all: Vec<_> = all.iter().map(|(key, values)| (*key, values.as_slice())).collect();
        let found = outcomes(&recorder, delivery("all", &all)).await;
        for (minute, outcome) in found.iter().enumerate() {
            let expected = if minute % 3 == 0 { Outcome::Duplicate } else { Outcome::New };
            assert_eq!(*outcome, expected, "minute {minute}");
        }
        let newest = series_newest(&store, PointId(7), Period::Minute, instant(9999), 2).await;
        let newest: Vec<_> = newest.expect("rows").iter().map(|row| row.observed_at).collect();
        assert_eq!(newest, [instant(499), instant(498)]);
        let first = oldest(&store, PointId(7), Period::Minute).await.expect("a first moment");
        assert_eq!(first, Some(instant(0)));
        let none = oldest(&store, PointId(8), Period::Minute).await.expect("an answer");
        assert_eq!(none, None);
        recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn packets_come_back_from_their_block_and_all_survives_a_reopening() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let recorder = Recorder::open(&store).await.expect("it opens");
        let given = vec![delivery("no rows", &[]), delivery("one", &[(key(1, 5), &[value(1, 1)])])];
        let recorded = recorder.submit_all(given.clone()).await.expect("recorded");
        recorder.close().await;
        let refused = recorder.submit(given[0].clone()).await;
        assert!(matches!(refused, Err(RecordError::Stopped)));

        let again = Recorder::open(&store).await.expect("it opens again");
        let packets = raw_block(&store, recorded[0].source.block).await.expect("readable");
        let texts: Vec<_> = packets.iter().map(|packet| packet.bytes.as_slice()).collect();
        assert_eq!(texts, [b"no rows".as_slice(), b"one"]);
        assert_eq!(packets[1].received_at, given[1].received_at);
        assert_eq!(packets[1].device.as_deref(), Some("MN1"));
        assert_eq!(packets[1].peer, "10.0.0.1:5000");
        let held = again.latest().get(PointId(1), Period::Minute).expect("held");
        assert_eq!((held.observed_at, held.source), (instant(5), recorded[1].source));
        assert!(again.latest().get(PointId(1), Period::Hour).is_none());
        let next = again.submit(delivery("two", &[])).await.expect("recorded");
        assert_eq!(next.source, Source { block: 2, index: 0 });
        assert!(raw_packet(&store, Source { block: 9, index: 0 }).await.expect("read").is_none());
        again.close().await;
    })
    .await;
}

#[tokio::test]
async fn late_rows_do_not_become_the_latest() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let recorder = Recorder::open(&store).await.expect("it opens");
        for minute in [5, 3, 4] {
            let row = delivery("x", &[(key(1, minute), &[value(1, minute)])]);
            assert_eq!(outcomes(&recorder, row).await, [Outcome::New]);
        }
        let held = recorder.latest().get(PointId(1), Period::Minute).expect("held");
        assert_eq!(held.observed_at, instant(5));
        assert_eq!(recorder.latest().of_period(Period::Minute).len(), 1);
        recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_follower_sees_every_commit_once_and_in_order() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let recorder = Recorder::open(&store).await.expect("it opens");
        for minute in 0..3 {
            let row = delivery("old", &[(key(1, minute), &[value(1, minute)])]);
            recorder.submit(row).await.expect("recorded");
        }
        let mut follower = recorder.follow(1);
        for minute in 3..400 {
            let row = delivery("new", &[(key(1, minute), &[value(1, minute)])]);
            recorder.submit(row).await.expect("recorded");
        }
        recorder.close().await;
        let mut seen = Vec::new();
        while let Some(batch) = follower.next().await.expect("readable") {
            assert_eq!(batch.rows.len(), 1);
            seen.push((batch.block, batch.rows[0].observed_at));
        }
        let expected: Vec<_> = (1..400).map(|minute| (minute + 1, instant(minute))).collect();
        assert_eq!(seen, expected);
        let closed = recorder.live().recv().await;
        assert!(matches!(closed, Err(tokio::sync::broadcast::error::RecvError::Closed)));
        let first = committed_since(&store, 0, 2).await.expect("readable");
        assert_eq!(first.iter().map(|batch| batch.block).collect::<Vec<_>>(), [1, 2]);
    })
    .await;
}

/// Runs a statement in a committed transaction.
async fn change(store: &Store, sql: &'static str) {
    let mut transaction = store.begin().await.expect("a transaction");
    transaction.execute(sql).await.expect("it runs");
    transaction.commit().await.expect("it commits");
}

#[tokio::test]
async fn a_failing_commit_is_told_stores_nothing_and_heals() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let store = test.store.clone();
    let recorder = Recorder::open(&store).await.expect("it opens");
    recorder.submit(delivery("before", &[])).await.expect("recorded");
    change(
        &store,
        "CREATE TRIGGER full BEFORE INSERT ON raw_block BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .await;
    let row = delivery("lost?", &[(key(1, 1), &[value(1, 1)])]);
    let failed = recorder.submit(row.clone()).await;
    assert!(matches!(failed, Err(RecordError::NotStored(_))));
    let health = recorder.health();
    assert_eq!((health.failures_in_a_row, health.block, health.queued), (1, 1, 0));
    assert!(health.last_failure.expect("a text").contains("full"));
    assert!(rows_at(&store, &[key(1, 1)]).await.expect("readable").is_empty());
    assert!(recorder.latest().get(PointId(1), Period::Minute).is_none());

    change(&store, "DROP TRIGGER full").await;
    let recorded = recorder.submit(row).await.expect("recorded");
    assert_eq!(recorded.source, Source { block: 2, index: 0 });
    assert_eq!(recorded.outcomes, [Outcome::New]);
    assert_eq!(recorder.health().failures_in_a_row, 0);
    recorder.close().await;
}

#[tokio::test]
async fn nothing_is_answered_while_the_commit_has_not_ended() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let recorder = Recorder::open(&test.store).await.expect("it opens");
    let blocking = test.store.begin().await.expect("the one writer");
    let submission = recorder.submit(delivery("waits", &[(key(1, 1), &[value(1, 1)])]));
    tokio::pin!(submission);
    let patience = std::time::Duration::from_millis(200);
    assert!(tokio::time::timeout(patience, &mut submission).await.is_err());
    assert_eq!(recorder.health().queued, 1);
    blocking.rollback().await.expect("the writer is free");
    assert_eq!(submission.await.expect("recorded").outcomes, [Outcome::New]);
    recorder.close().await;
}

#[tokio::test]
async fn a_stream_is_recorded_once_and_by_one_server() {
    testkit::on_both(MIGRATIONS, |store| async move {
        const STREAM: &str = "LUCID@2026-03-01T00:00:00Z";
        let recorder = Recorder::open(&store).await.expect("it opens");
        let position =
            |before, sequence| StreamPosition { stream: STREAM.into(), before, sequence };
        let at = async || stream_position(&store, STREAM).await.expect("readable");
        assert_eq!(at().await, 0);
        let two = vec![
            delivery("one", &[(key(1, 0), &[value(1, 100)])]),
            delivery("two", &[(key(1, 1), &[value(1, 101)])]),
        ];
        let recorded = recorder.submit_from_stream(two, position(0, 7)).await.expect("recorded");
        assert!(recorded.iter().all(|one| one.outcomes == [Outcome::New]));
        assert_eq!(at().await, 7);

        // A second server that still stands at the beginning records nothing, not even the rows.
        let late = delivery("late", &[(key(2, 0), &[value(1, 5)])]);
        let behind = recorder.submit_from_stream(vec![late.clone()], position(0, 3)).await;
        let Err(RecordError::NotStored(cause)) = behind else { panic!("{behind:?}") };
        assert_eq!(cause.code(), "observations.position");
        assert_eq!(rows_at(&store, &[key(2, 0)]).await.expect("readable"), []);
        assert_eq!(at().await, 7);

        let on = recorder.submit_from_stream(vec![late], position(7, 9)).await.expect("recorded");
        assert_eq!(on[0].outcomes, [Outcome::New]);
        assert_eq!(at().await, 9);
        recorder.close().await;
    })
    .await;
}
