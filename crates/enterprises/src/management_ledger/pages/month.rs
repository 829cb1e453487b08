//! The ledger of a permit in one month: each day with its page, or without.

use super::super::access::{Seen, seen};
use super::super::model::LedgerPage;
use super::super::store;
use super::PATH;
use super::list::enterprise;
use crate::checks::pages::severity_badge;
use crate::entry::{gravest, severity_of};
use crate::execution_reports::day_of;
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use maud::{Markup, html};
use plausibility::Key;
use serde::Deserialize;
use validity::Month;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

#[derive(Debug, Default, Deserialize)]
pub(in crate::management_ledger) struct Asked {
    #[serde(default)]
    pub(in crate::management_ledger) month: String,
}

impl Asked {
    /// The month that is asked for; this one where none is.
    pub(in crate::management_ledger) fn month(&self, today: Date) -> Month {
        Month::parse(&self.month).unwrap_or_else(|| Month::of(today))
    }
}

/// The days of a month up to a last one.
pub(in crate::management_ledger) fn days_of(
    month: Month,
    last: Date,
) -> impl Iterator<Item = Date> {
    let end = month.last_day().min(last);
    let next = |day: &Date| day.tomorrow().ok();
    std::iter::successors(Some(month.first_day()), next).take_while(move |day| *day <= end)
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(permit): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let seen = seen(&state, &signed_in, &permit).await?;
    let today = day_of(state.now());
    let version = seen.shown(today)?;
    let month = asked.month(today);
    let permit_id = version.permit.id;
    let (first, last) = (month.first_day(), month.last_day());
    let pages = store::newest(&state.store, permit_id, first, last).await?;
    let name = enterprise(&state.snapshot(), &reader, version.permit.enterprise);
    let path = format!("{PATH}/{permit}");
    let content = html! {
        p class="row" {
            a href={ (path) "?month=" (month.before(1)) } { (reader.pick("上一月", "Month before")) }
            strong { (month) }
            @if month < Month::of(today) {
                a href={ (path) "?month=" (month.next()) } { (reader.pick("下一月", "Month after")) }
            }
            a href={ (path) "/month.xlsx?month=" (month) } {
                (reader.pick("导出本月 XLSX（可填写后上传）", "This month as XLSX, to fill in"))
            }
        }
        (counts(&reader, &seen, &pages, month, today))
        (table(&reader, &seen, &pages, month, today))
        @if seen.filler.is_ok() { (upload(&reader, &path)) }
    };
    let title = format!("{name} {} {month}", reader.pick("环境管理台账", "management ledger"));
    Ok(Page::new(title)
        .under(PATH, reader.pick("环境管理台账", "Management ledger"))
        .render(&state, &reader, content))
}

/// Whether a day that is over has no page although the permit asks for a ledger.
fn is_gap(seen: &Seen, pages: &[LedgerPage], day: Date, today: Date) -> bool {
    day < today && seen.is_asked(day) && !pages.iter().any(|page| page.day == day)
}

fn counts(reader: &Reader, seen: &Seen, pages: &[LedgerPage], month: Month, today: Date) -> Markup {
    let gaps = days_of(month, today).filter(|day| is_gap(seen, pages, *day, today)).count();
    let is_asked = days_of(month, month.last_day()).any(|day| seen.is_asked(day));
    html! {
        div class="stats" {
            (components::stat(reader.pick("已记录天数", "Days recorded"),
                html! { (pages.len()) }, None))
            @if is_asked {
                (components::stat(reader.pick("未记录天数", "Days without a page"),
                    html! { (gaps) }, None))
            }
        }
        p class="hint" {
            @if is_asked {
                (reader.pick("许可证要求记录台账；记录频次以许可证和技术规范为准，平台只列出没有记录的日期。",
                    "The permit asks for a ledger; how often is for the permit to say: days \
                     without a page are listed and not judged."))
            } @else {
                (reader.pick("许可证本月没有台账要求，可自愿记录。",
                    "The permit asks for no ledger in this month; one may be kept all the same."))
            }
        }
    }
}

fn table(reader: &Reader, seen: &Seen, pages: &[LedgerPage], month: Month, today: Date) -> Markup {
    let number = seen.versions.first().map_or("", |version| version.permit.number.as_str());
    let mut table = Table::new(
        format!("{} {month}", reader.pick("台账", "Ledger")),
        vec![
            Column::words(reader.pick("日期", "Day")),
            Column::words(reader.pick("记录", "Page")),
            Column::words(reader.pick("记录人", "Recorded by")),
            Column::words(reader.pick("记录时间", "Recorded at")),
            Column::words(reader.pick("最严重检查结果", "Gravest finding")),
        ],
    );
    let mut days: Vec<Date> = days_of(month, today).collect();
    days.reverse();
    for day in days {
        let page = pages.iter().find(|page| page.day == day);
        let link = html! { a href={ (PATH) "/" (number) "/" (day) } { (day) } };
        let Some(page) = page else {
            let words = if is_gap(seen, pages, day, today) {
                components::status_badge("warning", reader.pick("未记录", "no page"))
            } else {
                html! { "—" }
            };
            table.row(vec![link, words, html! {}, html! {}, html! {}]);
            continue;
        };
        let recorder = page.content.get(&Key::head(), "recorder");
        table.row(vec![
            link,
            html! { "v" (page.version) },
            html! { (if recorder.is_empty() { page.recorded_name.as_str() } else { recorder }) },
            components::moment(page.recorded_at),
            html! {
                @if let Some(worst) = severity_of(gravest(&page.findings)) {
                    (severity_badge(reader, worst))
                }
            },
        ]);
    }
    table.render()
}

fn upload(reader: &Reader, path: &str) -> Markup {
    components::section(
        "files",
        reader.pick("用 Excel 填报", "Fill it in as a spreadsheet"),
        html! {
            form class="filters" method="post" enctype="multipart/form-data"
                action={ (path) "/import" } {
                label {
                    (reader.pick("上传填好的 Excel 表", "Upload it when it is filled in"))
                    input type="file" name="file" accept=".xlsx" required;
                }
                button type="submit" { (reader.pick("检查并导入", "Check and read it")) }
            }
            p class="hint" {
                (reader.pick("有一行不对则整份不导入，并逐行逐列说明；须说明原因的写在“说明”列。",
                    "If a row is wrong nothing is taken, and each is told with row and column; \
                     reasons go into the last column."))
            }
        },
    )
}
