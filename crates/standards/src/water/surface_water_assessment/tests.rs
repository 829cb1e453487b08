//! Check values of the evaluation of surface water.

use proptest::prelude::*;
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

fn section(values: &[(Item, &str)]) -> Sample {
    let with = |sample: Sample, (item, value): &(Item, &str)| sample.with(*item, decimal(value));
    values.iter().fold(Sample::default(), with)
}

#[test]
fn means_are_made_item_by_item_and_ph_by_its_ions() {
    let samples = [
        section(&[(Item::Ph, "6"), (Item::AmmoniaNitrogen, "0.2")]),
        section(&[(Item::Ph, "8"), (Item::AmmoniaNitrogen, "0.6"), (Item::Copper, "0.5")]),
    ];
    let mean = mean_of_samples(&samples).expect("two samples");
    // -log10((1e-6 + 1e-8) / 2), by hand.
    assert_eq!(mean.get(Item::Ph), Some(decimal("6.296709")));
    assert_eq!(mean.get(Item::AmmoniaNitrogen), Some(decimal("0.4")));
    assert_eq!(mean.get(Item::Copper), Some(decimal("0.5")));
    assert_eq!(mean.get(Item::Zinc), None);
    assert!(mean_of_samples(&[]).is_err() && mean_of_ph([]).is_err());
    for wrong in ["-0.1", "14.1"] {
        assert_eq!(mean_of_ph([decimal(wrong)]).expect_err("no pH").code(), "judgement.invalid");
    }
}

#[test]
fn periods_need_their_samples() {
    let months = vec![section(&[(Item::AmmoniaNitrogen, "0.2")]); 12];
    for (period, fewest) in
        [(WaterPeriod::Month, 1), (WaterPeriod::Quarter, 2), (WaterPeriod::Year, 6)]
    {
        assert!(mean_of_period(&months[..fewest], period).is_ok());
        assert!(mean_of_period(&months[..fewest - 1], period).is_err());
    }
}

#[test]
fn few_sections_are_judged_as_one_and_more_by_their_shares() {
    let method = Method::as_written(ItemSet::TwentyOne);
    let sections = ["0.4", "1.8"].map(|value| section(&[(Item::AmmoniaNitrogen, value)]));
    let found = class_of_few_sections(method, WaterBody::River, &sections).expect("few");
    assert_eq!(
        (found.class.clone(), found.deciding()),
        (Ok(Class::IV), vec![Item::AmmoniaNitrogen])
    );
    let five = vec![sections[0].clone(); 5];
    assert!(class_of_few_sections(method, WaterBody::River, &five).is_err());
}

#[test]
fn main_pollutants_of_a_system_are_those_of_most_sections() {
    let method = Method::as_written(ItemSet::TwentyOne);
    let judged =
        |values: &[(Item, &str)]| class_of_sample(method, WaterBody::River, &section(values));
    let sections = [
        judged(&[
            (Item::AmmoniaNitrogen, "1.2"),
            (Item::TotalPhosphorus, "0.3"),
            (Item::TotalNitrogen, "9"),
        ]),
        judged(&[
            (Item::AmmoniaNitrogen, "1.2"),
            (Item::TotalPhosphorus, "0.1"),
            (Item::PermanganateIndex, "9"),
        ]),
        judged(&[
            (Item::AmmoniaNitrogen, "0.2"),
            (Item::TotalPhosphorus, "0.1"),
            (Item::DissolvedOxygen, "4"),
        ]),
    ];
    let found: Vec<(Item, String)> = main_pollutants_of_basin(&sections)
        .iter()
        .map(|one| (one.item, one.share.to_string()))
        .collect();
    // Oxygen and permanganate were measured in one section each, and are over in it.
    assert_eq!(
        found,
        [
            (Item::DissolvedOxygen, "100.0".to_owned()),
            (Item::PermanganateIndex, "100.0".to_owned()),
            (Item::AmmoniaNitrogen, "66.7".to_owned()),
        ]
    );
    assert_eq!(main_pollutants_of_basin(&[]), []);
}

proptest! {
    #[test]
    fn a_mean_of_ph_lies_between_its_values_and_is_the_value_of_equals(
        values in proptest::collection::vec(0_i64..=1_400, 1..12), turn in 0_usize..12,
    ) {
        let mut values: Vec<Decimal> =
            values.into_iter().map(|value| Decimal::new(value, 2)).collect();
        let mean = mean_of_ph(values.iter().copied()).expect("values");
        let (least, most) = (values.iter().min().copied(), values.iter().max().copied());
        prop_assert!(least <= Some(mean) && Some(mean) <= most);
        let length = values.len();
        values.rotate_left(turn % length);
        prop_assert_eq!(mean_of_ph(values.iter().copied()).expect("values"), mean);
        let one = values[0];
        prop_assert_eq!(mean_of_ph([one, one, one]).expect("values").normalize(), one.normalize());
    }

    #[test]
    fn a_system_is_as_good_as_its_shares(places in proptest::collection::vec(0_usize..6, 5..40)) {
        let classes: Vec<Class> = places.iter().map(|place| Class::ALL[*place]).collect();
        let shares = Shares::of(&classes).expect("five sections");
        let grade = grade_of_basin(shares).expect("a grade").value.order;
        let mut turned = classes.clone();
        turned.reverse();
        prop_assert_eq!(Shares::of(&turned).expect("five sections"), shares);
        // One section worse is never a better grade.
        let mut worse = classes.clone();
        worse[0] = Class::InferiorV;
        let after = grade_of_basin(Shares::of(&worse).expect("five sections")).expect("a grade");
        prop_assert!(after.value.order >= grade);
    }
}
