//! The drawing of a kind: its states, the ways between them, the state that holds now.

use caseflow::CaseKind;
use maud::{Markup, PreEscaped, html};
use web::Reader;

/// The drawing with what it says; `current`: the state in which a case stands.
pub(crate) fn figure(reader: &Reader, kind: &CaseKind, current: Option<&str>) -> Markup {
    let drawn = kind.draw_svg(reader.language);
    let drawn = match current {
        Some(state) => marked(&drawn, state),
        None => drawn,
    };
    let name = reader.text(&kind.name);
    let now = current.and_then(|id| kind.state(id)).map(|state| reader.text(&state.name));
    let label = match now {
        Some(now) => format!("{name} · {} {now}", reader.pick("当前状态:", "now:")),
        None => name.to_owned(),
    };
    html! {
        @if let Some(now) = now {
            p { (reader.pick("当前状态:", "It stands at: ")) strong { (now) }
                span class="muted" { (reader.pick("(图中加粗)", " (drawn bold)")) } }
        }
        div class="drawing" role="region" tabindex="0" aria-label=(label) { (PreEscaped(drawn)) }
    }
}

/// Marks the state that holds now.
fn marked(drawn: &str, state: &str) -> String {
    let name = format!("data-state=\"{state}\"");
    drawn.replacen(&name, &format!("{name} data-current=\"yes\""), 1)
}
