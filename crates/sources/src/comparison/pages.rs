//! The page of a comparison: a chart, figures side by side, the hours, a file.

use super::figures::share;
use super::queries::{Column, Comparison, MOST, Wanted, compare};
use crate::fraud_signs::chart::{Axis, Chart, Line, Look};
use crate::words;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use registry::{Factor, PointKind, Snapshot};
use rulebook::Decimal;
use web::components::{self, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, local_minute};

/// Hours shown on the page; the file has all.
const SHOWN: usize = 240;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/outlets/compare", get(page)).route("/outlets/compare.xlsx", get(file))
}

async fn page(
    State(state): State<AppState>,
    reader: Reader,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Markup, Problem> {
    let wanted = Wanted::of(pairs);
    let found = compare(&state, &wanted).await?;
    let snapshot = state.snapshot();
    let content = html! {
        (form(&snapshot, &reader, &wanted, &found))
        @match (&found.factor, found.columns.is_empty()) {
            (Some(factor), false) => { (shown(&snapshot, &reader, &found, factor)) }
            _ => { (components::empty(
                reader.pick("请选择排放口", "Choose outlets"),
                reader.pick(
                    "填写 2 至 6 个排放口编码(企业代码/排放口编号),再选因子与时段。",
                    "Name two to six outlets by their codes, then a factor and a period."))) }
        }
    };
    Ok(Page::new(reader.pick("排放口对比", "Outlets compared"))
        .under("/outlets", reader.pick("排放口", "Outlets"))
        .render(&state, &reader, content))
}

fn form(snapshot: &Snapshot, reader: &Reader, wanted: &Wanted, found: &Comparison) -> Markup {
    html! {
        form class="filters comparison" method="get" action="/outlets/compare" {
            @for place in 0..MOST {
                label {
                    (reader.pick("排放口", "Outlet")) " " (place + 1)
                    input name="outlet" list="all-outlets" autocomplete="off"
                        value=[wanted.outlets.get(place)];
                }
            }
            datalist id="all-outlets" {
                @for point in snapshot.points_of(PointKind::Outlet) {
                    option value=(point.code) { (reader.text(&words::point(snapshot, point))) }
                }
            }
            label {
                (reader.pick("因子", "Factor"))
                select name="factor" {
                    @for factor in &found.factors {
                        option value=(factor.code)
                            selected[found.factor.as_ref().is_some_and(|one| one.id == factor.id)] {
                            (reader.name(&factor.name))
                        }
                    }
                }
            }
            label {
                (reader.pick("从", "From"))
                input type="date" name="from" value=(found.from);
            }
            label {
                (reader.pick("到", "To"))
                input type="date" name="to" value=(found.to);
            }
            button type="submit" { (reader.pick("对比", "Compare")) }
        }
    }
}

fn shown(snapshot: &Snapshot, reader: &Reader, found: &Comparison, factor: &Factor) -> Markup {
    html! {
        (components::section("chart", reader.name(&factor.name), chart(snapshot, reader, found, factor)))
        (components::section("figures", reader.pick("数字对比", "Side by side"), html! {
            (figures(snapshot, reader, found, factor))
            p class="hint" { (reader.pick(
                "只计可用小时值(停运、维护、校准、故障等标记的小时不计);均值为算术平均,不按流量加权;\
                 P95 为最近秩法。限值取时段最后一天的小时限值。",
                "Usable hours alone: not those marked as stopped, maintenance, calibration, fault; \
                 the mean is arithmetic, not weighted by flow; P95 by nearest rank. The limit is \
                 that of an hour on the last day.")) }
        }))
        (components::section("hours", reader.pick("小时值", "Hours"), html! {
            details class="folded" {
                summary { (reader.pick("数值表", "Table of values")) }
                (hours(snapshot, reader, found, factor))
            }
            ul class="downloads" {
                li { a class="button" href={ "/outlets/compare.xlsx?" (reader.query) } { "XLSX" } }
            }
        }))
    }
}

fn name(snapshot: &Snapshot, reader: &Reader, column: &Column) -> String {
    reader.text(&words::point(snapshot, &column.point)).to_owned()
}

fn chart(snapshot: &Snapshot, reader: &Reader, found: &Comparison, factor: &Factor) -> Markup {
    let words = format!("{} {} – {}", reader.name(&factor.name), found.from, found.to);
    let mut chart = Chart::new(words, Axis::Time);
    chart.unit = web::unit(&factor.unit);
    chart.from_zero = true;
    for (column, look) in found.columns.iter().zip(Look::ALL) {
        let words = name(snapshot, reader, column);
        chart.lines.push(Line { words, look, points: found.line(column) });
    }
    let limits: std::collections::BTreeSet<_> =
        found.columns.iter().filter_map(|column| column.limit).collect();
    for limit in limits {
        if let Ok(place) = f64::try_from(limit) {
            let words = format!("{} {}", reader.pick("限值", "limit"), limit.normalize());
            chart.across.push((place, words));
        }
    }
    if chart.is_empty() {
        return components::empty(
            reader.pick("这一时段没有可用的小时值", "No usable hour in this period"),
            reader.pick("换一个时段或因子。", "Choose another period or factor."),
        );
    }
    chart.render()
}

fn figures(snapshot: &Snapshot, reader: &Reader, found: &Comparison, factor: &Factor) -> Markup {
    let mut table = Table::new(
        reader.pick("每个排放口一行", "A row for each outlet"),
        vec![
            components::Column::words(reader.pick("排放口", "Outlet")),
            components::Column::numbers(reader.pick("可用小时/应有", "Valid hours / due")),
            components::Column::numbers(reader.pick("最小", "Least")),
            components::Column::numbers(reader.pick("中位数", "Median")),
            components::Column::numbers(reader.pick("均值", "Mean")),
            components::Column::numbers("P95"),
            components::Column::numbers(reader.pick("最大", "Most")),
            components::Column::numbers(reader.pick("限值", "Limit")),
            components::Column::numbers(reader.pick("中位数占限值", "Median of the limit")),
            components::Column::numbers(reader.pick("高于限值小时", "Hours above")),
        ],
    );
    let number = |value: Option<Decimal>| components::number(value, factor.decimals, "");
    for column in &found.columns {
        let figures = &column.figures;
        table.row(vec![
            html! { a href=(words::path(&column.point)) { (name(snapshot, reader, column)) } },
            html! { (figures.valid) " / " (found.due) },
            number(figures.least),
            number(figures.median),
            number(figures.mean),
            number(figures.p95),
            number(figures.most),
            html! {
                @match column.limit {
                    Some(limit) => { (limit.normalize()) }
                    None => { "—" }
                }
                @if column.on_converted { " " span class="hint" { (reader.pick("折算", "converted")) } }
            },
            html! {
                @match share(figures.median, column.limit) {
                    Some(share) => { (share) " %" }
                    None => { "—" }
                }
            },
            html! {
                @match figures.above { Some(above) => { (above) } None => { "—" } }
            },
        ]);
    }
    table.render()
}

fn hours(snapshot: &Snapshot, reader: &Reader, found: &Comparison, factor: &Factor) -> Markup {
    let mut columns = vec![components::Column::words(reader.pick("时间", "Time"))];
    columns.extend(
        found.columns.iter().map(|one| components::Column::numbers(name(snapshot, reader, one))),
    );
    let all = found.hours();
    let mut table = Table::new(reader.pick("新的在前", "The newest first"), columns);
    for at in all.iter().take(SHOWN) {
        let mut cells = vec![components::moment(*at)];
        cells.extend(
            found.columns.iter().map(|column| {
                components::number(column.values.get(at).copied(), factor.decimals, "")
            }),
        );
        table.row(cells);
    }
    html! {
        (table.render())
        @if all.len() > SHOWN {
            p class="hint" { (reader.pick("更早的小时见 XLSX。", "Older hours are in the XLSX.")) }
        }
    }
}

async fn file(
    State(state): State<AppState>,
    reader: Reader,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let found = compare(&state, &Wanted::of(pairs)).await?;
    let snapshot = state.snapshot();
    let mut columns = vec![reader.pick("时间", "Time").to_owned()];
    columns.extend(found.columns.iter().map(|column| name(&snapshot, &reader, column)));
    let rows = found.hours().into_iter().map(|at| {
        let mut cells = vec![Cell::from(local_minute(at))];
        let values = found.columns.iter().map(|column| column.values.get(&at).copied());
        cells.extend(values.map(Cell::from));
        cells
    });
    let factor = found.factor.as_ref().map_or("", |factor| factor.code.as_str());
    Sheet {
        name: format!("outlets-{factor}-{}-{}", found.from, found.to),
        columns,
        rows: rows.collect(),
    }
    .xlsx()
}
