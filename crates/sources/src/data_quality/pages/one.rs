//! One outlet's month: rates, the calendar of its hours, the days as a table.

use super::super::access::Sight;
use super::super::compute;
use super::super::heat::{self, Grid, Shade};
use super::super::{summary, words};
use super::{PATH, month, month_field};
use crate::words as area;
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use maud::{Markup, html};
use registry::{Factor, MonitoringPoint, PointKind, Snapshot};
use serde::Deserialize;
use std::collections::BTreeSet;
use validity::{Month, MonthRecord, ValidityError};
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    month: Option<String>,
    factor: Option<String>,
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path((enterprise, number)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let sight = Sight::of(&signed_in)?;
    let month = month(asked.month.as_deref(), state.now())?;
    let snapshot = state.snapshot();
    let code = format!("{enterprise}/{number}");
    let point = snapshot.point_by_code(PointKind::Outlet, &code).ok_or_else(|| {
        Problem::not_found(format!("没有排放口 {code}"), format!("there is no outlet {code}"))
    })?;
    sight.must_hold(&snapshot, point)?;
    let record = record(&state, &snapshot, point, month).await?;
    let first_day = compute::first_day(&state.store, point.id).await?;
    let factor = asked.factor.as_deref().and_then(|code| snapshot.factor_by_code(code));
    let grid = heat::grid(&record, factor.map(|factor| factor.id));
    let content = html! {
        form class="filters" method="get" {
            (month_field(&reader, month))
            button type="submit" { (reader.pick("查看", "Show")) }
        }
        (standing(&reader, &record, first_day))
        (components::section("hours", reader.pick("每小时的数据状态", "State of each hour"), html! {
            (components::tabs(reader.pick("因子", "Factor"),
                &tabs(&snapshot, &reader, &record, &code, factor)))
            (picture(&reader, point, month, factor, &grid))
        }))
        (components::section("days", reader.pick("按日统计", "By day"), days(&reader, &grid)))
        ul class="downloads" {
            li {
                a class="button" href={ "/outlets/" (point.code) "/months/" (month) } {
                    (reader.pick("逐小时判定与标记", "States and marks of the month"))
                }
            }
        }
    };
    let title = reader.text(&area::point(&snapshot, point)).to_owned();
    let page = Page::new(title).under(
        format!("{PATH}?month={month}&by=outlet"),
        reader.pick("监测数据质量", "Data quality"),
    );
    Ok(page.render(&state, &reader, content))
}

/// The month that runs up to the last full hour, any other as it is kept.
async fn record(
    state: &AppState,
    snapshot: &Snapshot,
    point: &MonitoringPoint,
    month: Month,
) -> Result<MonthRecord, Problem> {
    let now = state.now();
    let record = if month == Month::at(now) {
        validity::provisional(&state.store, snapshot, point.id, month, now).await
    } else {
        validity::month(&state.store, snapshot, point.id, month, now).await
    };
    record.map_err(|error: ValidityError| Problem::internal(&error))
}

fn standing(reader: &Reader, record: &MonthRecord, first_day: Option<Date>) -> Markup {
    let counts = summary::counts(record, first_day);
    let rate = |value| html! { (words::rate(value)) "%" };
    let sets = |part: i64, whole: i64| format!("{part} / {whole}");
    html! {
        div class="stats" {
            (components::stat(reader.pick("传输率", "Transmitted"), rate(counts.transmission_rate()),
                Some(&sets(counts.received, counts.due))))
            (components::stat(reader.pick("有效率", "Valid"), rate(counts.validity_rate()),
                Some(&sets(counts.valid, counts.received))))
            (components::stat(reader.pick("传输有效率", "Effective"), rate(counts.effective_rate()), None))
            (components::stat(reader.pick("企业标记", "Marked by the enterprise"),
                html! { (counts.marked) },
                Some(&format!("{} {}", counts.marked_during_exceedance,
                    reader.pick("组在超限时段", "of them over the limit")))))
            (components::stat(reader.pick("超标", "Over the limit"),
                html! { (counts.exceedance_hours) " h · " (counts.exceedance_days) " d" }, None))
            (components::stat(reader.pick("未标记缺失", "Unmarked gaps"),
                html! { (counts.unmarked_gaps) },
                Some(&format!("{} {}", counts.unmarked_gap_periods,
                    reader.pick("个时段", "hours or days")))))
        }
        p class="hint" {
            (reader.pick("判定截至", "judged up to")) " " (components::moment(record.inputs.until))
            @if let Some(day) = first_day {
                " · " (reader.pick("首次上报", "first report")) " " (day)
            }
        }
    }
}

