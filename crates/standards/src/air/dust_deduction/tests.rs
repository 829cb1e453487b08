//! Check values of dust events.

use rulebook::Language;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let hours: Vec<Option<Decimal>> = row[1].split(' ').map(|hour| hour.parse().ok()).collect();
        let events = candidate_events(&hours, &Criteria::remembered()).expect("computable").value;
        let shown = |event: &RangeInclusive<usize>| format!("{}-{}", event.start(), event.end());
        let found = events.iter().map(shown).collect::<Vec<_>>().join(" ");
        assert_eq!(found, row[2], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn a_day_needs_20_hours_after_deduction() {
    let criteria = Criteria::remembered();
    let mut hours = [Some(Decimal::from(50)); 24];
    hours[..4].fill(Some(Decimal::from(900)));
    let mut deducted = [false; 24];
    deducted[..4].fill(true);
    let of = |deducted: &[bool; 24]| daily_mean_after_deduction(&hours, deducted, &criteria);
    assert_eq!(of(&deducted), Ok(Decimal::from(50)));
    deducted[4] = true;
    assert_eq!(of(&deducted).expect_err("19 hours").code(), "judgement.too_few");
}

#[test]
fn a_short_series_has_no_background() {
    let hours = [Some(Decimal::from(900)); 6];
    assert!(candidate_events(&hours, &Criteria::remembered()).is_err());
    let long = [Some(Decimal::from(900)); 7];
    let verdict = candidate_events(&long, &Criteria::remembered()).expect("long enough");
    assert_eq!(verdict.value, []);
    assert!(explain(&verdict).to_plain(Language::Chinese).starts_with("发现 0 次"));
}
