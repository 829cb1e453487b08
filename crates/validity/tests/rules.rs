//! The tables and the agreement with the standards: the chain computes with the numbers that its
//! record keeps, and these functions and the standards' own give the same.

mod support;

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use registry::{LimitBound, Medium};
use rulebook::{Citation, Confidence, Decimal, Period, Text};
use standards::discharge::permit_limit::{self, Bound, Comparison, Measured};
use standards::discharge::reference_oxygen::at_reference;
use standards::monitoring::hj75_flue_gas::{Parameters, substitute};
use standards::monitoring::hj356_wastewater::{Portion, daily_mean};
use support::{JUDGED, decimal, gas_hour, hour, inputs, water_hour};
use validity::{History, State, judge_month, mark_due, mark_kinds, pass_mark, tables};

#[test]
fn every_table_has_rows_and_says_who_says_so() {
    for table in tables() {
        assert!(!table.rows().is_empty(), "{}", table.name());
        for row in table.rows() {
            assert!(!row.source().is_empty() && !row.clause().is_empty(), "{}", table.name());
            let is_remembered = row.source().contains("memory");
            let is_sure = row.confidence() >= Confidence::Certain;
            assert!(!(is_remembered && is_sure), "{} line {}", table.name(), row.line());
        }
    }
    let kinds = mark_kinds(date(2026, 10, 5));
    assert!(kinds.iter().all(|kind| !kind.zh.is_empty() && !kind.en.is_empty()));
    assert!(mark_kinds(date(2022, 12, 31)).iter().all(|kind| kind.kind != "start_cold"));
}

#[test]
fn a_mark_is_due_at_noon_of_the_next_day() {
    let cases = [
        ("2026-10-05T15:59:59Z", "2026-10-06T04:00:00Z"),
        ("2026-10-05T16:00:00Z", "2026-10-06T04:00:00Z"),
        ("2026-10-05T16:00:01Z", "2026-10-07T04:00:00Z"),
        ("2026-12-31T10:00:00Z", "2027-01-01T04:00:00Z"),
    ];
    for (ends, due) in cases {
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        assert_eq!(mark_due(at(ends)), at(due), "{ends}");
    }
}

#[test]
fn the_pass_mark_is_that_of_the_narrowest_area() {
    let percent = |division: &str, on| pass_mark(division, on, &[]).map(|mark| mark.percent);
    assert_eq!(percent("350600", date(2026, 10, 1)), Some(Decimal::from(75)));
    assert_eq!(percent("140100", date(2026, 10, 1)), Some(Decimal::from(90)));
    assert_eq!(percent("140100", date(2021, 12, 31)), Some(Decimal::from(75)));
    assert_eq!(percent("350600", date(2013, 12, 31)), None);
}

#[test]
fn the_numbers_of_the_tests_are_those_of_the_standards() {
    let (own, gas) = (support::rules(), Parameters::in_force(date(2026, 10, 31)));
    let gas = gas.expect("in force");
    let standard = [
        gas.minutes_of_an_hour,
        gas.hours_of_a_day,
        gas.capture_percent,
        gas.good_capture_percent,
        gas.short_outage_hours,
        gas.window_good_short,
        gas.window_good_long,
        gas.window_fair,
    ];
    let kept = [
        own.minutes_of_an_hour,
        own.hours_of_a_day,
        own.capture_percent,
        own.good_capture_percent,
        own.short_outage_hours,
        own.window_good_short,
        own.window_good_long,
        own.window_fair,
    ];
    assert_eq!(kept.map(u32::from), standard);
}