fn tabs(
    snapshot: &Snapshot,
    reader: &Reader,
    record: &MonthRecord,
    code: &str,
    shown: Option<&Factor>,
) -> Vec<(String, String, bool)> {
    let base = format!("{PATH}/outlets/{code}?month={}", record.month);
    let all = (base.clone(), reader.pick("全部因子", "all factors").to_owned(), shown.is_none());
    let factors = record.inputs.setup.factors.iter();
    let of = |factor: &Factor| {
        let is_shown = shown.is_some_and(|shown| shown.id == factor.id);
        (format!("{base}&factor={}", factor.code), reader.name(&factor.name).to_owned(), is_shown)
    };
    let each = factors.filter_map(|it| snapshot.factor(it.factor)).map(of);
    std::iter::once(all).chain(each).collect()
}

/// The calendar: days down, hours across; each cell leads to the explanation of its hour.
fn picture(
    reader: &Reader,
    point: &MonitoringPoint,
    month: Month,
    factor: Option<&Factor>,
    grid: &Grid,
) -> Markup {
    if grid.is_empty() {
        return components::empty(
            reader.pick("该月没有判定过的小时", "No hour of this month was judged"),
            reader.pick(
                "每日零点后判定前一日;排放口投运前的月份没有数据。",
                "A day is judged after its midnight; before an outlet runs there is nothing.",
            ),
        );
    }
    html! {
        p { (summary(reader, grid)) }
        div class="heat-frame" role="region" tabindex="0"
            aria-label=(reader.pick("数据状态日历", "Calendar of data state")) {
            table class="heat" {
                caption { (reader.pick("行为日期,列为小时(北京时间);点格子看该小时的依据。",
                    "Days down, hours across (Beijing time); a cell leads to its hour.")) }
                thead {
                    tr {
                        th scope="col" { (reader.pick("日", "Day")) }
                        @for hour in 0..24_i8 { th scope="col" { (hour) } }
                    }
                }
                tbody {
                    @for day in 1..=month.last_day().day() {
                        tr {
                            th scope="row" { (day) }
                            @for hour in 0..24_i8 {
                                (cell(reader, point, month, factor, grid, (day, hour)))
                            }
                        }
                    }
                }
            }
        }
        ul class="heat-legend" {
            @for shade in Shade::ALL {
                li {
                    span class={ "heat-cell " (shade.class()) } aria-hidden="true" { (shade.sign()) }
                    " " (reader.text(&shade.text()))
                }
            }
        }
    }
}

/// What the picture shows, in words.
fn summary(reader: &Reader, grid: &Grid) -> String {
    let tally = heat::tally(grid, None);
    let parts: Vec<String> = tally
        .iter()
        .map(|(shade, count)| format!("{} {count} h", reader.text(&shade.text())))
        .collect();
    format!("{} h: {}", grid.len(), parts.join(reader.pick(";", "; ")))
}

fn cell(
    reader: &Reader,
    point: &MonitoringPoint,
    month: Month,
    factor: Option<&Factor>,
    grid: &Grid,
    (day, hour): (i8, i8),
) -> Markup {
    let Some(shade) = grid.get(&(day, hour)) else {
        return html! { td {} };
    };
    let words = format!("{month}-{day:02} {hour:02}:00 {}", reader.text(&shade.text()));
    html! {
        td class=(shade.class()) {
            a href=(explanation(point, month, factor, (day, hour)))
                title=(words) aria-label=(words) {
                (shade.sign())
            }
        }
    }
}

/// The page that explains an hour.
fn explanation(
    point: &MonitoringPoint,
    month: Month,
    factor: Option<&Factor>,
    (day, hour): (i8, i8),
) -> String {
    let factor = factor.map(|factor| format!("?factor={}", factor.code)).unwrap_or_default();
    format!("/outlets/{}/hours/{month}-{day:02}T{hour:02}00{factor}", point.code)
}

/// The same as a table of days.
fn days(reader: &Reader, grid: &Grid) -> Markup {
    let mut columns = vec![Column::words(reader.pick("日", "Day"))];
    columns.extend(Shade::ALL.iter().map(|it| Column::numbers(reader.text(&it.text()).to_owned())));
    let caption = reader.pick("每日各状态的小时数", "Hours of each state by day");
    let mut table = Table::new(caption, columns);
    let all: BTreeSet<i8> = grid.keys().map(|(day, _)| *day).collect();
    for day in all {
        let tally = heat::tally(grid, Some(day));
        let mut cells = vec![html! { (day) }];
        let count = |shade| tally.get(shade).map_or_else(|| "—".to_owned(), usize::to_string);
        cells.extend(Shade::ALL.iter().map(|shade| html! { (count(shade)) }));
        table.row(cells);
    }
    html! {
        details class="folded" {
            summary { (reader.pick("按日列表", "List by day")) }
            (table.render())
        }
    }
}
