//! From committed rows to the index of hours and the class of samples: the judges of this area at
//! work on a small city, on both databases.

use environment::air::{RULE_HOUR, city_now, divisions_now, stations_now};
use environment::surface_water::{RULE_CLASS, sections_now};
use evaluation::{Evaluation, Outcome, StoredVerdict, Worker, verdict_versions, verdicts};
use jiff::Timestamp;
use observations::{Delivery, FactorValue, NewRow, Origin, Recorder};
use registry::{PointKind, Registry};
use rulebook::{Period, parse_beijing};
use std::path::Path;
use std::time::Duration;
use store::{Migration, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const STATION: (PointKind, &str) = (PointKind::AirStation, "9901A");
const SECTION: (PointKind, &str) = (PointKind::WaterSection, "EX-BRIDGE");

fn migrations() -> Vec<Migration> {
    [registry::MIGRATIONS, observations::MIGRATIONS, evaluation::MIGRATIONS].concat()
}

/// A time of Beijing, `20260301000000`.
fn at(text: &str) -> Timestamp {
    parse_beijing(text).expect("a time")
}

struct City {
    store: Store,
    registry: Registry,
    recorder: Recorder,
    evaluation: Evaluation,
    judging: JoinHandle<()>,
    running: watch::Sender<bool>,
}

impl City {
    async fn start(store: &Store) -> Self {
        let (registry, recorder) = Self::prepare(store).await;
        Self::judge(store, registry, recorder).await
    }

    async fn prepare(store: &Store) -> (Registry, Recorder) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
        let files = registry::load::read_city(&folder).expect("a right city");
        registry::store::install(store, &files).await.expect("it installs");
        let registry = Registry::open(store).await.expect("the city");
        (registry, Recorder::open(store).await.expect("a recorder"))
    }

    async fn judge(store: &Store, registry: Registry, recorder: Recorder) -> Self {
        let judges = environment::judges();
        let opened = Worker::open(store, &registry, &recorder, judges, Timestamp::now).await;
        let (worker, evaluation) = opened.expect("a worker");
        let (running, stop) = watch::channel(false);
        let judging = tokio::spawn(worker.run(Duration::from_mins(1), stop));
        let store = store.clone();
        Self { store, registry, recorder, evaluation, judging, running }
    }

    /// Records the values of one hour, `a34004=60.4 a21026=8:M`, and waits until it is judged.
    async fn hour(&self, point: (PointKind, &str), begins: &str, values: &str) {
        let delivery = delivery(&self.registry, point, at(begins), values);
        let recorded = self.recorder.submit(delivery).await.expect("it is recorded");
        self.evaluation.wait_for(recorded.source.block).await.expect("it is judged");
    }

    async fn verdict(
        &self,
        (kind, code): (PointKind, &str),
        rule: &str,
        begins: &str,
    ) -> StoredVerdict {
        let point = self.registry.snapshot().point_by_code(kind, code).expect("the point").id;
        let from = at(begins);
        let to = from + jiff::SignedDuration::from_secs(1);
        let mut found = verdicts(&self.store, point, rule, from..to).await.expect("verdicts");
        assert_eq!(found.len(), 1, "one verdict on the hour {begins}");
        found.remove(0)
    }

    async fn stop(self) {
        self.recorder.close().await;
        self.judging.await.expect("the worker ended");
    }
}

/// The values of one hour as they are delivered.
fn delivery(
    registry: &Registry,
    (kind, code): (PointKind, &str),
    observed_at: Timestamp,
    values: &str,
) -> Delivery {
    let snapshot = registry.snapshot();
    let value = |text: &str| {
        let (code, rest) = text.split_once('=').expect("code=value");
        let (number, flag) = rest.split_once(':').unwrap_or((rest, "N"));
        let factor = snapshot.factor_by_code(code).expect("a listed factor").id;
        let number = number.parse().expect("a number");
        FactorValue { flag: flag.bytes().next(), ..FactorValue::of(factor, number) }
    };
    let row = NewRow {
        point: snapshot.point_by_code(kind, code).expect("the point").id,
        period: Period::Hour,
        observed_at,
        values: values.split(' ').map(value).collect(),
    };
    Delivery {
        raw: b"##".to_vec(),
        received_at: observed_at,
        origin: Origin { device: None, peer: "10.0.0.1:1".into() },
        rows: vec![row],
    }
}

