//! The ranking as a table: what is known of a finding, and its three factors.

use super::*;

const HERE: PointId = PointId(1);
const ELSEWHERE: PointId = PointId(2);
const COD: FactorId = FactorId(1);
const CADMIUM: FactorId = FactorId(2);
const DUST: FactorId = FactorId(3);

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_780_243_200 + hour * 3600).expect("a time")
}

fn alarm(what: &str, factor: Option<FactorId>, times: Option<&str>) -> Member {
    Member {
        origin: Origin::Alert,
        reference: 1,
        what: what.into(),
        point: HERE,
        factor,
        began_at: at(0),
        ended_at: at(1),
        found_at: at(0),
        is_open: true,
        times: times.map(|text| text.parse().expect("a number")),
        count: 1,
    }
}

fn over(factor: FactorId, times: &str) -> Member {
    alarm("exceedance", Some(factor), Some(times))
}

fn sign() -> Member {
    Member { origin: Origin::FraudSign, ..alarm("stuck", Some(COD), None) }
}

fn clock(hours: i64) -> Clock {
    Clock::Runs { length: SignedDuration::from_hours(hours), by: Text::fixed("4 小时", "4 h") }
}

fn past(verdicts: &[(PointId, FactorId, i64, i64)]) -> Past {
    let mut past = Past::default();
    for (point, factor, all, real) in verdicts {
        let key = ("exceedance".to_owned(), *point, Some(*factor));
        past.add(key, Judged { all: *all, real: *real });
    }
    past
}

fn ranked(members: &[Member], past: &Past, marked: Marked, clock: Clock, now: i64) -> Score {
    with_amounts(members, past, marked, (clock, now), &[])
}

fn with_amounts(
    members: &[Member],
    past: &Past,
    marked: Marked,
    (clock, now): (Clock, i64),
    used: &[(FactorId, Decimal)],
) -> Score {
    let code_of = |factor: FactorId| {
        let code = match factor {
            COD => "w01018",
            CADMIUM => "w20115",
            _ => "a34013",
        };
        Some((code.to_owned(), Text::same("factor")))
    };
    let name_of = |_: &Member| Text::fixed("超标", "exceedance");
    let inputs = Inputs {
        members,
        past,
        marked,
        clock,
        used,
        code_of: &code_of,
        name_of: &name_of,
        now: at(now),
    };
    score(&inputs, &Parameters::on(jiff::civil::date(2026, 6, 1)))
}

fn likely_of(members: &[Member], past: &Past, marked: Marked) -> i64 {
    ranked(members, past, marked, Clock::Unset, 0).likely
}

#[test]
fn without_verdicts_it_is_as_likely_as_elsewhere() {
    // 528 of 64,487.
    assert_eq!(likely_of(&[over(COD, "1.2")], &Past::default(), Marked::default()), 8188);
    assert_eq!(likely_of(&[], &Past::default(), Marked::default()), 8188);
}

#[test]
fn verdicts_on_like_findings_move_it_most_those_of_the_same_outlet() {
    let none = Marked::default();
    let of = |past: Past| likely_of(&[over(COD, "1.2")], &past, none);
    let unknown = of(Past::default());
    let other_factor = of(past(&[(ELSEWHERE, CADMIUM, 10, 5)]));
    let other_outlet = of(past(&[(ELSEWHERE, COD, 10, 5)]));
    let here = of(past(&[(HERE, COD, 10, 5)]));
    assert!(unknown < other_factor && other_factor < other_outlet && other_outlet < here);
    // Twenty of the prior and ten verdicts, three times: kind, factor, outlet.
    let expected = [10_i64; 3].iter().fold(8188, |likely, n| {
        let above = 20 * likely + 5 * 1_000_000;
        (2 * above + 20 + n) / (2 * (20 + n))
    });
    assert_eq!(here, expected);
    assert!(of(past(&[(HERE, COD, 10, 0)])) < unknown, "what was never real sinks");
}

