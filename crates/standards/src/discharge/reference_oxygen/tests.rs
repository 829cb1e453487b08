//! Check values and properties of conversions of stack gas.

use jiff::civil::date;
use proptest::prelude::*;
use rulebook::Language;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let value = |place: usize| decimal(&row[place]);
        let found = at_reference(value(1), value(2), value(3), decimal("19")).expect("computable");
        assert_eq!(found.value.round_dp(6), value(4), "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn oxygen_of_air_has_no_conversion() {
    for oxygen in ["21", "20.9", "-0.1", "25", "19"] {
        let found = at_reference(Decimal::ONE, decimal(oxygen), decimal("9"), decimal("19"));
        assert_eq!(found.expect_err("no conversion").code(), "judgement.invalid", "{oxygen}");
    }
    assert!(at_reference(Decimal::MAX, Decimal::ONE, Decimal::ONE, decimal("19")).is_err());
}

#[test]
fn kinds_of_sources_have_their_reference() {
    let on = date(2026, 6, 1);
    let of = |kind| reference_of(kind, on).expect("a reference").value;
    assert_eq!((of("燃油燃气锅炉"), of("燃煤发电锅炉")), (decimal("3.5"), decimal("6")));
    assert!(
        reference_of("水泥窑", on).is_err() && reference_of("燃煤锅炉", date(2011, 1, 1)).is_err()
    );
}

#[test]
fn wet_becomes_dry_and_hot_becomes_standard() {
    assert_eq!(dry(decimal("90"), decimal("10")), Ok(decimal("100")));
    assert!(dry(Decimal::ONE, Decimal::ONE_HUNDRED).is_err());
    let hot = at_standard_state(decimal("50"), decimal("101325"), decimal("273"));
    assert_eq!(hot, Ok(decimal("100")));
    assert!(at_standard_state(Decimal::ONE, Decimal::ZERO, Decimal::ZERO).is_err());
    assert!(at_standard_state(Decimal::ONE, Decimal::ONE, decimal("-273")).is_err());
    let verdict = at_reference(decimal("100"), decimal("15"), decimal("9"), decimal("19"));
    let plain = explain(&verdict.expect("computable")).to_plain(Language::Chinese);
    assert!(plain.starts_with("折算浓度 200，"), "{plain}");
}

proptest! {
    #[test]
    fn more_oxygen_means_more_dilution(one in 0_i64..1_900, more in 0_i64..500) {
        let at = |hundredths| {
            at_reference(Decimal::ONE_HUNDRED, Decimal::new(hundredths, 2), Decimal::from(9), AIR)
        };
        if let (Ok(low), Ok(high)) = (at(one), at(one + more)) {
            prop_assert!(low.value <= high.value);
        }
    }
}
