//! What became of complaints and whatever else is published (办理结果公开), for everybody:
//! without names, with the numbers.

use crate::engine::{engine, refused};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use caseflow::PublicView;
use cases::{
    CaseView, Cases, Cursor, Page as Rows, PublicCase, PublicFilter, Statistics, StatisticsFilter,
    StatisticsRow, Viewer,
};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use rulebook::{Decimal, Text, beijing_offset};
use serde::Deserialize;
use web::components::{self, Column, Table, status_badge};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, local_date};

/// Published cases on one page.
const PAGE: u16 = 30;
/// Published cases in one file.
const FILE_MAX: usize = 10_000;
/// Published cases read at once for a file.
const FILE_PAGE: u16 = 500;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/results", get(page))
        .route("/results.csv", get(csv))
        .route("/results.xlsx", get(xlsx))
        .route("/results/{number}", get(one))
}

/// Which results are asked for.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
pub(super) struct Asked {
    /// The id of a kind.
    pub(super) kind: Option<String>,
    /// The code of a division.
    pub(super) division: Option<String>,
    /// The first day, `2026-11-01`.
    pub(super) from: Option<String>,
    /// The last day.
    pub(super) to: Option<String>,
    /// The cursor of the page before.
    pub(super) after: Option<String>,
}

impl Asked {
    fn kind(&self) -> Option<String> {
        self.kind.clone().filter(|id| !id.is_empty())
    }

    fn division(&self) -> Option<String> {
        self.division.clone().filter(|code| !code.is_empty())
    }

    /// The beginning of the first day and the end of the last, in Beijing.
    fn span(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), Problem> {
        let day = |text: Option<&str>| -> Result<Option<Date>, Problem> {
            let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
            text.parse().map(Some).map_err(|_| {
                Problem::bad_request(
                    format!("{text} 不是日期,应如 2026-11-01"),
                    format!("{text} is no day; write it as 2026-11-01"),
                )
            })
        };
        let midnight = |day: Date| beijing_offset().to_timestamp(day.at(0, 0, 0, 0)).ok();
        let from = day(self.from.as_deref())?.and_then(midnight);
        let to = day(self.to.as_deref())?.and_then(|day| day.tomorrow().ok()).and_then(midnight);
        Ok((from, to))
    }

    pub(super) fn cases(&self, limit: u16) -> Result<PublicFilter, Problem> {
        let (from, to) = self.span()?;
        let after = self.after.as_deref().map(str::parse::<Cursor>).transpose();
        let after =
            after.map_err(|error| Problem::bad_request("翻页参数有误", error.to_string()))?;
        Ok(PublicFilter { kind: self.kind(), division: self.division(), from, to, after, limit })
    }

    pub(super) fn statistics(&self) -> Result<StatisticsFilter, Problem> {
        let (from, to) = self.span()?;
        Ok(StatisticsFilter { kind: self.kind(), division: self.division(), from, to })
    }
}

async fn page(
    State(state): State<AppState>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let cases = engine(&state)?;
    let rows = cases.public_cases(&asked.cases(PAGE)?).await.map_err(refused)?;
    let (all, divisions) = cases.public_statistics(&asked.statistics()?).await.map_err(refused)?;
    let content = html! {
        (filters(&state, &reader, &cases, &asked))
        (tiles(&reader, &all))
        (components::section("results", reader.pick("办理结果", "Results"),
            list(&state, &reader, &rows)))
        (components::section("divisions", reader.pick("各县(市、区)", "By county"),
            by_division(&state, &reader, &divisions)))
        ul class="downloads" {
            li { a class="button" href={ "/results.xlsx" (query(&reader)) } { "Excel" } }
            li { a class="button" href={ "/results.csv" (query(&reader)) } { "CSV" } }
            li { a class="button primary" href="/report" { (reader.pick("我要举报", "Report")) } }
        }
        p class="hint" { (reader.pick(
            "公开内容不含反映人信息和详细地址。统计按收到日期计,并入同一事项的只计一次。",
            "Nothing here tells who reported or where they live. Numbers go by the day of arrival; \
             reports of the same are counted once.")) }
    };
    Ok(Page::new(reader.pick("办理公开", "What became of it")).render(&state, &reader, content))
}

fn query(reader: &Reader) -> String {
    let kept: Vec<&str> =
        reader.query.split('&').filter(|part| !part.starts_with("after=")).collect();
    let kept = kept.join("&");
    if kept.is_empty() { kept } else { format!("?{kept}") }
}