const CLEAN: &str = "a21026=6 a21004=13 a34002=39 a21005=0.6 a05024=39";

#[tokio::test]
async fn an_hour_is_judged_by_the_edition_of_its_own_day() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::start(&store).await;
        // The hour, PM2.5, the edition, the index, its level: 60 to 75 is where the editions part.
        let table = [
            ("20260228230000", "75", "HJ 633-2012", 100, 2),
            ("20260301000000", "75", "HJ 633-2026", 114, 3),
            ("20260301010000", "60.5", "HJ 633-2026", 100, 2),
            ("20260301020000", "60.6", "HJ 633-2026", 101, 3),
            // An older hour that comes late is judged by the edition of then.
            ("20260228220000", "60.6", "HJ 633-2012", 82, 2),
        ];
        for (begins, particles, edition, index, level) in table {
            city.hour(STATION, begins, &format!("{CLEAN} a34004={particles}")).await;
            let verdict = city.verdict(STATION, RULE_HOUR, begins).await.verdict;
            let found = (verdict.edition.as_str(), verdict.value, verdict.level);
            assert_eq!(found, (edition, Some(index.into()), Some(level)), "{begins} {particles}");
            assert_eq!(verdict.outcome, Outcome::Computed);
            assert_eq!(verdict.reasons["primary"], serde_json::json!(["PM2.5"]));
        }
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_missing_or_marked_pollutant_withholds_the_index_and_a_corrected_hour_gives_it() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::start(&store).await;
        let begins = "20260601080000";
        city.hour(STATION, begins, &format!("{CLEAN} a34004=30:M")).await;
        let first = city.verdict(STATION, RULE_HOUR, begins).await;
        assert_eq!(first.verdict.outcome, Outcome::NotComputable);
        let reason = &first.verdict.reasons["not_computable"]["code"];
        assert_eq!(reason, "judgement.withheld", "HJ 633-2026 5.3.1");

        city.hour(STATION, begins, &format!("{CLEAN} a34004=30:N")).await;
        let second = city.verdict(STATION, RULE_HOUR, begins).await;
        assert_eq!((second.version, second.verdict.value), (2, Some(43.into())));
        let before = verdict_versions(&store, second.id).await.expect("versions");
        assert_eq!(before.len(), 1);
        assert_eq!(before[0].verdict, first.verdict);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_city_and_its_divisions_are_the_mean_of_their_stations() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::start(&store).await;
        city.hour(STATION, "20260601080000", &format!("{CLEAN} a34004=61")).await;
        let snapshot = city.registry.snapshot();
        let now = at("20260601091000");
        let latest = city.recorder.latest();
        let stations = stations_now(&snapshot, latest, &city.evaluation.newest, now);
        let whole = city_now(&snapshot, &stations).expect("a value for the city");
        assert_eq!((whole.air.index.clone(), whole.stations), (Ok(101), 1));
        let ranked = divisions_now(&snapshot, &stations);
        let places: Vec<_> =
            ranked.iter().map(|(rank, place)| (*rank, place.division.as_str())).collect();
        assert_eq!(places, [(1, "990102")]);

        let later = at("20260601200000");
        let stations = stations_now(&snapshot, latest, &city.evaluation.newest, later);
        assert!(stations[0].is_stale);
        assert!(city_now(&snapshot, &stations).is_none(), "an old hour is not now");
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_sample_has_the_class_of_its_worst_item_by_unrounded_values() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::start(&store).await;
        let rest = "w01001=7.2 w01019=1.9 w21003=0.1 w21011=0.02";
        // The sample, its level; total nitrogen never counts, oxygen is not rounded first.
        let table = [
            ("20260601000000", "w01009=7.6 w21001=9", 1),
            ("20260601040000", "w01009=7.49", 2),
            ("20260601080000", "w01009=4.995", 4),
            ("20260601120000", "w01009=1.5", 6),
        ];
        for (begins, oxygen, level) in table {
            city.hour(SECTION, begins, &format!("{rest} {oxygen}")).await;
            let verdict = city.verdict(SECTION, RULE_CLASS, begins).await.verdict;
            assert_eq!((verdict.outcome, verdict.level), (Outcome::Computed, Some(level)));
            assert_eq!(verdict.edition, "GB 3838-2002");
        }
        let snapshot = city.registry.snapshot();
        let latest = city.recorder.latest();
        let newest = &city.evaluation.newest;
        let sections = sections_now(&snapshot, latest, newest, at("20260601130000"));
        let section = sections.first().expect("the section");
        assert!(!section.is_stale);
        let verdict = section.verdict.as_ref().expect("it is judged");
        assert_eq!(verdict.verdict.level, Some(6));
        city.stop().await;
    })
    .await;
}

