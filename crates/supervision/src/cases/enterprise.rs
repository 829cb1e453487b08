//! The cases of an enterprise on its page, in its timeline and on its desk, each as far as the
//! reader may see it: the engine's own rule decides.

use super::{lamp, words};
use crate::engine::{engine, refused};
use authority::{Principal, Role, Scope, scope};
use cases::{CaseRow, Cases, SeenAs, WorkFilter, WorkList};
use maud::{Markup, html};
use registry::EnterpriseId;
use web::components::{self, Column, Table};
use web::{AppState, Duty, Happening, Panel, Problem, Reader};

const SHOWN: usize = 10;
/// So many go back into the timeline.
const TOLD: u16 = 200;

/// What the reader sees of an enterprise's cases; `None`: they read no cases at all.
async fn rows(
    state: &AppState,
    enterprise: EnterpriseId,
    principal: Option<&Principal>,
    is_open: Option<bool>,
) -> Result<Option<Vec<CaseRow>>, Problem> {
    let Some(principal) = principal else { return Ok(None) };
    if scope(principal, authority::Action::ReadCase) == Scope::Nothing {
        return Ok(None);
    }
    // An installation without cases has no panel of them.
    let Ok(engine) = engine(state) else { return Ok(None) };
    let snapshot = state.snapshot();
    let code = snapshot.enterprise(enterprise).map(|one| one.code.clone());
    let filter =
        WorkFilter { enterprise: code, is_open, limit: TOLD, ..WorkFilter::of(WorkList::All) };
    let found = engine.list(principal, &filter, state.now()).await.map_err(refused)?;
    Ok(Some(found.rows))
}

/// The panel of cases.
pub(super) async fn panel(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: Option<&Principal>,
) -> Result<Option<Panel>, Problem> {
    let Some(mut found) = rows(state, enterprise, principal, None).await? else {
        return Ok(None);
    };
    found.sort_by_key(|row| (row.closed_at.is_some(), std::cmp::Reverse(row.opened_at)));
    let snapshot = state.snapshot();
    let code = snapshot.enterprise(enterprise).map_or("", |one| one.code.as_str());
    let content = html! {
        (table(state, reader, &found))
        @if found.len() > SHOWN {
            p { a href={ "/cases?list=all&enterprise=" (code) } {
                (reader.pick("全部事项", "All cases"))
            } }
        }
    };
    Ok(Some(Panel {
        anchor: "cases",
        order: 70,
        title: reader.pick("事项", "Cases").to_owned(),
        content,
    }))
}

fn table(state: &AppState, reader: &Reader, found: &[CaseRow]) -> Markup {
    let mut table = Table::new(
        reader.pick("在办的在前", "Open ones first"),
        vec![
            Column::words(reader.pick("事项", "Case")),
            Column::words(reader.pick("类型", "Kind")),
            Column::words(reader.pick("状态", "State")),
            Column::words(reader.pick("登记", "Opened")),
            Column::words(reader.pick("期限", "Due")),
        ],
    );
    for row in found.iter().take(SHOWN) {
        table.row(vec![
            html! { a href={ "/cases/" (row.id.0) } { (row.number) " " (reader.text(&row.title)) } },
            html! { (reader.text(&row.kind_name)) },
            words::state_badge(row.closed_at.is_some(), None, reader.text(&row.state_name)),
            html! { (components::moment(row.opened_at)) },
            html! {
                @if row.closed_at.is_none() { (lamp::of_row(reader, row, state.now()).render()) }
                @else { "—" }
            },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有您可查看的事项", "No case that you may see"),
            reader.pick(
                "投诉、督办、帮扶等事项登记后在此显示。",
                "Complaints, orders and assistance are shown here once they are opened.",
            ),
        );
    }
    table.render()
}

/// Each case's beginning and end.
pub(super) async fn timeline(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: Option<&Principal>,
) -> Result<Vec<Happening>, Problem> {
    let found = rows(state, enterprise, principal, None).await?.unwrap_or_default();
    let mut told = Vec::with_capacity(found.len() * 2);
    for row in &found {
        let kind = reader.text(&row.kind_name);
        let one = |at, end: &str| Happening {
            at,
            kind: format!("{kind}{end}"),
            title: format!("{} {}", row.number, reader.text(&row.title)),
            link: Some(format!("/cases/{}", row.id.0)),
        };
        told.push(one(row.opened_at, ""));
        if let Some(at) = row.closed_at {
            told.push(one(at, reader.pick("办结", ": closed")));
        }
    }
    Ok(told)
}

/// Whether a step of the case's kind from where it stands is the enterprise's to take.
fn waits_for_enterprise(engine: &Cases, row: &CaseRow) -> bool {
    let word = Role::EnterpriseManager.as_str();
    engine.kind(&row.kind).is_some_and(|kind| {
        kind.transitions
            .iter()
            .any(|step| step.from.contains(&row.state) && step.roles.iter().any(|it| it == word))
    })
}

/// The open cases in which the enterprise has the next step, with their clocks.
pub(super) async fn duties(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: &Principal,
) -> Result<Vec<Duty>, Problem> {
    let found = rows(state, enterprise, Some(principal), Some(true)).await?.unwrap_or_default();
    let Ok(engine) = engine(state) else { return Ok(Vec::new()) };
    Ok(found
        .iter()
        .filter(|row| row.seen_as == SeenAs::Enterprise && waits_for_enterprise(&engine, row))
        .map(|row| Duty {
            due_at: row.due_at,
            kind: reader.text(&row.kind_name).to_owned(),
            title: format!("{} {}", row.number, reader.text(&row.title)),
            link: format!("/cases/{}", row.id.0),
        })
        .collect())
}
