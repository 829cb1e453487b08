//! The page of the whole plan.

use super::overview::{MeasureRow, Overview, overview};
use super::{measure, sheet, wall, words};
use crate::access::Officer;
use crate::names::unit_name;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use plan::{Measure, MeasureState};
use registry::Snapshot;
use serde::Deserialize;
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn, local_minute};

/// The address of the cockpit.
pub(super) const PATH: &str = "/plan";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(page))
        .route("/plan/status.xlsx", get(sheet::file))
        .route("/plan/compute", post(compute))
        .route("/plan/measures/{number}", get(measure::page))
}

/// How the plan is shown.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    view: String,
}

/// The plan as it stands, or that the city has none.
pub(super) async fn seen(state: &AppState) -> Result<Overview, Problem> {
    overview(&state.store, state.now()).await?.ok_or_else(|| {
        Problem::not_found(
            "本市没有方案文件；放入 plan/ 后用 `lucid init` 载入",
            "this city has no plan; put its files into plan/ and load them with `lucid init`",
        )
    })
}

async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let officer = Officer::of(&signed_in)?;
    let seen = seen(&state).await?;
    let snapshot = state.snapshot();
    let is_wall = asked.view == "wall";
    let head = &seen.city.plan.head;
    let content = html! {
        (views(&reader, is_wall))
        (summary(&reader, &seen))
        @if is_wall {
            (wall::tiles(&reader, &seen))
        } @else {
            (late(&reader, &snapshot, &seen))
            (table(&reader, &snapshot, &seen))
            (foot(&reader, &seen, officer.may_keep()))
        }
    };
    let title =
        if is_wall { reader.pick("方案进展", "The plan") } else { reader.text(&head.title) };
    Ok(Page::new(title).render(&state, &reader, content))
}

fn views(reader: &Reader, is_wall: bool) -> Markup {
    let tab = |path: &str, zh, en, shown| (path.to_owned(), reader.pick(zh, en).to_owned(), shown);
    components::tabs(
        reader.pick("方案进展的视图", "Views of the plan"),
        &[
            tab(PATH, "清单", "List", !is_wall),
            tab("/plan?view=wall", "大屏", "Wall", is_wall),
            tab("/plan/duties", "任务台账", "Duties", false),
        ],
    )
}

/// Five numbers.
fn summary(reader: &Reader, seen: &Overview) -> Markup {
    let of = reader.pick("共", "of").to_owned() + " " + &seen.measures.len().to_string();
    html! {
        div class="stats" {
            @for state in MeasureState::ALL {
                (components::stat(reader.text(&state.text()), html! { (seen.count(state)) },
                    Some(&of)))
            }
        }
    }
}

/// Late duties by unit.
fn late(reader: &Reader, snapshot: &Snapshot, seen: &Overview) -> Markup {
    html! {
        @if !seen.late_units.is_empty() {
            (components::notice("warning", html! {
                p { strong { (reader.pick("逾期任务", "Late duties")) } }
                ul class="plan-late" {
                    @for unit in &seen.late_units {
                        @let name = unit_name(snapshot, &unit.unit);
                        li {
                            a href={ "/plan/duties?unit=" (unit.unit) } { (reader.name(&name)) }
                            " " (unit.count)
                        }
                    }
                }
            }))
        }
    }
}

