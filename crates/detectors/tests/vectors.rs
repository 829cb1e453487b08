//! What each detector finds and what it leaves alone, case by case: series made by hand, and the
//! sign that is due.

use detectors::{
    Detector, Event, EventKind, Outlet, OutletId, Parameters, Receipt, Role, Sample, Series, Sign,
    State, compare, examine,
};
use jiff::{SignedDuration, Timestamp};

const HOUR: i64 = 3600;
/// 2026-06-01 00:00 in Beijing.
const BEGIN: i64 = 1_780_243_200;
const HOURS: usize = 60 * 24;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + hour * HOUR).expect("a time")
}

fn parameters() -> Parameters {
    Parameters::on(Parameters::first_day())
}

/// Restless numbers from -1 to 1 that remember the one before: an honest plant.
fn restless(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
    let mut value = 0.0;
    (0..count)
        .map(|_| {
            state =
                state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            let fresh = (state >> 33) as f64 / (1_u64 << 30) as f64 - 1.0;
            value = 0.7 * value + 0.5 * fresh;
            value
        })
        .collect()
}

/// Hours around a level, with two decimals.
fn hours(factor: &str, values: &[f64]) -> Series {
    let sample = |(hour, value): (usize, &f64)| Sample {
        at: at(hour as i64),
        value: value.is_finite().then_some(*value),
        state: State::Normal,
    };
    let samples: Vec<Sample<f64>> = values.iter().enumerate().map(sample).collect();
    Series::rounded(factor, HOUR, 2, &samples)
}

fn usual(seed: u64, level: f64, scatter: f64) -> Vec<f64> {
    restless(seed, HOURS).into_iter().map(|it| (level + scatter * it).max(0.0)).collect()
}

fn outlet(number: i64, series: Vec<Series>) -> Outlet {
    let mut outlet = Outlet::new(OutletId(number));
    outlet.operator = number;
    outlet.series = series;
    outlet
}

/// One factor whose hours are changed here and there.
fn with(change: impl Fn(&mut Vec<f64>)) -> Outlet {
    let mut values = usual(7, 30.0, 6.0);
    change(&mut values);
    outlet(1, vec![hours("w01018", &values)])
}

