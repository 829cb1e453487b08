//! Every check that comes with the program: its examples, its place, its list.

use std::collections::BTreeSet;
use std::path::Path;

use plausibility::{Form, Severity, all, shipped};

#[test]
fn every_file_is_sound_and_each_example_does_what_it_is_there_for() {
    // Loading tries both examples of each file.
    let checks = shipped().unwrap_or_else(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    });
    assert!(checks.len() >= 60, "{} checks", checks.len());
    for check in checks {
        let form = check.applies_to.form;
        let found = check.fires.case(form).findings(check);
        assert!(!found.is_empty(), "{}", check.id);
        for finding in found {
            assert_eq!(
                (finding.check.as_str(), finding.version),
                (check.id.as_str(), check.version)
            );
            assert!(!finding.numbers().is_empty());
        }
        assert!(check.passes.case(form).findings(check).is_empty(), "{}", check.id);
    }
}

#[test]
fn the_folder_holds_what_the_list_names_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks");
    let mut files = BTreeSet::new();
    for group in std::fs::read_dir(&folder).expect("the folder") {
        let group = group.expect("a group").path();
        for file in std::fs::read_dir(&group).expect("a group") {
            let file = file.expect("a file").path();
            let name = file.strip_prefix(&folder).expect("below it");
            files.insert(name.to_string_lossy().replace('\\', "/"));
        }
    }
    let listed: BTreeSet<String> =
        shipped().expect("sound").iter().map(|check| check.file.clone()).collect();
    assert_eq!(files, listed);
    for check in shipped().expect("sound") {
        let of_file = check.file.rsplit('/').next().and_then(|name| name.strip_suffix(".toml"));
        assert_eq!(of_file, Some(check.id.as_str()), "a file is named as its check");
    }
}

#[test]
fn every_form_and_every_severity_has_checks() {
    let checks = shipped().expect("sound");
    for form in Form::ALL {
        assert!(checks.iter().any(|check| check.applies_to.form == *form), "{form:?}");
    }
    for severity in Severity::ALL {
        assert!(checks.iter().any(|check| check.severity == *severity), "{severity:?}");
    }
    let refusing: Vec<_> = Severity::ALL.iter().filter(|severity| severity.refuses()).collect();
    assert_eq!(refusing, [&Severity::Impossible]);
}

#[test]
fn a_city_adds_checks_and_replaces_one_by_its_id() {
    let file = "execution_report/amount_round.toml";
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("checks").join(file))
            .expect("the file");
    let count = shipped().expect("sound").len();
    assert_eq!(all(&[]).expect("sound").len(), count, "each names checks that are there");
    let own = [("a.toml".to_owned(), text.replace("version = 1", "version = 7"))];
    let checks = all(&own).expect("sound");
    assert_eq!(checks.len(), count);
    assert_eq!(checks.iter().find(|it| it.id == "amount_round").map(|it| it.version), Some(7));
    let own = [("b.toml".to_owned(), text.replace("amount_round", "amount_round_here"))];
    assert_eq!(all(&own).expect("sound").len(), count + 1);
    let twice = [own[0].clone(), ("c.toml".to_owned(), own[0].1.clone())];
    assert_eq!(all(&twice).unwrap_err()[0].code, "check.twice");
}

#[test]
fn the_check_of_the_how_to_works_as_it_stands_there() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/how-to/add-a-check.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let block = page.split("```toml").nth(1).and_then(|rest| rest.split("```").next());
    let own = [("volume.toml".to_owned(), block.expect("a block").to_owned())];
    let checks = all(&own).unwrap_or_else(|problems| panic!("{}", problems[0]));
    assert!(checks.iter().any(|check| check.id == "volume_tenfold_of_last_year"));
}

#[test]
fn the_how_to_names_every_kind_of_formula() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = folder.join("../../docs/how-to/add-a-check.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let source = std::fs::read_to_string(folder.join("src/read/formula.rs")).expect("the source");
    let kinds = source.split("const KINDS").nth(1).and_then(|rest| rest.split("];").next());
    let kinds: Vec<&str> = kinds.expect("the list").split('"').skip(1).step_by(2).collect();
    assert!(kinds.len() > 20, "{kinds:?}");
    for kind in kinds {
        assert!(page.contains(&format!("`{kind}`")), "{kind} is not explained");
    }
}
