//! From committed rows to verdicts and alerts: the judges of this area at work on a small city,
//! on both databases. Each flow is a list of events with what is open after each.

use evaluation::Outcome::{Exceeds, Meets, NotComputable};
use evaluation::alerts::{Alert, AlertKind};
use evaluation::{
    AlertFilter, Context, Evaluation, Judge, Judgement, Worker, list_alerts, verdict_versions,
    verdicts,
};
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, Marks, NewRow, Origin, Recorder};
use registry::{PointId, PointKind, Registry};
use rulebook::Period;
use sources::automatic_monitoring::{RULE_DAY, RULE_HOUR, judges};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::{Migration, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const HOUR: i64 = 3600;
/// 2026-06-01 00:00 in Beijing.
const BEGIN: i64 = 1_780_243_200;

fn migrations() -> Vec<Migration> {
    [registry::MIGRATIONS, observations::MIGRATIONS, evaluation::MIGRATIONS].concat()
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + seconds).expect("a time")
}

/// One run of the program on a store: from its start to its end.
struct Run {
    store: Store,
    registry: Registry,
    recorder: Recorder,
    evaluation: Evaluation,
    judging: JoinHandle<()>,
    _running: watch::Sender<bool>,
}

impl Run {
    async fn start(store: &Store, clock: fn() -> Timestamp) -> Self {
        Self::start_looking(store, clock, Duration::from_millis(5)).await
    }

    /// Looks at the clock at the start and then after each `tick`.
    async fn start_looking(store: &Store, clock: fn() -> Timestamp, tick: Duration) -> Self {
        Self::with(store, judges(), clock, tick).await
    }

    async fn with(
        store: &Store,
        judges: Vec<Arc<dyn Judge>>,
        clock: fn() -> Timestamp,
        tick: Duration,
    ) -> Self {
        let registry = Registry::open(store).await.expect("the city");
        let recorder = Recorder::open(store).await.expect("a recorder");
        let opened = Worker::open(store, &registry, &recorder, judges, clock).await;
        let (worker, evaluation) = opened.expect("a worker");
        let (running, stop) = watch::channel(false);
        let judging = tokio::spawn(worker.run(tick, stop));
        let store = store.clone();
        Self { store, registry, recorder, evaluation, judging, _running: running }
    }

    fn point(&self, code: &str) -> PointId {
        let point = self.registry.snapshot().point_by_code(PointKind::Outlet, code).cloned();
        point.expect("the outlet").id
    }

    /// Records one row and waits until it is judged.
    async fn row(&self, code: &str, period: Period, begins: i64, values: &str) {
        let length = match period {
            Period::Day => 24 * HOUR,
            Period::Hour => HOUR,
            Period::Minute => 600,
            Period::RealTime => 0,
        };
        self.received(code, period, begins, begins + length + 30, values).await;
    }

    async fn received(&self, code: &str, period: Period, begins: i64, at: i64, values: &str) {
        let snapshot = self.registry.snapshot();
        let row = NewRow {
            point: self.point(code),
            period,
            observed_at: time(begins),
            values: values.split(' ').map(|text| value(&snapshot, text)).collect(),
        };
        let delivery = Delivery {
            raw: format!("##{code} {begins} {values}").into_bytes(),
            received_at: time(at),
            origin: Origin { device: Some("MN".into()), peer: "10.0.0.1:1".into() },
            rows: vec![row],
        };
        let recorded = self.recorder.submit(delivery).await.expect("it is recorded");
        self.evaluation.wait_for(recorded.source.block).await.expect("it is judged");
    }

    async fn alerts(&self) -> Vec<Alert> {
        let filter = AlertFilter { limit: 1000, ..AlertFilter::default() };
        let mut alerts = list_alerts(&self.store, &filter).await.expect("alerts");
        alerts.sort_by_key(|alert| (alert.opened_at, alert.subject));
        alerts
    }

