//! The kinds of cases as public documentation: how they move, by which law, within which time.

use super::act::{length, today};
use crate::engine::{engine, refused};
use axum::extract::{Path, State};
use caseflow::{CaseKind, Clock, ClockLength, Transition};
use cases::CaseError;
use jiff::civil::Date;
use maud::{Markup, html};
use rulebook::Confidence;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader};

pub(super) async fn all(State(state): State<AppState>, reader: Reader) -> Result<Markup, Problem> {
    let engine = engine(&state)?;
    let content = html! {
        p class="words" {
            (reader.pick(
                "每类事项的状态、谁可以办、多长时间办完、依据什么,都写在声明文件里并在此公开;程序按同一份声明办理。",
                "The states of each kind, who moves it, within which time and by which law: this is the \
                 declaration by which the program itself works."))
        }
        ul class="cards" {
            @for kind in engine.kinds() {
                li class="card" {
                    h2 class="card-title" {
                        a href={ "/cases/kinds/" (kind.id) } { (reader.text(&kind.name)) }
                    }
                    p { (reader.text(&kind.purpose)) }
                    p class="hint" {
                        (kind.states.len()) " " (reader.pick("个状态", "states")) " · "
                        (kind.clocks.len()) " " (reader.pick("个时限", "clocks"))
                    }
                }
            }
        }
    };
    let title = reader.pick("事项类型与时限", "Kinds of cases and their clocks");
    Ok(Page::new(title).render(&state, &reader, content))
}

