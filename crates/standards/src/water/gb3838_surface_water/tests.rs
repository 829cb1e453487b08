//! Check values and properties of GB 3838.

use proptest::prelude::*;
use rulebook::Language;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

fn class(item: Item, text: &str) -> Class {
    class_of_item(item, WaterBody::River, decimal(text)).expect("a class")
}

#[test]
fn every_vector_is_reproduced() {
    let report = crate::conformance::surface_water::run(include_str!("vectors.csv"));
    assert_eq!(report.failures, Vec::<String>::new());
    assert!(report.passed > 150, "only {} vectors", report.passed);
}

#[test]
fn limits_rise_with_the_class() {
    for body in [WaterBody::River, WaterBody::Lake] {
        for item in Item::ALL {
            let limits = &Limits::get(item, body).of_class;
            if matches!(item, Item::WaterTemperature | Item::Ph) {
                assert!(limits.is_empty());
                continue;
            }
            assert_eq!(limits.len(), 5, "{item}");
            let falls = item == Item::DissolvedOxygen;
            let ordered =
                |pair: &[Decimal]| if falls { pair[0] > pair[1] } else { pair[0] <= pair[1] };
            assert!(limits.windows(2).all(ordered), "{item}");
        }
    }
}

#[test]
fn sets_of_items_have_their_sizes() {
    let size = |set: ItemSet| Item::ALL.into_iter().filter(|item| set.contains(*item)).count();
    assert_eq!(size(ItemSet::Five), 5);
    assert_eq!(size(ItemSet::TwentyOne), 21);
    for item in [Item::WaterTemperature, Item::TotalNitrogen, Item::FaecalColiforms] {
        assert!(!ItemSet::TwentyOne.contains(item));
    }
}

#[test]
fn a_limit_belongs_to_the_better_class() {
    assert_eq!(class(Item::PermanganateIndex, "6"), Class::III);
    assert_eq!(class(Item::PermanganateIndex, "6.0000001"), Class::IV);
    assert_eq!(class(Item::DissolvedOxygen, "7.5"), Class::I);
    assert_eq!(class(Item::DissolvedOxygen, "1.999"), Class::InferiorV);
    assert_eq!(class(Item::TotalPhosphorus, "0.1005"), Class::III);
    assert_eq!(class(Item::AmmoniaNitrogen, "2.0"), Class::V);
    assert_eq!(class(Item::AmmoniaNitrogen, "2.001"), Class::InferiorV);
    assert_eq!(class(Item::Mercury, "0.00005"), Class::I);
}

#[test]
fn ph_is_good_or_worse_than_five() {
    for (text, expected) in
        [("6", Class::I), ("9", Class::I), ("9.001", Class::InferiorV), ("5.99", Class::InferiorV)]
    {
        assert_eq!(class(Item::Ph, text), expected);
    }
}

#[test]
fn total_nitrogen_never_counts() {
    let sample = Sample::default()
        .with(Item::TotalNitrogen, decimal("12"))
        .with(Item::AmmoniaNitrogen, decimal("0.1"));
    for method in [Method::NATIONAL_REAL_TIME_2020, Method::as_written(ItemSet::TwentyOne)] {
        for body in [WaterBody::River, WaterBody::Lake] {
            assert_eq!(class_of_sample(method, body, &sample).class, Ok(Class::I));
        }
    }
    let lake = class_of_sample(Method::NATIONAL_REAL_TIME_2020, WaterBody::Lake, &sample);
    assert_eq!(lake.of(Item::TotalNitrogen), Some(&Ok(Class::InferiorV)));
}

#[test]
fn oxygen_saturation_counts_by_the_text_only() {
    // 468 / (31.6 + 28.4) = 7.8; nine tenths are 7.02.
    let sample = Sample::default()
        .with(Item::DissolvedOxygen, decimal("7.02"))
        .with(Item::WaterTemperature, decimal("28.4"));
    let of = |method| class_of_sample(method, WaterBody::River, &sample).class;
    assert_eq!(of(Method::as_written(ItemSet::TwentyOne)), Ok(Class::I));
    assert_eq!(of(Method::NATIONAL_REAL_TIME_2020), Ok(Class::II));
    let less = sample.clone().with(Item::DissolvedOxygen, decimal("7.01"));
    let found = class_of_sample(Method::as_written(ItemSet::Five), WaterBody::River, &less);
    assert_eq!(found.class, Ok(Class::II));
}

#[test]
fn three_items_make_a_class_that_is_likely_withheld() {
    let three = Sample::default()
        .with(Item::Ph, decimal("7"))
        .with(Item::DissolvedOxygen, decimal("8"))
        .with(Item::AmmoniaNitrogen, decimal("0.3"));
    let of = |method, sample: &Sample| class_of_sample(method, WaterBody::River, sample);
    let found = of(Method::NATIONAL_REAL_TIME_2020, &three);
    assert_eq!(found.class, Ok(Class::II));
    assert_eq!(found.likely_withheld.expect("too few").code(), "judgement.too_few");
    assert_eq!(of(Method::NATIONAL_REAL_TIME_2026, &three).likely_withheld, None);
    let four = three.with(Item::TotalPhosphorus, decimal("0.3"));
    let found = of(Method::NATIONAL_REAL_TIME_2020, &four);
    assert_eq!((found.class.clone(), found.likely_withheld.is_none()), (Ok(Class::IV), true));
    assert_eq!(found.deciding(), [Item::TotalPhosphorus]);
}

