//! Rows of a ledger: what people write, and what must hold between rows.

use ledger::{Form, Ledger, Row, Rows, check_rows, read_row};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn ledger() -> Ledger {
    Ledger::load("resources.toml", include_str!("resources.toml")).expect("a sound ledger")
}

fn known(form: Form, text: &str) -> Option<String> {
    (form == Form::Division && ["990102", "东湖区"].contains(&text)).then(|| "990102".to_owned())
}

/// Cells in the order of the columns.
fn cells(ledger: &Ledger, texts: &str) -> BTreeMap<String, String> {
    let texts = texts.split(';').map(|text| text.trim().to_owned());
    ledger.columns.iter().map(|column| column.id.clone()).zip(texts).collect()
}

fn row(ledger: &Ledger, texts: &str) -> Row {
    read_row(ledger, &cells(ledger, texts), &known).expect(texts)
}

#[test]
fn a_row_is_kept_in_one_way_however_it_is_written() {
    let ledger = ledger();
    let plain = row(&ledger, "990102; forest; m3; 2025; 1234.5; 0.50; ; 1235");
    let other = row(&ledger, "东湖区; forest; m3; 2025; 1,234.50; 0.5; ; 1 235.0");
    assert_eq!(plain, other);
    assert_eq!(plain.key(&ledger), "990102|forest|2025");
    assert_eq!(plain.get("decrease"), None);
}

#[test]
fn each_wrong_cell_is_named_with_its_cure() {
    let ledger = ledger();
    let wrong = cells(&ledger, "990199; ; m3; 25; −3; 1e; -1; 4");
    let problems = read_row(&ledger, &wrong, &known).expect_err("all wrong");
    let named: Vec<(&str, &str)> =
        problems.iter().map(|it| (it.column.as_str(), it.what.en.as_ref())).collect();
    assert_eq!(
        named,
        [
            ("division", "the city has no division \"990199\": write its code or full name"),
            ("resource", "must be filled in"),
            ("year", "write a year, as 2026"),
            ("opening", "write a number, as 1234.5"),
            ("increase", "write a number, as 1234.5"),
            ("decrease", "goes from 0 to …"),
        ]
    );
}

#[test]
fn stocks_add_up_and_continue_from_year_to_year() {
    let ledger = ledger();
    for (rows, wanted) in [
        (vec!["990102; forest; m3; 2024; 100; 8; 5; 103"], vec![]),
        (vec!["990102; forest; m3; 2024; 100; 8; 5; 104"], vec!["adds_up"]),
        (
            vec![
                "990102; forest; m3; 2024; 100; 8; 5; 103",
                "990102; forest; ha; 2025; 104; ; ; 104",
                "990102; water; m3; 2025; 7; ; ; 7",
            ],
            vec!["continues", "unit_stays"],
        ),
        (
            vec![
                "990102; forest; m3; 2023; 100; 8; 5; 103",
                "990102; forest; m3; 2025; 104; ; ; 104",
            ],
            vec![],
        ),
    ] {
        let rows: Rows = rows
            .iter()
            .map(|texts| row(&ledger, texts))
            .map(|row| (row.key(&ledger), row))
            .collect();
        let found: Vec<String> =
            check_rows(&ledger, &rows).into_iter().map(|finding| finding.check).collect();
        assert_eq!(found, wanted, "{rows:?}");
    }
}

#[test]
fn a_ledger_names_what_is_wrong_with_its_line() {
    let text = include_str!("resources.toml")
        .replace("equals = \"closing\"", "equals = \"unit\"")
        .replace("key = [\"division\"", "key = [\"county\"");
    let problems = Ledger::load("r.toml", &text).expect_err("two names are wrong");
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("r.toml:9: key: there is no column \"county\""), "{told:?}");
    assert!(told[1].contains("checks.adds_up"), "{told:?}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(texts in prop::collection::vec(".*", 8)) {
        let ledger = ledger();
        let cells = ledger.columns.iter().map(|column| column.id.clone()).zip(texts).collect();
        if let Ok(row) = read_row(&ledger, &cells, &known) {
            prop_assert_eq!(read_row(&ledger, &row.values, &known), Ok(row));
        }
    }
}
