//! Check values of the evaluation of surface water.

use rulebook::Language;

use super::*;
use crate::water::gb3838_surface_water::{
    Item, ItemSet, Method, Sample, WaterBody, class_of_sample,
};

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let shares = Shares { good: decimal(&row[1]), inferior: decimal(&row[2]) };
        let verdict = grade_of_basin(shares).expect("computable");
        assert_eq!(verdict.value.name.zh, row[3], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 7);
}

#[test]
fn shares_need_five_sections() {
    let classes = [Class::I, Class::III, Class::IV, Class::InferiorV, Class::II];
    let shares = Shares::of(&classes).expect("five sections");
    assert_eq!((shares.good, shares.inferior), (Decimal::from(60), Decimal::from(20)));
    let verdict = grade_of_basin(shares).expect("computable");
    assert_eq!(verdict.value.name.en, "moderate pollution");
    let plain = explain(&verdict).to_plain(Language::English);
    assert!(plain.contains("share worse than V | 20 %"), "{plain}");
    let reason = Shares::of(&classes[..4]).expect_err("four sections");
    assert_eq!(reason.code(), "judgement.too_few");
}

#[test]
fn impossible_shares_have_no_grade() {
    for (good, inferior) in [("-1", "0"), ("100.1", "0"), ("50", "101")] {
        let shares = Shares { good: decimal(good), inferior: decimal(inferior) };
        assert!(grade_of_basin(shares).is_err());
    }
}

#[test]
fn main_pollutants_are_ordered_and_at_most_three() {
    let sample = [
        (Item::PermanganateIndex, "12"),
        (Item::ChemicalOxygenDemand, "45"),
        (Item::AmmoniaNitrogen, "1.8"),
        (Item::Lead, "0.06"),
        (Item::DissolvedOxygen, "1"),
        (Item::TotalNitrogen, "9"),
    ]
    .into_iter()
    .fold(Sample::default(), |sample, (item, value)| sample.with(item, decimal(value)));
    let method = Method::as_written(ItemSet::TwentyOne);
    let section = class_of_sample(method, WaterBody::River, &sample);
    let named: Vec<String> = main_pollutants(&section).iter().map(ToString::to_string).collect();
    assert_eq!(named, ["铅(0.2)", "化学需氧量(1.2)", "溶解氧"]);
    let clean = class_of_sample(method, WaterBody::River, &Sample::default());
    assert_eq!(main_pollutants(&clean), []);
}

#[test]
fn a_multiple_is_taken_against_the_class_asked_for() {
    let of = |class| multiple_over(Item::AmmoniaNitrogen, WaterBody::River, decimal("2.3"), class);
    assert_eq!(of(Class::III), Some(decimal("1.3")));
    assert_eq!(of(Class::II), Some(decimal("3.6")));
    assert_eq!(of(Class::InferiorV), None);
}

#[test]
fn changes_of_basins_have_two_thresholds() {
    let shares = |good: i64, inferior: i64| Shares {
        good: Decimal::from(good),
        inferior: Decimal::from(inferior),
    };
    for (now, expected) in [
        (shares(80, 10), Change::NoClearChange),
        (shares(81, 10), Change::Better),
        (shares(85, 5), Change::Better),
        (shares(90, 9), Change::ClearlyBetter),
        (shares(64, 15), Change::Worse),
        (shares(50, 12), Change::ClearlyWorse),
    ] {
        assert_eq!(change_of_basin(shares(70, 10), now), expected, "{now:?}");
    }
}
