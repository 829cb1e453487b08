//! Check values and properties of unified social credit codes.

use proptest::prelude::*;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        assert_eq!(SocialCreditCode::parse(&row[1]).is_ok(), &row[2] == "yes", "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 9);
}

#[test]
fn a_letter_o_is_named_with_its_place() {
    let error = SocialCreditCode::parse("9135O600MA00DEM01J").expect_err("a letter O");
    assert_eq!(error, SocialCreditCodeError::Character('O', 5));
    assert_eq!(error.code(), "social_credit_code.character");
    assert_eq!(SocialCreditCode::parse(""), Err(SocialCreditCodeError::Length(0)));
}

#[test]
fn a_code_knows_its_parts() {
    let code = SocialCreditCode::parse(" 91350600ma00dem01j ").expect("a code");
    assert_eq!(code.to_string(), "91350600MA00DEM01J");
    assert_eq!((code.division(), code.organisation()), ("350600", "MA00DEM01"));
}

proptest! {
    #[test]
    fn any_one_wrong_character_is_noticed(place in 0_usize..18, other in 0_usize..31) {
        let good = b"91350600MA00DEM01J";
        prop_assume!(good[place] != CHARACTERS[other]);
        let mut wrong = *good;
        wrong[place] = CHARACTERS[other];
        let wrong = std::str::from_utf8(&wrong).expect("letters");
        prop_assert!(SocialCreditCode::parse(wrong).is_err());
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,20}") {
        let _ = SocialCreditCode::parse(&text).map(|code| code.division().len());
    }
}