/// Every measure, chapter by chapter, in one table.
fn table(reader: &Reader, snapshot: &Snapshot, seen: &Overview) -> Markup {
    let plan = &seen.city.plan;
    let heads = [
        ("措施", "Measure"),
        ("状态", "State"),
        ("指标与目标", "Indicators and targets"),
        ("牵头（配合）", "Leads (assist)"),
        ("任务", "Duties"),
    ];
    html! {
        div class="table-frame" role="region" tabindex="0"
            aria-label=(reader.pick("全部措施", "All measures")) {
            table class="plan-table" {
                caption class="visually-hidden" { (reader.pick("全部措施", "All measures")) }
                thead {
                    tr { @for (zh, en) in heads { th scope="col" { (reader.pick(zh, en)) } } }
                }
                @for chapter in &plan.chapters {
                    @let measures: Vec<_> =
                        plan.measures.iter().filter(|it| it.chapter == chapter.number).collect();
                    @if !measures.is_empty() {
                        tbody {
                            tr class="plan-chapter" {
                                th scope="rowgroup" colspan=(heads.len()) {
                                    (reader.text(&chapter.title))
                                }
                            }
                            @for measure in measures {
                                @if let Some(row) = seen.row(measure.number) {
                                    (line(reader, snapshot, seen, measure, row))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn line(
    reader: &Reader,
    snapshot: &Snapshot,
    seen: &Overview,
    measure: &Measure,
    row: &MeasureRow,
) -> Markup {
    let class = match row.state {
        MeasureState::Late => Some("bad"),
        MeasureState::Behind => Some("warning"),
        _ => None,
    };
    html! {
        tr class=[class] {
            th scope="row" {
                a href={ "/plan/measures/" (measure.number) } {
                    (measure.number) ". " (reader.text(&measure.title))
                }
            }
            td data-label=(reader.pick("状态", "State")) { (words::state_badge(reader, row.state)) }
            td data-label=(reader.pick("指标", "Indicators")) {
                (indicators(reader, seen, row))
                @if let Some(money) = &row.money { (words::money(reader, money)) }
            }
            td data-label=(reader.pick("牵头", "Leads")) {
                @if measure.lead.is_empty() {
                    (reader.pick("各县区、开发区", "every county and zone"))
                } @else { (words::units(reader, snapshot, &measure.lead)) }
                @if !measure.assisting.is_empty() {
                    span class="plan-year" { " +" (measure.assisting.len()) }
                }
            }
            td data-label=(reader.pick("任务", "Duties")) { (duties(reader, row)) }
        }
    }
}

/// The indicators that say most: with a target, with a value; the others are counted.
const SHOWN: usize = 3;

fn indicators(reader: &Reader, seen: &Overview, row: &MeasureRow) -> Markup {
    let has_target = |id: &str| row.targets.iter().any(|it| it.target.indicator == id);
    let mut with_value: Vec<_> = row.indicators.iter().filter(|it| it.value().is_some()).collect();
    with_value.sort_by_key(|it| !has_target(&it.id));
    let without: Vec<_> = row.indicators.iter().filter(|it| it.value().is_none()).collect();
    let more = with_value.len().saturating_sub(SHOWN) + without.len().saturating_sub(SHOWN);
    html! {
        ul class="plan-values" {
            @for indicator in with_value.iter().take(SHOWN) {
                @if let Some(definition) = seen.city.definition(&indicator.id) {
                    li {
                        a href=(words::indicator_path(&indicator.id)) {
                            (reader.text(&definition.name))
                        }
                        " " (words::value(reader, definition, indicator))
                        @for target in row.targets.iter()
                            .filter(|it| it.target.indicator == indicator.id) {
                            " " span class="plan-target" {
                                (words::wanted(reader, &seen.city, target)) " "
                                (words::target_badge(reader, target.state))
                            }
                        }
                    }
                }
            }
            @if !without.is_empty() {
                li class="plan-lack" {
                    (reader.pick("缺数据：", "No data: "))
                    @for (place, indicator) in without.iter().take(SHOWN).enumerate() {
                        @if let Some(definition) = seen.city.definition(&indicator.id) {
                            @if place > 0 { (reader.pick("；", "; ")) }
                            a href=(words::indicator_path(&indicator.id)) {
                                (reader.text(&definition.name))
                            }
                            @if let Some(who) = &definition.delivers {
                                " ← " (reader.text(who))
                            }
                        }
                    }
                }
            }
            @if more > 0 {
                li class="plan-year" {
                    a href={ "/plan/measures/" (row.number) "#indicators" } {
                        (reader.pick("另有", "and")) " " (more) " " (reader.pick("项", "more"))
                    }
                }
            }
        }
    }
}

fn duties(reader: &Reader, row: &MeasureRow) -> Markup {
    html! {
        @if !row.late.is_empty() {
            (components::status_badge("bad", &format!("{} {}",
                reader.pick("逾期", "late"), row.late.len())))
            " "
        }
        @if row.open.is_empty() { span class="none" { "—" } } @else {
            a href={ "/plan/duties?measure=" (row.number) } {
                (row.open.len()) " " (reader.pick("项待办", "to do"))
            }
        }
    }
}

fn foot(reader: &Reader, seen: &Overview, may_compute: bool) -> Markup {
    let head = &seen.city.plan.head;
    html! {
        p class="words" {
            (reader.text(&head.issued_by)) " · " (head.date)
            @if let Some(number) = &head.number { " · " (number) }
            " · " (reader.text(&head.lead_rule))
            @if let Some(everyone) = &head.everyone { " " (reader.text(&everyone.text)) "。" }
        }
        p class="downloads" {
            a href="/plan/status.xlsx" { (reader.pick("导出 XLSX", "Export as XLSX")) }
            " · " a href="/plan/brief.docx" { (reader.pick("月报 Word", "Brief, Word")) }
            " · " a href="/plan/brief.pdf" { (reader.pick("月报 PDF", "Brief, PDF")) }
            " · " a href="/plan/briefs" { (reader.pick("已签发月报", "Briefs issued")) }
            " · " a href="/plan/term-file" { (reader.pick("任期档案", "File of a term")) }
            " · " a href="/api/v1/plan" { (reader.pick("数据接口", "Interface")) }
            @if let Some(run) = seen.run {
                " · " (reader.pick("指标计算于", "indicators computed at")) " "
                (local_minute(run.ended_at))
            }
        }
        @if may_compute {
            form class="actions" method="post" action="/plan/compute" {
                button type="submit" { (reader.pick("重新计算指标", "Compute the indicators now")) }
            }
        }
    }
}

async fn compute(State(state): State<AppState>, signed_in: SignedIn) -> Result<Response, Problem> {
    let officer = Officer::of(&signed_in)?;
    officer.to_keep()?;
    crate::duties::look(&state).await?;
    crate::indicators::compute(&state).await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, PATH)]).into_response())
}
