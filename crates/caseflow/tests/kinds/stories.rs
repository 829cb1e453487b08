//! Stories of the kinds that ship: tables of events, one a line, with where the case stands then.
//!
//! `event | who | with what | state or refusal | clocks`: who is `name:role`, with `!` for a person
//! of the unit responsible and `@` for one of the enterprise; or `reporter`, `system`. With what:
//! `field=value`, `+note`, `+evidence`, `+unit`, `+assignee`, `+link`. The event `pass` lets a
//! clock run out. Of the clocks, `~` stands still and `!` has run out.

use std::collections::BTreeMap;

use crate::common::{Case, With, shipped};
use caseflow::{Actor, CaseKind, LinkKind};

const STORIES: &[(&str, &str)] = &[
    ("public_complaint", include_str!("stories/public_complaint.txt")),
    ("alert_disposal", include_str!("stories/alert_disposal.txt")),
    ("inspection_rectification", include_str!("stories/inspection_rectification.txt")),
    ("grid_event", include_str!("stories/grid_event.txt")),
    ("environmental_emergency", include_str!("stories/environmental_emergency.txt")),
];

/// A person who asks, kept as long as they do.
struct Person<'line> {
    name: &'line str,
    roles: Vec<&'line str>,
    is_responsible: bool,
    is_enterprise: bool,
}

impl<'line> Person<'line> {
    fn read(text: &'line str) -> Self {
        let (is_responsible, is_enterprise) = (text.ends_with('!'), text.ends_with('@'));
        let text = text.trim_end_matches(['!', '@']);
        let (name, role) = text.split_once(':').unwrap_or((text, ""));
        Self { name, roles: vec![role], is_responsible, is_enterprise }
    }

    fn actor(&self) -> Actor<'_> {
        match self.name {
            "reporter" => Actor::Reporter,
            "system" => Actor::System,
            id => Actor::Person {
                id,
                roles: &self.roles,
                is_responsible: self.is_responsible,
                is_enterprise: self.is_enterprise,
            },
        }
    }
}

fn with(words: &str) -> (BTreeMap<String, String>, With) {
    let (mut fields, mut with) = (BTreeMap::new(), With::default());
    for word in words.split_whitespace() {
        match word {
            "+note" => with.note = true,
            "+evidence" => with.evidence += 1,
            "+unit" => with.unit = true,
            "+assignee" => with.assignee = true,
            "+link" => with.link = Some(LinkKind::MergedInto),
            field => {
                let (id, value) = field.split_once('=').expect("field=value");
                fields.insert(id.to_owned(), value.to_owned());
            }
        }
    }
    (fields, with)
}

fn play(kind: &CaseKind, story: &str) {
    let mut case = Case::default();
    for (number, line) in story.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = format!("{} line {}: {line}", kind.id, number + 1);
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [event, who, words, wanted, clocks] = cells[..] else { panic!("five cells: {at}") };
        let person = Person::read(who);
        let (fields, with) = with(words);
        let found = match event {
            "pass" => {
                case.pass(words.trim_start_matches("clock="));
                Ok(())
            }
            "open" => Case::open(kind, person.actor(), &fields).map(|opened| case = opened),
            event => case.take(kind, event, person.actor(), &fields, with),
        };
        let found = found.map_or_else(|refusal| refusal.code.to_owned(), |()| case.state.clone());
        assert_eq!(found, wanted, "{at}");
        assert_eq!(case.clocks(), clocks, "{at}");
    }
}

#[test]
fn the_stories_of_the_kinds_go_as_told() {
    for (id, story) in STORIES {
        play(&shipped(id), story);
    }
}
