//! Check values of the Tennant method.

use jiff::civil::date;
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
        let on = date(2026, row[3].parse().expect("a month"), 15);
        let found = grade(decimal(&row[1]), decimal(&row[2]), on).expect("computable");
        assert_eq!(found.value.en, row[4], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn impossible_flows_have_no_grade() {
    let on = date(2026, 1, 1);
    assert!(grade(decimal("-1"), decimal("1"), on).is_err());
    assert!(grade(decimal("1"), decimal("0"), on).is_err());
    assert!(grade(Decimal::MAX, decimal("1"), on).is_err());
    let verdict = grade(decimal("0"), decimal("1"), on).expect("dry");
    let plain = explain(&verdict).to_plain(Language::Chinese);
    assert!(plain.starts_with("生态流量状况：极差（Tennant 1976）"), "{plain}");
}