fn filters(state: &AppState, reader: &Reader, cases: &Cases, asked: &Asked) -> Markup {
    let snapshot = state.snapshot();
    let chosen = asked.division.as_deref().unwrap_or_default();
    let kind = asked.kind.as_deref().unwrap_or_default();
    let kinds = cases.kinds().iter().filter(|kind| kind.public_view != PublicView::None);
    let day = |text: &Option<String>| text.clone().unwrap_or_default();
    html! {
        form class="filters" method="get" action="/results" {
            label {
                (reader.pick("类型", "Kind"))
                select name="kind" {
                    option value="" { (reader.pick("全部", "all")) }
                    @for one in kinds {
                        option value=(one.id) selected[one.id == kind] { (reader.text(&one.name)) }
                    }
                }
            }
            label {
                (reader.pick("县(市、区)", "County"))
                select name="division" {
                    option value="" { (reader.pick("全部", "all")) }
                    @for row in crate::place::in_force(&snapshot) {
                        @if row.parent.is_some() {
                            option value=(row.code) selected[row.code == chosen] {
                                (reader.name(&row.name))
                            }
                        }
                    }
                }
            }
            label {
                (reader.pick("从", "From"))
                input type="date" name="from" value=(day(&asked.from));
            }
            label {
                (reader.pick("到", "To"))
                input type="date" name="to" value=(day(&asked.to));
            }
            button type="submit" { (reader.pick("查看", "Show")) }
        }
    }
}

fn percent(value: Option<Decimal>) -> Markup {
    components::number(value, 1, "%")
}

fn tiles(reader: &Reader, all: &Statistics) -> Markup {
    let of = |zh: &str, en: &str, count: i64| format!("{}{count}", reader.pick(zh, en));
    html! {
        div class="stats" {
            (components::stat(reader.pick("收到", "Arrived"), html! { (all.opened) },
                Some(&of("另有合并 ", "merged besides: ", all.merged))))
            (components::stat(reader.pick("办结", "Finished"), html! { (all.closed) }, None))
            (components::stat(reader.pick("按期办结率", "On time"), percent(all.on_time_percent),
                Some(&of("按期 ", "on time: ", all.on_time))))
            (components::stat(reader.pick("平均办理天数", "Days on average"),
                components::number(all.average_days, 1, ""), None))
            (components::stat(reader.pick("满意率", "Satisfied"), percent(all.satisfaction_percent),
                Some(&of("已评价 ", "rated: ", all.rated))))
            (components::stat(reader.pick("重复举报", "Complained of again"),
                html! { (all.repeated) }, None))
        }
    }
}

fn division_name(state: &AppState, reader: &Reader, code: &str) -> String {
    let snapshot = state.snapshot();
    let row = snapshot.division(code);
    row.map_or_else(|| code.to_owned(), |row| reader.name(&row.name).to_owned())
}

