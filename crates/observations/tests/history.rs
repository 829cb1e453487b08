//! The history on both engines: whatever moves, however late packets come, reading gives what it
//! would give had nothing ever moved.

use jiff::{SignedDuration, Timestamp};
use observations::history::{self, Forgotten, Month, Rules, Step};
use observations::{
    Delivery, FactorValue, MIGRATIONS, Marks, NewRow, Origin, Outcome, Recorder, Row, RowKey,
    committed_since, last_block_of, oldest, revisions, rows_at, series, series_as_of,
    series_newest,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use std::ops::Range;
use store::{Store, Transaction};

/// Every month of the tests is closed by then, and nothing kept for a while is kept still.
fn later() -> Timestamp {
    "2030-01-01T00:00:00Z".parse().expect("a time")
}

fn rules() -> Rules {
    Rules::default()
}

fn quiet(_: Step) {}

/// Nobody writes down what is forgotten.
fn nobody(
    _: &mut Transaction,
    _: Forgotten,
) -> futures_util::future::BoxFuture<'_, std::io::Result<()>> {
    Box::pin(async { Ok(()) })
}

/// 2026-01-30 of Beijing and the days after it, across two ends of months.
fn instant(day: i64, minute: i64) -> Timestamp {
    Timestamp::from_second(1_769_702_400 + day * 86_400 + minute * 60).expect("a valid time")
}

fn key(point: i64, period: Period, at: Timestamp) -> RowKey {
    RowKey { point: PointId(point), period, observed_at: at }
}

fn value(factor: u16, digits: i64, scale: u32) -> FactorValue {
    FactorValue::of(FactorId(factor), Decimal::new(digits, scale))
}

fn delivery(raw: &str, rows: Vec<(RowKey, Vec<FactorValue>)>) -> Delivery {
    let rows = rows.into_iter().map(|(key, values)| NewRow {
        point: key.point,
        period: key.period,
        observed_at: key.observed_at,
        values,
    });
    Delivery {
        raw: raw.as_bytes().to_vec(),
        received_at: instant(100, 0) + SignedDuration::from_millis(raw.len() as i64),
        origin: Origin { device: Some("MN1".into()), peer: "10.0.0.1:5000".into() },
        rows: rows.collect(),
    }
}

fn whole() -> Range<Timestamp> {
    Timestamp::MIN..Timestamp::MAX
}

async fn count(store: &Store, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(store.reader()).await.expect("it counts")
}

async fn all(store: &Store, point: i64, period: Period) -> Vec<Row> {
    series(store, PointId(point), period, whole()).await.expect("readable")
}

/// Three months of minutes of two points, a few rows a day.
async fn three_months(recorder: &Recorder) -> u64 {
    let mut rows = Vec::new();
    for day in 0..60 {
        for minute in [0, 700, 1439] {
            for point in [1, 2] {
                let values = vec![value(1, day * 10 + minute, 1), value(7, minute, 2)];
                rows.push((key(point, Period::Minute, instant(day, minute)), values));
            }
        }
    }
    let count = rows.len() as u64;
    for part in rows.chunks(100) {
        recorder.submit(delivery("minutes", part.to_vec())).await.expect("recorded");
    }
    count
}

