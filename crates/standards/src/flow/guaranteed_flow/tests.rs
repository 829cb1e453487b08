//! Check values of guaranteed flow.

use jiff::civil::date;
use rulebook::Language;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let number = |place: usize| row[place].parse::<usize>().expect("a number");
        let mut flows = vec![Some(Decimal::TEN); number(2)];
        flows[..number(1)].fill(Some(Decimal::ONE));
        let verdict = guarantee(&flows, Decimal::TWO, None, date(2026, 6, 1)).expect("computable");
        let found = verdict.value;
        assert_eq!((found.rate.to_string().as_str(), found.meets), (&row[3], &row[4] == "yes"));
        count += 1;
    }
    assert_eq!(count, 3);
}

#[test]
fn a_plan_may_ask_for_less_and_gaps_show_in_the_completeness() {
    let on = date(2026, 6, 1);
    let mut flows = vec![Some(Decimal::TEN); 10];
    flows[..2].fill(Some(Decimal::ONE));
    flows.extend([None; 10]);
    let of = |wanted: Option<Decimal>| guarantee(&flows, Decimal::TWO, wanted, on).expect("fine");
    assert!(!of(None).value.meets);
    let verdict = of(Some(Decimal::from(80)));
    assert!(verdict.value.meets);
    assert_eq!(verdict.value.completeness.to_string(), "50.0");
    let plain = explain(&verdict).to_plain(Language::Chinese);
    assert!(plain.starts_with("生态流量达标：保证率 80.0%，数据完整率 50.0%"), "{plain}");
    assert!(guarantee(&[None], Decimal::ONE, None, on).is_err());
    assert!(guarantee(&flows, Decimal::ONE, None, date(2019, 1, 1)).is_err());
}
