//! The rules of this slice on small cities in memory are tested through evaluation in
//! `tests/flows.rs`; here stand the tables.

use super::*;

#[test]
fn every_parameter_asked_for_is_in_the_table() {
    for name in [
        "constant_minutes",
        "constant_hours",
        "minute_grace",
        "hour_grace",
        "offline_intervals",
        "offline_at_least",
    ] {
        assert!(super::parameters::value(name) < 10_000, "{name}");
    }
    for parameter in parameters() {
        assert!(!parameter.source.is_empty() && !parameter.meaning_zh.is_empty());
    }
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