#[tokio::test]
async fn closed_months_move_and_read_the_same() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let recorder = Recorder::open(&store).await.expect("it opens");
        let total = three_months(&recorder).await;
        let before = [all(&store, 1, Period::Minute).await, all(&store, 2, Period::Minute).await];
        // March is not over for long enough.
        let now = instant(75, 0);
        let moved = history::move_closed(&store, &rules(), now, &quiet).await.expect("it moves");
        assert_eq!(moved.months, 2);
        let left = count(&store, "SELECT COUNT(*) FROM observation").await;
        assert_eq!(moved.rows + left.unsigned_abs(), total);
        assert_eq!(moved.cleared, moved.rows);
        let after = [all(&store, 1, Period::Minute).await, all(&store, 2, Period::Minute).await];
        assert_eq!(after, before);
        assert_eq!(
            oldest(&store, PointId(1), Period::Minute).await.expect("readable"),
            Some(instant(0, 0))
        );
        let again = history::move_closed(&store, &rules(), now, &quiet).await.expect("nothing");
        assert_eq!(again, history::Moved::default());

        // The rest moves when its time has come, but for the newest row of each point.
        history::move_closed(&store, &rules(), later(), &quiet).await.expect("it moves");
        assert_eq!(count(&store, "SELECT COUNT(*) FROM observation").await, 2);
        let after = [all(&store, 1, Period::Minute).await, all(&store, 2, Period::Minute).await];
        assert_eq!(after, before);
        let newest = series_newest(&store, PointId(2), Period::Minute, later(), 4).await;
        let newest = newest.expect("readable");
        let last: Vec<Row> = before[1].iter().rev().take(4).cloned().collect();
        assert_eq!(newest, last);

        let status = history::status(&store).await.expect("readable");
        let minutes = status.periods[Period::Minute.code() as usize];
        assert_eq!((minutes.months, minutes.rows, minutes.uncleared), (3, total, 0));
        assert_eq!(status.moves, 0);
        assert_eq!(history::verify(&store, |_, _| {}).await.expect("verified"), []);
        recorder.close().await;
        let recorder = Recorder::open(&store).await.expect("it opens again");
        let held = recorder.latest().get(PointId(1), Period::Minute).expect("held");
        assert_eq!(Some(&*held), before[0].last());
        recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_late_packet_for_a_moved_row_is_told_apart_as_ever() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let recorder = Recorder::open(&store).await.expect("it opens");
        three_months(&recorder).await;
        history::move_closed(&store, &rules(), later(), &quiet).await.expect("it moves");
        let at = key(1, Period::Minute, instant(3, 700));
        let held = rows_at(&store, &[at]).await.expect("readable").remove(0);

        let same = delivery("again", vec![(at, held.values.clone())]);
        let done = recorder.submit(same).await.expect("recorded");
        assert_eq!(done.outcomes, [Outcome::Duplicate]);
        let more = delivery("more", vec![(at, vec![value(9, 5, 0)])]);
        assert_eq!(recorder.submit(more).await.expect("recorded").outcomes, [Outcome::Merged]);
        let other = delivery("other", vec![(at, vec![value(1, 99, 1)])]);
        let done = recorder.submit(other).await.expect("recorded");
        assert_eq!(done.outcomes, [Outcome::Revised]);
        let fresh = key(1, Period::Minute, instant(3, 701));
        let new = delivery("new", vec![(fresh, vec![value(1, 1, 0)])]);
        assert_eq!(recorder.submit(new).await.expect("recorded").outcomes, [Outcome::New]);

        let now = rows_at(&store, &[at]).await.expect("readable").remove(0);
        assert_eq!((now.version, now.source), (3, done.source));
        let older = revisions(&store, at).await.expect("readable");
        assert_eq!(older[0].row, held);
        let range = at.observed_at..fresh.observed_at;
        let then = series_as_of(&store, PointId(1), Period::Minute, range.clone(), 2).await;
        assert_eq!(then.expect("readable"), [held]);
        let last = last_block_of(&store, PointId(1), Period::Minute, range).await;
        assert_eq!(last.expect("readable"), done.source.block);

        let status = history::status(&store).await.expect("readable");
        assert_eq!(status.periods[Period::Minute.code() as usize].late_rows, 3);
        let before = all(&store, 1, Period::Minute).await;
        let soon = history::compact(&store, false, instant(80, 0), &quiet).await.expect("looked");
        assert_eq!(soon.months, 1, "three of some hundred rows are enough");
        assert_eq!(all(&store, 1, Period::Minute).await, before);
        let status = history::status(&store).await.expect("readable");
        assert_eq!(status.periods[Period::Minute.code() as usize].late_rows, 0);
        assert_eq!(status.replaced, 1);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM observation").await, 2);
        recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn replaced_files_stay_while_somebody_holds_them() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let recorder = Recorder::open(&store).await.expect("it opens");
        three_months(&recorder).await;
        history::move_closed(&store, &rules(), instant(80, 0), &quiet).await.expect("it moves");
        let mut snapshot = store.snapshot().await.expect("a snapshot");
        let files = history::files_in(&mut snapshot).await.expect("listed");
        snapshot.rollback().await.expect("ended");
        let late = key(1, Period::Minute, instant(0, 5));
        recorder.submit(delivery("late", vec![(late, vec![value(1, 1, 0)])])).await.expect("new");
        history::compact(&store, true, instant(81, 0), &quiet).await.expect("compacted");
        let objects = store.objects().expect("a place").clone();

        history::hold(&store, "backup", instant(90, 0)).await.expect("held");
        let kept = history::delete_replaced(&store, instant(82, 0)).await.expect("looked");
        assert_eq!(kept, 0);
        for file in &files {
            let bytes = objects.get(&file.name).await.expect("it is there still");
            assert_eq!(
                (bytes.len() as u64, store::sha256_hex(&bytes)),
                (file.bytes, file.sha256.clone())
            );
        }
        history::release(&store, "backup").await.expect("released");
        let soon = instant(81, 30);
        assert_eq!(history::delete_replaced(&store, soon).await.expect("too soon"), 0);
        assert_eq!(history::delete_replaced(&store, instant(82, 0)).await.expect("deleted"), 1);
        let gone = files.iter().filter(|file| file.month == Month::of(late.observed_at));
        for file in gone {
            assert!(objects.get(&file.name).await.expect_err("it is gone").is_missing());
        }
        assert_eq!(history::verify(&store, |_, _| {}).await.expect("verified"), []);
        recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_the_rules_do_not_keep_is_forgotten_and_that_is_kept() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let recorder = Recorder::open(&store).await.expect("it opens");
        three_months(&recorder).await;
        let at = instant(75, 0);
        history::move_closed(&store, &rules(), at, &quiet).await.expect("it moves");
        assert_eq!(history::forget(&store, &rules(), later(), &nobody).await.expect("looked"), []);
        let mut rules = rules();
        rules.forget_months[Period::Minute.code() as usize] = Some(1);
        // In April, March is kept.
        let refused = history::forget(&store, &rules, at, &|_, _| {
            Box::pin(async { Err(std::io::Error::other("no ink")) })
        });
        refused.await.expect_err("what cannot be written down is not forgotten");
        let first = oldest(&store, PointId(1), Period::Minute).await.expect("readable");
        assert_eq!(first, Some(instant(0, 0)));
        let forgotten = history::forget(&store, &rules, at, &nobody).await.expect("forgotten");
        let months: Vec<String> = forgotten.iter().map(|one| one.month.to_string()).collect();
        assert_eq!(months, ["2026-01", "2026-02"]);
        assert_eq!(forgotten[0].rows, 2 * 2 * 3);
        assert_eq!(forgotten[1].rows, 28 * 2 * 3);
        let first = oldest(&store, PointId(1), Period::Minute).await.expect("readable");
        assert_eq!(first, Some(instant(30, 0)));
        let status = history::status(&store).await.expect("readable");
        assert_eq!(status.forgotten.len(), 2);
        history::delete_replaced(&store, later()).await.expect("deleted");
        let objects = store.objects().expect("a place");
        assert_eq!(objects.list("").await.expect("listed"), []);
        recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn damage_is_found_and_said() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let store = test.store.clone();
    let recorder = Recorder::open(&store).await.expect("it opens");
    three_months(&recorder).await;
    history::move_closed(&store, &rules(), later(), &quiet).await.expect("it moves");
    let mut snapshot = store.snapshot().await.expect("a snapshot");
    let files = history::files_in(&mut snapshot).await.expect("listed");
    snapshot.rollback().await.expect("ended");
    let folder = store.objects().expect("a place").folder().expect("a folder").to_owned();
    let altered = folder.join(&files[0].name);
    let mut bytes = std::fs::read(&altered).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&altered, bytes).expect("written");
    std::fs::remove_file(folder.join(&files[3].name)).expect("removed");
    std::fs::write(folder.join("values/stray.parquet"), b"?").expect("written");
    let findings = history::verify(&store, |_, _| {}).await.expect("verified");
    let found: Vec<&str> = findings.iter().map(|finding| finding.file.as_str()).collect();
    assert!(found.contains(&files[0].name.as_str()), "{found:?}");
    assert!(found.contains(&files[3].name.as_str()), "{found:?}");
    assert!(found.contains(&"values/stray.parquet"), "{found:?}");
    let lost = series(&store, PointId(1), Period::Minute, whole()).await;
    assert!(lost.is_err(), "a missing file is no gap in the data");
    recorder.close().await;
}