#[test]
fn other_signs_raise_it_and_marks_that_explain_lower_it() {
    let (nobody, none) = (Past::default(), Marked::default());
    let one = likely_of(&[over(COD, "1.2")], &nobody, none);
    let with = |members: &[Member]| likely_of(members, &nobody, none);
    let lasting = Member { count: 3, ..over(COD, "1.2") };
    assert!(with(&[over(COD, "1.2"), sign()]) > one);
    assert!(with(&[over(COD, "1.2"), over(CADMIUM, "1.2")]) > one);
    assert!(with(&[lasting]) > one);
    assert_eq!(with(&[sign()]), one, "a sign alone says no more than its own record");
    let marked =
        |accepted, waiting| likely_of(&[over(COD, "1.2")], &nobody, Marked { accepted, waiting });
    assert!(marked(1, 0) < marked(0, 1) && marked(0, 1) < one);
}

#[test]
fn harm_grows_with_the_multiple_and_the_class_of_the_pollutant() {
    let harm = |member: Member| {
        ranked(&[member], &Past::default(), Marked::default(), Clock::Unset, 0).harm
    };
    for (times, wanted) in [
        ("1.09", 1000),
        ("1.1", 1500),
        ("1.49", 1500),
        ("1.5", 2000),
        ("2", 3000),
        ("3.99", 3000),
        ("4", 5000),
    ] {
        assert_eq!(harm(over(COD, times)), wanted, "{times} of the limit");
    }
    assert_eq!(harm(over(CADMIUM, "1.2")), 4500);
    assert_eq!(harm(over(DUST, "1.2")), 1500, "what nobody has classed is neutral");
    assert_eq!(harm(alarm("device_offline", None, None)), 1000);
}

#[test]
fn an_amount_that_is_nearly_used_up_doubles_the_harm_of_its_factor() {
    let harm = |percent: i64| {
        let used = [(COD, Decimal::from(percent)), (CADMIUM, Decimal::from(99))];
        let clock = (Clock::Unset, 0);
        with_amounts(&[over(COD, "1.2")], &Past::default(), Marked::default(), clock, &used).harm
    };
    assert_eq!((harm(89), harm(90), harm(120)), (1500, 3000, 3000));
}

#[test]
fn the_less_time_is_left_the_more_it_weighs() {
    let urgency = |now: i64, clock: Clock| {
        ranked(&[over(COD, "1.2")], &Past::default(), Marked::default(), clock, now).clock
    };
    for (now, wanted) in [(0, 1000), (1, 1000), (2, 1250), (3, 1500), (4, 2500), (100, 2500)] {
        assert_eq!(urgency(now, clock(4)), wanted, "after {now} h");
    }
    assert_eq!(urgency(38, clock(48)), 2000);
    assert_eq!(urgency(100, Clock::Unset), 1000);
    assert_eq!(urgency(100, Clock::Ordered), 500);
    let ended = [Member { is_open: false, ..over(COD, "1.2") }];
    let found = ranked(&ended, &Past::default(), Marked::default(), clock(4), 0);
    assert_eq!(found.clock, 500);
}

#[test]
fn each_factor_is_told_in_sentences_of_both_languages() {
    let members = [over(COD, "1.6"), sign()];
    let found = ranked(&members, &Past::default(), Marked::default(), clock(4), 2);
    for factor in Factor::ALL {
        let told: Vec<_> = found.reasons_of(factor).collect();
        assert!(!told.is_empty(), "{factor:?}");
        assert!(told.iter().all(|text| !text.zh.is_empty() && !text.en.is_empty()));
    }
    let all: String = found.reasons.iter().map(|reason| reason.text.en.to_string()).collect();
    for word in ["528 of 64487", "0.6 times over", "sign of fraud", "4 h"] {
        assert!(all.contains(word), "{word}: {all}");
    }
    let again = ranked(&members, &Past::default(), Marked::default(), clock(4), 2);
    assert_eq!(found, again);
}
