//! Pages of reports: what is asked for, what is public, one report, its form.

mod beside;
mod decision;
pub(super) mod form;
pub(super) mod list;
mod one;

use super::model::{Report, period_text};
use axum::Router;
use axum::routing::get;
use registry::Snapshot;
use web::{AppState, Reader};

pub(in crate::execution_reports) const PATH: &str = "/reports";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list::page))
        .route("/reports.xlsx", get(list::file))
        .route("/reports/{id}", get(one::page))
}

/// The title of a report: enterprise, period, kind.
pub(super) fn title(snapshot: &Snapshot, reader: &Reader, report: &Report) -> String {
    let subject = &report.subject;
    let period = period_text(subject.cycle, subject.from);
    let name = enterprise(snapshot, reader, report.enterprise);
    let (period, kind) = (reader.text(&period), subject.cycle.text());
    format!("{name} {period} {}", reader.text(&kind))
}

/// The name of an enterprise.
pub(super) fn enterprise(
    snapshot: &Snapshot,
    reader: &Reader,
    id: registry::EnterpriseId,
) -> String {
    let found = snapshot.enterprise(id);
    found.map_or_else(|| format!("#{}", id.0), |one| reader.name(&one.name).to_owned())
}