    /// One line an alert of a kind: `a21002 3-5 worst 90 closed`.
    async fn lines(&self, kind: AlertKind) -> Vec<String> {
        let snapshot = self.registry.snapshot();
        let line = |alert: &Alert| {
            let factor = alert.subject.factor.and_then(|factor| snapshot.factor(factor));
            let hours = |at: Timestamp| (at.as_second() - BEGIN) / HOUR;
            let worst = alert.worst_value.map_or(String::new(), |value| format!(" worst {value}"));
            let state = if alert.closed_at.is_some() { "closed" } else { "open" };
            let factor = factor.map_or("-", |factor| factor.code.as_str());
            format!("{factor} {}-{}{worst} {state}", hours(alert.opened_at), hours(alert.last_at))
        };
        let alerts = self.alerts().await;
        alerts.iter().filter(|alert| alert.subject.kind == kind).map(line).collect()
    }

    /// Waits until an alert of a kind is open, for as long as the test's patience lasts.
    async fn until_open(&self, kind: AlertKind) {
        let mut news = self.evaluation.alerts();
        while !self.alerts().await.iter().any(|a| a.subject.kind == kind && a.closed_at.is_none()) {
            testkit::in_time("an alert", news.recv()).await.expect("the worker lives");
        }
    }

    async fn stop(self) {
        self.recorder.close().await;
        self.judging.await.expect("the worker ended");
    }
}

/// `a21002=45`, `a21002=45:M` with a mark; the value is given as measured and as converted.
fn value(snapshot: &registry::Snapshot, text: &str) -> FactorValue {
    let (code, rest) = text.split_once('=').expect("code=value");
    let (number, flag) = rest.split_once(':').unwrap_or((rest, "N"));
    let factor = snapshot.factor_by_code(code).expect("a listed factor").id;
    let number = number.parse().expect("a number");
    FactorValue {
        converted: Some(number),
        flag: flag.bytes().next(),
        marks: Marks::DEMO,
        ..FactorValue::of(factor, number)
    }
}

async fn with_city(store: &Store) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let files = registry::load::read_city(&folder).expect("a right city");
    registry::store::install(store, &files).await.expect("it installs");
}

const STACK: &str = "DEMO-9002/DA001";
const OUTFALL: &str = "DEMO-9001/DW001";

fn long_before() -> Timestamp {
    time(0)
}

