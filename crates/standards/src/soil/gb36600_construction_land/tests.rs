//! Check values of development land.

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
        let land = match &row[3] {
            "II" => LandUse::TypeTwo,
            _ => LandUse::default(),
        };
        let background = row[4].parse().ok();
        let verdict = risk(&row[1], decimal(&row[2]), land, background, date(2026, 1, 1));
        let verdict = verdict.expect("computable");
        assert_eq!(format!("{:?}", verdict.value), row[5], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn type_one_is_never_laxer_and_control_never_below_screening() {
    let table: &'static Table = &LIMITS;
    for row in table.rows() {
        let number = |column| table.decimal(row, column).expect("a number").expect("given");
        let line = row.line();
        assert!(number("screen_type1") <= number("screen_type2"), "line {line}");
        assert!(number("control_type1") <= number("control_type2"), "line {line}");
        assert!(number("screen_type1") <= number("control_type1"), "line {line}");
        assert!(number("screen_type2") <= number("control_type2"), "line {line}");
    }
    assert_eq!(table.rows().len(), 85);
}

#[test]
fn a_background_excuses_only_arsenic_cobalt_and_vanadium() {
    let on = date(2026, 1, 1);
    let of = |item, value: &str| {
        let background = Some(decimal("99999"));
        risk(item, decimal(value), LandUse::TypeOne, background, on).expect("computable").value
    };
    assert_eq!(of("镉", "21"), Risk::AboveScreening);
    assert_eq!(of("砷", "121"), Risk::AboveControl);
    let verdict = risk("砷", decimal("30"), LandUse::TypeOne, None, on).expect("computable");
    let plain = explain(&verdict).to_plain(Language::Chinese);
    assert!(plain.starts_with("砷 30 mg/kg 超过筛选值（GB 36600-2018 表 1）"), "{plain}");
    assert!(risk("黄金", Decimal::ONE, LandUse::TypeOne, None, on).is_err());
    assert!(risk("砷", decimal("-1"), LandUse::TypeOne, None, on).is_err());
    assert!(risk("砷", Decimal::ONE, LandUse::TypeOne, None, date(2018, 7, 31)).is_err());
}
