//! What holds for every declaration and every way through one.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{Case, SHIPPED, With, shipped};
use caseflow::{Actor, CaseKind, FieldForm, LinkKind, Transition, Who, offered};
use proptest::prelude::*;
use proptest::sample::Index;
use rulebook::Language;

const SMALL: &str = include_str!("small.toml");

/// Reads, checks and draws a text as far as it goes; what goes wrong is a panic.
fn use_up(text: &str) {
    if let Ok(kind) = CaseKind::parse("any.toml", text) {
        for problem in kind.check() {
            assert!(!problem.to_plain(Language::Chinese).is_empty());
        }
        kind.check_words(&[], &[]);
        for language in Language::ALL {
            let (diagram, picture) = (kind.draw(language), kind.draw_svg(language));
            assert!(diagram.starts_with("stateDiagram-v2") && picture.ends_with("</svg>\n"));
            assert!(kind.draw_text(language).contains(&kind.id));
        }
    }
}

fn a_text() -> impl Strategy<Value = &'static str> {
    let mut texts: Vec<&str> = SHIPPED.iter().map(|(_, text)| *text).collect();
    texts.push(SMALL);
    proptest::sample::select(texts)
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        use_up(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_toml_like_text_is_read_without_a_panic(
        text in "(([a-z_.]{1,12}|\\[\\[(fields|states|transitions|clocks)\\]\\]\n|\\[opens\\]\n)\
                 ( = (\"[a-z]{0,6}\"|[0-9-]{1,4}|true|\\[\\]|\\{ zh = \"a\", en = \"b\" \\}))?\n){0,30}",
    ) {
        use_up(&text);
    }

    #[test]
    fn a_declaration_with_bytes_lost_is_read_without_a_panic(
        text in a_text(),
        cuts in prop::collection::vec((any::<Index>(), 0_usize..40), 1..4),
    ) {
        let mut letters: Vec<char> = text.chars().collect();
        for (at, long) in cuts {
            let at = at.index(letters.len());
            letters.drain(at..(at + long).min(letters.len()));
        }
        use_up(&letters.into_iter().collect::<String>());
    }

    #[test]
    fn a_declaration_with_lines_swapped_is_read_without_a_panic(
        text in a_text(), one in any::<Index>(), other in any::<Index>(),
    ) {
        let mut lines: Vec<&str> = text.lines().collect();
        let (one, other) = (one.index(lines.len()), other.index(lines.len()));
        lines.swap(one, other);
        use_up(&lines.join("\n"));
    }

    /// Whoever asks whatever: a case stands in a known state, and no duty runs past its end.
    #[test]
    fn no_walk_leaves_a_duty_running_in_a_final_state(
        which in 0..SHIPPED.len(),
        choices in prop::collection::vec(any::<(u16, u8, bool)>(), 1..40),
    ) {
        let kind = shipped(SHIPPED[which].0);
        let level = u8::try_from(choices.len()).unwrap_or(0);
        let Ok(mut case) = Case::open(&kind, Actor::System, &opening(&kind, level)) else {
            return Err(TestCaseError::fail("the platform may open every kind"));
        };
        for (which, value, lapses) in choices {
            if lapses && let Some(clock) = case.clocks.first().map(|clock| clock.clock.clone()) {
                case.pass(&clock);
            }
            let transition = &kind.transitions[usize::from(which) % kind.transitions.len()];
            let before = case.clone();
            if take(&kind, &mut case, transition, value).is_ok() {
                prop_assert!(transition.from.contains(&before.state));
            } else {
                prop_assert_eq!(&case.state, &before.state);
            }
            let state = kind.state(&case.state).expect("a state of the kind");
            let duty = case.clocks.iter().find(|clock| {
                kind.clock(&clock.clock).is_some_and(|clock| !clock.is_right)
            });
            prop_assert!(!state.is_final || duty.is_none(), "{duty:?} in {}", state.id);
        }
    }
}