fn limit_of(bound: Bound) -> permit_limit::Limit {
    permit_limit::Limit {
        factor: Text::fixed("因子", "factor"),
        unit: "mg/m3".into(),
        period: Period::Hour,
        bound,
        by: Citation {
            standard: "permit".into(),
            edition: "1".into(),
            clause: "1".into(),
            source: "test".into(),
        },
        confidence: Confidence::Certain,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_hour_is_compared_as_the_standard_compares(
        value in 0_i64..40_000, limit in 1_i64..200, decimals in 0_u32..3,
    ) {
        let most = Decimal::new(limit, decimals);
        let value = Decimal::new(value, 3);
        let mut given = inputs(Medium::Gas, 1);
        given.inputs.limits[0].bound = LimitBound::AtMost(most);
        given.inputs.limits[0].on_converted = false;
        given.hours = vec![gas_hour(0, &value.to_string(), "9", "1", b'N')];
        let record = judge_month(&given);
        let state = record.find(JUDGED, Period::Hour, hour(0)).expect("judged");
        let limit = limit_of(Bound::AtMost(most));
        let wanted = permit_limit::judge(&limit, &Measured::usable(value), Comparison::ROUNDED);
        let wanted = wanted.expect("computable").value;
        prop_assert_eq!(state.is_exceedance(), wanted.exceeds);
        prop_assert_eq!(state.excess, wanted.multiple);
        prop_assert_eq!(state.compared, Some(wanted.compared));
    }

    #[test]
    fn an_hour_is_converted_as_the_standard_converts(value in 0_i64..9000, oxygen in 0_i64..1899) {
        let (value, oxygen) = (Decimal::new(value, 1), Decimal::new(oxygen, 2));
        let mut given = inputs(Medium::Gas, 1);
        given.hours =
            vec![gas_hour(0, &value.to_string(), &oxygen.to_string(), "1", b'N')];
        let record = judge_month(&given);
        let state = record.find(JUDGED, Period::Hour, hour(0)).expect("judged");
        let wanted = at_reference(value, oxygen, Decimal::from(9), Decimal::from(19));
        let wanted = rulebook::round_half_even(wanted.expect("computable").value, 6);
        prop_assert_eq!(state.recomputed, Some(wanted));
    }

    #[test]
    fn a_day_of_water_is_the_mean_of_the_standard(
        hours in proptest::collection::vec(
            proptest::option::weighted(0.8, (0_i64..900, 1_i64..90)), 24,
        ),
    ) {
        let mut given = inputs(Medium::Water, 24);
        let mut portions = Vec::new();
        for (at, came) in (0..).zip(&hours) {
            let Some((value, flow)) = came else { continue };
            let (value, flow) = (Decimal::new(*value, 1), Decimal::new(*flow, 1));
            given.hours.push(water_hour(at, &value.to_string(), "7", &flow.to_string(), b'N'));
            let water = flow * decimal("3.6");
            portions.push(Portion { concentration: Some(value), flow: water });
        }
        let record = judge_month(&given);
        let day = record.find(JUDGED, Period::Day, hour(0)).expect("judged");
        if let Ok(mean) = daily_mean(&portions, 24, date(2026, 10, 1)) {
            prop_assert_eq!(day.state, State::Valid);
            let mean = rulebook::round_half_even(mean.value, 6);
            prop_assert_eq!(day.concentration, Some(mean));
        } else {
            prop_assert_ne!(day.state, State::Valid);
        }
    }

    #[test]
    fn a_missing_amount_is_that_of_the_standard(
        known in 0_usize..2500, due in 1_u32..2700, valid in 0_u32..2700, missing in 1_i64..60,
    ) {
        let valid = valid.min(due);
        let amounts: Vec<Decimal> =
            (0..known).map(|nth| Decimal::from(nth * 7919 % 997)).collect();
        let mut given = inputs(Medium::Gas, missing);
        given.history =
            vec![History { factor: JUDGED, amounts: amounts.clone(), due, valid, trailing: 0 }];
        let record = judge_month(&given);
        let state = record.find(JUDGED, Period::Hour, hour(0)).expect("judged");
        let parameters = Parameters::in_force(date(2026, 10, 1)).expect("in force");
        let rate = Decimal::from(valid) * Decimal::ONE_HUNDRED / Decimal::from(due);
        let wanted = substitute(&amounts, rate, missing as u32, &parameters);
        prop_assert_eq!(state.substituted_kg, wanted.ok().map(|judged| judged.value));
    }
}