#[tokio::test]
async fn while_the_history_is_out_of_reach_recent_packets_are_recorded() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let store = test.store.clone();
    let recorder = Recorder::open(&store).await.expect("it opens");
    three_months(&recorder).await;
    history::move_closed(&store, &rules(), later(), &quiet).await.expect("it moves");
    recorder.submit(delivery("any", Vec::new())).await.expect("the manifest is known now");
    let folder = store.objects().expect("a place").folder().expect("a folder").to_owned();
    let away = folder.with_file_name("away");
    std::fs::rename(&folder, &away).expect("moved away");
    let (late, recent) = (key(1, Period::Minute, instant(3, 700)), instant(200, 0));
    let recent = key(1, Period::Minute, recent);
    let (late, recent) = tokio::join!(
        recorder.submit(delivery("late", vec![(late, vec![value(1, 99, 1)])])),
        recorder.submit(delivery("recent", vec![(recent, vec![value(1, 5, 1)])])),
    );
    late.expect_err("nobody can say whether it is new");
    assert_eq!(recent.expect("it is recorded").outcomes, [Outcome::New]);
    assert_eq!(recorder.health().failures_in_a_row, 0);
    std::fs::rename(&away, &folder).expect("moved back");
    recorder.close().await;
    let recorder = Recorder::open(&store).await.expect("it opens again");
    let late = key(1, Period::Minute, instant(3, 700));
    let done = recorder.submit(delivery("late", vec![(late, vec![value(1, 99, 1)])])).await;
    assert_eq!(done.expect("it is recorded").outcomes, [Outcome::Revised]);
    recorder.close().await;
}

