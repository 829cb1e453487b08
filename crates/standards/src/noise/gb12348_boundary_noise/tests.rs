//! Check values of noise at boundaries.

use rulebook::Language;

use super::*;

#[test]
fn a_noise_at_night_may_be_louder_by_its_kind_and_less_loud_in_a_room() {
    let on = date(2026, 1, 1);
    for zone in ["0", "1", "2", "3", "4"] {
        let of = |part| limit_of(Place::Boundary, zone, part, on).expect("a limit").1;
        let night = of(DayPart::Night);
        for (kind, over, clause) in
            [(NightNoise::Frequent, 10, "4.1.2"), (NightNoise::Occasional, 15, "4.1.3")]
        {
            let bound = night + Decimal::from(over);
            let judged = |level| meets_night_maximum(zone, kind, level, on).expect("a verdict");
            assert!(judged(bound).value && !judged(bound + Decimal::ONE).value);
            assert_eq!(judged(bound).by.clause, format!("table 1; {clause}"));
        }
        for part in [DayPart::Day, DayPart::Night] {
            let bound = of(part) - Decimal::TEN;
            let judged = |level| meets_beside_a_building(zone, part, level, on).expect("a verdict");
            assert!(judged(bound).value && !judged(bound + Decimal::ONE).value);
        }
    }
    let early = meets_night_maximum("2", NightNoise::Frequent, Decimal::ONE, date(2008, 9, 30));
    assert_eq!(early.expect_err("before").code(), "judgement.no_edition");
}

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
