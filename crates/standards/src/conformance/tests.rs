//! The suites against the check values in the folders of the standards.

use std::path::Path;

use super::*;

#[test]
fn every_suite_of_a_standard_passes_on_its_own_check_values() {
    for suite in &SUITES[2..] {
        let standard = crate::Standard::find(suite.name).expect("named as a standard");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(standard.folder);
        let text = std::fs::read_to_string(folder.join("vectors.csv")).expect("check values");
        let report = run(suite.name, &text).expect("a suite");
        assert_eq!(report.failures, Vec::<String>::new(), "{}", suite.name);
        assert_eq!(report.passed + report.apart.len(), text.lines().count() - 1, "{}", suite.name);
        assert!(report.apart.iter().all(|line| line.contains("as expected")), "{report:?}");
    }
}

#[test]
fn every_suite_fails_on_a_wrong_expectation_and_on_a_wrong_file() {
    for suite in SUITES {
        let report = (suite.run)("a,b\n1,2\n");
        assert_eq!((report.passed, report.failed()), (0, 1), "{}", suite.name);
        assert!(report.failures[0].contains("lacks"), "{report:?}");
    }
    let report = run("gb3097", "id,item,value,expected\nS1,DO,6,I\nS2,oil,x,I\nS3,gold,1,I\n");
    let failures = report.expect("a suite").failures;
    assert_eq!(failures[0], "S1 FAIL expected I got II");
    assert_eq!(failures[1], "S2 FAIL \"x\" is no number");
    assert!(failures[2].starts_with("S3 FAIL expected I got NA ("), "{failures:?}");
    assert_eq!(run("gb1", ""), None);
}

#[test]
fn records_that_nobody_vouches_for_are_apart_with_their_reason() {
    let text = "id,item,value,expected,trust\n\
                S1,DO,6,II,consensus\nS2,DO,6,II,disputed\nS3,DO,6,I,single_peer\n";
    let report = run("GB3097", text).expect("a suite");
    assert_eq!(
        report.apart,
        ["S2 APART (disputed) as expected II", "S3 APART (single_peer) expected I got II"]
    );
    assert_eq!(report.summary(), "1 passed, 0 failed");
}

#[test]
fn anomalies_of_published_classes_are_apart() {
    let text = "dataset,station,time,published,pH,DO,CODMn,NH3N,TP,TN,why\n\
                2020,one,2020-11-04,Ⅱ,8.0,9.2,12.5,0.05,0.04,1.4,value changed afterwards\n\
                1999,two,1999-11-04,Ⅱ,8.0,9.2,1,0.05,0.04,1.4,no such data set\n";
    let report = run("surface-water", text).expect("a suite");
    assert_eq!(report.apart, ["one 2020-11-04 APART (value changed afterwards) expected II got V"]);
    assert_eq!(report.failures, ["two 1999-11-04 FAIL unknown data set \"1999\""]);
}
