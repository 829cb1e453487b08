//! A small city whose station is judged by a simple rule, with a log.

use authority::audit::{Record, record};
use authority::{Actor, UserId};
use evaluation::{Context, Evaluation, Judge, Judgement, Outcome, Verdict, Worker};
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, NewRow, Origin, Recorder, Row};
use registry::{PointDetail, PointKind, Registry, Snapshot};
use rulebook::{Decimal, Period, Text};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Migration, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use transparency::{Log, Part, Publication, Publications, Report, Sequencer, VerifierKey, verify};

pub(crate) const POINT: &str = "air-station/9901A";
pub(crate) const ORIGIN: &str = "city.example/log";
const FACTOR: &str = "a34004";
const RULE: &str = "test.hour";

pub(crate) fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        transparency::MIGRATIONS,
    ]
    .concat()
}

/// The time of the first packet.
pub(crate) fn start() -> Timestamp {
    "2026-11-29T03:05:00Z".parse().expect("a time")
}

/// The beginning of an hour after that of the first packet.
pub(crate) fn hour(number: i64) -> Timestamp {
    let first: Timestamp = "2026-11-29T03:00:00Z".parse().expect("a time");
    first + SignedDuration::from_hours(number)
}

fn particles(snapshot: &Snapshot, row: &Row) -> Option<Decimal> {
    let factor = snapshot.factor_by_code(FACTOR)?;
    row.factor(factor.id)?.value
}

/// Judges an hour by taking its value for the index.
struct TestJudge;

impl Judge for TestJudge {
    fn name(&self) -> &'static str {
        "test"
    }

    fn judge(&self, context: &Context<'_>, row: &Row, judgement: &mut Judgement) {
        let point = context.snapshot.point(row.point).expect("a point");
        if !matches!(point.detail, PointDetail::AirStation(_)) || row.period != Period::Hour {
            return;
        }
        let value = particles(context.snapshot, row);
        judgement.verdicts.push(Verdict {
            point: row.point,
            rule: RULE.to_owned(),
            factor: None,
            period: row.period,
            observed_at: row.observed_at,
            source: row.source,
            edition: "TEST 1-2026".to_owned(),
            outcome: Outcome::Computed,
            value,
            level: Some(2),
            reasons: json!({ "clause": "4.2", "inputs": [{ "value": value.map(|v| v.to_string()) }] }),
        });
    }
}

/// Publishes value and index of an hour.
struct TestPublication {
    edition: u32,
}

impl Publication for TestPublication {
    fn kind(&self) -> PointKind {
        PointKind::AirStation
    }

    fn period(&self) -> Period {
        Period::Hour
    }

    fn rule(&self) -> &'static str {
        RULE
    }

    fn edition(&self) -> u32 {
        self.edition
    }

    fn parts(&self) -> Vec<Part> {
        vec![
            Part::number("aqi", Text::same("AQI")),
            Part::number(FACTOR, Text::fixed("细颗粒物", "PM2.5")),
        ]
    }

    fn values(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        verdict: Option<&Verdict>,
    ) -> Vec<Option<Decimal>> {
        let value = particles(snapshot, row);
        let shown = if self.edition == 1 { value } else { value.map(|value| value.round()) };
        vec![verdict.and_then(|verdict| verdict.value), shown]
    }
}

pub(crate) fn publications() -> Publications {
    publications_of(1)
}

/// In the second edition the city publishes rounded values.
pub(crate) fn publications_of(edition: u32) -> Publications {
    Publications::new(vec![Arc::new(TestPublication { edition })])
}

pub(crate) struct City {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) log: Log,
    pub(crate) sequencer: Sequencer,
    recorder: Recorder,
    evaluation: Evaluation,
    judging: JoinHandle<()>,
    _running: watch::Sender<bool>,
    pub(crate) folder: tempfile::TempDir,
}

impl City {
    pub(crate) async fn start(store: &Store) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
        let files = registry::load::read_city(&folder).expect("a right city");
        registry::store::install(store, &files).await.expect("it installs");
        let registry = Registry::open(store).await.expect("the city");
        let recorder = Recorder::open(store).await.expect("a recorder");
        let judges: Vec<Arc<dyn Judge>> = vec![Arc::new(TestJudge)];
        let opened = Worker::open(store, &registry, &recorder, judges, start).await;
        let (worker, evaluation) = opened.expect("a worker");
        let (running, stop) = watch::channel(false);
        let judging = tokio::spawn(worker.run(Duration::from_mins(10), stop));
        let folder = tempfile::tempdir().expect("a folder");
        let log = open_log(store, folder.path()).await;
        let sequencer = log.sequencer(&registry);
        Self {
            store: store.clone(),
            registry,
            log,
            sequencer,
            recorder,
            evaluation,
            judging,
            _running: running,
            folder,
        }
    }

    /// Records one value of an hour and waits until it is judged; gives the commit.
    pub(crate) async fn value(&self, number: i64, value: &str) -> i64 {
        let snapshot = self.registry.snapshot();
        let factor = snapshot.factor_by_code(FACTOR).expect("a factor").id;
        let row = NewRow {
            point: snapshot.point_by_code(PointKind::AirStation, "9901A").expect("a station").id,
            period: Period::Hour,
            observed_at: hour(number),
            values: vec![FactorValue::of(factor, value.parse().expect("a number"))],
        };
        let delivery = Delivery {
            raw: format!("##{number}:{value}").into_bytes(),
            received_at: hour(number) + SignedDuration::from_mins(5),
            origin: Origin { device: Some("A1".into()), peer: "10.0.0.1:1".into() },
            rows: vec![row],
        };
        let recorded = self.recorder.submit(delivery).await.expect("it is recorded");
        self.evaluation.wait_for(recorded.source.block).await.expect("it is judged");
        recorded.source.block
    }

    /// Writes an audit record about a person; gives its number.
    pub(crate) async fn audit(&self, who: &str, after: Option<&str>) -> i64 {
        let actor = Actor {
            user: Some(UserId(7)),
            name: who.to_owned(),
            origin: "192.0.2.7".to_owned(),
            on_behalf_of: None,
            rule: "inspector@everything".to_owned(),
        };
        let mut transaction = self.store.begin().await.expect("a transaction");
        let written = Record {
            at: start(),
            actor: &actor,
            action: "case.read_personal_data",
            subject: "case 2026-000123".to_owned(),
            before: None,
            after: after.map(str::to_owned),
        };
        let id = record(&mut transaction, written).await.expect("a record");
        transaction.commit().await.expect("committed");
        id
    }

    pub(crate) async fn sequence(&self, now: Timestamp) -> usize {
        self.sequencer.sequence_all(now).await.expect("it is appended")
    }

    pub(crate) async fn verify(&self) -> Report {
        self.verify_with(std::slice::from_ref(self.log.key())).await
    }

    pub(crate) async fn verify_with(&self, keys: &[VerifierKey]) -> Report {
        let snapshot = self.registry.snapshot();
        let publications = publications();
        let verified = verify(&self.store, &snapshot, &publications, keys, |_, _| {});
        verified.await.expect("the store answers")
    }

    pub(crate) async fn stop(self) {
        self.recorder.close().await;
        self.judging.await.expect("the worker ended");
    }
}

pub(crate) async fn open_log(store: &Store, folder: &Path) -> Log {
    Log::open(store, folder, ORIGIN, publications(), start()).await.expect("a log")
}