/// A value that a field takes; which of several, by `choice`.
fn value(kind: &CaseKind, id: &str, choice: u8) -> String {
    let field = kind.field(id).expect("a field of the kind");
    match field.form {
        FieldForm::Choice => field.choices[usize::from(choice) % field.choices.len()].id.clone(),
        FieldForm::YesNo => ["yes", "no"][usize::from(choice) % 2].to_owned(),
        FieldForm::Date => "2026-12-24".to_owned(),
        FieldForm::Number | FieldForm::Money => "12.5".to_owned(),
        _ => "some words".to_owned(),
    }
}

fn opening(kind: &CaseKind, choice: u8) -> BTreeMap<String, String> {
    let ids = kind.opens.needs.iter().chain(&kind.opens.may_fill);
    ids.map(|id| (id.clone(), value(kind, id, choice))).collect()
}

/// Takes a transition as somebody new who may, with everything it needs.
fn take(
    kind: &CaseKind,
    case: &mut Case,
    transition: &Transition,
    choice: u8,
) -> Result<(), Box<caseflow::Refusal>> {
    let roles: Vec<&str> = transition.roles.iter().map(String::as_str).collect();
    let name = format!("somebody new {}", case.doers.len());
    let actor = match transition.who {
        Who::Reporter => Actor::Reporter,
        Who::System => Actor::System,
        who => Actor::Person {
            id: &name,
            roles: &roles,
            is_responsible: who != Who::Enterprise,
            is_enterprise: who == Who::Enterprise,
        },
    };
    let ids = transition.needs.fields.iter().chain(&transition.may_fill);
    let fields = ids.map(|id| (id.clone(), value(kind, id, choice))).collect();
    let link = Some(LinkKind::MergedInto);
    let with = With { note: true, evidence: 9, unit: true, assignee: true, link };
    case.take(kind, &transition.id, actor, &fields, with)
}

/// Every state, every clock and every transition of what ships is of use: a search over all cases
/// that differ in state, clocks and chosen values takes each transition at least once.
#[test]
fn every_transition_that_ships_can_be_taken() {
    for (id, _) in SHIPPED {
        let kind = shipped(id);
        let choices = kind.fields.iter().map(|field| field.choices.len()).max().unwrap_or(0).max(2);
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<Case> = (0..choices)
            .map(|choice| {
                let fields = opening(&kind, u8::try_from(choice).expect("few choices"));
                Case::open(&kind, Actor::System, &fields).expect("the platform opens it")
            })
            .collect();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        while let Some(case) = open.pop() {
            for transition in &kind.transitions {
                for choice in 0..choices {
                    for lapsed in [false, true] {
                        let mut next = case.clone();
                        if lapsed {
                            next.clocks.iter_mut().for_each(|clock| clock.is_past_due = true);
                        }
                        let choice = u8::try_from(choice).expect("few choices");
                        if take(&kind, &mut next, transition, choice).is_err() {
                            continue;
                        }
                        taken.insert(&transition.id);
                        let conditions = kind.transitions.iter().flat_map(|it| &it.only_when);
                        let values: Vec<_> =
                            conditions.map(|when| next.fields.get(&when.field)).collect();
                        next.doers.clear();
                        if seen.insert(format!("{} {} {values:?}", next.state, next.clocks())) {
                            open.push(next);
                        }
                    }
                }
            }
        }
        let all: BTreeSet<&str> = kind.transitions.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(taken, all, "{id}");
    }
}

#[test]
fn what_is_offered_is_what_leaves_the_state() {
    let kind = shipped("public_complaint");
    let fields = opening(&kind, 0);
    let case = Case::open(&kind, Actor::Reporter, &fields).expect("opened");
    let officer = Actor::Person {
        id: "wu",
        roles: &["duty_officer"],
        is_responsible: false,
        is_enterprise: false,
    };
    for (actor, wanted) in [
        (officer, vec!["accept", "decline", "transfer_out", "merge"]),
        (Actor::Reporter, vec![]),
        (Actor::System, vec![]),
    ] {
        let offered = offered(&kind, &case.standing(), actor);
        assert_eq!(offered.len(), 4);
        let free = offered.iter().filter(|(_, refusal)| refusal.is_none());
        assert_eq!(free.map(|(it, _)| it.id.as_str()).collect::<Vec<_>>(), wanted);
    }
}
