//! Drawings of a kind: Mermaid for documents, a picture for pages, text for terminals.

mod mermaid;
mod svg;
mod text;

use rulebook::{Language, Text};

use crate::model::{CaseKind, Clock, ClockLength, State, Transition};

impl CaseKind {
    /// The states and transitions as a Mermaid `stateDiagram-v2`.
    pub fn draw(&self, language: Language) -> String {
        mermaid::draw(self, language)
    }

    /// The states, transitions and clocks as a picture that stands by itself.
    pub fn draw_svg(&self, language: Language) -> String {
        svg::draw(self, language)
    }

    /// The states, transitions and clocks as plain text.
    pub fn draw_text(&self, language: Language) -> String {
        text::draw(self, language)
    }
}

/// The transitions that leave a state, in the order of the declaration.
fn leaving<'kind>(
    kind: &'kind CaseKind,
    state: &'kind State,
) -> impl Iterator<Item = &'kind Transition> {
    kind.transitions.iter().filter(|transition| transition.from.contains(&state.id))
}

/// Where a transition leads from a state; `None` where the state stays.
fn target<'kind>(
    kind: &'kind CaseKind,
    state: &State,
    transition: &Transition,
) -> Option<&'kind State> {
    let to = transition.to.as_deref().filter(|to| *to != state.id)?;
    kind.state(to)
}

/// What a transition does to clocks, in words; empty where it does nothing.
fn effects(kind: &CaseKind, transition: &Transition, language: Language) -> String {
    let names = |ids: Vec<&String>| {
        let names = ids.into_iter().filter_map(|id| kind.clock(id));
        let names = names.map(|clock| clock.name.in_language(language).to_owned());
        names.collect::<Vec<_>>().join(language.pick("、", ", "))
    };
    let stops = if stops_all(kind, transition) {
        language.pick("全部期限", "every clock").to_owned()
    } else {
        names(transition.stops.iter().collect())
    };
    let extended = transition.extends.iter().map(|extension| &extension.clock).collect();
    let parts = [
        (language.pick("起算 ", "starts "), names(transition.starts.iter().collect())),
        (language.pick("停止 ", "stops "), stops),
        (language.pick("中止 ", "suspends "), names(transition.suspends.iter().collect())),
        (language.pick("恢复 ", "resumes "), names(transition.resumes.iter().collect())),
        (language.pick("延长 ", "extends "), names(extended)),
    ];
    let parts = parts.into_iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> = parts.map(|(verb, names)| format!("{verb}{names}")).collect();
    parts.join(language.pick("；", "; "))
}

/// Whether a transition stops every clock that is no right.
fn stops_all(kind: &CaseKind, transition: &Transition) -> bool {
    let mut duties = kind.clocks.iter().filter(|clock| !clock.is_right).peekable();
    transition.stops.len() > 1
        && duties.peek().is_some()
        && duties.all(|clock| transition.stops.contains(&clock.id))
}

/// How long a clock runs, in words.
fn length(kind: &CaseKind, clock: &Clock) -> Text {
    match &clock.length {
        ClockLength::Deadline(id) => {
            let row = law::deadlines().iter().rev().find(|row| row.id == *id);
            let length = row.and_then(law::Deadline::length).map(law::Length::text);
            let length = length.unwrap_or_default();
            Text::new(format!("{}（{id}）", length.zh), format!("{} ({id})", length.en))
        }
        ClockLength::Stated { length, confidence, .. } => {
            let (length, sure) = (length.text(), confidence.text());
            Text::new(
                format!("{}（{}）", length.zh, sure.zh),
                format!("{} ({})", length.en, sure.en),
            )
        }
        ClockLength::UntilField(id) => {
            let name = kind.field(id).map(|field| field.name.clone()).unwrap_or_default();
            Text::new(format!("至“{}”所填日期", name.zh), format!("until the day in “{}”", name.en))
        }
    }
}

/// One of two words by language.
trait Pick {
    fn pick<'text>(self, zh: &'text str, en: &'text str) -> &'text str;
}

impl Pick for Language {
    fn pick<'text>(self, zh: &'text str, en: &'text str) -> &'text str {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }
}

#[cfg(test)]
mod tests;
