//! Check values of DB35/1869.

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
    super::super::limit_table::check(&LIMITS, 24);
}
