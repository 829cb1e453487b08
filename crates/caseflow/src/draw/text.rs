//! A kind as plain text, for a terminal and for a document.

use std::fmt::Write as _;

use rulebook::Language;

use super::{Pick, effects, leaving, length, target};
use crate::model::{CaseKind, State, Transition};

pub(super) fn draw(kind: &CaseKind, language: Language) -> String {
    let mut drawing = String::new();
    let name = kind.name.in_language(language);
    let version = language.pick("版本", "version");
    let _ = writeln!(drawing, "{name}  {} {version} {}", kind.id, kind.version);
    let _ = writeln!(drawing, "{}\n", kind.purpose.in_language(language));
    for state in &kind.states {
        head(&mut drawing, kind, state, language);
        for transition in leaving(kind, state) {
            way(&mut drawing, kind, state, transition, language);
        }
    }
    if !kind.clocks.is_empty() {
        let _ = writeln!(drawing, "\n{}", language.pick("期限", "Clocks"));
    }
    for clock in &kind.clocks {
        let name = clock.name.in_language(language);
        let owner = clock.owner.text();
        let owner = owner.in_language(language);
        let long = length(kind, clock);
        let long = long.in_language(language);
        let right = if clock.is_right { language.pick("，权利期限", ", a right") } else { "" };
        let _ = writeln!(drawing, "  {name}: {long} [{owner}{right}]");
    }
    drawing
}

fn head(drawing: &mut String, kind: &CaseKind, state: &State, language: Language) {
    let mark = match (state.id == kind.initial, state.is_final) {
        (true, _) => '▶',
        (false, true) => '■',
        (false, false) => '○',
    };
    let name = state.name.in_language(language);
    let meaning = state.meaning.in_language(language);
    let _ = writeln!(drawing, "{mark} {name} — {meaning}");
}

fn way(
    drawing: &mut String,
    kind: &CaseKind,
    state: &State,
    transition: &Transition,
    language: Language,
) {
    let name = transition.name.in_language(language);
    let to = target(kind, state, transition);
    let to = to.map_or("↺".to_owned(), |to| format!("→ {}", to.name.in_language(language)));
    let who = transition.who.text();
    let who = who.in_language(language);
    let roles = if transition.roles.is_empty() {
        String::new()
    } else {
        format!(": {}", transition.roles.join(", "))
    };
    let effects = effects(kind, transition, language);
    let effects = if effects.is_empty() { effects } else { format!("  ⏱ {effects}") };
    let _ = writeln!(drawing, "    {name} {to}  [{who}{roles}]{effects}");
}
