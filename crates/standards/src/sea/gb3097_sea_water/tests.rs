//! Check values of sea water classes.

use rulebook::{Confidence, Language};

use super::*;

fn value(text: &str) -> Reading {
    Reading::Value(text.parse().expect("a decimal in a test"))
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let found = class_of_item(&row[1], value(&row[2]), date(2026, 5, 1)).expect("a class");
        assert_eq!(format!("{found:?}"), row[3], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 14);
}

#[test]
fn every_row_is_usable_or_says_that_it_has_no_number() {
    let table: &'static Table = &LIMITS;
    for row in table.rows() {
        let found = class_of_item(table.cell(row, "key"), value("1"), date(2026, 5, 1));
        match found {
            Ok(_) => assert_ne!(table.cell(row, "compare"), "text"),
            Err(reason) => assert_eq!(reason.code(), "judgement.invalid", "line {}", row.line()),
        }
    }
    assert_eq!(table.rows().len(), 32);
}

#[test]
fn a_station_keeps_the_weakest_confidence() {
    let on = date(2026, 5, 1);
    let sample = [("DO", value("7")), ("DIN", value("0.45")), ("oil", Reading::NotDetected)];
    let verdict = class_of_sample(&sample, on).expect("a class");
    assert_eq!((verdict.value.class, verdict.confidence), (Class::IV, Confidence::Medium));
    assert!(!verdict.value.class.is_good() && Class::II.is_good());
    let with_metal = [sample[0], ("Hg", value("0.0001"))];
    let verdict = class_of_sample(&with_metal, on).expect("a class");
    assert_eq!((verdict.value.class, verdict.confidence), (Class::II, Confidence::Memory));
    let plain = explain(&verdict).to_plain(Language::Chinese);
    assert!(plain.starts_with("二类，由汞决定（GB 3097-1997 表 1）"), "{plain}");
}
