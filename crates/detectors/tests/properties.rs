//! Whatever comes in: no detector panics, every sign is within what was looked at, and what does
//! not matter changes nothing.

use detectors::{
    Event, EventKind, Outlet, OutletId, Parameters, Receipt, Sample, Series, Sign, State, compare,
    examine, examine_all,
};
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const BEGIN: i64 = 1_780_243_200;

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

fn parameters() -> Parameters {
    Parameters::on(Parameters::first_day())
}

fn state() -> impl Strategy<Value = State> {
    prop_oneof![
        12 => Just(State::Normal),
        1 => Just(State::Maintenance),
        1 => Just(State::Calibration),
        1 => Just(State::Stopped),
        1 => Just(State::Faulty),
        1 => Just(State::OverRange),
        1 => Just(State::Other),
    ]
}

/// Values of all sorts: usual ones, equal ones, huge ones, none.
fn value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        8 => (0.0..100.0).prop_map(Some),
        4 => prop_oneof![Just(0.0), Just(5.0), Just(21.0)].prop_map(Some),
        1 => prop_oneof![Just(-1e18), Just(1e300), Just(f64::NAN), Just(f64::INFINITY)]
            .prop_map(Some),
        1 => Just(None),
    ]
}

fn series() -> impl Strategy<Value = Series> {
    let factors = ["w01018", "w21003", "w21001", "w00000", "a21002", "a00000", "a19001", "i33400"];
    let step = prop_oneof![6 => Just(3600_i64), 1 => Just(60), 1 => Just(14_400)];
    let samples = vec((0_i64..400, value(), state()), 0..400);
    (0..factors.len(), step, 0_u32..8, samples, proptest::option::of(-1.0..60.0)).prop_map(
        move |(factor, step, decimals, samples, limit)| {
            let samples: Vec<Sample<f64>> = samples
                .into_iter()
                .map(|(cell, value, state)| Sample { at: time(BEGIN + cell * step), value, state })
                .collect();
            Series::rounded(factors[factor], step, decimals, &samples).with_limit(limit)
        },
    )
}

fn outlet() -> impl Strategy<Value = Outlet> {
    let receipts = vec((0_i64..2_000_000, -90_000_i64..90_000), 0..60);
    let events = vec((0_i64..2_000_000, any::<bool>()), 0..12);
    let parts = (vec(series(), 0..5), vec(series(), 0..2), receipts, events, 0_i64..3);
    parts.prop_map(|(series, converted, receipts, events, operator)| {
        let mut outlet = Outlet::new(OutletId(operator));
        outlet.operator = operator;
        outlet.series = series;
        outlet.converted = converted;
        outlet.receipts = receipts
            .into_iter()
            .map(|(at, off)| Receipt {
                received_at: time(BEGIN + at),
                ended_at: time(BEGIN + at + off),
            })
            .collect();
        outlet.events = events
            .into_iter()
            .map(|(at, calibration)| Event {
                kind: if calibration { EventKind::Calibration } else { EventKind::Inspection },
                from: time(BEGIN + at),
                to: time(BEGIN + at + 7200),
            })
            .collect();
        outlet
    })
}

/// Restless numbers with two decimals, and a stretch of them played again.
fn plant(seed: u64, count: usize) -> Vec<i64> {
    let mut state = seed;
    let mut value = 3000_i64;
    (0..count)
        .map(|_| {
            state =
                state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            value = 3000 + (value - 3000) * 7 / 10 + ((state >> 33) % 601) as i64 - 300;
            value
        })
        .collect()
}

fn hours(units: &[i64], decimals: u32, begin: i64) -> Series {
    let power = 10_f64.powi(decimals as i32);
    let sample = |(hour, unit): (usize, &i64)| Sample {
        at: time(begin + hour as i64 * 3600),
        value: Some(*unit as f64 / power),
        state: State::Normal,
    };
    let samples: Vec<Sample<f64>> = units.iter().enumerate().map(sample).collect();
    Series::rounded("w01018", 3600, decimals, &samples)
}

fn alone(series: Series) -> Outlet {
    let mut outlet = Outlet::new(OutletId(1));
    outlet.series.push(series);
    outlet
}

/// What a sign says apart from the numbers of its evidence.
fn gist(sign: &Sign) -> (String, i64, i64, i64) {
    let span = (sign.span.from.as_second(), sign.span.to.as_second());
    let strength = (sign.strength * 1e6).round() as i64;
    (format!("{:?} {}", sign.detector, sign.finding), span.0, span.1, strength)
}