/// So many hours that their verdicts need room of their own, recorded and not judged.
#[cfg(target_os = "linux")]
async fn record_hours(store: &Store) -> (Registry, Recorder, i64) {
    let (registry, recorder) = City::prepare(store).await;
    let first = at("20260301000000");
    let hours = (0..400).map(|hour| first + jiff::SignedDuration::from_hours(hour));
    let values = format!("{CLEAN} a34004=75");
    let deliveries = hours.map(|hour| delivery(&registry, STATION, hour, &values)).collect();
    let recorded = recorder.submit_all(deliveries).await.expect("they are recorded");
    (registry, recorder, recorded[0].source.block)
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_nobody_waiting_and_what_is_committed_is_judged_when_there_is_room() {
    let name =
        "a_full_disk_keeps_nobody_waiting_and_what_is_committed_is_judged_when_there_is_room";
    testkit::with_tiny_disk(name, 64 << 20, |disk| {
        tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
            let store = disk.store(&migrations()).await;
            let (registry, recorder, block) = record_hours(&store).await;
            let ballast = disk.fill();
            let city = City::judge(&store, registry, recorder).await;
            let waited = testkit::in_time("the end of the wait", city.evaluation.wait_for(block));
            let problem = waited.await.expect_err("nothing can be written").to_string();
            assert!(problem.contains("database or disk is full"), "{problem}");
            assert!(city.evaluation.progress().failures_in_a_row > 0);

            std::fs::remove_file(ballast).expect("room is made");
            let judged = async {
                while city.evaluation.wait_for(block).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            testkit::in_time("judging goes on by itself", judged).await;
            assert_eq!(city.evaluation.progress().failures_in_a_row, 0);
            let verdict = city.verdict(STATION, RULE_HOUR, "20260301000000").await.verdict;
            assert_eq!(verdict.value, Some(114.into()));
            city.stop().await;
        });
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_waits_for_a_full_disk_stops_when_it_is_told() {
    let name = "a_worker_that_waits_for_a_full_disk_stops_when_it_is_told";
    testkit::with_tiny_disk(name, 64 << 20, |disk| {
        tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
            let store = disk.store(&migrations()).await;
            let (registry, recorder, block) = record_hours(&store).await;
            disk.fill();
            let city = City::judge(&store, registry, recorder).await;
            testkit::in_time("a refusal", city.evaluation.refused()).await;
            city.running.send_replace(true);
            testkit::in_time("the end of the worker", city.judging).await.expect("it ended well");
            let after = testkit::in_time("an end", city.evaluation.wait_for(block)).await;
            assert!(after.is_err(), "nobody waits for a worker that is gone");
        });
    });
}
