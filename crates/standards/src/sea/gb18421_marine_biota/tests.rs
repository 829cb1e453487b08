//! Check values and properties of the classes.

use proptest::prelude::*;
use rulebook::{Decimal, Language};

use super::*;

fn value(text: &str) -> Reading {
    Reading::Value(text.parse().expect("a decimal in a test"))
}

#[test]
fn every_vector_is_reproduced() {
    let report = crate::conformance::run("GB18421", include_str!("vectors.csv"));
    let report = report.expect("a known suite");
    assert_eq!((report.passed, report.failures), (6, Vec::new()));
}

#[test]
fn a_sample_is_explained_by_its_worst_item() {
    let on = date(2026, 5, 1);
    let sample = [("镉", value("0.2")), ("铅", value("7"))];
    let explanation = explain(&class_of_sample(&sample, on).expect("a class"));
    assert_eq!(
        explanation.to_plain(Language::Chinese),
        "劣三类，由铅决定（GB 18421-2001 表 1）\n\
         项目 | 数值 | 所在类别限值 | 类别\n\
         镉 | 0.2 mg/kg（鲜重） | ≤ 0.2 | 一类\n\
         铅 | 7 mg/kg（鲜重） | > 6.0 | 劣三类\n\
         依据：GB 18421-2001 表 1（单一可信来源）"
    );
    assert_eq!(
        explanation.to_plain(Language::English),
        "worse than class III, decided by lead (GB 18421-2001 table 1)\n\
         item | value | limit of the class | class\n\
         cadmium | 0.2 mg/kg fresh | ≤ 0.2 | class I\n\
         lead | 7 mg/kg fresh | > 6.0 | worse than class III\n\
         by GB 18421-2001 table 1 (one trustworthy source)"
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
