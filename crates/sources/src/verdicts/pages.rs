//! The page that says why.

use crate::words;
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use evaluation::StoredVerdict;
use maud::{Markup, html};
use registry::PointKind;
use rulebook::Period;
use serde_json::Value;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/verdicts/{id}", get(one))
}

/// The verdict with this number.
pub(super) async fn find(state: &AppState, id: i64) -> Result<StoredVerdict, Problem> {
    evaluation::verdict(&state.store, id).await?.ok_or_else(|| {
        Problem::not_found(
            format!("没有编号为 {id} 的评判"),
            format!("there is no verdict with the number {id}"),
        )
    })
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    let stored = find(&state, id).await?;
    let before = evaluation::verdict_versions(&state.store, id).await?;
    let content = html! {
        (components::section("result", reader.pick("结果", "Result"), result(&state, &reader, &stored)))
        (components::section("why", reader.pick("依据", "Why"), reasons(&reader, &stored.verdict.reasons)))
        @if !before.is_empty() {
            (components::section("before", reader.pick("先前的评判", "What was judged before"),
                versions(&reader, &before)))
        }
    };
    let title = reader.pick("评判依据", "Why this verdict");
    Ok(Page::new(title).render(&state, &reader, content))
}

fn result(state: &AppState, reader: &Reader, stored: &StoredVerdict) -> Markup {
    let snapshot = state.snapshot();
    let verdict = &stored.verdict;
    let mut facts = Vec::new();
    if let Some(point) = snapshot.point(verdict.point) {
        let name = words::point(&snapshot, point);
        facts.push((
            reader.pick("点位", "Point").to_owned(),
            html! { a href=(words::path(point)) { (reader.text(&name)) } },
        ));
    }
    if let Some(factor) = verdict.factor.and_then(|factor| snapshot.factor(factor)) {
        facts.push((
            reader.pick("因子", "Factor").to_owned(),
            html! { (reader.name(&factor.name)) " " code { (factor.code) } },
        ));
    }
    facts.push((
        reader.pick("时段", "Period").to_owned(),
        html! {
            (reader.text(&words::period(verdict.period))) " · "
            (components::moment(verdict.observed_at))
        },
    ));
    facts.push((
        reader.pick("结论", "Outcome").to_owned(),
        html! {
            strong { (reader.text(&words::outcome(verdict.outcome))) }
            @if let Some(value) = verdict.value { " · " (value) }
            @if let Some(level) = verdict.level { " · " (reader.pick("级别", "level")) " " (level) }
        },
    ));
    facts.push((reader.pick("版本", "Edition").to_owned(), html! { (verdict.edition) }));
    facts.push((
        reader.pick("评判时间", "Judged at").to_owned(),
        html! { (components::moment(stored.judged_at)) " · v" (stored.version) },
    ));
    facts.push((
        reader.pick("数值来源", "The value came in").to_owned(),
        html! {
            a href={ "/packets/" (verdict.source.block) "/" (verdict.source.index) } {
                (reader.pick("原始数据包", "this packet")) " "
                (verdict.source.block) "/" (verdict.source.index)
            }
        },
    ));
    let outlet = snapshot.point(verdict.point).filter(|point| point.kind() == PointKind::Outlet);
    if let Some(point) = outlet.filter(|_| matches!(verdict.period, Period::Hour | Period::Day)) {
        let code = verdict.factor.and_then(|id| snapshot.factor(id)).map(|row| row.code.clone());
        let to =
            crate::marks::chain_of(point, verdict.period, verdict.observed_at, code.as_deref());
        facts.push((
            reader.pick("是否计入", "Does it count").to_owned(),
            html! { a href=(to) { (reader.pick("三层标记与判定链", "its three layers and the chain")) } },
        ));
    }
    components::definition_list(&facts)
}

/// Reasons as evaluation keeps them.
pub(crate) fn reasons(reader: &Reader, reasons: &Value) -> Markup {
    if let Some(reason) = reasons.get("not_computable") {
        return html! { p { (reader.json(&reason["text"])) } };
    }
    let text = |name: &str| reasons[name].as_str().unwrap_or_default().to_owned();
    let explanation = &reasons["explanation"];
    html! {
        p { (reader.json(&explanation["sentence"])) }
        (explanation_table(reader, explanation))
        @for note in explanation["notes"].as_array().into_iter().flatten() {
            p class="hint" { (reader.json(note)) }
        }
        (inputs(reader, &reasons["inputs"]))
        (components::definition_list(&[
            (reader.pick("标准", "Standard").to_owned(), html! { (text("standard")) }),
            (reader.pick("版本与条款", "Edition and clause").to_owned(),
                html! { (text("edition")) " " (text("clause")) }),
            (reader.pick("出处", "Source").to_owned(), html! { (text("source")) }),
            (reader.pick("可信度", "Confidence").to_owned(), html! { (text("confidence")) }),
            (reader.pick("修约", "Rounding").to_owned(), rounding(reader, &reasons["rounding"])),
        ]))
    }
}

fn explanation_table(reader: &Reader, explanation: &Value) -> Markup {
    let columns = explanation["columns"].as_array().into_iter().flatten();
    let columns: Vec<Column> =
        columns.map(|column| Column::words(reader.json(column).to_owned())).collect();
    let mut table = Table::new(reader.pick("计算过程", "How it was computed"), columns);
    for row in explanation["rows"].as_array().into_iter().flatten() {
        let cells = row.as_array().into_iter().flatten();
        table.row(cells.map(|cell| html! { (reader.json(cell)) }).collect());
    }
    html! { @if !table.is_empty() { (table.render()) } }
}

fn inputs(reader: &Reader, inputs: &Value) -> Markup {
    let mut table = Table::new(
        reader.pick("输入", "Inputs"),
        vec![
            Column::words(reader.pick("名称", "Name")),
            Column::numbers(reader.pick("数值", "Value")),
            Column::words(reader.pick("单位", "Unit")),
        ],
    );
    for input in inputs.as_array().into_iter().flatten() {
        table.row(vec![
            html! { (reader.json(&input["name"])) },
            html! { (input["value"].as_str().unwrap_or("—")) },
            html! { (web::unit(input["unit"].as_str().unwrap_or_default())) },
        ]);
    }
    html! { @if !table.is_empty() { (table.render()) } }
}

fn rounding(reader: &Reader, rounding: &Value) -> Markup {
    let steps = rounding.as_array().cloned().unwrap_or_default();
    html! {
        @if steps.is_empty() { (reader.pick("未修约", "none")) }
        @for step in &steps { (reader.json(&step["of"])) ": " (reader.json(&step["how"])) " " }
    }
}

fn versions(reader: &Reader, before: &[StoredVerdict]) -> Markup {
    let mut table = Table::new(
        reader.pick("数据或规则变化前的评判", "Before the data or the rule changed"),
        vec![
            Column::words(reader.pick("版次", "Version")),
            Column::words(reader.pick("结论", "Outcome")),
            Column::words(reader.pick("数值", "Value")),
            Column::words(reader.pick("评判时间", "Judged at")),
        ],
    );
    for stored in before {
        table.row(vec![
            html! { "v" (stored.version) },
            html! { (reader.text(&words::outcome(stored.verdict.outcome))) },
            html! { @match stored.verdict.value { Some(value) => { (value) } None => { "—" } } },
            html! { (components::moment(stored.judged_at)) },
        ]);
    }
    table.render()
}
