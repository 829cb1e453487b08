//! Check values of the eutrophication index.

use rulebook::{Language, round_half_even};

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
        let found = eutrophication(decimal(&row[1]), decimal(&row[2]), decimal(&row[3]))
            .expect("computable")
            .value;
        assert_eq!(round_half_even(found.index, 1), decimal(&row[4]), "{}", &row[0]);
        assert_eq!(found.level.zh, row[5], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn the_levels_meet_at_1_3_and_9() {
    // With DIN and phosphate fixed at 0.45 and 0.01 mg/L, E equals COD.
    for (cod, level) in [
        ("0", "未富营养"),
        ("0.999", "未富营养"),
        ("1", "轻度富营养"),
        ("3", "轻度富营养"),
        ("3.001", "中度富营养"),
        ("9", "中度富营养"),
        ("9.001", "重度富营养"),
    ] {
        let verdict =
            eutrophication(decimal(cod), decimal("0.45"), decimal("0.01")).expect("computable");
        assert_eq!(verdict.value.index, decimal(cod));
        assert_eq!(verdict.value.level.zh, level, "{cod}");
    }
}

#[test]
fn impossible_values_have_no_index() {
    let reason = eutrophication(decimal("-1"), Decimal::ONE, Decimal::ONE).expect_err("negative");
    assert_eq!(reason.code(), "judgement.invalid");
    assert!(eutrophication(Decimal::MAX, Decimal::MAX, Decimal::MAX).is_err());
    let verdict = eutrophication(decimal("2"), decimal("0.2"), decimal("0.015")).expect("fine");
    let plain = explain(&verdict).to_plain(Language::English);
    assert!(plain.starts_with("eutrophication index 1.33, lightly eutrophic"), "{plain}");
}
