//! Check values of GB 18918.

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let on = row[5].parse().expect("a date");
        let found = limit(&row[1], &row[2], &row[3], on).expect("a limit");
        let met = row[4].parse().ok().map(|value| found.meets(value));
        let shown = match met {
            Some(Ok(true)) => "yes",
            Some(Ok(false)) => "no",
            Some(Err(_)) => "unknown",
            None => "no number",
        };
        assert_eq!(shown, &row[6], "{}", &row[0]);
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn every_row_is_usable() {
    super::super::limit_table::check(&LIMITS, 129);
}

#[test]
fn the_amendment_leaves_the_daily_mean_as_it_was() {
    let of = |on| limit("COD", "town sewage plant", "1A", on).expect("a limit");
    assert_eq!(of(date(2026, 2, 28)).bound, of(date(2026, 3, 1)).bound);
    let announced = limits("COD", date(2026, 3, 1));
    let unknown = announced.iter().filter(|limit| limit.bound.is_err()).count();
    assert_eq!((announced.len(), unknown), (8, 4));
    let reason = announced[7].bound.clone().expect_err("not obtained");
    assert_eq!(reason.code(), "judgement.not_obtained");
    assert!(ammonia_limit("3", Decimal::from(20), date(2026, 1, 1)).is_err());
}
