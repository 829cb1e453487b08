//! Check values of permit numbers.

use proptest::prelude::*;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let found = PermitNumber::parse(&row[1]);
        assert_eq!(found.is_ok(), &row[2] == "yes", "{}", &row[0]);
        if let Ok(number) = found {
            assert_eq!(number.to_string(), row[1]);
        }
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn errors_say_what_is_wrong() {
    let code = |text| PermitNumber::parse(text).expect_err("wrong").code();
    assert_eq!(code("001W"), "permit_number.length");
    assert_eq!(code(""), "permit_number.length");
    assert_eq!(code("91350600MA00DEM01K001W"), "permit_number.holder");
    assert_eq!(code("91350600MA00DEM01J0O1W"), "permit_number.place");
    assert_eq!(code("91350600MA00DEM01J001w"), "permit_number.letter");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,24}") {
        if let Ok(number) = PermitNumber::parse(&text) {
            prop_assert_eq!(number.to_string().len(), 22);
        }
    }
}
