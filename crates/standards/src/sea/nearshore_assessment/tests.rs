//! Check values of the evaluation of sea areas.

use proptest::prelude::*;
use rulebook::Language;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let shares = Shares {
            first: decimal(&row[1]),
            second: decimal(&row[2]),
            third: decimal(&row[3]),
            fourth: decimal(&row[4]),
            inferior: decimal(&row[5]),
        };
        let verdict = grade_of_sea_area(shares).expect("computable");
        assert_eq!(verdict.value.zh, row[6], "{}", &row[0]);
        let plain = explain(&verdict).to_plain(Language::Chinese);
        assert!(plain.contains("凭记忆录入"), "{plain}");
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn an_impossible_share_has_no_grade() {
    let shares = Shares { first: decimal("101"), ..Shares::default() };
    assert_eq!(grade_of_sea_area(shares).expect_err("impossible").code(), "judgement.invalid");
}

proptest! {
    #[test]
    fn shares_that_add_up_always_have_a_grade(cuts in proptest::array::uniform4(0_i64..=1000)) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        let share = |from: i64, to: i64| Decimal::new(to - from, 1);
        let shares = Shares {
            first: share(0, cuts[0]),
            second: share(cuts[0], cuts[1]),
            third: share(cuts[1], cuts[2]),
            fourth: share(cuts[2], cuts[3]),
            inferior: share(cuts[3], 1000),
        };
        prop_assert!(grade_of_sea_area(shares).is_ok());
    }
}
