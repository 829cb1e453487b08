//! Permits in the store, on both engines.

use crate::common::{NUMBER, city, draft};
use ::store::{Migration, Store};

use authority::audit::{self, Actor};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use permits::{Ended, PermitError};
use registry::{EnterpriseId, LimitBound, PointKind, Registry};
use rulebook::{Decimal, Period};

fn migrations() -> Vec<Migration> {
    [registry::MIGRATIONS, authority::MIGRATIONS, permits::MIGRATIONS].concat()
}

fn now() -> Timestamp {
    "2026-11-29T04:00:00Z".parse().expect("a time")
}

/// The store with the example city.
struct City {
    store: Store,
    registry: Registry,
    holder: EnterpriseId,
}

async fn installed(store: Store) -> City {
    registry::store::install(&store, &city()).await.expect("it installs");
    let registry = Registry::open(&store).await.expect("a city");
    let snapshot = registry.snapshot();
    let holder = snapshot.enterprise_by_code("DEMO-9001").expect("the plant").id;
    City { store, registry, holder }
}

impl City {
    async fn keep(&self, draft: &permits::PermitDraft) -> permits::Kept {
        let (actor, snapshot) = (Actor::console(), self.registry.snapshot());
        let kept = permits::keep(&self.store, &actor, &snapshot, self.holder, draft, now()).await;
        let kept = kept.expect("it is kept");
        self.registry.reload().await.expect("reloaded");
        kept
    }

    /// The limit that judges use on a day, and where it comes from.
    fn limit(&self, factor: &str, on: Date) -> Option<(Decimal, String)> {
        let snapshot = self.registry.snapshot();
        let point = snapshot.point_by_code(PointKind::Outlet, "DEMO-9001/DW001")?.id;
        let factor = snapshot.factor_by_code(factor)?.id;
        let limit = snapshot.limit(point, factor, Period::Day, on)?;
        let LimitBound::AtMost(most) = limit.bound else { return None };
        Some((most, limit.source.clone()))
    }

    async fn audited(&self, action: &str) -> usize {
        let all = audit::after(&self.store, 0, 100).await.expect("the audit");
        all.iter().filter(|record| record.action == action).count()
    }
}

#[tokio::test]
async fn the_same_again_is_no_new_version() {
    testkit::on_both(&migrations(), |store| async {
        let city = installed(store).await;
        assert_eq!(city.keep(&draft()).await.version, Some(1));
        let again = city.keep(&draft()).await;
        assert!(!again.is_changed());
        assert_eq!(city.audited("permit.version").await, 1);
        assert_eq!(city.audited("permit.background").await, 1);
    })
    .await;
}

#[tokio::test]
async fn judges_use_the_version_of_the_day_and_the_citys_limits_before_it() {
    testkit::on_both(&migrations(), |store| async {
        let city = installed(store).await;
        city.keep(&draft()).await;
        let mut stricter = draft();
        stricter.content.in_force_from = date(2026, 1, 1);
        stricter.content.limits[0].at_most = Decimal::new(30, 0);
        assert_eq!(city.keep(&stricter).await.version, Some(2));
        let most = |on| city.limit("w01018", on).map(|(most, _)| most);
        assert_eq!(most(date(2024, 6, 30)), Some(Decimal::new(50, 0)), "limits.csv");
        assert_eq!(most(date(2025, 12, 31)), Some(Decimal::new(40, 0)));
        assert_eq!(most(date(2026, 1, 1)), Some(Decimal::new(30, 0)));
        assert_eq!(most(date(2031, 1, 1)), Some(Decimal::new(30, 0)), "expired, not replaced");
        let (_, source) = city.limit("w01018", date(2026, 1, 1)).expect("a limit");
        assert!(source.contains(NUMBER) && source.contains("第2版"), "{source}");
        // Ammonia: another limit in winter.
        let ammonia = |on| city.limit("w21003", on).map(|(most, _)| most);
        assert_eq!(ammonia(date(2025, 10, 31)), Some(Decimal::new(5, 0)));
        assert_eq!(ammonia(date(2025, 11, 1)), Some(Decimal::new(8, 0)));
        assert_eq!(ammonia(date(2026, 3, 31)), Some(Decimal::new(8, 0)));
        assert_eq!(ammonia(date(2026, 4, 1)), Some(Decimal::new(5, 0)));
        // What the permit does not name stays as the city has it.
        let acid = city.registry.snapshot();
        let point = acid.point_by_code(PointKind::Outlet, "DEMO-9001/DW001").expect("it").id;
        let factor = acid.factor_by_code("w01001").expect("pH").id;
        assert!(acid.limit(point, factor, Period::Day, date(2026, 1, 1)).is_some());
    })
    .await;
}

