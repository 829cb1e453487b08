//! Overview of rectification (督察整改总览): the problems that inspections found, with who answers,
//! until when, how far; read from their cases.

use crate::access::Officer;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cases::{CaseId, CaseRow, Cases, Cursor, Viewer, WorkFilter, WorkList};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Navigation, Page, Problem, Reader, Sheet, SignedIn, Slice, local_date};

const PATH: &str = "/plan/rectification";
/// The kind whose cases it shows.
const KIND: &str = "inspection_rectification";
/// Problems are counted no further.
const COUNTED: usize = 5_000;
/// Problems of one page; a file has all that are counted.
const A_PAGE: usize = 50;

pub(crate) fn slice() -> Slice {
    Slice {
        name: "rectification",
        pages: || Router::new().route(PATH, get(page)),
        api: utoipa_axum::router::OpenApiRouter::new,
        navigation: &[Navigation {
            path: PATH,
            zh: "督察整改",
            en: "Rectification",
            needs: Some(authority::Action::ReadCase),
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    format: String,
    #[serde(default)]
    state: String,
    /// How many problems stand on the pages before.
    #[serde(default)]
    after: usize,
}

/// A problem with what its case says.
struct Found {
    row: CaseRow,
    fields: BTreeMap<String, String>,
}

async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    Officer::of(&signed_in)?;
    signed_in.scope(authority::Action::ReadCase)?;
    let cases = state.handle::<Cases>().ok_or_else(|| {
        Problem::not_found("本系统未启用事项", "this installation keeps no cases")
    })?;
    let all = problems(&state, &cases, &signed_in).await?;
    let wanted: Vec<&CaseRow> =
        all.iter().filter(|row| asked.state.is_empty() || row.state == asked.state).collect();
    let (skipped, taken) =
        if asked.format == "xlsx" { (0, usize::MAX) } else { (asked.after, A_PAGE) };
    let mut found = Vec::new();
    for row in wanted.iter().skip(skipped).take(taken) {
        let fields = fields(&state, &cases, &signed_in, &reader, row.id).await?;
        found.push(Found { row: (*row).clone(), fields });
    }
    if asked.format == "xlsx" {
        return sheet(&state, &reader, &found).xlsx();
    }
    let shown = asked.after.saturating_add(A_PAGE);
    let next = (wanted.len() > shown).then(|| shown.to_string());
    let content = html! {
        p class="hint" {
            (reader.pick("督察反馈问题一案一号，由市领导包案，整改后经第三方评估、公示、验收、销号。",
                "Each problem that an inspection found is a case with a leader in charge; it is \
                 assessed, put on notice, accepted and struck off."))
        }
        (counts(&reader, &all))
        div class="row" {
            a class="button" href=(reader.with("format", "xlsx")) {
                (reader.pick("导出 Excel", "Excel"))
            }
            a class="button" href={ "/cases/new?kind=" (KIND) } {
                (reader.pick("登记问题", "Enter a problem"))
            }
        }
        (by_state(&reader, &all, &asked))
        (components::section("problems", reader.pick("问题清单", "Problems"),
            table(&state, &reader, &found)))
        (components::pages(&reader, next.as_deref()))
    };
    let title = reader.pick("督察反馈问题整改", "Rectification after inspections");
    let page = Page::new(title).under("/plan", reader.pick("方案", "Plan"));
    Ok(page.render(&state, &reader, content).into_response())
}

/// Every problem within reach, the newest first.
async fn problems(
    state: &AppState,
    cases: &Cases,
    signed_in: &SignedIn,
) -> Result<Vec<CaseRow>, Problem> {
    let mut all: Vec<CaseRow> = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let filter = WorkFilter {
            kind: Some(KIND.to_owned()),
            limit: 200,
            after,
            ..WorkFilter::of(WorkList::All)
        };
        let page = cases.list(signed_in.principal(), &filter, state.now()).await?;
        all.extend(page.rows);
        after = page.next;
        if after.is_none() || all.len() >= COUNTED {
            return Ok(all);
        }
    }
}

async fn fields(
    state: &AppState,
    cases: &Cases,
    signed_in: &SignedIn,
    reader: &Reader,
    id: CaseId,
) -> Result<BTreeMap<String, String>, Problem> {
    let viewer = Viewer::Person(signed_in.principal());
    let view = cases.case(&viewer, id, state.now()).await?;
    let shown = view.fields.into_iter().map(|it| (it.id, reader.text(&it.shown).to_owned()));
    Ok(shown.collect())
}

fn counts(reader: &Reader, all: &[CaseRow]) -> Markup {
    let closed = all.iter().filter(|row| row.closed_at.is_some()).count();
    let late = all.iter().filter(|row| row.is_overdue && row.closed_at.is_none()).count();
    html! {
        div class="stats" {
            (components::stat(reader.pick("问题总数", "Problems"), html! { (all.len()) }, None))
            (components::stat(reader.pick("已销号", "Struck off"), html! { (closed) }, None))
            (components::stat(reader.pick("整改中", "Being mended"),
                html! { (all.len() - closed) }, None))
            (components::stat(reader.pick("已超期", "Late"), html! { (late) }, None))
        }
    }
}

fn by_state(reader: &Reader, all: &[CaseRow], asked: &Asked) -> Markup {
    let mut states: Vec<(String, String, usize)> = Vec::new();
    for row in all {
        match states.iter_mut().find(|(id, ..)| *id == row.state) {
            Some((.., count)) => *count += 1,
            None => states.push((row.state.clone(), reader.text(&row.state_name).to_owned(), 1)),
        }
    }
    let mut views =
        vec![(PATH.to_owned(), reader.pick("全部", "all").to_owned(), asked.state.is_empty())];
    views.extend(states.into_iter().map(|(id, name, count)| {
        (format!("{PATH}?state={id}"), format!("{name} {count}"), id == asked.state)
    }));
    components::tabs(reader.pick("按进度", "By state"), &views)
}

/// The columns between number and state: fields of the kind.
const FIELDS: [(&str, &str, &str); 6] = [
    ("source", "来源", "Source"),
    ("problem", "问题", "Problem"),
    ("implementing_body", "整改主体", "Carried out by"),
    ("leader_in_charge", "包案领导", "Leader in charge"),
    ("deadline", "整改时限", "Deadline"),
    ("progress", "进度", "Progress"),
];

fn division(state: &AppState, reader: &Reader, row: &CaseRow) -> String {
    reader.name(&crate::names::unit_name(&state.snapshot(), &row.division)).to_owned()
}

fn table(state: &AppState, reader: &Reader, found: &[Found]) -> Markup {
    if found.is_empty() {
        return components::empty(
            reader.pick("没有问题", "No problem"),
            reader.pick(
                "督察反馈意见印发后逐条登记；也可换一个进度查看。",
                "Enter each problem when the findings are issued; or look at another state.",
            ),
        );
    }
    let mut columns = vec![
        Column::words(reader.pick("编号", "Number")),
        Column::words(reader.pick("区县", "Division")),
    ];
    columns.extend(FIELDS.iter().map(|(_, zh, en)| Column::words(reader.pick(zh, en))));
    columns.push(Column::words(reader.pick("状态", "State")));
    let mut table = Table::new(reader.pick("问题", "Problems"), columns);
    for one in found {
        let row = &one.row;
        let mut cells = vec![
            html! { a href={ "/cases/" (row.number) } { (row.number) } },
            html! { (division(state, reader, row)) },
        ];
        cells.extend(FIELDS.iter().map(|(id, ..)| {
            html! { (one.fields.get(*id).map_or("—", String::as_str)) }
        }));
        cells.push(html! {
            (reader.text(&row.state_name))
            @if row.is_overdue && row.closed_at.is_none() {
                " " span class="badge warning" { (reader.pick("超期", "late")) }
            }
        });
        table.row(cells);
    }
    table.render()
}

fn sheet(state: &AppState, reader: &Reader, found: &[Found]) -> Sheet {
    let word = |zh: &str, en: &str| reader.pick(zh, en).to_owned();
    let mut columns = vec![word("编号", "Number"), word("区县", "Division")];
    columns.extend(FIELDS.iter().map(|(_, zh, en)| word(zh, en)));
    columns.extend([
        word("状态", "State"),
        word("登记", "Opened"),
        word("到期", "Due"),
        word("办结", "Closed"),
    ]);
    let day = |at: Option<jiff::Timestamp>| at.map_or(Cell::Empty, |at| Cell::Text(local_date(at)));
    let rows = found.iter().map(|one| {
        let row = &one.row;
        let mut cells =
            vec![Cell::Text(row.number.clone()), Cell::Text(division(state, reader, row))];
        cells.extend(
            FIELDS
                .iter()
                .map(|(id, ..)| one.fields.get(*id).cloned().map_or(Cell::Empty, Cell::Text)),
        );
        cells.push(Cell::Text(reader.text(&row.state_name).to_owned()));
        cells.extend([day(Some(row.opened_at)), day(row.due_at), day(row.closed_at)]);
        cells
    });
    Sheet { name: "rectification".to_owned(), columns, rows: rows.collect() }
}
