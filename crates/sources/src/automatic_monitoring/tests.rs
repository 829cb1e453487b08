//! The rules as tables. How they work together is shown in `tests/flows.rs`.

use super::parameters::Values;
use super::rules::{Deaf, Due, Heard, missing, offline};
use super::*;
use jiff::civil::date;
use rulebook::Period;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

#[test]
fn every_parameter_is_explained_and_is_no_standard() {
    let all = parameters(date(2026, 11, 23));
    assert_eq!(all.len(), table().rows().len());
    for parameter in &all {
        assert!(parameter.value > 0 && parameter.value < 10_000, "{}", parameter.name);
        assert!(!parameter.meaning.zh.is_empty() && !parameter.meaning.en.is_empty());
        assert_eq!(parameter.source, "Lucid default, not a standard");
    }
    assert_eq!(Values::on(date(2026, 11, 23)), Values::current());
}

#[test]
fn only_normal_values_are_judged() {
    assert!(is_usable_flag(Some(b'N')) && is_usable_flag(None));
    for flag in b"FMSDCTBPX" {
        assert!(!is_usable_flag(Some(*flag)));
        assert!(unusable(Some(*flag)).is_some());
    }
    assert_eq!(unusable(Some(b'N')), None);
}

fn outlet() -> Due {
    Due { realtime: Some(30), minute: Some(10 * MINUTE), hour: Some(HOUR) }
}

/// When the last real-time value, minute and hour came; the newest minute and hour begun.
fn heard(received: [Option<i64>; 3], newest: [Option<i64>; 3]) -> Heard {
    Heard { received, newest }
}

#[test]
fn silence_is_measured_by_what_was_sent_before() {
    let values = Values::current();
    let never = Deaf::default();
    let (all, minutes, hours, none) = (
        [Some(5000), Some(4900), Some(4000)],
        [None, Some(5000), Some(4000)],
        [None, None, Some(5000)],
        [None, None, None],
    );
    // What came when, seconds of silence since, whether that is offline, over which intervals.
    let table = [
        (all, 10 * MINUTE, None),
        (all, 10 * MINUTE + 1, Some((Period::RealTime, 20))),
        (minutes, 30 * MINUTE, None),
        (minutes, 30 * MINUTE + 1, Some((Period::Minute, 3))),
        (hours, 2 * HOUR, None),
        (hours, 2 * HOUR + 1, Some((Period::Hour, 2))),
        ([Some(100), None, Some(5000)], HOUR, None),
        (none, 1000 * HOUR, None),
    ];
    for (received, silence, wanted) in table {
        let found = offline(outlet(), &heard(received, received), 5000 + silence, never, &values);
        let found = found.map(|found| (found.period, found.intervals));
        assert_eq!(found, wanted, "{received:?} and {silence} s");
    }
}

#[test]
fn the_platforms_own_silence_is_not_the_devices() {
    let values = Values::current();
    let all = [Some(5000), Some(4900), Some(4000)];
    // The platform was down from 100 s after the last packet for five hours.
    let deaf = Deaf { from: 5100, to: 5100 + 5 * HOUR };
    let look =
        |after: i64| offline(outlet(), &heard(all, all), deaf.to + after, deaf, &values).is_some();
    assert!(!look(0) && !look(500) && look(501));
    // A device that had been silent for long before stays so.
    let before = heard([Some(0), None, None], [None; 3]);
    assert!(offline(outlet(), &before, deaf.to, deaf, &values).is_some());
}

#[test]
fn a_period_is_missing_when_it_has_ended_and_the_grace_is_over() {
    let values = Values::current();
    let never = Deaf::default();
    let begun = 100 * HOUR;
    // The newest hour begun, the time now in minutes after its begin, what is missing.
    let hours = heard([None; 3], [None, None, Some(begun)]);
    for (minutes, wanted) in [(60, None), (180, None), (181, Some(2)), (240, Some(3))] {
        let now = begun + minutes * MINUTE;
        let found = missing(outlet(), &hours, now, never, &values);
        assert_eq!(found.map(|found| found.intervals), wanted, "{minutes} min");
        assert!(found.is_none_or(|found| found.since == begun + HOUR));
    }
    let minutes = heard([None; 3], [None, Some(begun), Some(begun)]);
    let now = begun + 51 * MINUTE;
    let found = missing(outlet(), &minutes, now, never, &values).expect("minutes are missing");
    assert_eq!((found.period, found.intervals), (Period::Minute, 4));
    // A section that reports every four hours is not missed after two.
    let section = Due { realtime: Some(60), minute: None, hour: Some(4 * HOUR) };
    let look = |hours: i64| {
        let heard = heard([None; 3], [None, None, Some(begun)]);
        missing(section, &heard, begun + hours * HOUR + 1, never, &values).is_some()
    };
    assert!(!look(5) && look(6));
    let nothing = heard([None; 3], [None; 3]);
    assert_eq!(missing(outlet(), &nothing, begun, never, &values), None);
}
