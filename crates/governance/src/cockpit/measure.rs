//! The page of a measure: where its live proof stands, or why no software carries it.

use super::overview::{MeasureRow, Overview};
use super::pages::{PATH, seen};
use super::words;
use crate::access::Officer;
use crate::duties::DutyRow;
use crate::names::{unit_name, unit_word};
use axum::extract::{Path, State};
use maud::{Markup, html};
use plan::{DueDay, Measure};
use registry::Snapshot;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(number): Path<u32>,
) -> Result<Markup, Problem> {
    Officer::of(&signed_in)?;
    let seen = seen(&state).await?;
    let snapshot = state.snapshot();
    let unknown = || {
        Problem::not_found(
            format!("方案没有第 {number} 条措施"),
            format!("the plan has no measure {number}"),
        )
    };
    let measure = seen.city.plan.measure(number).ok_or_else(unknown)?;
    let row = seen.row(number).ok_or_else(unknown)?;
    let content = html! {
        p class="words" { (reader.text(&measure.summary)) }
        (facts(&reader, &snapshot, &seen, measure, row))
        @if !row.targets.is_empty() { (targets(&reader, &seen, row)) }
        (indicators(&reader, &seen, row))
        (duties(&reader, &snapshot, &seen, number))
        @if let Some(money) = &row.money { p { (words::money(&reader, money)) } }
        (ledgers(&state, &reader, number).await?)
        (proof(&reader, measure))
        (beside(&reader, &seen, number))
    };
    let title = format!("{number}. {}", reader.text(&measure.title));
    Ok(Page::new(title)
        .under(PATH, reader.pick("方案进展", "The plan"))
        .render(&state, &reader, content))
}

/// The ledgers that serve a measure, with how many rows each has.
async fn ledgers(state: &AppState, reader: &Reader, number: u32) -> Result<Markup, Problem> {
    let all = crate::ledgers::all(&state.store).await?;
    let serving: Vec<_> = all.iter().filter(|it| it.measures.contains(&number)).collect();
    if serving.is_empty() {
        return Ok(html! {});
    }
    let counts = crate::ledgers::counts(&state.store).await?;
    let list = html! {
        ul {
            @for ledger in serving {
                li {
                    a href={ (crate::ledgers::PATH) "/" (ledger.id) } {
                        (reader.text(&ledger.name))
                    }
                    " · " (counts.get(&ledger.id).copied().unwrap_or_default()) " "
                    (reader.pick("行", "rows")) " · "
                    span class="muted" {
                        (reader.pick("由谁提供：", "delivered by: ")) (reader.text(&ledger.owner))
                    }
                }
            }
        }
    };
    Ok(components::section("ledgers", reader.pick("台账", "Ledgers"), list))
}

fn facts(
    reader: &Reader,
    snapshot: &Snapshot,
    seen: &Overview,
    measure: &Measure,
    row: &MeasureRow,
) -> Markup {
    let plan = &seen.city.plan;
    let chapter = plan.chapter(measure.chapter).map(|it| reader.text(&it.title).to_owned());
    let word = |zh, en| reader.pick(zh, en).to_owned();
    let mut pairs = vec![
        (word("状态", "State"), words::state_badge(reader, row.state)),
        (word("章", "Chapter"), html! { (chapter.unwrap_or_default()) }),
    ];
    if !measure.lead.is_empty() {
        let lead = words::units(reader, snapshot, &measure.lead);
        pairs.push((word("牵头单位", "Leads"), html! { (lead) }));
    }
    if !measure.assisting.is_empty() {
        let assisting = words::units(reader, snapshot, &measure.assisting);
        pairs.push((word("配合单位", "Assist"), html! { (assisting) }));
    }
    if let Some(everyone) = &plan.head.everyone {
        pairs.push((word("全体适用", "Everybody"), html! { (reader.text(&everyone.text)) }));
    }
    components::definition_list(&pairs)
}

fn targets(reader: &Reader, seen: &Overview, row: &MeasureRow) -> Markup {
    let columns = vec![
        Column::words(reader.pick("目标", "Target")),
        Column::words(reader.pick("目标值", "Wanted")),
        Column::numbers(reader.pick("现值", "Value")),
        Column::words(reader.pick("结果", "Result")),
        Column::words(reader.pick("性质", "Binding")),
    ];
    let mut table = Table::new(reader.pick("目标", "Targets"), columns);
    for target in &row.targets {
        let definition = seen.city.definition(&target.target.indicator);
        let (decimals, unit) = definition.map_or((0, ""), |definition| {
            (definition.decimals, unit_word(reader, &definition.unit))
        });
        table.row(vec![
            html! {
                a href=(words::indicator_path(&target.target.indicator)) {
                    (reader.text(&target.target.stated))
                }
            },
            html! { (words::wanted(reader, &seen.city, target)) },
            html! {
                (components::number(target.value, decimals, unit))
                @if let Some(year) = target.value_year {
                    " " span class="plan-year" { (year) }
                }
            },
            words::target_badge(reader, target.state),
            html! { (reader.text(&target.target.binding.text())) },
        ]);
    }
    components::section("targets", reader.pick("目标", "Targets"), table.render())
}

