//! Which outlets must be connected and which are: one row each, with the reason.

use super::super::access::Sight;
use super::super::compute;
use super::super::coverage::{Must, Stage, stage_text};
use super::super::report::Report;
use super::super::words;
use super::{PATH, division_field, ground, month, month_field};
use crate::words as area;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use registry::Snapshot;
use serde::Deserialize;
use validity::Month;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, SignedIn};

/// Rows on one page.
const A_PAGE: usize = 200;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    month: Option<String>,
    division: Option<String>,
    stage: Option<String>,
    after: Option<usize>,
}

const STAGES: [(Stage, &str); 3] =
    [(Stage::Missing, "missing"), (Stage::Installed, "installed"), (Stage::Connected, "connected")];

async fn seen(
    state: &AppState,
    snapshot: &Snapshot,
    sight: &Sight,
    month: Month,
    asked: &Asked,
) -> Result<Report, Problem> {
    let mut report = compute::report(&ground(state, snapshot), month).await?;
    sight.limit(snapshot, &mut report);
    if let Some(code) = asked.division.as_ref().filter(|code| !code.is_empty()) {
        report.retain(|line| line.division == *code, |must| must.division == *code);
    }
    if let Some((stage, _)) = STAGES.iter().find(|(_, word)| asked.stage.as_deref() == Some(word)) {
        report.retain(|line| line.stage == Some(*stage), |must| must.stage == *stage);
    }
    // What is furthest from its goal first.
    report.must.sort_by(|left, right| {
        (left.stage, &left.division, &left.code).cmp(&(right.stage, &right.division, &right.code))
    });
    Ok(report)
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let sight = Sight::of(&signed_in)?;
    let month = month(asked.month.as_deref(), state.now())?;
    let snapshot = state.snapshot();
    let report = seen(&state, &snapshot, &sight, month, &asked).await?;
    let from = asked.after.unwrap_or(0).min(report.must.len());
    let to = report.must.len().min(from + A_PAGE);
    let next = (to < report.must.len()).then(|| to.to_string());
    let query = reader.query.clone();
    let content = html! {
        (filters(&snapshot, &reader, month, &asked))
        (standing(&reader, &report))
        (table(&snapshot, &reader, &report.must[from..to]))
        (components::pages(&reader, next.as_deref()))
        ul class="downloads" {
            li { a class="button" href={ (PATH) "/coverage/table.xlsx?" (query) } { "XLSX" } }
            li { a class="button" href={ (PATH) "/coverage/table.csv?" (query) } { "CSV" } }
        }
        p class="hint" {
            (reader.pick("已联网:该月收到名单所列的每一项因子。方案范围由城市数据表 coverage_rules.csv 规定,\
                名单见 monitoring_duties.csv 与现行排污许可证。",
                "Connected: every factor that is due was received in the month. What the plan \
                 covers stands in coverage_rules.csv, who is listed in monitoring_duties.csv and \
                 in the permits in force."))
        }
    };
    let title = reader.pick("联网覆盖", "Coverage");
    let page = Page::new(title)
        .under(format!("{PATH}?month={month}"), reader.pick("监测数据质量", "Data quality"));
    Ok(page.render(&state, &reader, content))
}

fn filters(snapshot: &Snapshot, reader: &Reader, month: Month, asked: &Asked) -> Markup {
    html! {
        form class="filters" method="get" {
            (month_field(reader, month))
            (division_field(snapshot, reader, asked.division.as_deref()))
            label {
                (reader.pick("进度", "Stage"))
                select name="stage" {
                    option value="" { (reader.pick("全部", "all")) }
                    @for (stage, word) in STAGES {
                        option value=(word) selected[asked.stage.as_deref() == Some(word)] {
                            (reader.text(&stage_text(stage)))
                        }
                    }
                }
            }
            button type="submit" { (reader.pick("查看", "Show")) }
        }
    }
}

fn standing(reader: &Reader, report: &Report) -> Markup {
    let all = report.total();
    let stat = |zh, en, part: i64, whole: i64, share| {
        let note = format!("{}%", words::rate(share));
        components::stat(reader.pick(zh, en), html! { (part) " / " (whole) }, Some(&note))
    };
    let outfalls = super::super::counts::percent(all.of_plan_connected, all.of_plan);
    html! {
        div class="stats" {
            (stat("已安装 / 应安装", "Installed / must be", all.installed, all.must,
                all.installed_share()))
            (stat("已联网 / 已安装", "Connected / installed", all.connected, all.installed,
                all.connected_share()))
            (stat("入河排污口在线 / 方案要求", "Outfalls online / required by the plan",
                all.of_plan_connected, all.of_plan, outfalls))
        }
    }
}

