//! Findings and orders on the enterprise's page, and orders among what the enterprise has to do.

use super::access::Officer;
use super::clocks::KIND;
use super::model::Finding;
use super::{shown, store};
use authority::{Action, Principal, Scope, scope};
use cases::{CaseError, CaseRow, Cases, WorkFilter, WorkList};
use maud::html;
use registry::{EnterpriseId, PointDetail, PointId, PointKind, Snapshot};
use std::sync::Arc;
use web::components::{self, Column, Table};
use web::{AppState, Duty, Panel, Problem, Reader};

/// Rows of a panel.
const ROWS: u16 = 20;

/// What this reader may see of findings and orders at an enterprise.
pub(super) async fn panel(
    state: AppState,
    reader: Reader,
    id: EnterpriseId,
    principal: Option<Arc<Principal>>,
) -> Result<Option<Panel>, Problem> {
    let Some(principal) = principal else { return Ok(None) };
    let snapshot = state.snapshot();
    let Some(enterprise) = snapshot.enterprise(id) else { return Ok(None) };
    let officer = Officer::principal(&principal);
    let outlets = outlets(&snapshot, id);
    let findings = store::newest_numbers(&state.store, &outlets, u32::from(ROWS)).await?;
    let seen: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| officer.may_see(&snapshot, finding).is_ok())
        .collect();
    let orders = orders(&state, &principal, &enterprise.code).await?;
    if seen.is_empty() && orders.is_empty() {
        return Ok(None);
    }
    let mut found = Table::new(
        reader.pick("线索,新的在前", "Findings, the newest first"),
        vec![
            Column::words(reader.pick("线索", "Finding")),
            Column::words(reader.pick("问题", "What")),
            Column::words(reader.pick("始于", "Since")),
            Column::words(reader.pick("状态", "State")),
        ],
    );
    for finding in &seen {
        found.row(vec![
            html! { a href={ "/triage/" (finding.id.0) } { "#" (finding.id.0) } },
            html! { (shown::what(&snapshot, &reader, finding)) },
            components::moment(finding.opened_at),
            html! { (reader.text(&finding.state.text())) },
        ]);
    }
    let content = html! {
        @if !seen.is_empty() { (found.render()) }
        @if !orders.is_empty() { (order_table(&state, &reader, &orders)) }
    };
    let title = reader.pick("线索与督办", "Findings and orders").to_owned();
    Ok(Some(Panel { anchor: "findings", order: 60, title, content }))
}

fn order_table(state: &AppState, reader: &Reader, orders: &[CaseRow]) -> maud::Markup {
    let mut table = Table::new(
        reader.pick("督办单,新的在前", "Orders, the newest first"),
        vec![
            Column::words(reader.pick("编号", "Number")),
            Column::words(reader.pick("内容", "What")),
            Column::words(reader.pick("状态", "State")),
            Column::words(reader.pick("时限", "Clock")),
        ],
    );
    for row in orders {
        table.row(vec![
            html! { a href={ "/cases/" (row.id.0) } { (row.number) } },
            html! { (reader.text(&row.title)) },
            html! { (reader.text(&row.state_name)) },
            html! {
                @if row.closed_at.is_some() { "—" }
                @else { (shown::left(reader, row.due_at, state.now())) }
            },
        ]);
    }
    table.render()
}

fn outlets(snapshot: &Snapshot, id: EnterpriseId) -> Vec<PointId> {
    let is_theirs = |detail: &PointDetail| match detail {
        PointDetail::Outlet(outlet) => outlet.enterprise == id,
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => false,
    };
    let all = snapshot.points_of(PointKind::Outlet);
    all.filter(|point| is_theirs(&point.detail)).map(|point| point.id).collect()
}

/// The orders at an enterprise that somebody may read.
async fn orders(
    state: &AppState,
    principal: &Principal,
    enterprise: &str,
) -> Result<Vec<CaseRow>, Problem> {
    let Some(cases) = state.handle::<Cases>() else { return Ok(Vec::new()) };
    if scope(principal, Action::ReadCase) == Scope::Nothing {
        return Ok(Vec::new());
    }
    let filter = WorkFilter {
        kind: Some(KIND.to_owned()),
        enterprise: Some(enterprise.to_owned()),
        limit: ROWS,
        ..WorkFilter::of(WorkList::All)
    };
    match cases.list(principal, &filter, state.now()).await {
        Ok(page) => Ok(page.rows),
        Err(CaseError::Denied(_)) => Ok(Vec::new()),
        Err(error) => Err(super::order::refused(error)),
    }
}

/// Orders that wait for the enterprise.
pub(super) async fn duties(
    state: AppState,
    reader: Reader,
    id: EnterpriseId,
    principal: Arc<Principal>,
) -> Result<Vec<Duty>, Problem> {
    let snapshot = state.snapshot();
    let Some(enterprise) = snapshot.enterprise(id) else { return Ok(Vec::new()) };
    let orders = orders(&state, &principal, &enterprise.code).await?;
    let waits = |row: &CaseRow| {
        row.closed_at.is_none() && ["issued", "acknowledged"].contains(&row.state.as_str())
    };
    Ok(orders
        .into_iter()
        .filter(waits)
        .map(|row| Duty {
            due_at: row.due_at,
            kind: reader.pick("督办单", "order").to_owned(),
            title: format!("{} {}", row.number, reader.text(&row.title)),
            link: format!("/cases/{}", row.id.0),
        })
        .collect())
}
