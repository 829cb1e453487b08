//! Values as a table of a page, the same as in the files.

use maud::{Markup, html};
use web::components::{self, Column, Table};
use web::{Cell, Reader, Sheet};

/// A sheet as a table that opens when asked for: on a phone it is long.
pub(crate) fn folded(reader: &Reader, sheet: &Sheet) -> Markup {
    html! {
        details class="folded" open[sheet.rows.len() <= 24] {
            summary { (reader.pick("数值表", "Table of values")) " (" (sheet.rows.len()) ")" }
            (table(reader, sheet))
        }
    }
}

/// A sheet as a table of a page.
fn table(reader: &Reader, sheet: &Sheet) -> Markup {
    let columns = sheet.columns.iter().enumerate().map(|(index, title)| match index {
        0 => Column::words(title),
        _ => Column::numbers(title),
    });
    let mut table =
        Table::new(reader.pick("数值,新的在前", "Values, the newest first"), columns.collect());
    for row in &sheet.rows {
        table.row(
            row.iter()
                .map(|cell| match cell {
                    Cell::Text(text) => html! { (text) },
                    Cell::Number(number) => html! { (number) },
                    Cell::Empty => html! { span class="none" { "—" } },
                })
                .collect(),
        );
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("这一时段没有数据", "No data in this span"),
            reader.pick("换一个时段,或等待上报。", "Choose another span, or wait for reports."),
        );
    }
    table.render()
}