fn name(snapshot: &Snapshot, reader: &Reader, must: &Must) -> String {
    if let Some(point) = must.point.and_then(|point| snapshot.point(point)) {
        return reader.text(&area::point(snapshot, point)).to_owned();
    }
    let name = must.name.as_ref().map_or(must.code.as_str(), |name| reader.text(name));
    let number = must.code.split_once('/').map_or("", |(_, number)| number);
    format!("{name} {number}")
}

fn reasons(reader: &Reader, must: &Must) -> Vec<String> {
    let of = |reason: &super::super::coverage::Reason| {
        let why = reason.why.text();
        let river = reason.river.as_ref().map(|river| format!(" · {river}")).unwrap_or_default();
        format!("{}{river} · {}", reader.text(&why), reason.source)
    };
    must.reasons.iter().map(of).collect()
}

fn lacking(snapshot: &Snapshot, reader: &Reader, must: &Must) -> String {
    let codes =
        if must.not_installed.is_empty() { &must.not_received } else { &must.not_installed };
    let name = |code: &String| {
        let factor = snapshot.factor_by_code(code);
        factor.map_or_else(|| code.clone(), |factor| reader.name(&factor.name).to_owned())
    };
    codes.iter().map(name).collect::<Vec<_>>().join(reader.pick("、", ", "))
}

fn table(snapshot: &Snapshot, reader: &Reader, all: &[Must]) -> Markup {
    let mut table = Table::new(
        reader.pick(
            "应安装联网的排放口,未完成的在前",
            "Outlets that must be connected, open ones first",
        ),
        vec![
            Column::words(reader.pick("排放口", "Outlet")),
            Column::words(reader.pick("区县", "Division")),
            Column::words(reader.pick("进度", "Stage")),
            Column::words(reader.pick("缺少的因子", "Factors lacking")),
            Column::words(reader.pick("依据", "Why")),
        ],
    );
    for must in all {
        let tone = match must.stage {
            Stage::Missing => "bad",
            Stage::Installed => "warning",
            Stage::Connected => "good",
        };
        let is_fictitious = must.reasons.iter().any(|reason| reason.is_fictitious);
        table.row(vec![
            html! {
                @match must.point {
                    Some(_) => { a href={ (PATH) "/outlets/" (must.code) } { (name(snapshot, reader, must)) } }
                    None => { (name(snapshot, reader, must)) }
                }
            },
            html! { (words::division(snapshot, reader, &must.division)) },
            components::status_badge(tone, reader.text(&stage_text(must.stage))),
            html! { (lacking(snapshot, reader, must)) },
            html! {
                @for (place, reason) in reasons(reader, must).iter().enumerate() {
                    @if place > 0 { br; }
                    (reason)
                }
                @if is_fictitious { " " span class="hint" { (reader.pick("虚构", "fictitious")) } }
            },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有应联网的排放口", "No outlet must be connected"),
            reader.pick(
                "名单为空或筛选过严。名单写在城市数据的 rules/monitoring_duties.csv 中。",
                "The list is empty, or the filter too narrow. It stands in the city's \
                 rules/monitoring_duties.csv.",
            ),
        );
    }
    table.render()
}

pub(super) async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let sight = Sight::of(&signed_in)?;
    let month = month(asked.month.as_deref(), state.now())?;
    let snapshot = state.snapshot();
    let report = seen(&state, &snapshot, &sight, month, &asked).await?;
    let heads = [
        ("代码", "Code"),
        ("排放口", "Outlet"),
        ("区县", "Division"),
        ("进度", "Stage"),
        ("缺少的因子", "Factors lacking"),
        ("依据", "Why"),
    ];
    let row = |must: &Must| -> Vec<Cell> {
        vec![
            must.code.clone().into(),
            name(&snapshot, &reader, must).into(),
            words::division(&snapshot, &reader, &must.division).into(),
            reader.text(&stage_text(must.stage)).into(),
            lacking(&snapshot, &reader, must).into(),
            reasons(&reader, must).join("; ").into(),
        ]
    };
    let sheet = Sheet {
        name: format!("coverage-{month}"),
        columns: heads.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect(),
        rows: report.must.iter().map(row).collect(),
    };
    match file.as_str() {
        "table.csv" => sheet.csv(),
        "table.xlsx" => sheet.xlsx(),
        _ => Err(Problem::not_found("没有这个文件", "there is no such file")),
    }
}