fn gists(outlet: &Outlet) -> Vec<(String, i64, i64, i64)> {
    examine(outlet, &parameters()).iter().map(gist).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        // What is tried is the same each time: one in many honest plants looks like a fraud.
        rng_seed: RngSeed::Fixed(20_261_129),
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_panics_and_every_sign_is_sound(outlets in vec(outlet(), 0..4)) {
        let signs = examine_all(&outlets, &parameters());
        for sign in &signs {
            prop_assert!(sign.strength.is_finite() && sign.strength >= 0.0, "{sign:?}");
            prop_assert!((0.0..1.0).contains(&sign.score()), "{sign:?}");
            prop_assert!(sign.span.from <= sign.span.to, "{sign:?}");
            prop_assert!(outlets.iter().any(|outlet| outlet.id == sign.outlet), "{sign:?}");
            prop_assert!(!sign.sentence.zh.is_empty() && !sign.sentence.en.is_empty());
        }
        prop_assert_eq!(examine_all(&outlets, &parameters()), signs, "the same twice");
    }

    #[test]
    fn the_same_in_another_unit_is_the_same(seed in any::<u64>(), stuck in 0_usize..40) {
        let mut units = plant(seed, 700);
        let held = units[300];
        units[300..300 + stuck].fill(held);
        let (fine, coarse) = (hours(&units, 2, BEGIN), hours(&units, 0, BEGIN));
        prop_assert_eq!(gists(&alone(fine)), gists(&alone(coarse)));
    }

    #[test]
    fn the_same_some_days_later_is_the_same(seed in any::<u64>(), days in 1_i64..400) {
        let mut units = plant(seed, 700);
        units.copy_within(100..140, 500);
        let shift = days * 86_400;
        let first = gists(&alone(hours(&units, 2, BEGIN)));
        let later = gists(&alone(hours(&units, 2, BEGIN + shift)));
        let moved = first
            .iter()
            .map(|(what, from, to, it)| (what.clone(), from + shift, to + shift, *it))
            .collect::<Vec<_>>();
        prop_assert_eq!(moved, later);
        prop_assert!(!first.is_empty(), "what is played again is found");
    }

    #[test]
    fn stuck_and_repeated_values_are_found_at_any_level(seed in any::<u64>(), level in 1_i64..9) {
        let mut units = plant(seed, 700);
        units.copy_within(100..140, 500);
        let held = units[300];
        units[300..320].fill(held);
        let lifted: Vec<i64> = units.iter().map(|unit| unit + level * 1000).collect();
        let of_two = |units: &[i64]| {
            let all = gists(&alone(hours(units, 2, BEGIN)));
            let wanted = |(what, ..): &(String, i64, i64, i64)| {
                what.starts_with("Stuck") || what.starts_with("Repeated")
            };
            all.into_iter().filter(wanted).collect::<Vec<_>>()
        };
        prop_assert_eq!(of_two(&units), of_two(&lifted));
        prop_assert_eq!(of_two(&units).len(), 2);
    }

    #[test]
    fn two_plants_are_not_copies(seed in any::<u64>()) {
        let mut outlets =
            [seed, !seed].map(|seed| alone(hours(&plant(seed, 700), 2, BEGIN))).to_vec();
        outlets[1].id = OutletId(2);
        outlets[1].operator = 2;
        prop_assert_eq!(compare(&outlets, &parameters()), vec![]);
    }
}

/// A copy is found at every scale, level and lag; the share is told by `docs/fraud.md`.
#[test]
fn a_copy_is_found_whatever_its_scale_and_level() {
    let mut missed = Vec::new();
    for seed in 1..=40_u64 {
        let (scale, level) = ((1 + seed % 5) as i64, (seed * 131 % 5000) as i64);
        let lag = (seed * 7 % 40) as usize;
        let model = plant(seed, 500);
        let mut copy = plant(seed + 1000, 500);
        for hour in 200..320 {
            copy[hour] = scale * model[hour - lag] + level;
        }
        let mut outlets = vec![alone(hours(&model, 2, BEGIN)), alone(hours(&copy, 2, BEGIN))];
        outlets[1].id = OutletId(2);
        outlets[1].operator = 2;
        let signs = compare(&outlets, &parameters());
        let covers = |sign: &Sign| {
            sign.span.from <= time(BEGIN + 206 * 3600) && sign.span.to >= time(BEGIN + 314 * 3600)
        };
        if !signs.iter().any(covers) {
            missed.push((seed, scale, level, lag));
        }
    }
    assert!(missed.len() <= 4, "of 40 copies were missed: {missed:?}");
}
