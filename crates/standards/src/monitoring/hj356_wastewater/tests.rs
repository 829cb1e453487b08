//! Check values of valid wastewater data.

use rulebook::Language;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let portions: Vec<Portion> = row[1]
            .split(' ')
            .zip(row[2].split(' '))
            .map(|(value, flow)| Portion {
                concentration: value.parse().ok(),
                flow: flow.parse().expect("a flow"),
            })
            .collect();
        let due = row[3].parse().expect("a number");
        let found = daily_mean(&portions, due, date(2026, 6, 1));
        assert_eq!(found.ok().map(|found| found.value), row[4].parse().ok(), "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn a_load_stands_in_by_the_largest_of_30_days() {
    let on = date(2026, 6, 1);
    let mut loads: Vec<Decimal> = (0..30).map(Decimal::from).collect();
    assert_eq!(substitute_load(&loads, on).expect("30 days").value, Decimal::from(29));
    loads.insert(0, Decimal::from(999));
    assert_eq!(substitute_load(&loads, on).expect("the last 30").value, Decimal::from(29));
    assert!(substitute_load(&loads[..29], on).is_err());
    assert!(substitute_load(&loads, date(2020, 3, 23)).is_err());
}

#[test]
fn an_explanation_says_that_it_is_from_memory() {
    let portion = Portion { concentration: Some(Decimal::TEN), flow: Decimal::ONE };
    let verdict = daily_mean(&[portion], 1, date(2026, 6, 1)).expect("computable");
    let plain = explain(&verdict).to_plain(Language::Chinese);
    assert!(plain.starts_with("日均值（流量加权）10 mg/L（HJ 356-2019）"), "{plain}");
    assert!(plain.contains("凭记忆录入"), "{plain}");
}