#[tokio::test]
async fn hours_over_the_limit_are_one_exceedance_until_a_valid_hour_keeps_it() {
    testkit::on_both(&migrations(), |store| async move {
        with_city(&store).await;
        let run = Run::start(&store, long_before).await;
        // The hour, its value, what is known of exceedance afterwards. The limit is 50.
        let table: [(i64, &str, &[&str]); 8] = [
            (0, "a21002=50.4", &[]),
            (1, "a21002=50.6", &["a21002 1-2 worst 51 open"]),
            (2, "a21002=80", &["a21002 1-3 worst 80 open"]),
            (3, "a21002=99:M", &["a21002 1-3 worst 80 open"]),
            (4, "a21002=20:D", &["a21002 1-3 worst 80 open"]),
            (5, "a21002=60", &["a21002 1-6 worst 80 open"]),
            (6, "a21002=40", &["a21002 1-6 worst 80 closed"]),
            (7, "a21002=70", &["a21002 1-6 worst 80 closed", "a21002 7-8 worst 70 open"]),
        ];
        for (hour, values, wanted) in table {
            run.row(STACK, Period::Hour, hour * HOUR, values).await;
            assert_eq!(run.lines(AlertKind::Exceedance).await, wanted, "hour {hour}: {values}");
        }
        let point = run.point(STACK);
        let found = verdicts(&store, point, RULE_HOUR, time(0)..time(8 * HOUR)).await;
        let outcomes: Vec<_> =
            found.expect("verdicts").iter().map(|found| found.verdict.outcome).collect();
        let wanted =
            [Meets, Exceeds, Exceeds, NotComputable, NotComputable, Exceeds, Meets, Exceeds];
        assert_eq!(outcomes, wanted);
        run.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_corrected_hour_is_judged_again_and_the_older_verdict_stays() {
    testkit::on_both(&migrations(), |store| async move {
        with_city(&store).await;
        let run = Run::start(&store, long_before).await;
        run.row(STACK, Period::Hour, 0, "a21002=80 a34013=5").await;
        run.received(STACK, Period::Hour, 0, 3 * HOUR, "a21002=30 a34013=5").await;
        let point = run.point(STACK);
        let found = verdicts(&store, point, RULE_HOUR, time(0)..time(HOUR)).await;
        let found = found.expect("verdicts");
        let nitrogen = found.iter().find(|found| found.version == 2).expect("one is new");
        assert_eq!(nitrogen.verdict.outcome, Meets);
        let before = verdict_versions(&store, nitrogen.id).await.expect("versions");
        assert_eq!(before.len(), 1);
        assert_eq!(before[0].verdict.outcome, Exceeds);
        let dust = found.iter().find(|found| found.id != nitrogen.id).expect("the other factor");
        assert_eq!(dust.version, 1, "what says the same is left alone");
        run.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_late_hour_over_the_limit_is_told_and_is_over_already() {
    testkit::on_both(&migrations(), |store| async move {
        with_city(&store).await;
        let run = Run::start(&store, long_before).await;
        run.row(STACK, Period::Hour, 0, "a21002=20").await;
        run.row(STACK, Period::Hour, 3 * HOUR, "a21002=20").await;
        run.received(STACK, Period::Hour, HOUR, 5 * HOUR, "a21002=90").await;
        assert_eq!(run.lines(AlertKind::Exceedance).await, ["a21002 1-2 worst 90 closed"]);
        run.stop().await;
    })
    .await;
}

#[tokio::test]
async fn waste_water_is_judged_by_the_day_and_acidity_is_a_warning() {
    testkit::on_both(&migrations(), |store| async move {
        with_city(&store).await;
        let run = Run::start(&store, long_before).await;
        run.row(OUTFALL, Period::Hour, 0, "w01018=500 w01001=3").await;
        assert_eq!(run.lines(AlertKind::Exceedance).await, Vec::<String>::new());
        run.row(OUTFALL, Period::Day, 0, "w01018=51 w01001=5.6 w21003=5").await;
        let wanted = ["w01001 0-24 worst 5.6 open", "w01018 0-24 worst 51 open"];
        let mut lines = run.lines(AlertKind::Exceedance).await;
        lines.sort();
        assert_eq!(lines, wanted);
        let snapshot = run.registry.snapshot();
        let alerts = run.alerts().await;
        for alert in &alerts {
            let factor = alert.subject.factor.and_then(|factor| snapshot.factor(factor));
            let wanted = match factor.map(|factor| factor.code.as_str()) {
                Some("w01001") => evaluation::alerts::Severity::Warning,
                _ => evaluation::alerts::Severity::Serious,
            };
            assert_eq!(alert.severity, wanted);
        }
        let found = verdicts(&store, run.point(OUTFALL), RULE_DAY, time(0)..time(24 * HOUR)).await;
        let found = found.expect("verdicts");
        let mut outcomes: Vec<_> = found
            .iter()
            .map(|found| {
                let factor = found.verdict.factor.and_then(|factor| snapshot.factor(factor));
                (factor.map_or("", |factor| factor.code.as_str()), found.verdict.outcome)
            })
            .collect();
        outcomes.sort_by_key(|(code, _)| *code);
        assert_eq!(outcomes, [("w01001", Exceeds), ("w01018", Exceeds), ("w21003", Meets)]);
        let raw = observations::raw_packet(&store, found[0].verdict.source).await;
        let raw = raw.expect("it is read").expect("the packet").bytes;
        assert!(
            String::from_utf8_lossy(&raw).contains("w01018=51"),
            "a verdict leads to its bytes"
        );
        run.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_value_that_stands_still_is_told_until_it_moves() {
    testkit::on_both(&migrations(), |store| async move {
        with_city(&store).await;
        let run = Run::start(&store, long_before).await;
        for hour in 0..9 {
            run.row(STACK, Period::Hour, hour * HOUR, "a21002=30 a21026=0").await;
            let found = run.lines(AlertKind::ConstantValue).await;
            assert_eq!(found.len(), usize::from(hour >= 7), "hour {hour}: {found:?}");
        }
        run.row(STACK, Period::Hour, 9 * HOUR, "a21002=30.1 a21026=0").await;
        assert_eq!(run.lines(AlertKind::ConstantValue).await, ["a21002 0-8 worst 30 closed"]);
        run.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_gap_that_is_over_when_anybody_looks_is_told_all_the_same() {
    testkit::on_both(&migrations(), |store| async move {
        with_city(&store).await;
        let run = Run::start(&store, long_before).await;
        for hour in [0, 1, 2, 9, 10] {
            run.row(STACK, Period::Hour, hour * HOUR, &format!("a21002={}", 20 + hour)).await;
        }
        // Silent from the receipt of hour 2 to that of hour 9; hours 3 to 8 never came.
        assert_eq!(run.lines(AlertKind::DeviceOffline).await, ["- 3-10 closed"]);
        assert_eq!(run.lines(AlertKind::MissingData).await, ["- 3-10 closed"]);
        run.stop().await;
    })
    .await;
}

/// The clock of the test below.
static CLOCK: AtomicI64 = AtomicI64::new(0);

fn clock() -> Timestamp {
    time(CLOCK.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_silent_device_is_told_by_the_clock_and_a_restart_is_no_silence() {
    // One clock for both databases: they run one after the other.
    testkit::on_both(&migrations(), |store| async move {
        with_city(&store).await;
        CLOCK.store(0, Ordering::SeqCst);
        let run = Run::start(&store, clock).await;
        run.received(STACK, Period::RealTime, 0, 0, "a21002=20").await;
        run.received(OUTFALL, Period::RealTime, 0, 0, "w01018=20").await;
        CLOCK.store(300, Ordering::SeqCst);
        run.received(STACK, Period::RealTime, 300, 300, "a21002=21").await;
        CLOCK.store(700, Ordering::SeqCst);
        run.until_open(AlertKind::DeviceOffline).await;
        let alerts = run.alerts().await;
        assert_eq!(alerts.len(), 1, "only one of the two is silent");
        assert_eq!(alerts[0].subject.point, run.point(OUTFALL));
        assert_eq!(alerts[0].opened_at, time(0));
        run.received(STACK, Period::RealTime, 690, 700, "a21002=22").await;
        run.stop().await;

        // Five hours later the platform runs again: neither device is to blame for them.
        // It looks once at the start, so that no look comes between the packets and the clock.
        CLOCK.store(5 * HOUR, Ordering::SeqCst);
        let run = Run::start_looking(&store, clock, Duration::from_hours(1)).await;
        let now = SignedDuration::from_secs(5 * HOUR + 60);
        let at = now.as_secs();
        run.received(OUTFALL, Period::RealTime, at, at, "w01018=19").await;
        CLOCK.store(at, Ordering::SeqCst);
        // What the first says after the start is no proof that anybody listened before it.
        run.received(STACK, Period::RealTime, at + 30, at + 30, "a21002=23").await;
        let lines = run.lines(AlertKind::DeviceOffline).await;
        assert_eq!(lines, ["- 0-0 closed"], "the silent one speaks, the other has its time");
        run.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_committed_while_nobody_judged_is_judged_at_the_next_start() {
    testkit::on_both(&migrations(), |store| async move {
        with_city(&store).await;
        let run = Run::start(&store, long_before).await;
        run.row(STACK, Period::Hour, 0, "a21002=60").await;
        run.stop().await;

        // A run without judges: what it records waits.
        let registry = Registry::open(&store).await.expect("the city");
        let recorder = Recorder::open(&store).await.expect("a recorder");
        let snapshot = registry.snapshot();
        let point = snapshot.point_by_code(PointKind::Outlet, STACK).expect("the stack").id;
        for hour in 1..4_i64 {
            let number = if hour < 3 { "a21002=70" } else { "a21002=10" };
            let delivery = Delivery {
                raw: b"##".to_vec(),
                received_at: time((hour + 1) * HOUR),
                origin: Origin { device: None, peer: "10.0.0.1:1".into() },
                rows: vec![NewRow {
                    point,
                    period: Period::Hour,
                    observed_at: time(hour * HOUR),
                    values: vec![value(&snapshot, number)],
                }],
            };
            recorder.submit(delivery).await.expect("it is recorded");
        }
        recorder.close().await;

        let run = Run::start(&store, long_before).await;
        run.evaluation.wait_for(run.recorder.health().block).await.expect("it is judged");
        let wanted = ["a21002 0-3 worst 70 closed"];
        assert_eq!(run.lines(AlertKind::Exceedance).await, wanted);
        let all = verdicts(&store, point, RULE_HOUR, time(0)..time(9 * HOUR)).await;
        let before = all.expect("verdicts");
        assert_eq!(before.len(), 4);
        run.stop().await;

        // A restart with nothing new changes nothing.
        let run = Run::start(&store, long_before).await;
        run.evaluation.wait_for(run.recorder.health().block).await.expect("it is judged");
        assert_eq!(run.lines(AlertKind::Exceedance).await, wanted);
        let again = verdicts(&store, point, RULE_HOUR, time(0)..time(9 * HOUR)).await;
        assert_eq!(again.expect("verdicts"), before);
        run.stop().await;
    })
    .await;
}

/// A judge that is not asked by the clock, as while a history is being loaded.
struct Timeless(Arc<dyn Judge>);

impl Judge for Timeless {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn judge(&self, context: &Context<'_>, row: &observations::Row, judgement: &mut Judgement) {
        self.0.judge(context, row, judgement);
    }
}

fn after_the_history() -> Timestamp {
    time(30 * HOUR)
}

#[tokio::test]
async fn who_fell_silent_in_a_history_is_told_when_it_is_loaded() {
    testkit::on_both(&migrations(), |store| async move {
        with_city(&store).await;
        let judges = judges();
        let timeless = judges.iter().map(|one| Arc::new(Timeless(one.clone())) as Arc<dyn Judge>);
        let tick = Duration::from_millis(5);
        let loading = Run::with(&store, timeless.collect(), after_the_history, tick).await;
        // The outfall is silent from the fifth hour to the fifteenth and from the twentieth on;
        // the stack goes on to the end.
        for hour in 0..30 {
            loading.row(STACK, Period::Hour, hour * HOUR, "a21002=20").await;
            if !(5..15).contains(&hour) && hour < 20 {
                loading.row(OUTFALL, Period::Hour, hour * HOUR, "w01018=20").await;
            }
        }
        let within = loading.lines(AlertKind::DeviceOffline).await;
        assert_eq!(within, ["- 5-16 closed"], "the gap within the history");
        loading.stop().await;
        let run = Run::with(&store, judges, after_the_history, tick).await;
        let told = run.until_open(AlertKind::DeviceOffline);
        let told = tokio::time::timeout(Duration::from_secs(5), told).await;
        assert!(told.is_ok(), "nobody tells of the silence at the end of the history");
        let all = run.lines(AlertKind::DeviceOffline).await;
        assert_eq!(all, ["- 5-16 closed", "- 20-30 open"]);
        run.stop().await;
    })
    .await;
}
