//! Check values of industries.

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let found = industry(&row[1]).expect("an industry");
        assert_eq!((found.name, found.section), (&row[2], &row[3]), "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn sections_and_divisions_are_complete() {
    let length = |wanted: usize| {
        let code = |row| INDUSTRIES.cell(row, "code").len() == wanted;
        INDUSTRIES.rows().iter().filter(|row| code(row)).count()
    };
    assert_eq!((length(1), length(2)), (20, 97));
}

#[test]
fn odd_codes_are_no_industries() {
    for code in ["", "0", "Z", "A44", "C-1", "造纸", "C造"] {
        assert!(industry(code).is_none(), "{code}");
    }
}
