//! Check values of valid flue-gas data.

use rulebook::Language;

use super::*;

fn parameters() -> Parameters {
    Parameters::in_force(date(2026, 6, 1)).expect("an edition")
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let number = |place: usize| row[place].parse::<u32>().expect("a number");
        let hours = QuarterHours { all: number(1), invalid: number(2), stopped: number(3) };
        let (rate, passes) = capture_rate(hours, &parameters()).expect("computable").value;
        assert_eq!((rate.to_string().as_str(), passes), (&row[4], &row[5] == "yes"), "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn a_source_that_never_ran_has_no_rate() {
    let of =
        |all, invalid, stopped| capture_rate(QuarterHours { all, invalid, stopped }, &parameters());
    assert_eq!(of(10, 0, 10).expect_err("stopped").code(), "judgement.missing");
    assert_eq!(of(10, 6, 5).expect_err("contradiction").code(), "judgement.invalid");
    assert_eq!(of(10, 0, 11).expect_err("contradiction").code(), "judgement.invalid");
    let verdict = of(100, 50, 0).expect("computable");
    let plain = explain(&verdict).to_plain(Language::Chinese);
    assert!(plain.starts_with("季度有效数据捕集率 50.0%，不合格（HJ 75-2017）"), "{plain}");
    assert!(plain.contains("凭记忆录入"), "{plain}");
    assert!(Parameters::in_force(date(2018, 2, 28)).is_err());
}

#[test]
fn means_need_their_fewest_values() {
    let parameters = parameters();
    let mut minutes = vec![Some(Decimal::TEN); 60];
    minutes[..15].fill(None);
    assert_eq!(hourly_mean(&minutes, &parameters), Ok(Decimal::TEN));
    minutes[15] = None;
    assert!(hourly_mean(&minutes, &parameters).is_err());
    let hours = vec![Some(Decimal::TEN); 19];
    assert_eq!(daily_mean(&hours, &parameters).expect_err("19 hours").code(), "judgement.too_few");
}

#[test]
fn the_window_grows_with_the_outage_and_the_gaps() {
    let before: Vec<Decimal> = (0..2160).rev().map(Decimal::from).collect();
    let of = |percent: i64, hours| {
        substitute(&before, Decimal::from(percent), hours, &parameters()).map(|found| found.value)
    };
    assert_eq!(of(95, 24), Ok(Decimal::from(179)));
    assert_eq!(of(95, 25), Ok(Decimal::from(719)));
    assert_eq!(of(89, 1), Ok(Decimal::from(2159)));
    assert_eq!(of(74, 1).expect_err("too low").code(), "judgement.not_in_table");
    let few = substitute(&before[..179], Decimal::from(95), 1, &parameters());
    assert_eq!(few.expect_err("too few").code(), "judgement.too_few");
}
