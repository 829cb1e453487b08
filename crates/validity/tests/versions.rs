//! Versions on both engines: late data, a mark and a decision each make a new one, and any past one
//! is made again to the same bytes.

use authority::audit::Actor;
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, NewRow, Origin, Recorder};
use registry::{PointId, PointKind, Registry};
use rulebook::{Decimal, Period};
use std::path::Path;
use store::{Migration, Store};
use validity::{
    MarkFilter, MarkId, Month, MonthRecord, NewDecision, NewMark, State, ValidityError,
};

fn october() -> Month {
    Month::new(2026, 10).expect("a month")
}

fn hour(count: i64) -> Timestamp {
    october().begins() + SignedDuration::from_hours(count)
}

/// Noon of the fifth day.
fn now() -> Timestamp {
    hour(4 * 24 + 12)
}

fn migrations() -> Vec<Migration> {
    [registry::MIGRATIONS, observations::MIGRATIONS, authority::MIGRATIONS, validity::MIGRATIONS]
        .concat()
}

struct City {
    store: Store,
    registry: Registry,
    recorder: Recorder,
    stack: PointId,
}

impl City {
    async fn new(store: Store) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
        let files = registry::load::read_city(&folder).expect("a right city");
        registry::store::install(&store, &files).await.expect("it installs");
        let registry = Registry::open(&store).await.expect("a registry");
        let recorder = Recorder::open(&store).await.expect("a recorder");
        let snapshot = registry.snapshot();
        let stack = snapshot.point_by_code(PointKind::Outlet, "DEMO-9002/DA001");
        let stack = stack.expect("the stack").id;
        Self { store, registry, recorder, stack }
    }

    /// Hours from one to before another: 40 mg/m3 of nitrogen oxides, the given value converted.
    async fn record(&self, from: i64, to: i64, converted: i64, at: Timestamp) {
        let snapshot = self.registry.snapshot();
        let factor = |code| snapshot.factor_by_code(code).expect("a factor").id;
        let rows = (from..to).map(|at| NewRow {
            point: self.stack,
            period: Period::Hour,
            observed_at: hour(at),
            values: vec![
                FactorValue {
                    converted: Some(Decimal::from(converted)),
                    flag: Some(b'N'),
                    ..FactorValue::of(factor("a21002"), Decimal::from(40))
                },
                FactorValue {
                    flag: Some(b'N'),
                    ..FactorValue::of(factor("a19001"), Decimal::from(9))
                },
            ],
        });
        let delivery = Delivery {
            raw: format!("hours {from} to {to}").into_bytes(),
            received_at: at,
            origin: Origin { device: None, peer: "test".into() },
            rows: rows.collect(),
        };
        self.recorder.submit(delivery).await.expect("it is recorded");
    }

    async fn judged(&self, at: Timestamp) -> MonthRecord {
        let snapshot = self.registry.snapshot();
        let record = validity::month(&self.store, &snapshot, self.stack, october(), at).await;
        record.expect("it is judged")
    }

    async fn again(&self, version: u32) -> MonthRecord {
        let record = validity::recompute(&self.store, self.stack, october(), version).await;
        record.expect("it is judged again")
    }

    fn new_mark(&self, from: i64, to: i64) -> NewMark {
        NewMark {
            point: self.stack,
            factor: None,
            from: hour(from),
            to: hour(to),
            kind: "device_fault".into(),
            facility: String::new(),
            reason: "the sampling line was blocked".into(),
            evidence: None,
            evidence_name: None,
        }
    }

    async fn mark(&self, from: i64, to: i64, at: Timestamp) -> Result<MarkId, ValidityError> {
        validity::mark(&self.store, &Actor::console(), &self.new_mark(from, to), at).await
    }
}

fn states(record: &MonthRecord, city: &City) -> Vec<State> {
    let snapshot = city.registry.snapshot();
    let factor = snapshot.factor_by_code("a21002").expect("a factor").id;
    record.of(factor, Period::Hour).take(6).map(|state| state.state).collect()
}