pub(super) async fn one(
    State(state): State<AppState>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Markup, Problem> {
    let engine = engine(&state)?;
    let found = engine.kind(&id).cloned();
    let kind = found.ok_or_else(|| refused(CaseError::UnknownKind(id)))?;
    let on = today(&state);
    let content = html! {
        p class="words" { (reader.text(&kind.purpose)) }
        (components::section("flow", reader.pick("流程", "The flow"),
            super::drawing::figure(&reader, &kind, None)))
        (components::section("clocks", reader.pick("时限", "Clocks"), clocks(&reader, &kind, on)))
        (components::section("law", reader.pick("依据", "What it rests on"), law(&reader, &kind)))
        (components::section("states", reader.pick("状态", "States"), states(&reader, &kind)))
        (components::section("steps", reader.pick("操作", "Steps"), steps(&reader, &kind)))
        (components::section("seen", reader.pick("谁能看到什么", "Who sees what"),
            fields(&reader, &kind)))
        (components::section("replies", reader.pick("答复模板", "Official replies"),
            replies(&reader, &kind)))
        p class="hint" {
            (reader.pick("声明文件", "Declaration")) " " code { (kind.file) } " · "
            (reader.pick("版本", "version")) " " (kind.version) " · "
            (reader.pick("编号前缀", "numbers begin with")) " " code { (kind.prefix) }
        }
    };
    let title = reader.text(&kind.name).to_owned();
    Ok(Page::new(title)
        .under("/cases/kinds", reader.pick("事项类型", "Kinds of cases"))
        .render(&state, &reader, content))
}

/// How sure a source is.
fn confidence(reader: &Reader, confidence: Confidence) -> &str {
    match confidence {
        Confidence::Certain => reader.pick("已读原文", "read in the official text"),
        Confidence::High => reader.pick("多个来源一致", "several sources agree"),
        Confidence::Medium => reader.pick("一个可信来源", "one source that may be trusted"),
        Confidence::Low => reader.pick("来源较弱", "a weak source"),
        Confidence::Memory => reader.pick("凭记忆,未核对", "from memory, unchecked"),
        Confidence::Unknown => reader.pick("未知", "unknown"),
    }
}

fn clocks(reader: &Reader, kind: &CaseKind, on: Date) -> Markup {
    let mut table = Table::new(
        reader.pick("今天适用的时限", "The clocks as the law stands today"),
        vec![
            Column::words(reader.pick("时限", "Clock")),
            Column::words(reader.pick("长度", "Length")),
            Column::words(reader.pick("责任人", "Whose")),
            Column::words(reader.pick("开始", "Begins")),
            Column::words(reader.pick("预警与升级", "Warning and escalation")),
            Column::words(reader.pick("依据", "By")),
        ],
    );
    for clock in &kind.clocks {
        table.row(vec![
            html! {
                (reader.text(&clock.name))
                @if clock.is_right {
                    " " span class="mark" { (reader.pick("权利,逾期失效", "a right that lapses")) }
                }
            },
            html! {
                (reader.text(&length(&clock.length, on)))
                @if clock.rolls {
                    div class="hint" {
                        (reader.pick("末日遇休息日顺延", "a last day off moves on"))
                    }
                }
            },
            html! { (reader.text(&clock.owner.text())) },
            begins(reader, kind, clock),
            escalation(reader, clock),
            source(reader, clock, on),
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有时限", "No clock"),
            reader.pick("此类事项没有声明时限。", "This kind declares none."),
        );
    }
    table.render()
}

fn begins(reader: &Reader, kind: &CaseKind, clock: &Clock) -> Markup {
    let by = kind.transitions.iter().filter(|way| way.starts.contains(&clock.id));
    let mut names: Vec<_> = by.map(|way| reader.text(&way.name)).collect();
    if clock.starts_at_open {
        names.insert(0, reader.pick("登记", "opening"));
    }
    html! { (names.join(reader.pick("、", ", "))) }
}

fn escalation(reader: &Reader, clock: &Clock) -> Markup {
    html! {
        @for warn in &clock.warn {
            div { (reader.pick("到期前", "warns before")) " " (reader.text(&warn.text())) }
        }
        @for step in &clock.escalate {
            div {
                @if step.after.amount == 0 {
                    (reader.pick("超期即报", "at once to the"))
                } @else {
                    (reader.pick("超期", "after")) " " (reader.text(&step.after.text())) " "
                    (reader.pick("报", "to the"))
                }
                " " (reader.text(&step.to.text()))
            }
        }
        @if clock.warn.is_empty() && clock.escalate.is_empty() { "—" }
    }
}

fn source(reader: &Reader, clock: &Clock, on: Date) -> Markup {
    let row = match &clock.length {
        ClockLength::Deadline(id) => law::deadline(id, on),
        _ => None,
    };
    html! {
        @match (&clock.length, row) {
            (ClockLength::Stated { source, confidence: sure, .. }, _) => {
                (source) " " span class="muted" { "(" (confidence(reader, *sure)) ")" }
            }
            (_, Some(row)) => {
                (row.source) " "
                span class="muted" { "(" (confidence(reader, row.confidence)) ")" }
                @if !row.note.is_empty() { div class="hint" { (row.note) } }
            }
            _ => "—"
        }
    }
}

fn law(reader: &Reader, kind: &CaseKind) -> Markup {
    html! {
        @if kind.legal_basis.is_empty() {
            p class="muted" { (reader.pick("未声明依据。", "None is declared.")) }
        }
        ul {
            @for basis in &kind.legal_basis {
                li {
                    (reader.text(&basis.text))
                    span class="hint" {
                        " — " (basis.source) " (" (confidence(reader, basis.confidence)) ")"
                    }
                }
            }
        }
    }
}

fn states(reader: &Reader, kind: &CaseKind) -> Markup {
    let mut table = Table::new(
        reader.pick("事项可能处于的状态", "Where a case may stand"),
        vec![
            Column::words(reader.pick("状态", "State")),
            Column::words(reader.pick("含义", "Meaning")),
        ],
    );
    for state in &kind.states {
        let name = reader.text(&state.name);
        table.row(vec![
            super::words::state_badge(state.is_final, state.is_good, name),
            html! {
                (reader.text(&state.meaning))
                @if state.id == kind.initial {
                    " " span class="mark" { (reader.pick("起点", "the beginning")) }
                }
                @if state.is_final { " " span class="mark" { (reader.pick("终点", "an end")) } }
            },
        ]);
    }
    table.render()
}

fn steps(reader: &Reader, kind: &CaseKind) -> Markup {
    let mut table = Table::new(
        reader.pick("从一个状态到下一个", "From one state to the next"),
        vec![
            Column::words(reader.pick("操作", "Step")),
            Column::words(reader.pick("从 → 到", "From → to")),
            Column::words(reader.pick("谁办", "By whom")),
            Column::words(reader.pick("必须有", "Needs")),
            Column::words(reader.pick("随之", "With it")),
        ],
    );
    let name = |id: &str| {
        kind.state(id).map_or_else(|| id.to_owned(), |state| reader.text(&state.name).to_owned())
    };
    for way in &kind.transitions {
        let from: Vec<_> = way.from.iter().map(|id| name(id)).collect();
        let to = way.to.as_deref().map_or_else(|| reader.pick("不变", "the same").to_owned(), name);
        let roles: Vec<_> =
            way.roles.iter().filter_map(|word| authority::Role::parse(word)).collect();
        table.row(vec![
            html! { (reader.text(&way.name)) },
            html! { (from.join(reader.pick("、", ", "))) " → " (to) },
            html! {
                (reader.text(&way.who.text()))
                @for role in roles {
                    @let (zh, en) = role.names();
                    div class="hint" { (reader.pick(zh, en)) }
                }
            },
            html! { (needs(reader, kind, way).join(reader.pick("、", ", "))) },
            html! { (with_it(reader, kind, way).join(reader.pick(";", "; "))) },
        ]);
    }
    table.render()
}

fn needs(reader: &Reader, kind: &CaseKind, way: &Transition) -> Vec<String> {
    let needs = &way.needs;
    let fields = needs.fields.iter().filter_map(|id| kind.field(id));
    let mut all: Vec<String> = fields.map(|field| reader.text(&field.name).to_owned()).collect();
    for (is_needed, zh, en) in [
        (needs.note, "说明", "a note"),
        (needs.unit, "承办单位", "a unit"),
        (needs.assignee, "承办人", "an officer"),
        (needs.link.is_some(), "关联事项", "a linked case"),
        (!needs.another_than.is_empty(), "换人办理", "another person"),
    ] {
        if is_needed {
            all.push(reader.pick(zh, en).to_owned());
        }
    }
    let named = |ids: &[String]| super::words::clocks(reader, kind, ids);
    if !needs.running.is_empty() {
        all.push(format!("{} {}", reader.pick("在期限内:", "in time:"), named(&needs.running)));
    }
    if !needs.over.is_empty() {
        all.push(format!("{} {}", reader.pick("期满:", "over:"), named(&needs.over)));
    }
    if needs.evidence > 0 {
        all.push(format!("{} × {}", reader.pick("材料", "file"), needs.evidence));
    }
    all
}

fn with_it(reader: &Reader, kind: &CaseKind, way: &Transition) -> Vec<String> {
    let clocks = |ids: &[String]| super::words::clocks(reader, kind, ids);
    let mut all = Vec::new();
    let extended: Vec<_> = way.extends.iter().map(|one| one.clock.clone()).collect();
    for (zh, en, ids) in [
        ("开始", "starts", &way.starts),
        ("停止", "stops", &way.stops),
        ("中止", "holds", &way.suspends),
        ("恢复", "resumes", &way.resumes),
        ("延长", "extends", &extended),
    ] {
        if !ids.is_empty() {
            all.push(format!("{} {}", reader.pick(zh, en), clocks(ids)));
        }
    }
    if !way.tells.is_empty() {
        let told: Vec<_> = way.tells.iter().map(|told| told.text()).collect();
        let told: Vec<_> = told.iter().map(|text| reader.text(text)).collect();
        all.push(format!(
            "{} {}",
            reader.pick("通知", "tells"),
            told.join(reader.pick("、", ", "))
        ));
    }
    if way.shares_with_enterprise {
        all.push(reader.pick("企业可见", "shared with the enterprise").to_owned());
    }
    if way.publishes {
        all.push(reader.pick("匿名公开", "published, anonymised").to_owned());
    }
    all
}

fn fields(reader: &Reader, kind: &CaseKind) -> Markup {
    let mut table = Table::new(
        reader.pick("字段", "Fields"),
        vec![
            Column::words(reader.pick("字段", "Field")),
            Column::words(reader.pick("类型", "Form")),
            Column::words(reader.pick("反映人", "Reporter")),
            Column::words(reader.pick("企业", "Enterprise")),
            Column::words(reader.pick("公众", "Everybody")),
        ],
    );
    let yes = |is: bool| html! { @if is { (reader.pick("可见", "yes")) } @else { "—" } };
    for field in &kind.fields {
        table.row(vec![
            html! {
                (reader.text(&field.name))
                @if field.personal {
                    " " span class="mark" { (reader.pick("个人信息", "personal")) }
                }
            },
            html! { (reader.text(&field.form.text())) },
            yes(field.reporter),
            yes(field.enterprise),
            yes(field.public),
        ]);
    }
    html! {
        p {
            (reader.pick("企业何时看到此类事项:", "The enterprise sees such a case: "))
            (reader.text(&kind.enterprise_sees.text()))
            (reader.pick(";公众看到:", "; everybody sees: "))
            (reader.text(&kind.public_view.text()))
            (reader.pick("。反映人的身份和原话,企业和公众永远看不到。",
                ". The reporter's identity and words are never seen by the enterprise or the public."))
        }
        @if !table.is_empty() { (table.render()) }
    }
}

fn replies(reader: &Reader, kind: &CaseKind) -> Markup {
    html! {
        @if kind.templates.is_empty() {
            p class="muted" { (reader.pick("没有模板。", "There are none.")) }
        }
        @for template in &kind.templates {
            details class="folded" {
                summary { (reader.text(&template.name)) }
                blockquote class="reply" { (reader.text(&template.text)) }
            }
        }
    }
}
