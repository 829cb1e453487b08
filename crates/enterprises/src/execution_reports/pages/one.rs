//! One report as it is read: where it stands, what was filled in, what the checks found.

use super::super::access::{Sight, seen};
use super::super::facts::{self, Facts};
use super::super::model::{Report, State as Standing, day_of, place};
use super::super::shape::{head_fields, of_level};
use super::super::{due, store};
use super::{PATH, beside, decision, enterprise, form, title};
use crate::checks::{Checks, slots};
use axum::extract::{Path, State};
use maud::{Markup, html};
use permits::ReportCycle;
use plausibility::{Field, Key, Kind, Level};
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, Visitor};

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    let signed_in = visitor.signed_in.as_ref();
    let (report, sight) = seen(&state, signed_in, id).await?;
    let snapshot = state.snapshot();
    let facts = facts::facts(&state.store, &snapshot, report.enterprise, &report.subject).await?;
    if report.state == Standing::Draft {
        return form::page(&state, &reader, &report, &facts, &sight, false).await;
    }
    let shows_findings = sight.may_fill || sight.sees(Standing::Filed);
    let content = html! {
        (standing(&state, &reader, &report, &sight).await?)
        @if shows_findings { (findings(&state, &reader, &report)) }
        (filled_in(&reader, &report, &facts))
        @if let Some(signed_in) = signed_in {
            (decision::form(&reader, &snapshot, signed_in, &report))
        }
        @if sight.may_fill && matches!(report.state, Standing::Returned | Standing::Accepted) {
            form method="post" action={ (PATH) "/" (report.id) "/versions" } class="row" {
                button type="submit" {
                    (reader.pick("更正：在此基础上新建一版", "Correct it: begin a new version"))
                }
                span class="hint" {
                    (reader.pick("原版本保留，不会被覆盖。", "This version stays as it is."))
                }
            }
        }
    };
    Ok(Page::new(title(&snapshot, &reader, &report))
        .under(PATH, reader.pick("执行报告", "Execution reports"))
        .render(&state, &reader, content))
}

/// Where a report stands: whose, which permit, due, filed, decided, its versions.
pub(super) async fn standing(
    state: &AppState,
    reader: &Reader,
    report: &Report,
    sight: &Sight,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let code = snapshot.enterprise(report.enterprise).map(|one| one.code.clone());
    let name = enterprise(&snapshot, reader, report.enterprise);
    let subject = &report.subject;
    let filed = report.filed.as_ref();
    let late =
        due::days_late(report.due_on, filed.map(|filed| day_of(filed.at)), day_of(state.now()));
    let versions: Vec<Report> = store::of_subject(&state.store, subject)
        .await?
        .into_iter()
        .filter(|one| sight.sees(one.state))
        .collect();
    let mut facts = vec![
        (
            reader.pick("排污单位", "Enterprise").to_owned(),
            html! {
                @if let Some(code) = &code { a href={ "/enterprises/" (code) } { (name) } }
                @else { (name) }
            },
        ),
        (
            reader.pick("排污许可证", "Permit").to_owned(),
            html! { (subject.permit_number) " "
            (reader.pick("第", "version ")) (report.permit_version) (reader.pick("版", "")) },
        ),
        (reader.pick("报告期", "Period").to_owned(), html! { (subject.from) " – " (subject.to) }),
        (
            reader.pick("状态", "State").to_owned(),
            html! { (components::status_badge(report.state.tone(),
            reader.text(&report.state.text()))) },
        ),
        (reader.pick("提交期限", "Due").to_owned(), due_text(reader, report, late)),
    ];
    if let Some(filed) = filed {
        facts.push((
            reader.pick("提交", "Filed").to_owned(),
            html! { (components::moment(filed.at)) " · " (filed.name) },
        ));
    }
    if let Some(decided) = &report.decided {
        facts.push((
            reader.pick("审核", "Looked at").to_owned(),
            html! { (components::moment(decided.at)) " · " (decided.name)
            @if !report.decision_note.is_empty() { br; (report.decision_note) } },
        ));
    }
    Ok(components::section(
        "standing",
        reader.pick("办理情况", "Where it stands"),
        html! {
            (components::definition_list(&facts))
            @if versions.len() > 1 {
                p {
                    (reader.pick("各版本：", "Versions: "))
                    @for one in &versions {
                        @if one.id == report.id {
                            strong { "v" (one.version) } " "
                        } @else {
                            a href={ (PATH) "/" (one.id) } { "v" (one.version) } " "
                        }
                        span class="muted" { (reader.text(&one.state.text())) } " "
                    }
                }
            }
        },
    ))
}

