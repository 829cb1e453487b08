//! Pages of the signs: the list "look here first", one with its picture, the definitions.

mod detectors;
mod list;
mod one;

use super::model::StoredSign;
use super::words;
use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use registry::Snapshot;
use web::components::{self, Column, Table};
use web::{AppState, Reader};

pub(super) const PATH: &str = "/fraud-signs";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list::page))
        .route("/fraud-signs/detectors", get(detectors::page))
        .route("/fraud-signs/{id}", get(one::page))
}

/// What every page says first.
fn no_proof(reader: &Reader) -> Markup {
    components::notice("warning", html! { p { (reader.text(&words::NO_PROOF)) } })
}

/// The way to one sign.
fn link(snapshot: &Snapshot, reader: &Reader, sign: &StoredSign) -> Markup {
    html! {
        a href={ (PATH) "/" (sign.id) } { (words::title(snapshot, reader, sign)) }
    }
}

/// The numbers on which a sign rests.
fn numbers(reader: &Reader, sign: &StoredSign) -> Markup {
    let mut table = Table::new(
        reader.pick("依据的数字", "The numbers it rests on"),
        vec![
            Column::words(reader.pick("项目", "Item")),
            Column::numbers(reader.pick("数值", "Value")),
        ],
    );
    for (name, value, unit) in &sign.evidence.numbers {
        table.row(vec![
            html! { (reader.text(name)) },
            html! { (value) @if !unit.is_empty() { " " (web::unit(unit)) } },
        ]);
    }
    table.render()
}
