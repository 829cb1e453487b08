//! Two versions of a permit compared.

use super::super::{PATH, problem, unknown};
use super::parts;
use axum::extract::{Path, Query, State};
use maud::{Markup, html};
use permits::{PermitVersion, diff, words};
use registry::Snapshot;
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    from: u32,
    to: u32,
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let all = permits::by_number(&state.store, &number).await.map_err(problem)?;
    let of =
        |wanted: u32| all.iter().find(|it| it.version == wanted).ok_or_else(|| unknown(&number));
    let (before, after) = (of(asked.from)?, of(asked.to)?);
    let content = html! {
        p {
            (reader.pick("第", "Version ")) (before.version) (reader.pick("版", ""))
            " (" (before.in_force_from) ") → "
            (reader.pick("第", "version ")) (after.version) (reader.pick("版", ""))
            " (" (after.in_force_from) "), " (reader.text(&after.reason.text()))
            @if !after.reason_note.is_empty() { ": " (after.reason_note) }
        }
        (changes(&reader, &snapshot, Some(before), after))
    };
    let title = reader.pick("版本比较", "Versions compared");
    let page = Page::new(title)
        .under(PATH, reader.pick("排污许可", "Discharge permits"))
        .under(parts::path(&number), number);
    Ok(page.render(&state, &reader, content))
}

fn changes(
    reader: &Reader,
    snapshot: &Snapshot,
    before: Option<&PermitVersion>,
    after: &PermitVersion,
) -> Markup {
    let name = words::names(snapshot);
    let found = before.map(|before| diff(&before.content, &after.content, &name));
    table(reader, &found.unwrap_or_default())
}

/// Differences as a table.
pub(in crate::permits) fn table(reader: &Reader, changes: &[permits::Change]) -> Markup {
    let mut table = Table::new(
        reader.pick("不同之处", "Differences"),
        vec![
            Column::words(reader.pick("部分", "Part")),
            Column::words(reader.pick("内容", "About")),
            Column::words(reader.pick("原来", "Before")),
            Column::words(reader.pick("现在", "Now")),
        ],
    );
    let none = rulebook::Text::same("");
    for change in changes {
        table.row(vec![
            html! { (reader.text(&change.part.text())) },
            html! { (reader.text(&change.about)) },
            parts::or_dash(reader, change.before.as_ref().unwrap_or(&none)),
            parts::or_dash(reader, change.after.as_ref().unwrap_or(&none)),
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("内容相同", "They say the same"),
            reader.pick("两个版本没有不同之处。", "There are no differences."),
        );
    }
    table.render()
}
