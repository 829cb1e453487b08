//! Check values of black and odorous water.

use jiff::civil::date;
use rulebook::Language;

use super::*;

fn one(item: Item, value: &str, depth: Option<&str>) -> Measurement {
    let decimal = |text: &str| text.parse().expect("a decimal in a test");
    Measurement { item, value: decimal(value), depth: depth.map(decimal) }
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let item = Item::parse(&row[1]).expect("an item");
        let depth = Some(&row[3]).filter(|depth| !depth.is_empty());
        let found = degree(&one(item, &row[2], depth), date(2026, 1, 1)).expect("a degree");
        assert_eq!(format!("{found:?}").to_lowercase(), row[4], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 14);
}

#[test]
fn a_point_is_severe_by_one_item_often_or_two_items_sometimes() {
    let on = date(2026, 1, 1);
    let of = |series: &[Measurement]| degree_of_point(series, on).expect("computable").value;
    let oxygen = |values: &[&str]| -> Vec<Measurement> {
        values.iter().map(|value| one(Item::DissolvedOxygen, value, None)).collect()
    };
    let ammonia = |values: &[&str]| -> Vec<Measurement> {
        values.iter().map(|value| one(Item::AmmoniaNitrogen, value, None)).collect()
    };
    assert_eq!(of(&oxygen(&["0.1", "0.1", "0.1", "3", "3"])), Degree::Severe);
    assert_eq!(of(&oxygen(&["0.1", "0.1", "3", "3"])), Degree::Light);
    let both = [oxygen(&["0.1", "3", "3"]), ammonia(&["16", "1", "1"])].concat();
    assert_eq!(of(&both), Degree::Severe);
    let rarely = [oxygen(&["0.1", "3", "3", "3"]), ammonia(&["16", "1", "1"])].concat();
    assert_eq!(of(&rarely), Degree::Light);
    assert_eq!(of(&oxygen(&["3"])), Degree::None);
    let verdict = degree_of_point(&both, on).expect("computable");
    assert!(explain(&verdict).to_plain(Language::Chinese).starts_with("重度黑臭"));
    assert!(degree_of_point(&[], on).is_err());
    assert!(degree(&both[0], date(2015, 1, 1)).is_err());
}