#[tokio::test]
async fn every_past_version_is_made_again_to_the_same_bytes() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::new(store).await;
        city.record(0, 4, 60, hour(5)).await;
        city.record(5, 96, 40, hour(97)).await;
        let first = city.judged(now()).await;
        assert_eq!((first.version, first.inputs.until), (1, hour(96)));
        assert_eq!(states(&first, &city)[4], State::Missing);
        assert_eq!(city.judged(now()).await, first, "nothing changed, nothing is made anew");
        let mut kept = vec![first.to_bytes()];
        // The missing hour comes late; another is corrected; hours of today come.
        city.record(4, 5, 60, now()).await;
        city.record(5, 6, 70, now()).await;
        city.record(96, 100, 40, now()).await;
        let second = city.judged(now()).await;
        assert_eq!((second.version, states(&second, &city)[4]), (2, State::Valid));
        kept.push(second.to_bytes());
        // The enterprise marks, late.
        let mark = city.mark(0, 2, now()).await.expect("it is marked");
        let third = city.judged(now()).await;
        assert_eq!((third.version, states(&third, &city)[0]), (3, State::Valid));
        kept.push(third.to_bytes());
        // The bureau accepts.
        let filter = MarkFilter::default();
        let marks = validity::marks(&city.store, &filter).await.expect("readable");
        assert_eq!(marks.iter().map(|mark| mark.id).collect::<Vec<_>>(), [mark]);
        let console = Actor::console();
        let accepted =
            validity::decide_marks(&city.store, &console, &marks, true, "seen at the site", now());
        accepted.await.expect("it is decided");
        let fourth = city.judged(now()).await;
        let marked = State::Invalid(validity::Invalidity::Marked);
        assert_eq!((fourth.version, states(&fourth, &city)[0]), (4, marked));
        kept.push(fourth.to_bytes());
        // And holds another hour invalid by itself.
        let new = NewDecision {
            point: city.stack,
            factor: None,
            from: hour(3),
            to: hour(4),
            is_valid: false,
            reason: "the sampler stood in clean water".into(),
            evidence: None,
        };
        validity::decide_data(&city.store, &console, &new, now()).await.expect("decided");
        let fifth = city.judged(now()).await;
        let held = State::Invalid(validity::Invalidity::Decided);
        assert_eq!(states(&fifth, &city)[3], held);
        kept.push(fifth.to_bytes());
        // A day later there is a day more.
        let sixth = city.judged(now() + SignedDuration::from_hours(24)).await;
        assert_eq!((sixth.version, sixth.inputs.until), (6, hour(120)));
        kept.push(sixth.to_bytes());
        for (version, bytes) in (1..).zip(&kept) {
            assert_eq!(&city.again(version).await.to_bytes(), bytes, "version {version}");
            let stored = validity::version(&city.store, city.stack, october(), version).await;
            let stored = stored.expect("readable").expect("kept");
            assert_eq!(&stored.to_bytes(), bytes, "version {version} as it is kept");
        }
        let heads = validity::versions(&city.store, city.stack, october()).await;
        assert_eq!(heads.expect("readable").len(), kept.len());
        city.recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn november_looks_back_on_october() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::new(store).await;
        city.record(0, 744, 40, hour(745)).await;
        let late = hour(744 + 3 * 24);
        let snapshot = city.registry.snapshot();
        let november = october().next();
        let of = |month| validity::month(&city.store, &snapshot, city.stack, month, late);
        let alone = of(november).await.expect("judged");
        assert!(alone.inputs.before.is_empty());
        let first = of(october()).await.expect("judged");
        let second = of(november).await.expect("judged");
        assert_eq!((alone.version, second.version), (1, 2));
        let earlier = second.inputs.before[0];
        assert_eq!((earlier.version, earlier.digest), (1, first.digest));
        let again = validity::recompute(&city.store, city.stack, november, 1).await;
        assert_eq!(again.expect("judged again").to_bytes(), alone.to_bytes());
        city.recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_month_that_is_over_keeps_its_setup_and_this_one_follows() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::new(store).await;
        city.record(0, 744 + 72, 40, hour(744 + 73)).await;
        let late = hour(744 + 3 * 24);
        let before = city.registry.snapshot();
        let of = |snapshot, month| {
            let (store, stack) = (city.store.clone(), city.stack);
            let snapshot: std::sync::Arc<registry::Snapshot> = snapshot;
            async move {
                let record = validity::month(&store, &snapshot, stack, month, late).await;
                record.expect("judged")
            }
        };
        let october_then = of(before.clone(), october()).await;
        let november_then = of(before, october().next()).await;
        // The device is to send every second hour from now on.
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
        let mut files = registry::load::read_city(&folder).expect("a right city");
        for device in &mut files.devices {
            device.what.hour_interval_h = device.what.hour_interval_h.map(|_| 2);
        }
        registry::store::install(&city.store, &files).await.expect("it installs");
        city.registry.reload().await.expect("it is read");
        let after = city.registry.snapshot();
        assert_eq!(of(after.clone(), october()).await, october_then);
        let november = of(after, october().next()).await;
        assert_eq!((november_then.version, november.version), (1, 2));
        assert_eq!(november.inputs.setup.hour_interval_h, Some(2));
        city.recorder.close().await;
    })
    .await;
}

#[tokio::test]
async fn marks_have_a_clock_a_reason_and_an_end() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::new(store).await;
        // A stretch of the first day: due by 12:00 of the second.
        let in_time = city.mark(20, 24, hour(36)).await.expect("in time");
        let late = city.mark(21, 24, hour(36) + SignedDuration::from_secs(1)).await;
        let late = late.expect("late");
        let of = |id| validity::find_mark(&city.store, id);
        assert!(!of(in_time).await.expect("readable").expect("there").is_late);
        assert!(of(late).await.expect("readable").expect("there").is_late);
        assert_eq!(city.mark(20, 24, hour(30)).await.expect("the same"), in_time, "sent twice");
        let code = |result: Result<MarkId, ValidityError>| result.map_err(|error| error.code());
        assert_eq!(code(city.mark(24, 20, hour(36)).await), Err("validity.stretch"));
        assert_eq!(code(city.mark(30, 40, hour(36)).await), Err("validity.future"));
        let made = |change: fn(&mut NewMark)| {
            let mut new = city.new_mark(0, 2);
            change(&mut new);
            new
        };
        let cases = [
            (made(|new| new.kind = "holiday".into()), "validity.kind"),
            (made(|new| new.reason = "  ".into()), "validity.reason"),
            (made(|new| new.kind = "start_cold".into()), "validity.facility"),
            (made(|new| new.facility = "boiler".into()), "validity.facility"),
        ];
        for (new, wanted) in cases {
            let made = validity::mark(&city.store, &Actor::console(), &new, hour(36)).await;
            assert_eq!(code(made), Err(wanted));
        }
        let console = Actor::console();
        let away = |id| validity::withdraw(&city.store, &console, id, "entered twice", hour(37));
        away(late).await.expect("withdrawn");
        assert_eq!(away(late).await.expect_err("twice").code(), "validity.withdrawn");
        let mark = [of(in_time).await.expect("readable").expect("there")];
        let decided = validity::decide_marks(
            &city.store,
            &console,
            &mark,
            false,
            "no record of it",
            hour(38),
        );
        decided.await.expect("decided");
        assert_eq!(away(in_time).await.expect_err("decided").code(), "validity.decided");
        city.recorder.close().await;
    })
    .await;
}
