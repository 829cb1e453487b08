//! Check values of GB 3095.

use rulebook::Language;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let averaging = Averaging::parse(&row[2]).expect("a word of the table");
        let zone = if &row[3] == "I" { Zone::I } else { Zone::II };
        let found = limit(&row[1], averaging, zone, row[4].parse().expect("a date"));
        let found = found.map(|limit| limit.limit.to_string()).unwrap_or_default();
        assert_eq!(found, row[5], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 28);
}

#[test]
fn each_day_has_one_edition_and_no_gap_between() {
    for pair in EDITIONS.windows(2) {
        let last = pair[0].valid_to.expect("an end");
        assert_eq!(last.tomorrow().expect("a day"), pair[1].valid_from);
    }
    let before = limit("PM2.5", Averaging::Day, Zone::II, date(2015, 12, 31));
    assert_eq!(before.expect_err("no edition").code(), "judgement.no_edition");
}

#[test]
fn grade_1_is_never_laxer_than_grade_2() {
    let table = &LIMITS;
    let mut compared = 0;
    for row in table.rows() {
        let grade = |column| table.decimal(row, column).expect("a number");
        if let (Some(one), Some(two)) = (grade("grade1"), grade("grade2")) {
            assert!(one <= two, "line {}", row.line());
            compared += 1;
        }
        let averaging = table.cell(row, "averaging");
        assert!(Averaging::parse(averaging).is_some(), "{averaging}");
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn in_the_transition_only_grade_2_of_particles_changed() {
    let (old, new) = (date(2026, 2, 28), date(2026, 3, 1));
    let mut changed = Vec::new();
    for pollutant in ["SO2", "NO2", "CO", "O3", "PM10", "PM2.5"] {
        for averaging in Averaging::ALL {
            for zone in [Zone::I, Zone::II] {
                let of = |on| limit(pollutant, averaging, zone, on).map(|limit| limit.limit).ok();
                if of(old) != of(new) {
                    changed.push((pollutant, averaging, zone));
                }
            }
        }
    }
    assert_eq!(
        changed,
        [
            ("PM10", Averaging::Day, Zone::II),
            ("PM10", Averaging::Year, Zone::II),
            ("PM2.5", Averaging::Day, Zone::II),
            ("PM2.5", Averaging::Year, Zone::II),
        ]
    );
}

#[test]
fn the_state_of_gases_changed_with_the_amendment() {
    let state = |on| limit("NO2", Averaging::Day, Zone::II, on).expect("a limit").state;
    assert!(state(date(2018, 8, 31)).starts_with("273 K"));
    assert!(state(date(2018, 9, 1)).starts_with("298.15 K"));
}

#[test]
fn a_value_on_the_limit_meets_it() {
    let on = date(2026, 6, 1);
    let meets = |value: &str| {
        let value = value.parse().expect("a decimal");
        meets("PM2.5", Averaging::Day, Zone::II, value, on).expect("a limit").value
    };
    assert!(meets("60") && !meets("60.1"));
}

#[test]
fn fewest_values_are_the_same_in_both_editions() {
    for (pollutant, averaging, minimum) in
        [("SO2", "annual", 324), ("CO", "24h", 20), ("O3", "8h", 6), ("Pb", "quarter", 15)]
    {
        for on in [date(2020, 1, 1), date(2026, 6, 1)] {
            let found = fewest_values(pollutant, averaging, on).expect("a rule");
            assert_eq!(found.minimum, minimum);
        }
    }
    assert!(fewest_values("O3", "annual", date(2026, 6, 1)).is_err());
}

#[test]
fn a_sentence_names_stage_and_days() {
    let on = date(2031, 5, 1);
    let limit = limit("PM10", Averaging::Year, Zone::II, on).expect("a limit");
    let sentence = explain(&limit, Decimal::from(50)).sentence;
    assert_eq!(
        sentence.in_language(Language::Chinese),
        "PM10 年平均 50 µg/m³ ≤ 50（GB 3095-2026 表 1，二级，最终限值，2031-01-01 至 今）"
    );
}