#[tokio::test]
async fn a_program_that_names_another_place_moves_nothing() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let store = test.store.clone();
    let recorder = Recorder::open(&store).await.expect("it opens");
    history::ensure_place(&store).await.expect("nothing has moved yet");
    three_months(&recorder).await;
    history::move_closed(&store, &rules(), later(), &quiet).await.expect("it moves");
    history::ensure_place(&store).await.expect("it is there");
    let next = vec![(key(1, Period::Minute, instant(150, 0)), vec![value(1, 5, 1)])];
    recorder.submit(delivery("next", next)).await.expect("recorded");
    let url = format!("sqlite:{}", store.file().expect("a file").display());
    let elsewhere = tempfile::tempdir().expect("a folder");
    let place = ::store::Objects::in_folder(elsewhere.path()).expect("a place");
    let other = Store::open(&url, MIGRATIONS).await.expect("it opens twice").with_objects(place);
    let refused = history::move_closed(&other, &rules(), later(), &quiet).await.expect_err("not");
    assert_eq!(refused.code(), "observations.other_place");
    let said = refused.to_string();
    assert!(said.contains(&elsewhere.path().display().to_string()), "{said}");
    assert_eq!(std::fs::read_dir(elsewhere.path()).expect("a folder").count(), 0);
    let moved = history::move_closed(&store, &rules(), later(), &quiet).await.expect("it moves");
    assert_eq!((moved.months, moved.rows), (1, 1));
    recorder.close().await;
}