fn indicators(reader: &Reader, seen: &Overview, row: &MeasureRow) -> Markup {
    let columns = vec![
        Column::words(reader.pick("指标", "Indicator")),
        Column::words(reader.pick("最新值", "Newest value")),
        Column::words(reader.pick("怎样计算", "How it is computed")),
        Column::words(reader.pick("责任", "Answers for it")),
    ];
    let mut table = Table::new(reader.pick("指标", "Indicators"), columns);
    for indicator in &row.indicators {
        let Some(definition) = seen.city.definition(&indicator.id) else { continue };
        table.row(vec![
            html! {
                a href=(words::indicator_path(&indicator.id)) { (reader.text(&definition.name)) }
            },
            words::value(reader, definition, indicator),
            html! { (reader.text(&seen.city.formula(definition))) },
            html! { (reader.text(&definition.owner)) },
        ]);
    }
    components::section("indicators", reader.pick("指标", "Indicators"), table.render())
}

/// The duties that the measure sets: the rule, and how each unit stands.
fn duties(reader: &Reader, snapshot: &Snapshot, seen: &Overview, number: u32) -> Markup {
    let plan = &seen.city.plan;
    let set: Vec<_> = plan.duties_of(number).collect();
    if set.is_empty() {
        return html! {};
    }
    let content = html! {
        @for duty in set {
            @let period = plan.period_on(duty, seen.today);
            h3 { (reader.text(&duty.title)) }
            p {
                (reader.text(&duty.rhythm.text())) " · "
                @match plan.due_day(duty, &period) {
                    DueDay::On(day, source) => {
                        (reader.text(&period.text())) " · "
                        (reader.pick("期限", "due")) " " (day) " · " (source)
                    }
                    DueDay::Open(who) => {
                        (reader.pick("期限方案未载明，由", "the plan sets no day; decided by "))
                        (reader.text(&who))
                        (reader.pick("确定", ""))
                    }
                }
            }
            @let rows: Vec<&DutyRow> =
                seen.duties.iter().filter(|row| row.duty == duty.id).collect();
            @if rows.is_empty() {
                p class="hint" { (reader.pick("尚未开办：期限确定后自动开办。",
                    "No case yet: it opens once the day is set.")) }
            } @else { (rows_of(reader, snapshot, seen, &rows)) }
        }
    };
    components::section("duties", reader.pick("任务", "Duties"), content)
}

fn rows_of(reader: &Reader, snapshot: &Snapshot, seen: &Overview, rows: &[&DutyRow]) -> Markup {
    let columns = vec![
        Column::words(reader.pick("单位", "Unit")),
        Column::words(reader.pick("周期", "Period")),
        Column::words(reader.pick("期限", "Due")),
        Column::words(reader.pick("状态", "State")),
        Column::words(reader.pick("事项", "Case")),
    ];
    let mut table = Table::new(reader.pick("各单位", "By unit"), columns);
    for row in rows {
        let name = unit_name(snapshot, &row.unit);
        let standing = row.standing(seen.today);
        table.row(vec![
            html! { (reader.name(&name)) },
            html! { (row.period) },
            html! { @if let Some(due) = row.due_on { (due) } @else { "—" } },
            components::status_badge(standing.tone(), reader.text(&standing.text())),
            html! { a href={ "/cases/" (row.case.0) } { (reader.pick("查看", "Open")) } },
        ]);
    }
    table.render()
}

/// Where it lives in the software, or why it does not.
fn proof(reader: &Reader, measure: &Measure) -> Markup {
    let content = html! {
        @if !measure.modules.is_empty() {
            ul {
                @for module in &measure.modules {
                    li { a href=(module.path) { (reader.text(&module.title)) } }
                }
            }
        }
        @if let Some(reason) = &measure.not_in_software {
            (components::notice("note", html! {
                p {
                    strong { (reader.pick("未纳入软件：", "Not in software yet: ")) }
                    (reader.text(reason))
                }
            }))
        }
    };
    components::section("proof", reader.pick("在哪里办", "Where it is done"), content)
}

fn beside(reader: &Reader, seen: &Overview, number: u32) -> Markup {
    let has = |number: u32| seen.city.plan.measure(number).is_some();
    html! {
        nav class="pages" aria-label=(reader.pick("相邻措施", "Measures beside")) {
            @if number > 1 && has(number - 1) {
                a class="button" rel="prev" href={ "/plan/measures/" (number - 1) } {
                    (reader.pick("上一条", "Measure before"))
                }
            }
            @if has(number + 1) {
                " " a class="button" rel="next" href={ "/plan/measures/" (number + 1) } {
                    (reader.pick("下一条", "Next measure"))
                }
            }
        }
    }
}
