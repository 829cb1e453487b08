//! Check values of noise at boundaries.

use rulebook::Language;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let place = match &row[1] {
            "room_a" => Place::RoomA,
            "room_b" => Place::RoomB,
            _ => Place::Boundary,
        };
        let part = if &row[3] == "Day" { DayPart::Day } else { DayPart::Night };
        let level = row[4].parse().expect("a level");
        let verdict = meets(place, &row[2], part, level, date(2026, 1, 1)).expect("computable");
        assert_eq!(verdict.value, &row[5] == "yes", "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn every_zone_has_limits_for_every_place() {
    for place in [Place::Boundary, Place::RoomA, Place::RoomB] {
        for zone in ["0", "1", "2", "3", "4"] {
            let of = |part| {
                let verdict = meets(place, zone, part, Decimal::ZERO, date(2026, 1, 1));
                verdict.expect("a limit").inputs[1].value
            };
            assert_eq!(
                of(DayPart::Day) - of(DayPart::Night),
                Decimal::from(if zone == "4" && place == Place::Boundary { 15 } else { 10 })
            );
        }
    }
    let verdict = meets(Place::Boundary, "4a", DayPart::Day, Decimal::ONE, date(2026, 1, 1));
    assert_eq!(verdict.expect_err("no such zone").code(), "judgement.not_in_table");
    let verdict = meets(Place::RoomA, "0", DayPart::Day, Decimal::ONE, date(2026, 1, 1));
    let plain = explain(&verdict.expect("computable")).to_plain(Language::English);
    assert!(plain.starts_with("the noise keeps its limit (GB 12348-2008 table 2)"), "{plain}");
}
