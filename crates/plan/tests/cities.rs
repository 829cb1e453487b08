//! The plans of the cities in this repository: sound, complete, and different from each other.

use plan::{Level, Plan};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder(city: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities").join(city)
}

fn plan_of(city: &str) -> Plan {
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder(city).join("plan"))
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a text"))
        })
        .collect();
    files.sort();
    Plan::parse(&files).unwrap_or_else(|problems| panic!("{city}: {problems:#?}"))
}

/// The codes of departments and divisions, these with their kind.
fn units(city: &str) -> Vec<(String, String)> {
    let cells = |file: &str, column: usize| -> Vec<(String, String)> {
        let text = std::fs::read_to_string(folder(city).join(file)).expect("a table");
        let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
        let cell = |line: &str, at: usize| line.split(',').nth(at).unwrap_or_default().to_owned();
        lines.map(|line| (cell(line, 0), cell(line, column))).collect()
    };
    let mut all = cells("divisions.csv", 3);
    all.extend(cells("departments.csv", 0).into_iter().map(|(code, _)| (code, String::new())));
    all
}

#[test]
fn the_plans_are_sound_and_what_they_leave_open_is_told() {
    for city in ["zhangzhou", "example"] {
        let problems = plan_of(city).check(&units(city));
        let wrong: Vec<_> = problems.iter().filter(|one| one.level == Level::Wrong).collect();
        assert!(wrong.is_empty(), "{city}: {wrong:#?}");
    }
    let problems = plan_of("zhangzhou").check(&units("zhangzhou"));
    let codes: BTreeSet<&str> = problems.iter().map(|one| one.code).collect();
    let wanted = [
        "plan.duty_without_clock",
        "plan.no_number",
        "plan.target_open",
        "plan.target_without_data",
    ];
    assert_eq!(codes, BTreeSet::from(wanted));
}

#[test]
fn the_plan_of_2021_has_its_chapters_measures_and_units() {
    let plan = plan_of("zhangzhou");
    assert_eq!((plan.chapters.len(), plan.measures.len()), (9, 28));
    let of_chapter = |number| plan.measures.iter().filter(|it| it.chapter == number).count();
    let counts: Vec<usize> = (1..=9).map(of_chapter).collect();
    assert_eq!(counts, [0, 4, 4, 3, 7, 4, 2, 3, 1]);
    let listed = |number| {
        let measure = plan.measure(number).expect("a measure");
        measure.lead.len() + measure.assisting.len()
    };
    // The number of units in each list of the document.
    for (number, units) in [
        (2, 2),
        (3, 7),
        (4, 1),
        (5, 1),
        (6, 8),
        (7, 1),
        (8, 3),
        (9, 3),
        (10, 6),
        (11, 11),
        (12, 6),
        (13, 5),
        (14, 8),
        (15, 2),
        (16, 2),
        (17, 7),
        (18, 7),
        (19, 3),
        (20, 6),
        (21, 6),
        (22, 6),
        (23, 7),
        (24, 6),
        (25, 9),
        (26, 7),
        (27, 7),
    ] {
        assert_eq!(listed(number), units, "measure {number}");
    }
    let everyone = plan.head.everyone.as_ref().expect("the rule for all");
    assert_eq!(everyone.kinds, ["county", "zone"]);
}

#[test]
fn the_quarterly_study_is_every_countys_and_zones() {
    let plan = plan_of("zhangzhou");
    let duty = plan.duties.iter().find(|duty| duty.id == "quarterly_study").expect("the duty");
    let now: Vec<(String, String)> = units("zhangzhou")
        .into_iter()
        .filter(|(code, _)| code != "350681" && code != "350625")
        .collect();
    // Eleven counties and districts, five zones, the city.
    assert_eq!(plan.units_of(duty, &now).len(), 17);
}

#[test]
fn another_citys_plan_has_other_chapters() {
    let (one, other) = (plan_of("zhangzhou"), plan_of("example"));
    assert_ne!(one.chapters.len(), other.chapters.len());
    assert_ne!(one.head.title, other.head.title);
    assert!(other.indicators.iter().any(|own| own.id.starts_with("donghu")), "it has its own");
}