#[tokio::test]
async fn another_process_that_moves_is_noticed_at_once() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let store = test.store.clone();
    let recorder = Recorder::open(&store).await.expect("it opens");
    three_months(&recorder).await;
    let before = all(&store, 1, Period::Minute).await;
    let url = format!("sqlite:{}", store.file().expect("a file").display());
    let other = Store::open(&url, MIGRATIONS).await.expect("it opens twice");
    history::move_closed(&other, &rules(), later(), &quiet).await.expect("it moves");
    assert_eq!(all(&store, 1, Period::Minute).await, before);
    let at = before[5].key();
    let other_value = delivery("other", vec![(at, vec![value(1, 12_345, 1)])]);
    let outcomes = recorder.submit(other_value).await.expect("recorded").outcomes;
    assert_eq!(outcomes, [Outcome::Revised]);
    history::compact(&other, true, later(), &quiet).await.expect("compacted");
    history::delete_replaced(&other, later()).await.expect("later() is no later than itself");
    let much_later = later() + SignedDuration::from_hours(2);
    assert_eq!(history::delete_replaced(&other, much_later).await.expect("deleted"), 1);
    let rows = all(&store, 1, Period::Minute).await;
    assert_eq!(rows.len(), before.len());
    assert_eq!(rows[5].values[0], value(1, 12_345, 1));
    recorder.close().await;
}

/// What may happen to a store.
#[derive(Clone, Debug)]
enum Act {
    Record(Vec<(RowKey, Vec<FactorValue>)>),
    Move,
    Compact,
    DeleteReplaced,
    /// A move that ends at a step, as if the process had ended there.
    BreakOff(usize),
    Mend,
}

fn keys() -> impl Strategy<Value = RowKey> {
    let period = prop::sample::select(vec![Period::Minute, Period::Hour]);
    (1_i64..4, period, 0_i64..40, 0_i64..2)
        .prop_map(|(point, period, day, minute)| key(point, period, instant(day, minute * 60)))
}

fn values() -> impl Strategy<Value = Vec<FactorValue>> {
    let one = (1_u16..4, 0_i64..3, 0_u32..3, any::<bool>(), 0_u32..2);
    let one = one.prop_map(|(factor, digits, scale, has_flag, marks)| FactorValue {
        flag: has_flag.then_some(b'N'),
        marks: Marks(marks),
        max: (digits == 2).then(|| Decimal::new(digits, 1)),
        ..value(factor, digits, scale)
    });
    prop::collection::vec(one, 1..4).prop_map(|mut values| {
        let mut seen = std::collections::HashSet::new();
        values.retain(|value| seen.insert(value.factor));
        values
    })
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => prop::collection::vec((keys(), values()), 1..12).prop_map(Act::Record),
        3 => Just(Act::Move),
        2 => Just(Act::Compact),
        1 => Just(Act::DeleteReplaced),
        2 => (0_usize..14).prop_map(Act::BreakOff),
        1 => Just(Act::Mend),
    ];
    prop::collection::vec(act, 2..16)
}

/// Everything that can be read, held against the store that never moved.
async fn compare(moved: &Store, plain: &Store) {
    for period in [Period::Minute, Period::Hour] {
        for point in (1..4).map(PointId) {
            let rows = series(plain, point, period, whole()).await.expect("readable");
            let range = instant(1, 30)..instant(33, 0);
            let found = series(moved, point, period, whole()).await.expect("readable");
            assert_eq!(found, rows);
            assert_eq!(
                series(moved, point, period, range.clone()).await.expect("readable"),
                series(plain, point, period, range.clone()).await.expect("readable")
            );
            for limit in [1, 3, 100] {
                let before = instant(34, 0);
                assert_eq!(
                    series_newest(moved, point, period, before, limit).await.expect("readable"),
                    series_newest(plain, point, period, before, limit).await.expect("readable")
                );
            }
            assert_eq!(
                oldest(moved, point, period).await.expect("readable"),
                oldest(plain, point, period).await.expect("readable")
            );
            assert_eq!(
                last_block_of(moved, point, period, range.clone()).await.expect("readable"),
                last_block_of(plain, point, period, range.clone()).await.expect("readable")
            );
            for block in [1, 3] {
                assert_eq!(
                    series_as_of(moved, point, period, whole(), block).await.expect("readable"),
                    series_as_of(plain, point, period, whole(), block).await.expect("readable")
                );
            }
            for row in &rows {
                assert_eq!(
                    revisions(moved, row.key()).await.expect("readable"),
                    revisions(plain, row.key()).await.expect("readable")
                );
            }
            let keys: Vec<RowKey> = rows.iter().map(Row::key).collect();
            let mut found = rows_at(moved, &keys).await.expect("readable");
            found.sort_by_key(Row::key);
            assert_eq!(found, rows);
        }
    }
    let batches = |store: Store| async move {
        let batches = committed_since(&store, 0, 1000).await.expect("readable");
        batches.into_iter().map(|batch| (batch.block, batch.rows.to_vec())).collect::<Vec<_>>()
    };
    assert_eq!(batches(moved.clone()).await, batches(plain.clone()).await);
    let (one, other) = (Recorder::open(moved).await, Recorder::open(plain).await);
    let (one, other) = (one.expect("it opens"), other.expect("it opens"));
    for period in [Period::Minute, Period::Hour] {
        for point in (1..4).map(PointId) {
            assert_eq!(one.latest().get(point, period), other.latest().get(point, period));
        }
    }
    one.close().await;
    other.close().await;
}

