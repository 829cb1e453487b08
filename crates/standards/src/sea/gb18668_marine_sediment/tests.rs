//! Check values and properties of the classes.

use proptest::prelude::*;
use rulebook::{Decimal, Language};

use super::*;

fn value(text: &str) -> Reading {
    Reading::Value(text.parse().expect("a decimal in a test"))
}

#[test]
fn every_vector_is_reproduced() {
    let report = crate::conformance::run("GB18668", include_str!("vectors.csv"));
    let report = report.expect("a known suite");
    assert_eq!((report.passed, report.failures), (6, Vec::new()));
}

#[test]
fn a_sample_is_explained_by_its_worst_item() {
    let on = date(2026, 5, 1);
    let sample = [("铜", value("36")), ("铅", value("60")), ("汞", Reading::NotDetected)];
    let explanation = explain(&class_of_sample(&sample, on).expect("a class"));
    assert_eq!(
        explanation.to_plain(Language::Chinese),
        "二类，由铜决定（GB 18668-2002 表 1）\n\
         项目 | 数值 | 所在类别限值 | 类别\n\
         铜 | 36 mg/kg（干重） | ≤ 100.0 | 二类\n\
         铅 | 60 mg/kg（干重） | ≤ 60.0 | 一类\n\
         汞 | — | ≤ 0.20 | 一类\n\
         依据：GB 18668-2002 表 1（单一可信来源）"
    );
    assert_eq!(
        explanation.to_plain(Language::English),
        "class II, decided by copper (GB 18668-2002 table 1)\n\
         item | value | limit of the class | class\n\
         copper | 36 mg/kg dry | ≤ 100.0 | class II\n\
         lead | 60 mg/kg dry | ≤ 60.0 | class I\n\
         mercury | — | ≤ 0.20 | class I\n\
         by GB 18668-2002 table 1 (one trustworthy source)"
    );
    let early = class_of_sample(&sample, date(2001, 1, 1)).expect_err("no edition yet");
    assert_eq!(early.code(), "judgement.no_edition");
    assert_eq!(class_of_sample(&[], on).expect_err("empty").code(), "judgement.missing");
}

proptest! {
    #[test]
    fn more_is_never_better_and_the_sample_is_its_worst_item(
        values in proptest::collection::vec((0_usize..64, 0_i64..2_000_000), 1..8),
        more in 0_i64..1_000_000,
    ) {
        let on = date(2026, 5, 1);
        let table: &'static Table = &LIMITS;
        let named: Vec<(&str, i64)> = values
            .iter()
            .map(|(place, value)| {
                (table.cell(&table.rows()[place % table.rows().len()], "item"), *value)
            })
            .collect();
        let of = |value: i64| Reading::Value(Decimal::new(value, 3));
        let sample: Vec<(&str, Reading)> =
            named.iter().map(|(item, value)| (*item, of(*value))).collect();
        let mut worst = Class::I;
        for (item, value) in &named {
            let class = class_of_item(item, of(*value), on).expect("a class");
            prop_assert!(class_of_item(item, of(value + more), on).expect("a class") >= class);
            worst = worst.max(class);
        }
        prop_assert_eq!(class_of_sample(&sample, on).expect("a class").value.class, worst);
    }
}
