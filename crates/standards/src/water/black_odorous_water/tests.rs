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

#[test]
fn a_reach_is_severe_by_more_than_three_points_and_the_whole_by_sixty_percent() {
    use Degree::{Light, None, Severe};
    let on = date(2026, 1, 1);
    let of = |points: &[Degree]| degree_of_waters(points, on).expect("enough points").value;
    let three = of(&[Severe, Severe, Severe, Light, None, None, None, None]);
    assert_eq!((three.is_severe, three.severe_reaches), (false, Vec::new()));
    let four = of(&[None, Severe, Severe, Severe, Severe, Light, None, None, None]);
    assert_eq!((four.is_severe, four.severe_reaches), (false, vec![1..=4]));
    // The reach may end where the water ends.
    let last = of(&[None, None, None, None, Severe, Severe, Severe, Severe]);
    assert_eq!(last.severe_reaches, vec![4..=7]);
    let most = of(&[Severe, Light, Severe, Light, Severe]);
    assert_eq!((most.is_severe, most.severe_share), (true, Decimal::from(60)));
    assert!(!of(&[Severe, Severe, None, None]).is_severe);
    assert!(degree_of_waters(&[Severe, Severe], on).is_err());
    assert!(degree_of_waters(&[Severe; 3], date(2015, 1, 1)).is_err());
}

#[test]
fn rural_water_is_black_by_any_of_three_items() {
    let on = date(2026, 1, 1);
    let of = |all: &[Measurement]| is_black_rural(all, on).expect("a verdict").value;
    assert!(of(&[one(Item::Transparency, "24.9", Option::None)]));
    assert!(!of(&[one(Item::Transparency, "25", Option::None)]));
    // 40 % of a depth of 20 cm are 8 cm.
    assert!(!of(&[one(Item::Transparency, "8", Some("20"))]));
    assert!(of(&[one(Item::Transparency, "7.9", Some("20"))]));
    assert!(of(&[
        one(Item::AmmoniaNitrogen, "1", Option::None),
        one(Item::DissolvedOxygen, "1", Option::None)
    ]));
    assert!(!of(&[one(Item::AmmoniaNitrogen, "15", Option::None)]));
    let potential = [one(Item::RedoxPotential, "-300", Option::None)];
    assert_eq!(is_black_rural(&potential, on).expect_err("no item").code(), "judgement.missing");
    let early = is_black_rural(&potential, date(2018, 12, 31)).expect_err("before");
    assert_eq!(early.code(), "judgement.no_edition");
}