async fn run(acts: &[Act], moved: &Store, plain: &Store) {
    let (one, other) = (Recorder::open(moved).await, Recorder::open(plain).await);
    let (one, other) = (one.expect("it opens"), other.expect("it opens"));
    // Each act is two hours after the one before it: what was broken off is known to be.
    let mut now = later();
    for act in acts {
        now += SignedDuration::from_hours(2);
        match act {
            Act::Record(rows) => {
                let done = one.submit(delivery("rows", rows.clone())).await.expect("recorded");
                let wanted = other.submit(delivery("rows", rows.clone())).await;
                assert_eq!(done, wanted.expect("recorded"));
            }
            Act::Move => {
                history::move_closed(moved, &rules(), now, &quiet).await.expect("it moves");
            }
            Act::Compact => {
                history::compact(moved, true, now, &quiet).await.expect("compacted");
            }
            Act::DeleteReplaced => {
                history::delete_replaced(moved, now).await.expect("deleted");
            }
            Act::BreakOff(step) => break_off(moved, *step, now).await,
            Act::Mend => {
                history::mend(moved, now, &quiet).await.expect("mended");
            }
        }
    }
    one.close().await;
    other.close().await;
    compare(moved, plain).await;
    now += SignedDuration::from_hours(2);
    history::round(moved, &rules(), now, &quiet, &nobody).await.expect("a round");
    compare(moved, plain).await;
    assert_eq!(history::verify(moved, |_, _| {}).await.expect("verified"), []);
    let status = history::status(moved).await.expect("readable");
    assert_eq!(status.moves, 0);
    assert!(status.periods.iter().all(|of| of.uncleared == 0));
}

/// Moves and compacts, and stops at a step for good: what was in memory is lost.
async fn break_off(store: &Store, step: usize, now: Timestamp) {
    let (reached, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let store = store.clone();
    let moving = tokio::spawn(async move {
        let seen = std::sync::atomic::AtomicUsize::new(0);
        let steps = |_: Step| {
            if seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == step {
                reached.send(()).expect("somebody listens");
                panic!("the process ends here");
            }
        };
        history::move_closed(&store, &rules(), now, &steps).await.expect("it moves");
        history::compact(&store, true, now, &steps).await.expect("compacted");
    });
    let ended_early = moving.await.is_err();
    assert_eq!(ended_early, ended.try_recv().is_ok(), "it ends early by that alone");
}

#[test]
fn any_interleaving_reads_as_if_nothing_had_moved() {
    let cases = if std::env::var_os("LUCID_SLOW_TESTS").is_some() { 48 } else { 12 };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config { cases, ..Config::default() });
    let found = runner.run(&acts(), |acts| {
        runtime.block_on(async {
            let (moved, plain) = (testkit::sqlite(MIGRATIONS).await, testkit::sqlite(MIGRATIONS));
            let plain = plain.await;
            run(&acts, &moved.store, &plain.store).await;
            moved.store.close().await;
            if let Some(moved) = testkit::postgres(MIGRATIONS).await {
                let plain = testkit::sqlite(MIGRATIONS).await;
                run(&acts, &moved.store, &plain.store).await;
                moved.store.close().await;
            }
        });
        Ok(())
    });
    found.expect("both read the same");
}
