//! Check values of agricultural land.

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
        let land = match &row[4] {
            "水田" => Land::Paddy,
            "果园" => Land::Orchard,
            "轮作" => Land::Rotation,
            _ => Land::Other,
        };
        let on = date(2026, 1, 1);
        let verdict = risk(&row[1], decimal(&row[2]), decimal(&row[3]), land, on);
        let verdict = verdict.expect("computable");
        assert_eq!(format!("{:?}", verdict.value), row[5], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 10);
}

#[test]
fn screening_is_never_above_control() {
    let on = date(2026, 1, 1);
    for item in ["镉", "汞", "砷", "铅", "铬"] {
        for ph in ["5", "6", "7", "8"] {
            for land in [Land::Paddy, Land::Other, Land::Rotation] {
                let verdict = risk(item, Decimal::ZERO, decimal(ph), land, on).expect("computable");
                let of = |place: usize| verdict.inputs[place].value;
                assert_eq!(verdict.inputs.len(), 4, "{item}");
                assert!(of(2) < of(3), "{item} {ph}");
            }
        }
    }
}

#[test]
fn impossible_values_are_refused() {
    let on = date(2026, 1, 1);
    let of = |item, value: &str, ph: &str| risk(item, decimal(value), decimal(ph), Land::Paddy, on);
    assert!(of("镉", "-1", "7").is_err() && of("镉", "1", "15").is_err());
    assert_eq!(of("金", "1", "7").expect_err("unknown").code(), "judgement.not_in_table");
    assert!(risk("镉", Decimal::ONE, Decimal::ONE, Land::Paddy, date(2018, 7, 31)).is_err());
    let verdict = of("镉", "2", "7").expect("computable");
    let plain = explain(&verdict).to_plain(Language::English);
    assert!(plain.contains("above the screening value (GB 15618-2018 table 1)"), "{plain}");
}