fn list(state: &AppState, reader: &Reader, rows: &Rows<PublicCase>) -> Markup {
    let mut table = Table::new(
        reader.pick("最近公开的在前", "The last published first"),
        vec![
            Column::words(reader.pick("编号", "Number")),
            Column::words(reader.pick("类型", "Kind")),
            Column::words(reader.pick("内容", "What about")),
            Column::words(reader.pick("县(市、区)", "County")),
            Column::words(reader.pick("收到", "Arrived")),
            Column::words(reader.pick("结果", "Result")),
            Column::words(reader.pick("公开", "Published")),
        ],
    );
    for case in &rows.rows {
        let tone = if case.is_closed { "good" } else { "quiet" };
        table.row(vec![
            html! { a href={ "/results/" (case.number) } { (case.number) } },
            html! { (reader.text(&case.kind_name)) },
            html! { (about(reader, case)) },
            html! { (division_name(state, reader, &case.division)) },
            html! { (local_date(case.opened_on)) },
            status_badge(tone, reader.text(&case.state_name)),
            html! { (local_date(case.published_at)) },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("还没有公开的结果", "Nothing is published yet"),
            reader.pick("办结并公开后显示在这里。", "Results appear here once they are published."),
        );
    }
    let next = rows.next.map(|cursor| cursor.to_string());
    html! { (table.render()) (components::pages(reader, next.as_deref())) }
}

/// What a published case is about, by its first public fields.
fn about(reader: &Reader, case: &PublicCase) -> String {
    let values: Vec<&str> =
        case.fields.iter().take(2).map(|(_, value)| reader.text(value)).collect();
    if values.is_empty() { "—".to_owned() } else { values.join(" · ") }
}

fn by_division(state: &AppState, reader: &Reader, rows: &[StatisticsRow]) -> Markup {
    let mut table = Table::new(
        reader.pick("按县(市、区)统计", "By county"),
        vec![
            Column::words(reader.pick("县(市、区)", "County")),
            Column::numbers(reader.pick("收到", "Arrived")),
            Column::numbers(reader.pick("办结", "Finished")),
            Column::numbers(reader.pick("按期办结率", "On time")),
            Column::numbers(reader.pick("平均天数", "Days")),
            Column::numbers(reader.pick("满意率", "Satisfied")),
        ],
    );
    for row in rows {
        let numbers = &row.numbers;
        table.row(vec![
            html! { (division_name(state, reader, &row.key)) },
            html! { (numbers.opened) },
            html! { (numbers.closed) },
            percent(numbers.on_time_percent),
            components::number(numbers.average_days, 1, ""),
            percent(numbers.satisfaction_percent),
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("这一时段没有举报", "Nothing was reported in this span"),
            reader.pick("换一个时段试试。", "Try another span."),
        );
    }
    table.render()
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    Path(number): Path<String>,
) -> Result<Markup, Problem> {
    let cases = engine(&state)?;
    let id = cases.find(&number).await.map_err(refused)?;
    let view = cases.case(&Viewer::Public, id, state.now()).await.map_err(refused)?;
    let case = &view.case;
    let mut facts = vec![
        (
            reader.pick("结果", "Result").to_owned(),
            status_badge(if case.is_open() { "quiet" } else { "good" }, reader.text(&view.state)),
        ),
        (
            reader.pick("县(市、区)", "County").to_owned(),
            html! { (division_name(&state, &reader, &case.division)) },
        ),
        (reader.pick("收到", "Arrived").to_owned(), html! { (local_date(case.opened_at)) }),
    ];
    if let Some(at) = case.published_at {
        facts.push((reader.pick("公开", "Published").to_owned(), html! { (local_date(at)) }));
    }
    for field in &view.fields {
        facts.push((reader.text(&field.name).to_owned(), html! { (reader.text(&field.shown)) }));
    }
    let content = html! {
        (components::section("facts", reader.text(&view.kind.name),
            components::definition_list(&facts)))
        (components::section("words", reader.pick("答复", "The answer"), words(&reader, &view)))
    };
    Ok(Page::new(case.number.clone())
        .under("/results", reader.pick("办理公开", "Results"))
        .render(&state, &reader, content))
}

fn words(reader: &Reader, view: &CaseView) -> Markup {
    html! {
        ol class="progress" {
            @for event in &view.timeline {
                li {
                    p { strong { (reader.text(&event.what)) } " " span class="muted" {
                        (local_date(event.at))
                    } }
                    @if let Some(reply) = &event.reply {
                        p class="reply-text" { (reader.text(reply)) }
                    }
                    @if !event.note.is_empty() { p class="reply-text" { (event.note) } }
                }
            }
        }
    }
}

async fn csv(
    State(state): State<AppState>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    Ok(sheet(&state, &reader, &asked).await?.csv()?.into_response())
}

async fn xlsx(
    State(state): State<AppState>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    Ok(sheet(&state, &reader, &asked).await?.xlsx()?.into_response())
}

async fn sheet(state: &AppState, reader: &Reader, asked: &Asked) -> Result<Sheet, Problem> {
    let cases = engine(state)?;
    let rows = everything(&cases, asked).await?;
    let head = |zh: &str, en: &str| reader.pick(zh, en).to_owned();
    let cells = |case: &PublicCase| {
        let text = |text: &Text| Cell::from(reader.text(text));
        let fields: Vec<String> = case
            .fields
            .iter()
            .map(|(name, value)| format!("{}: {}", reader.text(name), reader.text(value)))
            .collect();
        vec![
            Cell::from(case.number.as_str()),
            text(&case.kind_name),
            Cell::from(division_name(state, reader, &case.division)),
            Cell::from(local_date(case.opened_on)),
            Cell::from(local_date(case.published_at)),
            text(&case.state_name),
            Cell::from(fields.join("\n")),
            Cell::from(case.words.join("\n")),
        ]
    };
    Ok(Sheet {
        name: "results".to_owned(),
        columns: vec![
            head("编号", "number"),
            head("类型", "kind"),
            head("县(市、区)", "county"),
            head("收到", "arrived"),
            head("公开", "published"),
            head("结果", "result"),
            head("公开内容", "about"),
            head("答复", "answer"),
        ],
        rows: rows.iter().map(cells).collect(),
    })
}

async fn everything(cases: &Cases, asked: &Asked) -> Result<Vec<PublicCase>, Problem> {
    let mut filter = asked.cases(FILE_PAGE)?;
    let mut all = Vec::new();
    loop {
        let page = cases.public_cases(&filter).await.map_err(refused)?;
        all.extend(page.rows);
        match page.next {
            Some(next) if all.len() < FILE_MAX => filter.after = Some(next),
            _ => return Ok(all),
        }
    }
}
