//! Honest outlets and what is done to them: the same each time, hardly suspicious, and found when
//! strong.

mod city;

use city::{SEED, zhangzhou};
use detectors::{
    Detector, Outlet, OutletId, Parameters, Sample, Series, Sign, Standing, State, examine,
    examine_all, rank,
};
use jiff::{SignedDuration, Timestamp};
use rulebook::{Decimal, Period, parse_beijing};
use simulator::fraud::{FraudKind, commit, honest};
use simulator::{Fault, Scenario, Signal, Site};
use std::sync::Arc;

/// 2026-06-01 00:00 in Beijing.
fn begin() -> Timestamp {
    Timestamp::from_second(1_780_243_200).expect("a time")
}

fn parameters() -> Parameters {
    Parameters::on(Parameters::first_day())
}

fn city() -> Vec<Outlet> {
    honest(20_261_123, 16, begin(), 60)
}

#[test]
fn a_seed_draws_the_same_city_and_another_does_not() {
    assert_eq!(city(), city());
    assert_ne!(city(), honest(20_261_124, 16, begin(), 60));
    // Outlets do not depend on how many follow them.
    assert_eq!(honest(20_261_123, 3, begin(), 60)[..], city()[..3]);
}

#[test]
fn honest_outlets_have_values_gaps_marks_and_hardly_a_sign() {
    let city = city();
    for outlet in &city {
        assert!(outlet.series.len() >= 7, "{:?}", outlet.id);
        for series in outlet.series.iter().chain(&outlet.converted) {
            let hours = series.values().count();
            assert!((600..60 * 24).contains(&hours), "{} has {hours}", series.factor());
            assert!(series.values().all(|value| value >= 0.0), "{}", series.factor());
        }
        assert!(outlet.receipts.len() > 1000, "{:?}", outlet.id);
    }
    let signs = examine_all(&city, &parameters());
    let suspects = city.iter().filter(|outlet| signs.iter().any(|sign| sign.outlet == outlet.id));
    assert!(suspects.count() * 4 <= city.len(), "{signs:#?}");
}

#[test]
fn each_kind_at_its_strongest_is_found_by_its_detector() {
    let city = city();
    for kind in FraudKind::ALL {
        assert_eq!(FraudKind::parse(kind.as_str()), Some(kind));
        let strength = kind.strengths().last().expect("a strength");
        let (mut done, mut found) = (0, 0);
        for (place, seed) in (0..city.len()).step_by(2).zip(0..) {
            let mut outlets = city.clone();
            let Some(deed) = commit(kind, strength, &mut outlets[place], &city, seed) else {
                assert_eq!(outlets[place], city[place], "{kind:?} was not done and left traces");
                continue;
            };
            assert_ne!(outlets[place], city[place], "{kind:?} left no trace");
            let end = begin() + SignedDuration::from_hours(60 * 24);
            assert!(begin() <= deed.span.from && deed.span.to <= end, "{deed:?}");
            done += 1;
            let signs = if kind == FraudKind::Copied {
                examine_all(&outlets, &parameters())
            } else {
                examine(&outlets[place], &parameters())
            };
            let id = outlets[place].id;
            let tells = |sign: &Sign| {
                sign.detector == kind.detector()
                    && (sign.outlet == id || sign.twin.as_ref().is_some_and(|it| it.outlet == id))
                    && sign.span.overlaps(&deed.span)
            };
            found += usize::from(signs.iter().any(tells));
        }
        assert!(done >= 3, "{kind:?} was done {done} times");
        assert!(found * 2 >= done, "{kind:?} was found {found} times of {done}");
    }
    assert_eq!(FraudKind::parse("theft"), None);
}

/// A month of hours of a site, as the platform would hand it to the detectors.
fn watched(signal: &Signal, site: &Site, from: Timestamp) -> Outlet {
    let hour = |hour: i64| from + SignedDuration::from_hours(hour);
    let reports: Vec<_> = (0..30 * 24)
        .filter(|at| signal.scenario().silence_at(&site.mn, hour(*at)).is_none())
        .map(|at| signal.report(site, Period::Hour, hour(at), 3600))
        .collect();
    let mut outlet = Outlet::new(OutletId(site.point.0));
    outlet.operator = site.point.0;
    for (place, factor) in site.factors.iter().enumerate() {
        let samples = |converted: bool| -> Vec<Sample<Decimal>> {
            let sample = |report: &simulator::Report| {
                let reading = &report.readings[place];
                let mean = reading.converted.map(|it| it.mean);
                let value = if converted { mean } else { Some(reading.value) };
                Sample { at: report.observed_at, value, state: State::of_flag(Some(reading.flag)) }
            };
            reports.iter().map(sample).collect()
        };
        let is_converted = factor.is_converted;
        let measured = Series::exact(&factor.code, 3600, &samples(false));
        outlet.series.push(measured.with_limit(factor.limit.filter(|_| !is_converted)));
        if is_converted {
            let converted = Series::exact(&factor.code, 3600, &samples(true));
            outlet.converted.push(converted.with_limit(factor.limit));
        }
    }
    outlet
}

#[tokio::test]
async fn the_demonstration_shows_who_copies_first_and_the_others_behind() {
    let (_test, sites) = zhangzhou().await;
    let now = parse_beijing("20261123153000").expect("a time");
    let scenario = Scenario::demo(SEED, &sites, now);
    let who = |test: &dyn Fn(&Fault) -> bool| {
        let events = scenario.events();
        let mn = events.iter().find(|event| test(&event.fault)).expect("it is cast").mn.clone();
        OutletId(sites.iter().find(|site| site.mn == mn).expect("a site").point.0)
    };
    let copies = who(&|fault| matches!(fault, Fault::Copied { .. }));
    let cuts = who(&|fault| matches!(fault, Fault::CutAtLimit { .. }));
    let hangs = who(&|fault| matches!(fault, Fault::Solution { .. }));
    let signal = Signal::new(SEED, Arc::new(scenario)).among(&sites);
    let from = parse_beijing("20261024150000").expect("a time");
    let outlets: Vec<Outlet> = sites
        .iter()
        .filter(|site| site.is_outlet())
        .map(|site| watched(&signal, site, from))
        .collect();
    let parameters = parameters();
    let signs = examine_all(&outlets, &parameters);
    let standings: Vec<Standing> = signs.iter().map(Standing::from).collect();
    let ranked = rank(&standings, &parameters);
    let told: Vec<_> = ranked
        .iter()
        .map(|one| (one.outlet, one.score, &signs[one.signs[0]].sentence.en))
        .collect();
    assert_eq!(ranked[0].outlet, copies, "{told:#?}");
    for (outlet, detector) in [(cuts, Detector::Clipped), (hangs, Detector::Narrow)] {
        let tells = |sign: &&Sign| sign.outlet == outlet && sign.detector == detector;
        assert!(signs.iter().any(|sign| tells(&sign)), "{detector:?}: {told:#?}");
    }
    assert!(ranked.len() * 3 < outlets.len(), "a list of all is no list: {told:#?}");
}
