//! Reply templates with a case's own words in their places, to be edited before they go out.

use super::lamp;
use super::people::People;
use caseflow::Template;
use cases::CaseView;
use web::{AppState, Reader, local_date};

/// The templates of a case's kind, each filled in, in the reader's language.
pub(super) fn replies<'a>(
    state: &AppState,
    reader: &Reader,
    people: &People,
    view: &'a CaseView,
) -> Vec<(&'a Template, String)> {
    let value = |place: &str| value(state, reader, people, view, place);
    let fill = |template: &'a Template| (template, template.fill(reader.language, value));
    view.kind.templates.iter().map(fill).collect()
}

/// What fills a place; the officer's own words stay a place to be filled.
fn value(
    state: &AppState,
    reader: &Reader,
    people: &People,
    view: &CaseView,
    place: &str,
) -> Option<String> {
    let case = &view.case;
    Some(match place {
        "number" => case.number.clone(),
        "title" => case.title.clone(),
        "kind" => reader.text(&view.kind.name).to_owned(),
        "state" => reader.text(&view.state).to_owned(),
        "unit" => case.responsible.map(|unit| people.unit(reader, unit).to_owned())?,
        "opened_on" => local_date(case.opened_at),
        "today" => local_date(state.now()),
        "due_on" => lamp::end(case.due_at?),
        "note" => return None,
        field => {
            let shown = view.fields.iter().find(|shown| shown.id == field)?;
            reader.text(&shown.shown).to_owned()
        }
    })
}
