//! A work list as a file: the rows and columns that the page shows, all its pages.

use super::filter::Wanted;
use super::lamp;
use super::list::columns;
use super::people::People;
use super::words::{self, Marks};
use crate::engine::{engine, refused};
use authority::audit::{Record, record};
use authority::{Action, Actor, Scope, Subject};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use cases::{CaseRow, Cases};
use web::{AppState, Cell, Problem, Reader, Sheet, SignedIn, local_date, local_minute};

/// Rows of one file.
const ROWS_MAX: usize = 10_000;
/// Rows asked for at once.
const AT_ONCE: u16 = 500;

pub(super) async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(ending): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let reach = signed_in.scope(Action::Export)?;
    if !["csv", "xlsx"].contains(&ending.as_str()) {
        return Err(Problem::not_found("只有 csv 和 xlsx", "there are csv and xlsx alone"));
    }
    let engine = engine(&state)?;
    let (rows, is_cut) = rows(&state, &engine, &signed_in, &wanted, &reach).await?;
    let people = People::read(&state).await?;
    note(&state, &signed_in, &wanted, rows.len()).await?;
    let sheet = sheet(&state, &reader, &people, &rows, is_cut);
    if ending == "csv" { sheet.csv() } else { sheet.xlsx() }
}

/// The rows of all pages that somebody may take away, and whether there are more.
async fn rows(
    state: &AppState,
    engine: &Cases,
    signed_in: &SignedIn,
    wanted: &Wanted,
    reach: &Scope,
) -> Result<(Vec<CaseRow>, bool), Problem> {
    let mut filter = wanted.filter()?;
    (filter.after, filter.limit) = (None, AT_ONCE);
    let mut rows = Vec::new();
    loop {
        let found = engine.list(signed_in.principal(), &filter, state.now()).await;
        let found = found.map_err(refused)?;
        rows.extend(found.rows.into_iter().filter(|row| reach.holds(&subject(row))));
        let is_full = rows.len() >= ROWS_MAX;
        let is_cut = rows.len() > ROWS_MAX || (is_full && found.next.is_some());
        rows.truncate(ROWS_MAX);
        if is_full || found.next.is_none() {
            return Ok((rows, is_cut));
        }
        filter.after = found.next;
    }
}

fn subject(row: &CaseRow) -> Subject {
    let subject = Subject::installation().in_division(&row.division);
    let subject = row.responsible.into_iter().fold(subject, Subject::of_organisation);
    row.enterprise.iter().fold(subject, Subject::of_enterprise)
}

/// Taking many cases away is written into the audit.
async fn note(
    state: &AppState,
    signed_in: &SignedIn,
    wanted: &Wanted,
    count: usize,
) -> Result<(), Problem> {
    let address = signed_in.origin().address.clone();
    let actor = Actor::of(signed_in.principal(), address, Action::Export.as_str());
    let after = serde_json::json!({ "filter": wanted.query(), "rows": count });
    let mut transaction = state.store.begin().await?;
    let written = Record {
        at: state.now(),
        actor: &actor,
        action: "case.export",
        subject: "cases".into(),
        before: None,
        after: Some(after.to_string()),
    };
    record(&mut transaction, written).await?;
    transaction.commit().await?;
    Ok(())
}

fn sheet(
    state: &AppState,
    reader: &Reader,
    people: &People,
    rows: &[CaseRow],
    is_cut: bool,
) -> Sheet {
    let (snapshot, now) = (state.snapshot(), state.now());
    let [number, title, status, division, with, left, opened] = columns(reader);
    let mut table = vec![];
    for row in rows {
        let is_officer = words::is_officer(row.seen_as);
        let due = row.due_at.filter(|_| row.closed_at.is_none());
        let provisional =
            if row.is_provisional { reader.pick("暂定", "provisional") } else { "" };
        let user = row.assignee.filter(|_| is_officer).map_or("", |user| people.user(user));
        table.push(vec![
            Cell::from(row.number.as_str()),
            Cell::from(reader.text(&row.title)),
            Cell::from(Marks::from(row).words(reader)),
            Cell::from(reader.text(&row.kind_name)),
            Cell::from(reader.text(&row.state_name)),
            Cell::from(words::division(reader, &snapshot, &row.division)),
            Cell::from(row.responsible.map_or("", |unit| people.unit(reader, unit))),
            Cell::from(user),
            Cell::from(lamp::of_row(reader, row, now).words()),
            Cell::from(due.map_or_else(String::new, lamp::end)),
            Cell::from(provisional),
            Cell::from(local_minute(row.opened_at)),
        ]);
    }
    if is_cut {
        table.push(vec![Cell::from(match reader.language {
            web::Language::Chinese => format!("只含前 {ROWS_MAX} 行,请缩小筛选范围后再导出"),
            web::Language::English => {
                format!("the first {ROWS_MAX} rows alone; narrow the filter for the rest")
            }
        })]);
    }
    let heads = [
        number,
        title,
        reader.pick("标记", "Marks"),
        reader.pick("类型", "Kind"),
        status,
        division,
        with,
        reader.pick("承办人", "Officer"),
        left,
        reader.pick("截止", "Ends"),
        reader.pick("暂定", "Provisional"),
        opened,
    ];
    Sheet {
        name: format!("cases-{}", local_date(now)),
        columns: heads.map(str::to_owned).to_vec(),
        rows: table,
    }
}
