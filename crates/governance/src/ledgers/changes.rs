//! What people write into ledgers: one row by a form, many by a file, a row taken away.

use super::taking::{self, Taken, code_of};
use super::{PATH, declared, workbook};
use ::ledger::{Ledger, read_row};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Multipart, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use maud::html;
use rulebook::Text;
use std::collections::BTreeMap;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

/// A file is at most so large.
const FILE_MAX: usize = 8 << 20;
/// A reason is at most so long.
const LONGEST_REASON: usize = 500;
/// More wrong cells are not told at once.
const TOLD: usize = 200;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/ledgers/{ledger}/rows", post(enter))
        .route("/ledgers/{ledger}/remove", post(remove))
        .route("/ledgers/{ledger}/import", post(import).layer(DefaultBodyLimit::max(FILE_MAX)))
}

fn see(path: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

async fn ledger(state: &AppState, id: &str) -> Result<Ledger, Problem> {
    let ledgers = declared::read(&state.store).await?;
    ledgers.get(id).cloned().ok_or_else(super::pages::no_ledger)
}

fn reason(filled: &BTreeMap<String, String>) -> Result<String, Problem> {
    let reason = filled.get("reason").map_or("", |text| text.trim());
    if reason.chars().count() > LONGEST_REASON {
        return Err(Problem::bad_request(
            format!("理由不超过 {LONGEST_REASON} 字"),
            format!("a reason has at most {LONGEST_REASON} letters"),
        ));
    }
    Ok(reason.to_owned())
}

async fn enter(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(filled): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let ledger = ledger(&state, &id).await?;
    let snapshot = state.snapshot();
    let reason = reason(&filled)?;
    let row = match read_row(&ledger, &filled, &|form, text| code_of(&snapshot, form, text)) {
        Ok(row) => row,
        Err(problems) => {
            // Nobody learns from a refusal what they may not see.
            signed_in_keeps(&signed_in)?;
            let wrong = problems.into_iter().map(|problem| workbook::Wrong {
                row: 1,
                column: ledger
                    .column(&problem.column)
                    .map_or_else(|| Text::plain(&problem.column), |it| it.name.clone()),
                what: problem.what,
            });
            return Ok(refused(&state, &reader, &ledger, wrong.collect()));
        }
    };
    match taking::take(&state, &signed_in, &ledger, std::slice::from_ref(&row), &reason).await? {
        Taken::Written(_) => Ok(see(format!("{PATH}/{id}#rows"))),
        Taken::Refused(findings) => Ok(refused(&state, &reader, &ledger, told(&findings))),
    }
}

fn signed_in_keeps(signed_in: &SignedIn) -> Result<(), Problem> {
    signed_in.scope(authority::Action::ManagePlan).map(|_| ())
}

fn told(findings: &[::ledger::Finding]) -> Vec<workbook::Wrong> {
    let wrong = |finding: &::ledger::Finding| workbook::Wrong {
        row: 0,
        column: Text::fixed("校验", "check"),
        what: taking::told(finding),
    };
    findings.iter().map(wrong).collect()
}

async fn remove(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(filled): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let ledger = ledger(&state, &id).await?;
    let reason = reason(&filled)?;
    if reason.is_empty() {
        return Err(Problem::bad_request("请写明删除理由", "say why the row is taken away"));
    }
    let key = filled.get("key").map_or("", String::as_str);
    taking::remove(&state, &signed_in, &ledger, key, &reason).await?;
    Ok(see(format!("{PATH}/{id}#rows")))
}

async fn import(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    parts: Multipart,
) -> Result<Response, Problem> {
    let ledger = ledger(&state, &id).await?;
    signed_in_keeps(&signed_in)?;
    let bytes = web::workbook(parts, FILE_MAX).await?;
    let snapshot = state.snapshot();
    let rows = match workbook::read(&ledger, &snapshot, &bytes) {
        Ok(rows) => rows,
        Err(wrong) => return Ok(refused(&state, &reader, &ledger, wrong)),
    };
    let reason = reader.pick("导入表格", "imported from a spreadsheet");
    match taking::take(&state, &signed_in, &ledger, &rows, reason).await? {
        Taken::Written(written) => Ok(see(format!("{PATH}/{id}?imported={written}#rows"))),
        Taken::Refused(findings) => Ok(refused(&state, &reader, &ledger, told(&findings))),
    }
}

/// What was wrong; nothing was written.
fn refused(
    state: &AppState,
    reader: &Reader,
    ledger: &Ledger,
    wrong: Vec<workbook::Wrong>,
) -> Response {
    let mut table = Table::new(
        reader.pick("需改正之处", "What must be mended"),
        vec![
            Column::numbers(reader.pick("行", "Row")),
            Column::words(reader.pick("列", "Column")),
            Column::words(reader.pick("问题与改法", "What is wrong, and how to mend it")),
        ],
    );
    for one in wrong.iter().take(TOLD) {
        table.row(vec![
            html! { @if one.row > 0 { (one.row) } },
            html! { (reader.text(&one.column)) },
            html! { (reader.text(&one.what)) },
        ]);
    }
    let content = html! {
        (components::notice("warning", html! {
            (reader.pick("没有写入任何一行。改正后再试一次。",
                "No row was written. Mend it and try again."))
            " (" (wrong.len()) ")"
        }))
        (table.render())
        p { a class="button" href={ (PATH) "/" (ledger.id) } { (reader.pick("返回台账", "Back")) } }
    };
    let page = Page::new(reader.text(&ledger.name)).under(PATH, reader.pick("台账", "Ledgers"));
    (StatusCode::UNPROCESSABLE_ENTITY, page.render(state, reader, content)).into_response()
}
