//! Check values of divisions.

use jiff::civil::date;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let found = division(&row[1]);
        assert_eq!(found.map_or("", |found| found.name), &row[2], "{}", &row[0]);
        let above = found.and_then(parent).map_or("", |above| above.name);
        assert_eq!(above, &row[3], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn every_division_has_six_digits_and_a_parent() {
    assert_eq!(DIVISIONS.len(), 34 + 333 + 2_847);
    for found in DIVISIONS.values() {
        assert!(found.code.len() == 6 && found.code.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(parent(found).is_none(), found.level == Level::Province, "{}", found.code);
    }
    let city = division("350600").expect("a city");
    assert_eq!(children(city).len(), 11);
}

#[test]
fn odd_codes_are_no_divisions() {
    for code in ["", "35", "999999", "漳州市漳州市", "35060"] {
        assert!(division(code).is_none(), "{code}");
    }
}

#[test]
fn every_change_leads_to_a_division() {
    for row in CHANGES.rows() {
        let old = CHANGES.cell(row, "old_code");
        let new = successor(old, date(2026, 1, 1)).expect("a successor");
        assert_eq!(new.name, CHANGES.cell(row, "new_name"));
        assert!(division(old).is_none(), "{old} is not gone");
    }
}
