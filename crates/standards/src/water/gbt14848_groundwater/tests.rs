//! Check values of groundwater classes.

use rulebook::Language;

use super::*;

fn reading(text: &str) -> Reading {
    match text {
        "ND" => Reading::NotDetected,
        "present" => Reading::Present,
        number => Reading::Value(number.parse().expect("a decimal in a test")),
    }
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let found = class_of_item(&row[1], reading(&row[2]), date(2026, 1, 1)).expect("a class");
        assert_eq!(format!("{found:?}"), row[3], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 15);
}

#[test]
fn limits_rise_with_the_class() {
    let table: &'static Table = &LIMITS;
    assert_eq!(table.rows().len(), 93);
    for row in table.rows().iter().filter(|row| table.cell(row, "compare") == "<=") {
        let limits: Vec<_> = COLUMNS
            .iter()
            .filter_map(|column| table.decimal(row, column).expect("a number"))
            .collect();
        assert!(limits.len() >= 3 && limits.is_sorted(), "line {}", row.line());
    }
}

#[test]
fn readings_that_do_not_fit_are_refused() {
    let on = date(2026, 1, 1);
    let code = |item, reading| class_of_item(item, reading, on).expect_err("refused").code();
    assert_eq!(code("砷", Reading::Present), "judgement.invalid");
    assert_eq!(code("嗅和味", reading("1")), "judgement.invalid");
    assert_eq!(code("砷", reading("-0.1")), "judgement.invalid");
    assert_eq!(code("水温", reading("20")), "judgement.not_in_table");
    let before = class_of_item("砷", Reading::NotDetected, date(2018, 4, 30));
    assert_eq!(before.expect_err("not yet").code(), "judgement.no_edition");
}

#[test]
fn the_worst_item_decides() {
    let on = date(2026, 1, 1);
    let sample = [("砷", reading("0.02")), ("pH", reading("7")), ("氯化物", reading("300"))];
    let verdict = class_of_sample(&sample, on).expect("a class");
    assert_eq!(verdict.value.class, Class::IV);
    assert_eq!(verdict.value.deciding().collect::<Vec<_>>(), ["砷", "氯化物"]);
    let plain = explain(&verdict).to_plain(Language::Chinese);
    assert!(plain.starts_with("Ⅳ类，由砷、氯化物决定（GB/T 14848-2017 表 1）"), "{plain}");
    assert!(class_of_sample(&[], on).is_err());
}
