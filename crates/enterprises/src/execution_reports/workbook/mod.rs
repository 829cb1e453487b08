//! A report as a workbook: down with what is known, filled in, and up again with row and column of
//! everything that is wrong.

mod read;
mod write;

use super::access::{filler, seen};
use super::facts;
use super::model::{Explained, Report, State as Standing, day_of};
use super::pages::{PATH, title};
use super::store;
use crate::checks::Checks;
use crate::sheets::{LARGEST, attached, head};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use permits::ReportCycle;
use plausibility::{Form as Forms, Level};
use serde::Deserialize;
use std::collections::BTreeMap;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

use read::{Fault, WrongRow};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/reports/{id}/template.xlsx", get(template))
        .route("/reports/{id}/import", post(import).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/reports/{id}/wrong-rows.xlsx", post(wrong_rows))
}

/// A sheet of the workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The whole report: a field in each row.
    Head,
    /// The outlets.
    Outlets,
    /// The factors.
    Factors,
}

impl Part {
    const ALL: [Self; 3] = [Self::Head, Self::Outlets, Self::Factors];

    /// The sheet's name.
    const fn name(self) -> &'static str {
        match self {
            Self::Head => "整体情况",
            Self::Outlets => "排放口",
            Self::Factors => "污染物",
        }
    }

    const fn level(self) -> Level {
        match self {
            Self::Head => Level::Head,
            Self::Outlets => Level::Outlet,
            Self::Factors => Level::Factor,
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// The headings of its columns: those that name the row, then the fields.
    fn heads(self) -> Vec<String> {
        let fixed: &[&str] = match self {
            Self::Head => return ["编号", "填报项", "单位", "内容"].map(str::to_owned).to_vec(),
            Self::Outlets => &["排放口编号", "排放口名称"],
            Self::Factors => &["排放口编号", "污染物代码", "污染物名称", "浓度单位"],
        };
        let fields = plausibility::fields(Forms::ExecutionReport).iter();
        let fields = fields.filter(|field| field.level == self.level()).map(head);
        fixed.iter().map(|text| (*text).to_owned()).chain(fields).collect()
    }
}

/// The draft that somebody fills in.
async fn draft(state: &AppState, signed_in: &SignedIn, id: i64) -> Result<Report, Problem> {
    let (report, _) = seen(state, Some(signed_in), id).await?;
    filler(signed_in, &state.snapshot(), report.enterprise)?;
    if report.state != Standing::Draft {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "execution_report.state",
            "只有草稿可以用 Excel 填报",
            "only a draft is filled in from a workbook",
        ));
    }
    Ok(report)
}

async fn template(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let report = draft(&state, &signed_in, id).await?;
    let snapshot = state.snapshot();
    let facts = facts::facts(&state.store, &snapshot, report.enterprise, &report.subject).await?;
    let book = write::book(&report, &facts).map_err(|error| Problem::internal(&error))?;
    Ok(attached(&format!("execution_report_{id}"), book))
}

async fn import(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    parts: Multipart,
) -> Result<Response, Problem> {
    let report = draft(&state, &signed_in, id).await?;
    let bytes = web::workbook(parts, LARGEST).await?;
    let snapshot = state.snapshot();
    let subject = &report.subject;
    let facts = facts::facts(&state.store, &snapshot, report.enterprise, subject).await?;
    let today = day_of(state.now());
    let checks = Checks::of(&state);
    let is_year = subject.cycle == ReportCycle::Year;
    let mut rows = read::rows(&bytes, &facts.shape, is_year)?;
    let reasons: BTreeMap<String, String> =
        report.findings.iter().map(|it| (it.finding.id(), it.reason.clone())).collect();
    let whole = rows.over(&report.content);
    rows.refuse(&facts.findings(&checks.0, subject, &whole, &reasons, today), &checks);
    let content = rows.over(&report.content);
    let findings = facts.findings(&checks.0, subject, &content, &reasons, today);
    store::save(&state.store, &report, &content, &findings).await.map_err(super::changes::told)?;
    let wrong = rows.wrong();
    let page = outcome(&state, &reader, &report, rows.right(), &wrong, &findings);
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, page).into_response())
}

/// What became of a workbook.
fn outcome(
    state: &AppState,
    reader: &Reader,
    report: &Report,
    right: usize,
    wrong: &[WrongRow],
    findings: &[Explained],
) -> Markup {
    let path = format!("{PATH}/{}", report.id);
    let snapshot = state.snapshot();
    let name = title(&snapshot, reader, report);
    let content = html! {
        div class="stats" {
            (components::stat(reader.pick("已导入行", "Rows taken"), html! { (right) }, None))
            (components::stat(reader.pick("有错的行", "Wrong rows"), html! { (wrong.len()) }, None))
            (components::stat(reader.pick("检查结果", "Findings"), html! { (findings.len()) }, None))
        }
        @if !wrong.is_empty() {
            (faults(reader, wrong))
            form method="post" action={ (path) "/wrong-rows.xlsx" } {
                input type="hidden" name="rows" value=(read::packed(wrong));
                button type="submit" {
                    (reader.pick("只导出有错的行", "Export only the wrong rows"))
                }
            }
        }
        p {
            a class="button primary" href={ (path) "#form" } {
                (reader.pick("回到报告，查看检查结果", "Back to the report and its findings"))
            }
        }
    };
    Page::new(reader.pick("Excel 导入结果", "What was read").to_owned())
        .under(PATH, reader.pick("执行报告", "Execution reports"))
        .under(path, name)
        .render(state, reader, content)
}

fn faults(reader: &Reader, wrong: &[WrongRow]) -> Markup {
    let mut table = Table::new(
        reader.pick("有错的行（未导入）", "Wrong rows, not taken"),
        vec![
            Column::words(reader.pick("工作表", "Sheet")),
            Column::numbers(reader.pick("行", "Row")),
            Column::words(reader.pick("列", "Column")),
            Column::words(reader.pick("问题与改法", "What is wrong, how to mend it")),
        ],
    );
    for row in wrong {
        for Fault { column, what } in &row.faults {
            table.row(vec![
                html! { (row.part.name()) },
                html! { (row.number) },
                html! { (column) },
                html! { (reader.text(what)) },
            ]);
        }
    }
    table.render()
}

#[derive(Debug, Deserialize)]
struct Packed {
    #[serde(default)]
    rows: String,
}

async fn wrong_rows(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Form(packed): Form<Packed>,
) -> Result<Response, Problem> {
    draft(&state, &signed_in, id).await?;
    let rows = read::unpacked(&packed.rows).ok_or_else(|| {
        Problem::bad_request("没有可导出的行，请重新导入", "no rows came along: import again")
    })?;
    let book = write::wrong(&rows).map_err(|error| Problem::internal(&error))?;
    Ok(attached(&format!("execution_report_{id}_wrong_rows"), book))
}
