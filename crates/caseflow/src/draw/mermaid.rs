//! A kind as a Mermaid `stateDiagram-v2`.

use std::fmt::Write as _;

use rulebook::Language;

use super::leaving;
use crate::model::CaseKind;

pub(super) fn draw(kind: &CaseKind, language: Language) -> String {
    let mut drawing = String::from("stateDiagram-v2\n");
    for state in &kind.states {
        let name = label(state.name.in_language(language));
        let _ = writeln!(drawing, "    state \"{name}\" as {}", node(&state.id));
    }
    let _ = writeln!(drawing, "    [*] --> {}", node(&kind.initial));
    for state in &kind.states {
        for transition in leaving(kind, state) {
            let to = transition.to.as_deref().unwrap_or(&state.id);
            let name = label(transition.name.in_language(language));
            let _ = writeln!(drawing, "    {} --> {} : {name}", node(&state.id), node(to));
        }
    }
    for state in kind.states.iter().filter(|state| state.is_final) {
        let _ = writeln!(drawing, "    {} --> [*]", node(&state.id));
    }
    drawing
}

/// An identifier that is none of Mermaid's own words.
fn node(id: &str) -> String {
    format!("s_{id}")
}

/// A label without the signs that Mermaid reads as its own.
fn label(text: &str) -> String {
    let sign = |letter: char| match letter {
        '"' => '\'',
        ':' => '：',
        ';' => '；',
        '#' => '＃',
        letter if letter.is_control() => ' ',
        letter => letter,
    };
    text.chars().map(sign).collect()
}
