//! Check values of noise at construction sites.

use rulebook::Language;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let report = crate::conformance::run("GB12523", include_str!("vectors.csv"));
    let report = report.expect("a known suite");
    assert_eq!((report.passed, report.failures), (6, Vec::new()));
}

#[test]
fn indoors_is_ten_less_than_at_the_boundary() {
    let on = date(2025, 1, 1);
    for part in [DayPart::Day, DayPart::Night] {
        let of = |place| meets(place, part, Decimal::ZERO, on).expect("a limit").inputs[1].value;
        assert_eq!(of(Place::Boundary) - of(Place::Indoors), Decimal::TEN);
    }
    let early = meets(Place::Boundary, DayPart::Day, Decimal::ONE, date(2012, 6, 30));
    assert_eq!(early.expect_err("before").code(), "judgement.no_edition");
}

#[test]
fn a_verdict_is_explained() {
    let level = "71.5".parse().expect("a decimal");
    let verdict = meets_night_maximum(Place::Boundary, level, date(2025, 1, 1)).expect("judged");
    let explanation = explain(&verdict);
    assert_eq!(
        explanation.to_plain(Language::Chinese),
        "噪声超标（GB 12523-2011 场界限值）\n项目 | 数值\n\
         夜间最大声级 | 71.5 dB(A)\n限值 | 70 dB(A)\n\
         依据：GB 12523-2011 场界限值（来源薄弱或互相矛盾）"
    );
    assert_eq!(
        explanation.to_plain(Language::English),
        "the noise exceeds its limit (GB 12523-2011 limits at the boundary)\nitem | value\n\
         maximum of the night | 71.5 dB(A)\nlimit | 70 dB(A)\n\
         by GB 12523-2011 limits at the boundary (weak or contradictory source)"
    );
}
