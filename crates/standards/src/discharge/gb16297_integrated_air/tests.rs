//! Check values of GB 16297-1996 table 2 (sources from 1997-01-01); any 1 h mean (8.2).

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
    super::super::limit_table::check(&LIMITS, 41);
}

fn decimal(text: &str) -> rulebook::Decimal {
    text.parse().expect("a decimal in a test")
}

#[test]
fn rates_are_interpolated_and_carried_on_by_squares() {
    let scope = "硫 二氧化硫 硫酸和其它含硫化合物生产";
    let of = |height: &str, overtops| {
        let stack = Stack { height_m: decimal(height), overtops_buildings: overtops };
        rate_limit("二氧化硫", scope, 2, stack, date(2026, 6, 1)).expect("a rate").value
    };
    // Printed: 15 m 2.6, 20 m 4.3, 30 m 15 kg/h.
    assert_eq!(of("15", true), decimal("2.6"));
    assert_eq!(of("20", true), decimal("4.3"));
    assert_eq!(of("17.5", true), decimal("3.45"));
    assert_eq!(of("25", true), decimal("9.65"));
    assert_eq!(of("25", false), decimal("4.825"));
    // Below the table: 2.6 * (7.5 / 15)^2, and half of it below 15 m.
    assert_eq!(of("7.5", true), decimal("0.325"));
    assert_eq!(of("200", true), of("100", true) * decimal("4"));
}

#[test]
fn two_stacks_make_an_equivalent_one() {
    let height = equivalent_stack_height(decimal("30"), decimal("40")).expect("a height");
    assert_eq!(height.round_dp(6), decimal("35.355339"));
    assert!(equivalent_stack_height(decimal("-1"), decimal("40")).is_none());
}

#[test]
fn rates_need_an_item_a_grade_and_a_height() {
    let on = date(2026, 6, 1);
    let stack = |height| Stack { height_m: decimal(height), overtops_buildings: true };
    let scope = "硫 二氧化硫 硫酸和其它含硫化合物生产";
    assert!(rate_limit("黄金", scope, 2, stack("20"), on).is_err());
    assert!(rate_limit("二氧化硫", scope, 1, stack("20"), on).is_err());
    assert!(rate_limit("二氧化硫", scope, 2, stack("0"), on).is_err());
}
