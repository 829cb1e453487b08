//! Check values of drinking-water sources.

use jiff::civil::date;
use rulebook::Language;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    for row in reader.records() {
        let row = row.expect("a row");
        let specific = [(&row[1], decimal(&row[2]))];
        let verdict =
            judge_source(WaterBody::River, &Sample::default(), &specific, date(2026, 1, 1));
        let verdict = verdict.expect("computable").value;
        assert_eq!(verdict.meets(), &row[3] == "yes", "{}", &row[0]);
    }
    assert_eq!(LIMITS.rows().len(), 85);
}

#[test]
fn basic_items_count_up_to_class_3() {
    let on = date(2026, 1, 1);
    let basic = Sample::default()
        .with(Item::AmmoniaNitrogen, decimal("1.01"))
        .with(Item::TotalNitrogen, decimal("9"))
        .with(Item::PermanganateIndex, decimal("6"));
    let verdict = judge_source(WaterBody::Lake, &basic, &[], on).expect("computable");
    assert_eq!(verdict.value.basic_over, [Item::AmmoniaNitrogen]);
    let plain = explain(&verdict).to_plain(Language::Chinese);
    assert!(plain.starts_with("水源水质不达标：氨氮"), "{plain}");
}

#[test]
fn nothing_measured_and_unknown_names_are_said() {
    let on = date(2026, 1, 1);
    let none = judge_source(WaterBody::River, &Sample::default(), &[], on);
    assert_eq!(none.expect_err("nothing").code(), "judgement.missing");
    assert_eq!(limit("黄金", on).expect_err("unknown").code(), "judgement.not_in_table");
    assert!(limit("硝酸盐(以N计)", date(2002, 5, 31)).is_err());
}

#[test]
fn a_negative_value_is_no_proof_of_good_water() {
    let on = date(2026, 1, 1);
    let basic = Sample::default().with(Item::AmmoniaNitrogen, decimal("-1"));
    let found = judge_source(WaterBody::River, &basic, &[], on).expect_err("negative");
    assert_eq!(found.code(), "judgement.invalid");
    let specific = [("铁", decimal("-1"))];
    let found = judge_source(WaterBody::River, &Sample::default(), &specific, on);
    assert_eq!(found.expect_err("negative").code(), "judgement.invalid");
}

#[test]
fn the_rows_that_are_over_are_cited() {
    let on = date(2026, 1, 1);
    let basic = Sample::default().with(Item::AmmoniaNitrogen, decimal("0.2"));
    let of = |specific: &[(&str, Decimal)]| {
        judge_source(WaterBody::River, &basic, specific, on).expect("a verdict").by.to_string()
    };
    assert_eq!(of(&[("铁", decimal("0.4"))]), "GB 3838-2002 table 2");
    assert_eq!(of(&[("铁", decimal("0.1"))]), "GB 3838-2002 table 1; table 2");
    assert_eq!(of(&[]), "GB 3838-2002 table 1");
}

#[test]
fn rates_of_sources_are_shares() {
    assert!(rate([]).is_err());
    assert_eq!(rate([true, false, true]).map(|rate| rate.to_string()), Ok("66.7".into()));
    assert!(rate_by_amount([(decimal("-1"), true)]).is_err());
    assert!(rate_by_amount([(Decimal::MAX, true), (Decimal::MAX, true)]).is_err());
    assert!(rate_by_amount([(Decimal::ZERO, true)]).is_err());
}
