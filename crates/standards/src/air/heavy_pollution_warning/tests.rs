//! Check values and properties of warning levels.

use jiff::civil::date;
use proptest::prelude::*;
use rulebook::Language;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let forecast: Vec<u16> =
            row[2].split(' ').map(|index| index.parse().expect("an index")).collect();
        let on = row[1].parse().expect("a date");
        let found = warning_level(&forecast, tables()[0], on).expect("computable").value;
        assert_eq!(found.map_or("", Level::as_str), &row[3], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 12);
}

#[test]
fn no_forecast_and_no_levels_are_said() {
    let levels = tables()[0];
    assert!(warning_level(&[], levels, date(2026, 1, 1)).is_err());
    let reason = warning_level(&[400], levels, date(2010, 1, 1)).expect_err("no levels then");
    assert_eq!(reason.code(), "judgement.no_edition");
    let verdict = warning_level(&[40], levels, date(2026, 1, 1)).expect("computable");
    let plain = explain(&verdict).to_plain(Language::English);
    assert!(plain.starts_with("no warning level reached"), "{plain}");
}

#[test]
fn a_plan_with_a_word_for_a_number_is_refused() {
    let text = "standard,valid_from,valid_to,level,alternative,above,days,and_above,and_days,\
                clause,source,confidence\n\
                plan,2026-01-01,,yellow,1,many,1,,,1,plan,low\n";
    assert!(load(text).is_err());
}

proptest! {
    #[test]
    fn worse_air_never_lowers_the_level(
        forecast in proptest::collection::vec(0_u16..500, 1..7), more in 0_u16..200,
    ) {
        let of = |forecast: &[u16]| {
            let found = warning_level(forecast, tables()[0], date(2026, 1, 1));
            found.expect("computable").value
        };
        let worse: Vec<u16> = forecast.iter().map(|index| index + more).collect();
        prop_assert!(of(&forecast) <= of(&worse));
    }
}
