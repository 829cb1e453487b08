//! Check values of noise in places.

use rulebook::Language;

use super::*;

#[test]
fn a_sudden_noise_at_night_may_be_fifteen_louder_than_the_night() {
    let on = date(2026, 1, 1);
    for zone in ["0", "1", "2", "3", "4a", "4b"] {
        let limit = limit(zone, DayPart::Night, on).expect("a limit") + Decimal::from(15);
        let of = |level| meets_night_maximum(zone, level, on).expect("a verdict");
        assert!(of(limit).value && !of(limit + Decimal::ONE).value, "{zone}");
        let verdict = of(limit);
        assert_eq!(verdict.by.to_string(), "GB 3096-2008 table 1; 5.4");
        assert_eq!(verdict.confidence, rulebook::Confidence::Low);
    }
    assert!(meets_night_maximum("2", Decimal::ONE, date(2000, 1, 1)).is_err());
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let part = if &row[2] == "Day" { DayPart::Day } else { DayPart::Night };
        let level = row[3].parse().expect("a level");
        let verdict = meets(&row[1], part, level, date(2026, 1, 1)).expect("computable");
        assert_eq!(verdict.value, &row[4] == "yes", "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 7);
}

#[test]
fn nights_are_never_laxer_than_days() {
    let on = date(2026, 1, 1);
    for zone in ["0", "1", "2", "3", "4a", "4b"] {
        let of = |part| limit(zone, part, on).expect("a limit");
        assert!(of(DayPart::Night) < of(DayPart::Day), "{zone}");
    }
    assert_eq!(limit("5", DayPart::Day, on).expect_err("no zone").code(), "judgement.not_in_table");
    assert!(limit("1", DayPart::Day, date(2008, 9, 30)).is_err());
}

#[test]
fn rates_count_samples() {
    assert_eq!(compliance_rate(&[true, true, false]), Ok("66.7".parse().expect("a decimal")));
    assert!(compliance_rate(&[]).is_err());
    let verdict = meets("1", DayPart::Night, Decimal::from(50), date(2026, 1, 1));
    let plain = explain(&verdict.expect("computable")).to_plain(Language::Chinese);
    assert!(plain.starts_with("噪声超标（GB 3096-2008 表 1）"), "{plain}");
}