#[tokio::test]
async fn a_correction_of_the_same_day_replaces_and_the_older_version_stays() {
    testkit::on_both(&migrations(), |store| async {
        let city = installed(store).await;
        city.keep(&draft()).await;
        let mut corrected = draft();
        corrected.content.reason = permits::ChangeReason::Correction;
        corrected.content.limits[0].at_most = Decimal::new(45, 0);
        city.keep(&corrected).await;
        let all = permits::by_number(&city.store, NUMBER).await.expect("read");
        assert_eq!(all.iter().map(|it| it.version).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(all[0].content, draft().content);
        let on = date(2024, 7, 1);
        let held = permits::in_force(&city.store, city.holder, on).await.expect("read");
        assert_eq!(held.map(|it| it.version), Some(2));
        assert_eq!(city.limit("w01018", on).map(|(most, _)| most), Some(Decimal::new(45, 0)));
        let before = permits::in_force(&city.store, city.holder, date(2024, 6, 30)).await;
        assert_eq!(before.expect("read"), None);
        let expired = permits::in_force(&city.store, city.holder, date(2029, 7, 1)).await;
        assert_eq!(expired.expect("read"), None);
    })
    .await;
}

#[tokio::test]
async fn an_ended_permit_is_judged_up_to_its_last_day() {
    testkit::on_both(&migrations(), |store| async {
        let city = installed(store).await;
        city.keep(&draft()).await;
        let ended = Ended { last_day: date(2026, 8, 31), reason: "注销".to_owned() };
        let (actor, snapshot) = (Actor::console(), city.registry.snapshot());
        permits::end(&city.store, &actor, &snapshot, NUMBER, &ended, now()).await.expect("ended");
        city.registry.reload().await.expect("reloaded");
        let most = |on| city.limit("w01018", on).map(|(most, _)| most);
        assert_eq!(most(date(2026, 8, 31)), Some(Decimal::new(40, 0)));
        assert_eq!(most(date(2026, 9, 1)), Some(Decimal::new(50, 0)), "limits.csv again");
        for (on, is_listed) in [(date(2026, 8, 31), true), (date(2026, 9, 1), false)] {
            let classes = permits::classes(&city.store, on).await.expect("classes");
            assert_eq!(classes.contains_key(&city.holder), is_listed, "{on}");
        }
        assert_eq!(city.audited("permit.end").await, 1);
        let mut anew = draft();
        anew.content.in_force_from = date(2027, 1, 1);
        anew.content.limits[0].at_most = Decimal::new(30, 0);
        assert_eq!(city.keep(&anew).await.version, Some(2));
        assert_eq!(most(date(2026, 12, 31)), Some(Decimal::new(50, 0)), "between them");
        assert_eq!(most(date(2027, 1, 1)), Some(Decimal::new(30, 0)), "applied for anew");
        let held = permits::in_force(&city.store, city.holder, date(2027, 1, 1)).await;
        assert_eq!(held.expect("read").map(|it| it.version), Some(2));
        let between = permits::in_force(&city.store, city.holder, date(2026, 12, 31)).await;
        assert_eq!(between.expect("read"), None);
        let unknown = permits::end(&city.store, &actor, &snapshot, "X", &ended, now()).await;
        assert!(matches!(unknown, Err(PermitError::Unknown(_))));
    })
    .await;
}

#[tokio::test]
async fn two_at_once_follow_each_other() {
    testkit::on_both(&migrations(), |store| async {
        let city = installed(store).await;
        city.keep(&draft()).await;
        let later = |day| {
            let mut later = draft();
            later.content.in_force_from = day;
            later
        };
        let (one, other) = (later(date(2025, 1, 1)), later(date(2026, 1, 1)));
        let (one, other) = tokio::join!(city.keep(&one), city.keep(&other));
        let mut versions = [one.version, other.version];
        versions.sort_unstable();
        assert_eq!(versions, [Some(2), Some(3)]);
        let snapshot = city.registry.snapshot();
        let point = snapshot.point_by_code(PointKind::Outlet, "DEMO-9001/DW001").expect("it").id;
        let factor = snapshot.factor_by_code("w01018").expect("COD").id;
        let begins: Vec<Date> = snapshot
            .limits_of(point)
            .iter()
            .filter(|limit| limit.factor == factor && limit.source.contains(NUMBER))
            .map(|limit| limit.valid_from)
            .collect();
        assert_eq!(begins, [date(2024, 7, 1), date(2025, 1, 1), date(2026, 1, 1)]);
    })
    .await;
}

#[tokio::test]
async fn a_number_belongs_to_one_holder() {
    testkit::on_both(&migrations(), |store| async {
        let city = installed(store).await;
        city.keep(&draft()).await;
        let snapshot = city.registry.snapshot();
        let other = snapshot.enterprise_by_code("DEMO-9002").expect("the other").id;
        let actor = Actor::console();
        let kept = permits::keep(&city.store, &actor, &snapshot, other, &draft(), now()).await;
        assert!(matches!(kept, Err(PermitError::OtherHolder { .. })));
    })
    .await;
}

#[tokio::test]
async fn three_papers_tell_their_amounts() {
    testkit::on_both(&migrations(), |store| async {
        let city = installed(store).await;
        city.keep(&draft()).await;
        let version = permits::in_force(&city.store, city.holder, date(2026, 1, 1)).await;
        let version = version.expect("read").expect("in force");
        let approvals = permits::approvals(&city.store, city.holder).await.expect("read");
        let quotas = permits::quotas(&city.store, city.holder).await.expect("read");
        let code = "w01018";
        assert_eq!(permits::permitted_amount(&version, code, 2026), Some(Decimal::new(1825, 1)));
        assert_eq!(permits::approved_amount(&approvals, code, 2026), Some(Decimal::new(200, 0)));
        assert_eq!(permits::approved_amount(&approvals, code, 2018), None);
        assert_eq!(permits::quota_amount(&quotas, code, 2026), Some(Decimal::new(190, 0)));
        assert_eq!(permits::quota_amount(&quotas, code, 2020), None);
        assert_eq!(permits::permitted_amount(&version, "w21003", 2026), None);
    })
    .await;
}