#[test]
fn nothing_measured_is_no_class() {
    let found = class_of_sample(
        Method::NATIONAL_REAL_TIME_2026,
        WaterBody::River,
        &Sample::default().with(Item::TotalNitrogen, decimal("1")),
    );
    assert_eq!(found.class.clone().expect_err("no item").code(), "judgement.missing");
    assert!(found.judged().is_err() && found.deciding().is_empty());
}

#[test]
fn an_explanation_shows_limits_and_what_does_not_count() {
    let sample = Sample::default()
        .with(Item::DissolvedOxygen, decimal("4.995"))
        .with(Item::PermanganateIndex, decimal("16"))
        .with(Item::TotalNitrogen, decimal("3"));
    let found = class_of_sample(Method::NATIONAL_REAL_TIME_2020, WaterBody::Lake, &sample);
    let plain = found.explain().to_plain(Language::English);
    for line in [
        "worse than class V (heavy pollution), decided by permanganate index (GB 3838-2002",
        "dissolved oxygen | 4.995 mg/L | ≥ 3 | class IV",
        "permanganate index | 16 mg/L | > 15 | worse than class V",
        "total nitrogen | 3 mg/L |  | does not count",
    ] {
        assert!(plain.contains(line), "{line} not in\n{plain}");
    }
    let verdict = found.judged().expect("a class");
    assert_eq!((verdict.value, verdict.inputs.len()), (Class::InferiorV, 2));
    assert_eq!(verdict.by.to_string(), "GB 3838-2002 table 1");
}

#[test]
fn the_edition_follows_the_day() {
    assert!(Edition::in_force(date(2002, 5, 31)).is_err());
    assert_eq!(Edition::in_force(date(2026, 11, 23)), Ok(Edition::Gb3838_2002));
}

#[test]
fn identifiers_come_back() {
    for item in Item::ALL {
        assert_eq!(Item::parse(item.as_str()), Some(item));
    }
    for class in Class::ALL {
        assert_eq!(Class::parse(class.as_str()), Some(class));
        assert_eq!(Class::parse(class.published()), Some(class));
    }
}

#[test]
fn values_are_rounded_first_only_where_that_is_chosen() {
    let sample = Sample::default()
        .with(Item::DissolvedOxygen, decimal("4.96"))
        .with(Item::TotalPhosphorus, decimal("0.2004"));
    let method = Method::as_written(ItemSet::TwentyOne);
    let exact = class_of_sample(method, WaterBody::River, &sample);
    assert_eq!(exact.class, Ok(Class::IV));
    let rounded = class_of_sample(method.rounding_first(), WaterBody::River, &sample);
    assert_eq!(rounded.class, Ok(Class::III));
    // The sample stays as it was measured, and the verdict says what was rounded and how surely.
    let verdict = rounded.judged().expect("a class");
    assert_eq!(verdict.inputs[0].value, decimal("4.96"));
    assert_eq!(verdict.rounding.len(), 2);
    assert_eq!(verdict.confidence, Confidence::Low);
    assert_eq!(exact.judged().expect("a class").rounding, []);
    let plain = rounded.explain().to_plain(Language::Chinese);
    assert!(plain.contains("数值先修约到评价位数再判定"), "{plain}");
}

fn any_item() -> impl Strategy<Value = Item> {
    (1..Item::COUNT).prop_map(|place| Item::ALL[place])
}

proptest! {
    #[test]
    fn more_pollution_is_never_a_better_class(
        item in any_item(), one in 0_i64..200_000, more in 0_i64..100_000, lake in any::<bool>(),
    ) {
        let body = if lake { WaterBody::Lake } else { WaterBody::River };
        prop_assume!(item != Item::Ph && (lake || item != Item::TotalNitrogen));
        let of = |value| class_of_item(item, body, Decimal::new(value, 5)).expect("a class");
        let (low, high) = (of(one), of(one + more));
        if item == Item::DissolvedOxygen {
            prop_assert!(low >= high);
        } else {
            prop_assert!(low <= high);
        }
    }

    #[test]
    fn the_class_is_that_of_the_worst_item(values in proptest::array::uniform5(0_i64..1_000_000)) {
        let values: Vec<(Item, Decimal)> = Item::FIVE
            .into_iter()
            .zip(values)
            .map(|(item, value)| (item, Decimal::new(value, 5)))
            .collect();
        let with = |sample: Sample, (item, value): &(Item, Decimal)| sample.with(*item, *value);
        let sample = values.iter().fold(Sample::default(), with);
        let method = Method::NATIONAL_REAL_TIME_2020;
        let found = class_of_sample(method, WaterBody::River, &sample);
        let class = |(item, value): &(Item, Decimal)| {
            class_of_item(*item, WaterBody::River, *value).expect("a class")
        };
        prop_assert_eq!(found.class.ok(), values.iter().map(class).max());
    }

    #[test]
    fn any_decimal_gives_a_class_or_a_reason(
        mantissa in any::<i64>(), scale in 0_u32..=28, item in any_item(),
    ) {
        let value = Decimal::from_i128_with_scale(i128::from(mantissa), scale);
        let found = class_of_item(item, WaterBody::Lake, value);
        prop_assert_eq!(found.is_ok(), mantissa >= 0);
        prop_assert!(!reaches_90_percent_saturation(value, Decimal::MAX) || mantissa > 0);
    }
}
