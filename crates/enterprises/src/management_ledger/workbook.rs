//! A month of a ledger as a workbook: down with what is recorded, filled in, and up again. All of a
//! file is taken or nothing; what is wrong is told with sheet, row and column.

mod read;
mod write;

use super::access::seen;
use super::changes::told;
use super::facts::{Facts, Past};
use super::pages::PATH;
use super::pages::month::{Asked, days_of};
use super::store;
use crate::checks::Checks;
use crate::execution_reports::day_of;
use crate::sheets::{LARGEST, attached, head};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use plausibility::Level;
use std::collections::BTreeMap;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

use super::model::{of_level, says_something};
use read::Fault;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/management-ledger/{permit}/month.xlsx", get(month)).route(
        "/management-ledger/{permit}/import",
        post(import).layer(DefaultBodyLimit::max(LARGEST)),
    )
}

/// The day of a row.
const DAY: &str = "台账日期";
/// Why something is right although a check asks.
const REASON: &str = "说明";
const OUTLET: &str = "排放口编号";
const FACTOR: &str = "污染物代码";

/// A sheet of the workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A day in each row.
    Days,
    /// A factor of a day in each row.
    Factors,
}

impl Part {
    const ALL: [Self; 2] = [Self::Days, Self::Factors];

    const fn name(self) -> &'static str {
        match self {
            Self::Days => "台账",
            Self::Factors => "进出口浓度",
        }
    }

    const fn level(self) -> Level {
        match self {
            Self::Days => Level::Head,
            Self::Factors => Level::Factor,
        }
    }

    /// The columns before the fields.
    const fn fixed(self) -> &'static [&'static str] {
        match self {
            Self::Days => &[DAY],
            Self::Factors => &[DAY, OUTLET, FACTOR, "污染物名称", "浓度单位"],
        }
    }

    /// The headings of its columns.
    fn heads(self) -> Vec<String> {
        let fixed = self.fixed().iter().map(|text| (*text).to_owned());
        fixed.chain(of_level(self.level()).map(head)).chain([REASON.to_owned()]).collect()
    }
}

async fn month(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(permit): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let seen = seen(&state, &signed_in, &permit).await?;
    let today = day_of(state.now());
    let month = asked.month(today);
    let id = seen.shown(today)?.permit.id;
    let pages = store::newest(&state.store, id, month.first_day(), month.last_day()).await?;
    let days: Vec<_> = days_of(month, today).collect();
    let book = write::book(&seen, &state.snapshot(), &days, &pages)?;
    Ok(attached(&format!("management_ledger_{permit}_{month}"), book))
}

async fn import(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(permit): Path<String>,
    parts: Multipart,
) -> Result<Response, Problem> {
    let seen = seen(&state, &signed_in, &permit).await?;
    let actor = seen.filler.clone()?;
    let bytes = web::workbook(parts, LARGEST).await?;
    let (today, snapshot) = (day_of(state.now()), state.snapshot());
    let mut read = read::read(&bytes, &seen, &snapshot, today)?;
    let checks = Checks::of(&state);
    let mut pages = Vec::new();
    if let Some((first, last)) = read.first().zip(read.last()) {
        let id = seen.shown(today)?.permit.id;
        let kept = store::newest(&state.store, id, first, last).await?;
        let mut past = Past::of(&state.store, seen.shown(today)?, first, last).await?;
        for day in read.days() {
            let saved = kept.iter().find(|page| page.day == day);
            let before = saved.map(|page| page.content.clone()).unwrap_or_default();
            let content = read.over(day, &before);
            // A row that says nothing new records nothing.
            if content == before || !says_something(&content) {
                continue;
            }
            let facts = Facts::of(&state.store, &snapshot, seen.on(day)?, day, &past).await?;
            let found = facts.findings(&checks.0, &content, &BTreeMap::new(), today);
            let findings = read.explain(day, found, &checks);
            past.put(day, content.clone());
            pages.push(facts.page(content, findings, saved.map_or(0, |page| page.version)));
        }
    }
    let is_right = read.faults.is_empty();
    if is_right {
        store::record(&state.store, &actor, &pages, state.now()).await.map_err(told)?;
    }
    let page =
        outcome(&state, &reader, &permit, if is_right { pages.len() } else { 0 }, &read.faults);
    let status = if is_right { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, page).into_response())
}

/// What became of a workbook.
fn outcome(
    state: &AppState,
    reader: &Reader,
    permit: &str,
    taken: usize,
    faults: &[Fault],
) -> Markup {
    let mut table = Table::new(
        reader.pick("须改正或说明的内容", "To be mended or explained"),
        vec![
            Column::words(reader.pick("工作表", "Sheet")),
            Column::numbers(reader.pick("行", "Row")),
            Column::words(reader.pick("列", "Column")),
            Column::words(reader.pick("问题与改法", "What is wrong, how to mend it")),
        ],
    );
    for fault in faults {
        table.row(vec![
            html! { (fault.part.name()) },
            html! { (fault.row) },
            html! { (fault.column) },
            html! { (reader.text(&fault.what)) },
        ]);
    }
    let path = format!("{PATH}/{permit}");
    let content = html! {
        @if faults.is_empty() {
            (components::notice("good", html! {
                p { (reader.pick("已记录", "Recorded")) " " (taken) " "
                    (reader.pick("天的台账；没有变化的日期未重复记录。",
                        "days; those without a change are left as they were.")) }
            }))
        } @else {
            (components::notice("error", html! {
                p { (reader.pick("没有导入任何内容：请改正下列各行后重新上传。",
                    "Nothing was taken: mend these rows and upload the file again.")) }
            }))
            (table.render())
        }
        p { a class="button" href=(path) { (reader.pick("回到台账", "Back to the ledger")) } }
    };
    Page::new(reader.pick("Excel 导入结果", "What was read").to_owned())
        .under(PATH, reader.pick("环境管理台账", "Management ledger"))
        .under(path, permit.to_owned())
        .render(state, reader, content)
}
