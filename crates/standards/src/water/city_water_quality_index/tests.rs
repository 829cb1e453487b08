//! Check values of the city water quality index.

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
        let item = Item::parse(&row[1]).expect("an item");
        let body = WaterBody::parse(&row[2]).expect("a water body");
        let found = index_of_item(item, body, decimal(&row[3]));
        assert_eq!(found, Ok(decimal(&row[4])), "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 8);
}

#[test]
fn a_sum_counts_only_the_21_items() {
    let means = Sample::default()
        .with(Item::Ph, decimal("8"))
        .with(Item::AmmoniaNitrogen, decimal("0.25"))
        .with(Item::TotalNitrogen, decimal("5"));
    assert_eq!(index_of_waters(WaterBody::River, &means, 2), Ok(decimal("0.75")));
    let reason = index_of_waters(WaterBody::River, &means, 21).expect_err("two of 21");
    assert_eq!(reason.to_string(), "too few items: 2 of the 21 wanted");
}

#[test]
fn impossible_values_have_no_index() {
    let of = |item, value: &str| index_of_item(item, WaterBody::River, decimal(value));
    assert!(of(Item::DissolvedOxygen, "0").is_err());
    assert!(of(Item::AmmoniaNitrogen, "-1").is_err());
    assert!(of(Item::WaterTemperature, "20").is_err());
    assert!(index_of_city(None, None).is_err());
    assert!(change_rate(Decimal::ZERO, Decimal::ONE).is_err());
}

#[test]
fn a_city_without_lakes_is_its_rivers() {
    let verdict = index_of_city(Some((decimal("4.2"), 7)), None).expect("computable");
    assert_eq!(verdict.value, decimal("4.2"));
    assert_eq!(change_rate(decimal("4"), verdict.value), Ok(decimal("5.00")));
    assert!(explain(&verdict).to_plain(Language::Chinese).starts_with("城市水质指数 4.2"));
}
