//! The example of the how-to is a kind that works, and its reference names every word.

use std::collections::BTreeMap;

use crate::common::{Case, With};
use caseflow::{
    Actor, CaseKind, EnterpriseSees, EscalateTo, FieldForm, LinkKind, Owner, PLACES, PublicView,
    Told, Visibility, Who,
};
use rulebook::Confidence;

const HOW_TO: &str = include_str!("../../../../docs/how-to/add-a-case-kind.md");

fn example() -> CaseKind {
    let (_, rest) = HOW_TO.split_once("```toml\n").expect("a block of TOML");
    let (text, _) = rest.split_once("```").expect("the end of the block");
    let problems = |problems: Vec<caseflow::Problem>| {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    CaseKind::load("well_inspection.toml", text).map_err(problems).expect("a sound kind")
}

#[test]
fn the_example_goes_from_the_opening_to_the_acceptance() {
    let kind = example();
    let fields = |pairs: &[(&str, &str)]| {
        let owned = pairs.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned()));
        owned.collect::<BTreeMap<_, _>>()
    };
    let somebody = |id, roles, is_enterprise: bool| Actor::Person {
        id,
        roles,
        is_responsible: !is_enterprise,
        is_enterprise,
    };
    let inspector = somebody("lin", &["inspector"], false);
    let officer = somebody("chen", &["county_officer"], false);
    let enterprise = somebody("qi", &["enterprise_manager"], true);
    let mut case = Case::open(&kind, officer, &fields(&[("well", "W1")])).expect("opened");
    assert_eq!((case.state.as_str(), case.clocks().as_str()), ("planned", "inspect"));
    let broken = [("found", "x"), ("condition", "broken"), ("repair_by", "2026-12-24")];
    for (actor, transition, filled, state, clocks) in [
        (inspector, "order_repair", &broken[..], "repairing", "repair"),
        (enterprise, "report_repaired", &[("repaired", "x")], "repaired", "accept"),
        (inspector, "wait_for_laboratory", &[], "repaired", "accept~"),
        (inspector, "result_is_in", &[], "repaired", "accept"),
        (officer, "accept", &[], "closed", ""),
    ] {
        let with = With { note: true, evidence: 1, ..With::default() };
        case.take(&kind, transition, actor, &fields(filled), with).expect(transition);
        assert_eq!((case.state.as_str(), case.clocks().as_str()), (state, clocks));
    }
    assert!(case.is_shared && !case.is_published);
}

#[test]
fn the_reference_names_every_word() {
    let mut words: Vec<&str> = Vec::new();
    words.extend(FieldForm::ALL.iter().map(|word| word.as_str()));
    words.extend(Who::ALL.iter().map(|word| word.as_str()));
    words.extend(Told::ALL.iter().map(|word| word.as_str()));
    words.extend(Owner::ALL.iter().map(|word| word.as_str()));
    words.extend(EscalateTo::ALL.iter().map(|word| word.as_str()));
    words.extend(Visibility::ALL.iter().map(|word| word.as_str()));
    words.extend(LinkKind::ALL.iter().map(|word| word.as_str()));
    words.extend(law::Unit::ALL.iter().map(|word| word.as_str()));
    words.extend(Confidence::ALL.iter().map(|word| word.as_str()));
    for word in words {
        assert!(HOW_TO.contains(&format!("`{word}`")), "{word}");
    }
    for (place, _) in PLACES {
        assert!(HOW_TO.contains(&format!("`{{{place}}}`")), "{place}");
    }
    for comment in [
        EnterpriseSees::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", "),
        PublicView::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", "),
    ] {
        assert!(HOW_TO.contains(&format!("# {comment}")), "{comment}");
    }
}

#[test]
fn the_commands_and_the_place_of_the_file_are_named() {
    for wanted in [
        "lucid case-kind check ",
        "lucid case-kind draw well_inspection --language zh --format svg",
        "--format mermaid",
        "--format text",
        "lucid case-kind list",
        "cities/<name>/case_kinds/well_inspection.toml",
    ] {
        assert!(HOW_TO.contains(wanted), "{wanted}");
    }
}
