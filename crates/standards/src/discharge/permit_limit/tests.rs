//! Check values and properties of the judgement against a permit's limit.

use proptest::prelude::*;
use rulebook::Language;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

fn limit(bound: Bound) -> Limit {
    Limit {
        factor: Text::fixed("二氧化硫", "sulphur dioxide"),
        unit: "mg/m3".into(),
        period: Period::Hour,
        bound,
        by: Citation {
            standard: "permit".into(),
            edition: "P1".into(),
            clause: "table 5".into(),
            source: "permit".into(),
        },
        confidence: Confidence::Certain,
    }
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let bound = match &row[2] {
            "" => Bound::AtMost(decimal(&row[3])),
            low => Bound::Within(decimal(low), decimal(&row[3])),
        };
        let comparison = if &row[4] == "yes" { Comparison::ROUNDED } else { Comparison::UNROUNDED };
        let found = judge(&limit(bound), &Measured::usable(decimal(&row[1])), comparison)
            .expect("computable")
            .value;
        assert_eq!(found.exceeds, &row[5] == "yes", "{}", &row[0]);
        let multiple = found.multiple.map(|multiple| multiple.to_string()).unwrap_or_default();
        assert_eq!(multiple.parse::<Decimal>().ok(), row[6].parse().ok(), "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 15);
}

#[test]
fn a_value_that_may_not_be_used_is_no_exceedance() {
    let limit = limit(Bound::AtMost(decimal("35")));
    let missing = judge(&limit, &Measured::default(), Comparison::ROUNDED);
    assert_eq!(missing.clone().expect_err("no value").code(), "judgement.missing");
    let flagged = Measured {
        value: Some(decimal("900")),
        unusable: Some(Text::fixed("校准 C", "calibration C")),
    };
    let verdict = judge(&limit, &flagged, Comparison::ROUNDED);
    assert_eq!(verdict.clone().expect_err("flagged").code(), "judgement.invalid");
    let sentence = explain(&limit, &verdict).sentence;
    assert_eq!(
        sentence.in_language(Language::Chinese),
        "二氧化硫小时均值未判定：二氧化硫不可用：校准 C（P1 表 5）"
    );
}

#[test]
fn the_verdict_keeps_the_raw_value_and_both_roundings() {
    let verdict = judge(
        &limit(Bound::AtMost(decimal("35"))),
        &Measured::usable(decimal("36.51")),
        Comparison::ROUNDED,
    )
    .expect("computable");
    assert_eq!(verdict.inputs[0].value, decimal("36.51"));
    assert_eq!(verdict.value.compared, decimal("37"));
    assert_eq!(
        verdict.rounding.iter().map(|rounding| rounding.how).collect::<Vec<_>>(),
        [RoundingRule::HalfEven(0), RoundingRule::HalfEven(2)]
    );
    assert_eq!(verdict.value.multiple, Some(decimal("0.06")));
}

proptest! {
    #[test]
    fn a_higher_value_never_comes_back_within_the_limit(
        bound in 0_i64..10_000,
        one in 0_i64..20_000,
        more in 0_i64..20_000,
        rounded in any::<bool>(),
    ) {
        let limit = limit(Bound::AtMost(Decimal::new(bound, 1)));
        let comparison = if rounded { Comparison::ROUNDED } else { Comparison::UNROUNDED };
        let of = |value| {
            let measured = Measured::usable(Decimal::new(value, 2));
            judge(&limit, &measured, comparison).expect("computable").value
        };
        let (low, high) = (of(one), of(one + more));
        prop_assert!(!low.exceeds || high.exceeds);
        prop_assert!(low.multiple.unwrap_or_default() <= high.multiple.unwrap_or_default());
        prop_assert_eq!(high.multiple.is_some(), high.exceeds && bound != 0);
    }

    #[test]
    fn no_decimal_makes_it_panic(
        mantissa in any::<i128>(), scale in 0_u32..=28, limited in any::<i64>(),
    ) {
        let value = Decimal::try_from_i128_with_scale(mantissa >> 32, scale);
        let value = value.unwrap_or(Decimal::MAX);
        let most = Decimal::from_i128_with_scale(i128::from(limited), scale);
        for bound in [Bound::AtMost(most), Bound::Within(value, Decimal::MAX)] {
            let verdict = judge(&limit(bound), &Measured::usable(value), Comparison::ROUNDED);
            prop_assert!(verdict.is_ok());
        }
    }
}
