//! The page of the history.

use authority::Action;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use maud::{Markup, html};
use observations::history::{self, MonthStatus, PeriodStatus, Status};
use rulebook::Period;
use web::components::{self, Column, Table};
use web::{Allowed, AppState, Page, Problem, Reader};

/// Months on the page; all of them give the command and the interface.
const MONTHS_SHOWN: usize = 240;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/operator/history", get(all))
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    allowed: Allowed,
) -> Result<Markup, Problem> {
    allowed.to(Action::ReadOperations)?;
    let status = history::status(&state.store).await?;
    let content = html! {
        p class="words" { (reader.pick(
            "已结束月份的监测数据转存为 Parquet 文件,查询时与近期数据合并读取,读者无需区分。迟到的数据先留在近期库,合并时写入文件。",
            "Values of months that have ended move into Parquet files and are read together with the \
             recent ones: nobody who reads need know. What comes late stays recent until it is \
             worked in."))
        }
        (warnings(&reader, &status))
        @if status.months.is_empty() {
            (components::empty(
                reader.pick("还没有转存的月份", "Nothing has moved yet"),
                reader.pick("月份结束并过了设定的天数后自动转存,也可运行 lucid history move。",
                    "A month moves some days after its end, as the settings say; lucid history move \
                     does it at once.")))
        } @else {
            (components::section("periods", reader.pick("各周期", "By period"),
                periods(&reader, &status.periods)))
            (components::section("months", reader.pick("各月份", "By month"),
                months(&reader, &status.months)))
        }
        @if !status.forgotten.is_empty() {
            (components::section("forgotten", reader.pick("按规则删除的月份", "Forgotten by rule"),
                forgotten(&reader, &status)))
        }
    };
    let page = Page::new(reader.pick("历史数据", "History"))
        .under("/operator", reader.pick("运维", "Operations"));
    Ok(page.render(&state, &reader, content))
}

fn warnings(reader: &Reader, status: &Status) -> Markup {
    let uncleared: u64 = status.periods.iter().map(|of| of.uncleared).sum();
    html! {
        @if status.place.is_none() {
            (components::error_box(
                reader.pick("没有指定历史数据的存放位置", "Nobody said where history is kept"),
                reader.pick("请设置 history.url。", "Set history.url.")))
        }
        @if status.moves > 0 || uncleared > 0 {
            (components::notice("note", html! { (reader.pick(
                "有转存正在进行,或曾中断;中断的会自动撤销或完成,数据不受影响。",
                "A move is under way or was broken off; one that was broken off is undone or \
                 finished by itself, and nothing is lost.")) }))
        }
    }
}

fn periods(reader: &Reader, periods: &[PeriodStatus]) -> Markup {
    let mut table = Table::new(
        reader.pick("已转存的数据", "What has moved"),
        vec![
            Column::words(reader.pick("周期", "Period")),
            Column::words(reader.pick("起止月份", "Months")),
            Column::numbers(reader.pick("记录", "Rows")),
            Column::numbers(reader.pick("数值", "Values")),
            Column::numbers(reader.pick("占用", "Size")),
            Column::numbers(reader.pick("每个数值", "A value")),
            Column::numbers(reader.pick("待合并", "Late rows")),
        ],
    );
    for of in periods.iter().filter(|of| of.months > 0) {
        let span = of
            .span
            .map_or_else(String::new, |(first, last)| format!("{first} – {last} ({})", of.months));
        table.row(vec![
            html! { (word(reader, of.period)) },
            html! { (span) },
            html! { (of.rows) },
            html! { (of.factor_rows) },
            html! { (size(of.bytes)) },
            html! { (rate(of.bytes, of.factor_rows)) },
            html! { (of.late_rows) },
        ]);
    }
    table.render()
}

fn months(reader: &Reader, months: &[MonthStatus]) -> Markup {
    let mut table = Table::new(
        reader.pick("新的在前", "The newest first"),
        vec![
            Column::words(reader.pick("月份", "Month")),
            Column::words(reader.pick("周期", "Period")),
            Column::numbers(reader.pick("记录", "Rows")),
            Column::numbers(reader.pick("占用", "Size")),
            Column::numbers(reader.pick("待合并", "Late rows")),
            Column::words(reader.pick("写入时间", "Written at")),
        ],
    );
    for one in months.iter().take(MONTHS_SHOWN) {
        table.keyed_row(
            format!("{}-{}", one.period.as_str(), one.month),
            vec![
                html! { (one.month) },
                html! { (word(reader, one.period)) },
                html! { (one.rows) },
                html! { (size(one.bytes)) },
                html! { (one.late_rows) },
                html! { (components::moment(one.written_at)) },
            ],
        );
    }
    html! {
        (table.render())
        @if months.len() > MONTHS_SHOWN {
            p class="hint" {
                (reader.pick("更早的月份:", "Earlier months: ")) code { "lucid history status --months" }
            }
        }
    }
}

fn forgotten(reader: &Reader, status: &Status) -> Markup {
    let mut table = Table::new(
        reader.pick("删除记录同时写入审计", "Each left an audit record"),
        vec![
            Column::words(reader.pick("月份", "Month")),
            Column::words(reader.pick("周期", "Period")),
            Column::numbers(reader.pick("记录", "Rows")),
            Column::numbers(reader.pick("保留月数", "Months kept")),
            Column::words(reader.pick("删除时间", "Forgotten at")),
        ],
    );
    for one in &status.forgotten {
        table.row(vec![
            html! { (one.month) },
            html! { (word(reader, one.period)) },
            html! { (one.rows) },
            html! { (one.keep_months) },
            html! { (components::moment(one.at)) },
        ]);
    }
    table.render()
}

fn word(reader: &Reader, period: Period) -> &str {
    match period {
        Period::RealTime => reader.pick("实时", "real time"),
        Period::Minute => reader.pick("分钟", "minute"),
        Period::Hour => reader.pick("小时", "hour"),
        Period::Day => reader.pick("日", "day"),
    }
}

/// A size for people.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// Bytes a value.
fn rate(bytes: u64, values: u64) -> String {
    if values == 0 {
        return "—".to_owned();
    }
    format!("{:.2} B", bytes as f64 / values as f64)
}