fn due_text(reader: &Reader, report: &Report, late: i32) -> Markup {
    html! {
        @match report.due_on {
            None => { (reader.pick("许可证未载明", "the permit does not say")) }
            Some(day) => {
                (day) " "
                span class="muted" { (reader.pick("（许可证规定）", "(set by the permit)")) }
                @if late > 0 {
                    " " (components::status_badge("bad", &match reader.language {
                        web::Language::Chinese => format!("逾期 {late} 天"),
                        web::Language::English => format!("{late} days late"),
                    }))
                }
            }
        }
    }
}

fn findings(state: &AppState, reader: &Reader, report: &Report) -> Markup {
    let checks = Checks::of(state);
    components::section(
        "findings",
        reader.pick("合理性检查结果", "What the checks found"),
        html! {
            (slots::summary(reader, &report.findings))
            @for one in &report.findings {
                (slots::finding(reader, &checks, one, false))
            }
        },
    )
}

fn filled_in(reader: &Reader, report: &Report, facts: &Facts) -> Markup {
    let is_year = report.subject.cycle == ReportCycle::Year;
    let words: Vec<(String, Markup)> = head_fields(is_year)
        .map(|field| {
            let name = reader.text(&field.name).to_owned();
            (name, value(reader, report, facts, &Key::head(), field))
        })
        .collect();
    html! {
        (components::section("head", reader.pick("整体情况", "The whole unit"),
            components::definition_list(&words)))
        @for outlet in &facts.shape.outlets {
            (components::section(
                &format!("outlet-{}", outlet.number.as_deref().unwrap_or("unit")),
                reader.text(&outlet.name),
                html! {
                    @if let Some(number) = &outlet.number {
                        (components::definition_list(&of_level(Level::Outlet).map(|field| {
                            let key = Key::outlet(number.clone());
                            let name = reader.text(&field.name).to_owned();
                            (name, value(reader, report, facts, &key, field))
                        }).collect::<Vec<_>>()))
                    }
                    @if !outlet.factors.is_empty() {
                        (factors(reader, report, facts, outlet))
                    }
                }))
        }
    }
}

fn factors(
    reader: &Reader,
    report: &Report,
    facts: &Facts,
    outlet: &super::super::shape::OutletRow,
) -> Markup {
    let fields: Vec<&Field> = of_level(Level::Factor).collect();
    let mut columns = vec![Column::words(reader.pick("污染物", "Factor"))];
    columns.extend(fields.iter().map(|field| {
        let name = reader.text(&field.name);
        let unit = if field.unit.is_empty() { String::new() } else { format!(" ({})", field.unit) };
        Column::words(format!("{name}{unit}"))
    }));
    let mut table = Table::new(reader.text(&outlet.name), columns);
    for row in &outlet.factors {
        let mut cells = vec![html! {
            (reader.text(&row.name))
            @if !row.unit.is_empty() { " " span class="unit" { (web::unit(&row.unit)) } }
        }];
        for field in &fields {
            let has = row.fields().any(|it| it.id == field.id);
            cells.push(if has {
                value(reader, report, facts, &row.key, field)
            } else {
                html! { "—" }
            });
        }
        table.row(cells);
    }
    table.render()
}

/// A value as it was filled in, with what is known beside it.
fn value(reader: &Reader, report: &Report, facts: &Facts, key: &Key, field: &Field) -> Markup {
    let typed = report.content.get(key, field.id);
    let unit = if typed.is_empty() { "" } else { field.unit };
    let known = beside::known(reader, facts, key, field);
    let is_marked = report.findings.iter().any(|it| it.finding.place() == place(key, field.id));
    html! {
        @match (field.kind, typed) {
            (_, "") => { span class="none" { "—" } }
            (Kind::YesNo, "yes") => { (reader.pick("是", "yes")) }
            (Kind::YesNo, _) => { (reader.pick("否", "no")) }
            _ => { span class="number" { (typed) } }
        }
        @if !unit.is_empty() { " " span class="unit" { (web::unit(unit)) } }
        @if is_marked { " " a href="#findings" title=(reader.pick("有检查结果", "has findings")) { "▲" } }
        @if !known.is_empty() {
            ul class="beside" {
                @for (name, value) in &known {
                    li { span class="muted" { (name) } " " (value) }
                }
            }
        }
    }
}