/// The sign that is due: which detector, which finding, and hours that it must cover.
type Due = Option<(Detector, &'static str, i64, i64)>;

fn check(name: &str, signs: &[Sign], of: Detector, due: Due) {
    let found: Vec<&Sign> = signs.iter().filter(|sign| sign.detector == of).collect();
    let told: Vec<String> = found
        .iter()
        .map(|sign| {
            format!("{} {} {}..{}", sign.finding, sign.sentence.en, sign.span.from, sign.span.to)
        })
        .collect();
    let Some((detector, finding, from, to)) = due else {
        assert!(found.is_empty(), "{name}: {told:#?}");
        return;
    };
    assert_eq!(detector, of, "{name}");
    let [sign] = found[..] else { panic!("{name}: {told:#?}") };
    assert_eq!(sign.finding, finding, "{name}: {told:#?}");
    // Two hours more or less at either end do not matter.
    let slack = SignedDuration::from_hours(2);
    assert!(sign.span.from <= at(from) + slack, "{name} begins late: {told:#?}");
    assert!(sign.span.to >= at(to) - slack, "{name} ends early: {told:#?}");
    assert!(sign.strength >= 1.0 || detector == Detector::Copied, "{name}: {}", sign.strength);
    assert!(!sign.evidence.is_empty() && !sign.sentence.zh.is_empty(), "{name}");
}

fn check_all(of: Detector, cases: Vec<(&str, Outlet, Due)>) {
    for (name, outlet, due) in cases {
        check(name, &examine(&outlet, &parameters()), of, due);
    }
}

fn fill(values: &mut [f64], from: usize, to: usize, value: impl Fn(usize) -> f64) {
    for (hour, held) in values.iter_mut().enumerate().take(to).skip(from) {
        *held = value(hour);
    }
}

#[test]
fn stuck_values() {
    let of = Detector::Stuck;
    let repeating = |every: usize, stuck: usize| {
        let mut measured = usual(3, 30.0, 6.0);
        fill(&mut measured, 100, 100 + stuck, |_| 31.5);
        let values: Vec<f64> = (0..HOURS).map(|hour| measured[hour / every]).collect();
        outlet(1, vec![hours("w01018", &values)])
    };
    let without_flow = || {
        let mut values = usual(7, 30.0, 6.0);
        let mut flow = usual(8, 100.0, 10.0);
        fill(&mut values, 200, 230, |_| 2.1);
        fill(&mut flow, 200, 230, |_| 0.0);
        outlet(1, vec![hours("w01018", &values), hours("w00000", &flow)])
    };
    let low = |values: &mut Vec<f64>| values.iter_mut().for_each(|it| *it = (*it - 26.0).max(1.5));
    check_all(
        of,
        vec![
            ("honest", with(|_| {}), None),
            ("five equal hours", with(|it| fill(it, 200, 205, |_| 33.25)), None),
            (
                "twelve equal hours",
                with(|it| fill(it, 200, 212, |_| 33.25)),
                Some((of, "equal_in_a_row", 200, 212)),
            ),
            ("zeros", with(|it| fill(it, 200, 230, |_| 0.0)), None),
            ("a floor that is returned to", with(low), None),
            ("an analyser that repeats each value four times", repeating(4, 1), None),
            ("the same, stuck", repeating(4, 10), Some((of, "equal_in_a_row", 400, 440))),
            ("standing still without flow", without_flow(), None),
        ],
    );
    let minutes: Vec<Sample<f64>> = restless(5, 2000)
        .into_iter()
        .enumerate()
        .map(|(minute, it)| Sample {
            at: Timestamp::from_second(BEGIN + minute as i64 * 60).expect("a time"),
            value: Some(if (500..540).contains(&minute) { 20.0 } else { 20.0 + it }),
            state: State::Normal,
        })
        .collect();
    let outlet = outlet(1, vec![Series::rounded("a21002", 60, 2, &minutes)]);
    let signs = examine(&outlet, &parameters());
    assert!(signs.iter().any(|sign| sign.detector == of && sign.step_s == 60), "{signs:?}");
}

#[test]
fn too_little_fluctuation() {
    let of = Detector::Narrow;
    let noise = restless(99, HOURS);
    let solution = |values: &mut Vec<f64>, from: usize, to: usize| {
        fill(values, from, to, |hour| 27.0 + 0.2 * (noise[hour] - noise[hour - 1]));
    };
    let calm: Vec<f64> = usual(4, 30.0, 0.2);
    check_all(
        of,
        vec![
            ("honest", with(|_| {}), None),
            ("half a day", with(|it| solution(it, 300, 312)), None),
            (
                "three days in a solution",
                with(|it| solution(it, 300, 372)),
                Some((of, "little_change", 300, 372)),
            ),
            (
                "a level and nothing else, all the time",
                outlet(1, vec![hours("w01018", &calm)]),
                Some((of, "always_narrow", 0, HOURS as i64)),
            ),
            (
                "a plant that is always calm",
                outlet(1, vec![hours("w01018", &usual(4, 30.0, 1.5))]),
                None,
            ),
            (
                "twice the level, as lively as ever",
                with(|it| fill(it, 300, 400, |hour| 60.0 + 6.0 * noise[hour])),
                None,
            ),
        ],
    );
}

#[test]
fn cut_off_at_the_limit() {
    let of = Detector::Clipped;
    let limited = |values: Vec<f64>| {
        let mut outlet = outlet(1, vec![hours("w01018", &values).with_limit(Some(50.0))]);
        outlet.receipts.clear();
        outlet
    };
    let near = || usual(11, 42.0, 14.0);
    let cut = |level: f64| -> Vec<f64> {
        let lots = restless(12, HOURS);
        let hidden = |(value, lot): (f64, f64)| {
            if value > level { level - 0.6 - 0.5 * lot.abs() } else { value }
        };
        near().into_iter().zip(lots).map(hidden).collect()
    };
    check_all(
        of,
        vec![
            ("honest, often over", limited(near()), None),
            ("honest, far below", limited(usual(11, 20.0, 4.0)), None),
            ("cut at the limit", limited(cut(50.0)), Some((of, "missing_beyond_limit", 100, 1300))),
            ("the same without a limit", outlet(1, vec![hours("w01018", &cut(50.0))]), None),
            (
                "one largest value",
                outlet(
                    1,
                    vec![hours(
                        "w01018",
                        &near().into_iter().map(|it| it.min(47.0)).collect::<Vec<_>>(),
                    )],
                ),
                Some((of, "equal_tops", 100, 1300)),
            ),
        ],
    );
}

/// A stack with flow, oxygen and NOx, measured and converted.
fn stack(change: impl Fn(&mut [Vec<f64>; 4])) -> Outlet {
    let load: Vec<f64> = restless(21, HOURS).into_iter().map(|it| 0.8 + 0.12 * it).collect();
    let flow: Vec<f64> = load.iter().map(|load| 20.0 * load).collect();
    let noise = restless(22, HOURS);
    let oxygen: Vec<f64> =
        load.iter().zip(&noise).map(|(load, it)| 9.0 - 3.0 * (load - 0.8) + 0.3 * it).collect();
    let judged = usual(23, 40.0, 8.0);
    let factor = |oxygen: f64| 12.0 / (21.0 - oxygen);
    let raw: Vec<f64> =
        judged.iter().zip(&oxygen).map(|(it, oxygen)| it / factor(*oxygen)).collect();
    let mut all = [flow, oxygen, raw, judged];
    change(&mut all);
    let [flow, oxygen, raw, judged] = all;
    let percent: Vec<f64> = load.iter().map(|load| 100.0 * load).collect();
    let mut outlet = outlet(
        1,
        vec![
            hours("a00000", &flow),
            hours("a19001", &oxygen),
            hours("i33400", &percent),
            hours("a21002", &raw),
        ],
    );
    outlet.converted = vec![hours("a21002", &judged).with_limit(Some(100.0))];
    outlet
}

#[test]
fn impossible_relations() {
    let of = Detector::Relation;
    let thinned = |all: &mut [Vec<f64>; 4]| {
        let [_, oxygen, raw, _] = all;
        for (oxygen, raw) in oxygen[400..430].iter_mut().zip(&mut raw[400..430]) {
            let share = (21.0 - *oxygen - 4.0) / (21.0 - *oxygen);
            *oxygen += 4.0;
            *raw *= share;
        }
    };
    let leaner = |all: &mut [Vec<f64>; 4]| fill(&mut all[1], 400, 430, |_| 13.0);
    let air = |all: &mut [Vec<f64>; 4]| fill(&mut all[1], 400, 420, |_| 20.4);
    let reference = |all: &mut [Vec<f64>; 4]| {
        all[3][400..430].iter_mut().for_each(|value| *value *= 0.8);
    };
    let bypass = |all: &mut [Vec<f64>; 4]| {
        all[0][400..430].iter_mut().for_each(|value| *value *= 0.3);
    };
    check_all(
        of,
        vec![
            ("honest", stack(|_| {}), None),
            ("air let in", stack(thinned), Some((of, "thinned_with_air", 400, 430))),
            ("oxygen alone", stack(leaner), Some((of, "conversion_changed", 400, 430))),
            ("reference changed", stack(reference), Some((of, "conversion_changed", 400, 430))),
            ("flow cut", stack(bypass), Some((of, "flow_leaves_load", 400, 430))),
        ],
    );
    // What runs on air is told once as such, and the conversion is not meant for it.
    let signs = examine(&stack(air), &parameters());
    assert!(signs.iter().any(|sign| sign.finding == "air_in_the_stack"), "{signs:?}");

    let part = |scale: f64| {
        let ammonia = usual(31, 3.0, 0.5);
        let mut whole: Vec<f64> = ammonia.iter().map(|it| 2.0 * it).collect();
        fill(&mut whole, 500, 520, |hour| scale * ammonia[hour]);
        outlet(1, vec![hours("w21003", &ammonia), hours("w21001", &whole)])
    };
    check_all(
        of,
        vec![
            ("ammonia below nitrogen", part(1.5), None),
            ("a little above by error", part(0.95), None),
            ("ammonia above nitrogen", part(0.6), Some((of, "part_exceeds_whole", 500, 520))),
        ],
    );
}

#[test]
fn repeated_sequences() {
    let of = Detector::Repeated;
    let again = |noise: f64| {
        move |values: &mut Vec<f64>| {
            for hour in 900..930 {
                let lot = ((hour * 37) % 11) as f64 / 5.0 - 1.0;
                values[hour] = values[hour - 333] + noise * lot;
            }
        }
    };
    let daily: Vec<f64> = usual(41, 30.0, 3.0)
        .into_iter()
        .enumerate()
        .map(|(hour, it)| it + if hour % 24 < 12 { 10.0 } else { 0.0 })
        .collect();
    check_all(
        of,
        vec![
            ("honest", with(|_| {}), None),
            ("shifts that repeat each day", outlet(1, vec![hours("w01018", &daily)]), None),
            ("played again", with(again(0.0)), Some((of, "exact_repeat", 900, 930))),
            (
                "played again with a little noise",
                with(again(0.1)),
                Some((of, "near_repeat", 900, 930)),
            ),
            ("stuck is not repeated", with(|it| fill(it, 300, 340, |_| 25.0)), None),
        ],
    );
    let signs = examine(&with(again(0.0)), &parameters());
    let twin = signs.iter().find_map(|sign| sign.twin.clone()).expect("it names the model");
    assert_eq!((twin.span.from, twin.span.to), (at(900 - 333), at(930 - 333)));
}

#[test]
fn jumps_at_a_calibration() {
    let of = Detector::Calibration;
    let calibrated = |factor: f64, is_marked: bool| {
        let mut values = usual(51, 30.0, 4.0);
        fill(&mut values, 721, HOURS, |_| 0.0);
        let honest = usual(51, 30.0, 4.0);
        fill(&mut values, 721, HOURS, |hour| honest[hour] * factor);
        let mut series = hours("w01018", &values).with_limit(Some(50.0));
        for week in (48..HOURS).step_by(168).filter(|hour| hour.abs_diff(720) > 100) {
            series.set(week, Some(40.0), State::Calibration);
        }
        if is_marked {
            series.set(720, Some(40.0), State::Calibration);
        }
        outlet(1, vec![series])
    };
    let recorded = || {
        let mut outlet = calibrated(0.5, false);
        outlet.events.push(Event { kind: EventKind::Calibration, from: at(720), to: at(721) });
        outlet
    };
    check_all(
        of,
        vec![
            ("honest", calibrated(1.0, true), None),
            ("falls with it", calibrated(0.5, true), Some((of, "falls_at_calibration", 700, 740))),
            ("rises with it", calibrated(1.9, true), Some((of, "rises_at_calibration", 700, 740))),
            ("falls without one", calibrated(0.5, false), None),
            ("falls with a recorded one", recorded(), Some((of, "falls_at_calibration", 700, 740))),
        ],
    );
}

#[test]
fn silence_after_high_values() {
    let of = Detector::Silence;
    let cut = |after_high: bool| {
        let mut values = usual(61, 30.0, 5.0);
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let high = sorted[HOURS * 93 / 100];
        let mut moments: Vec<usize> = (30..HOURS - 10)
            .filter(|hour| !after_high || (values[hour - 1] > high && values[hour - 2] > high))
            .collect();
        let mut count = 0;
        while count < 8 {
            let moment = moments[moments.len() * (count + 1) / 10];
            moments.retain(|other| other.abs_diff(moment) > 12);
            fill(&mut values, moment, moment + 3, |_| f64::NAN);
            count += 1;
        }
        outlet(1, vec![hours("w01018", &values)])
    };
    let signs = examine(&cut(true), &parameters());
    assert!(signs.iter().any(|sign| sign.detector == of), "{signs:?}");
    check_all(of, vec![("gaps at any time", cut(false), None), ("no gaps", with(|_| {}), None)]);
}

#[test]
fn a_clock_that_was_set() {
    let of = Detector::Clock;
    let packets = |change: &dyn Fn(i64) -> (i64, i64)| {
        let mut outlet = Outlet::new(OutletId(1));
        outlet.receipts = (0..200)
            .map(|hour| {
                let (late_s, shift_s) = change(hour);
                let end = BEGIN + (hour + 1) * HOUR;
                let time = |second| Timestamp::from_second(second).expect("a time");
                Receipt { received_at: time(end + 60 + late_s), ended_at: time(end + shift_s) }
            })
            .collect();
        outlet
    };
    let within = |hour: i64, from: i64, to: i64| (from..to).contains(&hour);
    check_all(
        of,
        vec![
            ("honest", packets(&|hour| (hour % 7 * 10, 0)), None),
            (
                "a day's backlog",
                packets(&|hour| {
                    if within(hour, 50, 70) { ((70 - hour) * HOUR + hour, 0) } else { (0, 0) }
                }),
                None,
            ),
            (
                "set back for a night",
                packets(&|hour| (0, if within(hour, 50, 60) { -1800 } else { 0 })),
                Some((of, "shifted", 52, 60)),
            ),
            (
                "from the future",
                packets(&|hour| (0, if within(hour, 50, 60) { 2 * HOUR } else { 0 })),
                Some((of, "from_the_future", 52, 60)),
            ),
            (
                "one wrong packet after a power cut",
                packets(&|hour| (0, if hour == 50 { -8 * HOUR } else { 0 })),
                None,
            ),
        ],
    );
}

#[test]
fn values_that_another_outlet_has() {
    let of = Detector::Copied;
    let pair = |change: &dyn Fn(&[f64], &mut Vec<f64>), operator: i64| {
        let model = usual(71, 30.0, 6.0);
        let mut copy = usual(72, 24.0, 4.0);
        change(&model, &mut copy);
        let mut other = outlet(2, vec![hours("w01018", &copy)]);
        other.operator = operator;
        vec![outlet(1, vec![hours("w01018", &model)]), other]
    };
    let lots = restless(73, HOURS);
    let scaled = |model: &[f64], copy: &mut Vec<f64>| {
        fill(copy, 600, 700, |hour| 0.7 * model[hour - 5] + 3.0 + 0.3 * lots[hour]);
    };
    let plain = |model: &[f64], copy: &mut Vec<f64>| fill(copy, 600, 700, |hour| model[hour]);
    let another_day = |model: &[f64], copy: &mut Vec<f64>| {
        fill(copy, 600, 700, |hour| model[hour - 200]);
    };
    let course = |_: &[f64], copy: &mut Vec<f64>| copy.iter_mut().for_each(|it| *it += 0.0);
    for (name, outlets, due) in [
        ("two honest outlets", pair(&course, 2), None),
        ("the same values", pair(&plain, 2), Some((of, "same_changes", 600, 700))),
        ("scaled, later, with noise", pair(&scaled, 2), Some((of, "same_changes_later", 600, 700))),
        ("of another week", pair(&another_day, 2), Some((of, "same_values", 600, 700))),
    ] {
        let signs = compare(&outlets, &parameters());
        check(name, &signs, of, due);
        for sign in &signs {
            assert_eq!(sign.outlet, OutletId(2), "{name}: the later or stranger one is the copy");
            assert_eq!(sign.twin.as_ref().map(|twin| twin.outlet), Some(OutletId(1)), "{name}");
        }
    }
    let strength = |operator| compare(&pair(&plain, operator), &parameters())[0].strength;
    assert!((strength(1) - strength(2) / 2.0).abs() < 1e-9, "one enterprise counts half");
}

#[test]
fn uneven_last_digits() {
    let of = Detector::Digits;
    let digits = |change: fn(i64) -> i64| {
        let values: Vec<f64> = usual(81, 30.0, 6.0)
            .into_iter()
            .map(|it| change((it * 100.0).round() as i64) as f64 / 100.0)
            .collect();
        outlet(1, vec![hours("w01018", &values)])
    };
    check_all(
        of,
        vec![
            ("honest", with(|_| {}), None),
            (
                "thought out",
                digits(|unit| unit / 10 * 10 + [3, 7, 3, 7, 8, 2, 6, 7][(unit % 8) as usize]),
                Some((of, "uneven_last_digits", 0, HOURS as i64)),
            ),
            (
                "half of them rounded to fives",
                digits(|unit| if unit % 3 == 0 { unit } else { unit / 5 * 5 }),
                Some((of, "uneven_last_digits", 0, HOURS as i64)),
            ),
            ("an instrument with one digit less", digits(|unit| unit / 10 * 10), None),
        ],
    );
}

#[test]
fn lower_on_days_of_inspection() {
    let of = Detector::Inspection;
    let days: [i64; 5] = [7, 19, 30, 41, 52];
    let inspected = |share: f64, visits: usize| {
        let mut values = usual(91, 30.0, 4.0);
        for day in &days[..visits] {
            let from = (*day * 24) as usize;
            for value in &mut values[from..from + 24] {
                *value *= share;
            }
        }
        let mut outlet = outlet(1, vec![hours("w01018", &values)]);
        for day in &days[..visits] {
            let (from, to) = (at(day * 24 + 10), at(day * 24 + 14));
            outlet.events.push(Event { kind: EventKind::Inspection, from, to });
        }
        outlet
    };
    check_all(
        of,
        vec![
            ("as on any day", inspected(1.0, 5), None),
            ("lower", inspected(0.6, 5), Some((of, "lower_on_inspection_days", 0, HOURS as i64))),
            ("two visits say nothing", inspected(0.6, 2), None),
        ],
    );
}

#[test]
fn what_the_device_marks_does_not_count() {
    let mut values = usual(7, 30.0, 6.0);
    fill(&mut values, 200, 240, |_| 33.25);
    let mut series = hours("w01018", &values);
    assert_eq!(series.role(), Role::Pollutant);
    for cell in 200..240 {
        series.set(cell, Some(33.25), State::Maintenance);
    }
    let signs = examine(&outlet(1, vec![series]), &parameters());
    assert!(signs.is_empty(), "{signs:?}");
}
