//! The page of a case: who has it, how much time is left, what can be done now, what happened.

use super::act::{Forms, Tried};
use super::people::People;
use super::words::{self, Marks};
use super::{lamp, parts, side};
use crate::engine::{engine, refused};
use authority::Action;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use cases::{CaseId, CaseView, Cases, EventKind, SeenAs, Viewer};
use maud::{Markup, html};
use serde::Deserialize;
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn};

/// What was done just before, and the notice that led here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
    notice: Option<i64>,
}

/// The case of a path: its id, or its number.
pub(super) async fn find(engine: &Cases, text: &str) -> Result<CaseId, Problem> {
    match text.parse() {
        Ok(id) => Ok(CaseId(id)),
        Err(_) => engine.find(text).await.map_err(refused),
    }
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let engine = engine(&state)?;
    let case = find(&engine, &id).await?;
    if id != case.0.to_string() {
        // Whether they may read it is asked there.
        let to = format!("/cases/{}", case.0);
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response());
    }
    if let (Some(notice), Some(user)) = (asked.notice, signed_in.principal().user) {
        engine.mark_read(user, Some(notice), state.now()).await.map_err(refused)?;
    }
    let viewer = Viewer::Person(signed_in.principal());
    let view = engine.case(&viewer, case, state.now()).await.map_err(refused)?;
    let done = done(&reader, &asked.done);
    Ok(render(&state, &reader, &signed_in, &view, None, done).await?.into_response())
}

/// The page again after something was refused, with what had been entered.
pub(super) async fn again(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    id: CaseId,
    tried: Tried,
    status: StatusCode,
) -> Result<Response, Problem> {
    let viewer = Viewer::Person(signed_in.principal());
    let view = engine(state)?.case(&viewer, id, state.now()).await.map_err(refused)?;
    let page = render(state, reader, signed_in, &view, Some(&tried), None).await?;
    Ok((status, page).into_response())
}

/// What is said after something was done, by its word in the address.
fn done<'a>(reader: &'a Reader, word: &str) -> Option<&'a str> {
    Some(match word {
        "opened" => reader.pick("已登记。", "The case is open."),
        "known" => reader.pick("同一事项已登记过。", "The same case had been opened before."),
        "act" => reader.pick("已办理。", "Done."),
        "already" => reader
            .pick("此操作此前已保存,没有重复办理。", "It had been stored before; once is enough."),
        "comment" => reader.pick("批注已保存。", "The remark is stored."),
        "assign" => reader.pick("已派办。", "The case was given."),
        "correct" => reader.pick("已更正。", "It is corrected."),
        "link" => reader.pick("已关联。", "The cases are linked."),
        "merge" => reader.pick(
            "已合并,对方反映人仍会收到答复。",
            "Merged; the other reporter gets every reply as well.",
        ),
        "watch" => reader.pick("已关注,有进展会通知您。", "Watched: you are told what happens."),
        "unwatch" => reader.pick("已取消关注。", "Watched no more."),
        "attach" => reader.pick("材料已保存。", "The files are stored."),
        "claim" => {
            reader.pick("领奖码有效,已登记核销。", "The claim code is right and is now used.")
        }
        _ => return None,
    })
}

async fn render(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    view: &CaseView,
    tried: Option<&Tried>,
    done: Option<&str>,
) -> Result<Markup, Problem> {
    let people = People::read(state).await?;
    let alert = crate::alert_disposal::alert_of(state, view.case.id).await?;
    let forms = Forms { state, reader, people: &people, view, tried };
    let side = side::Side { state, reader, signed_in, people: &people, view, tried };
    let content = html! {
        @if let Some(done) = done { (components::notice("good", html! { (done) })) }
        @if let Some(tried) = tried.filter(|tried| !has_form(view, tried)) {
            (components::notice("error", html! {
                p { (reader.pick(&tried.told.0, &tried.told.1)) }
                @if let Some(note) = tried.entered.some("note") {
                    p { (reader.pick("您写的内容:", "What you had written:")) }
                    blockquote { (note) }
                }
            }))
        }
        (merged_notice(reader, view))
        (head(state, reader, &people, view))
        div class="columns wide-first case" {
            div {
                (components::section("next", reader.pick("现在可以办理", "What can be done now"),
                    forms.render()))
                (components::section("facts", reader.pick("事项内容", "The case"),
                    facts(state, reader, view, alert)))
                (components::section("timeline", reader.pick("办理过程", "What happened"), html! {
                    (side.comment())
                    (parts::timeline(reader, &people, view))
                }))
            }
            div { (side.render()) }
        }
        section class="block" aria-label=(reader.pick("流程图", "The flow")) id="flow" {
            details class="folded" {
                summary {
                    (reader.pick("流程图 · 当前:", "The flow · now: ")) (reader.text(&view.state))
                }
                (flow(reader, view))
            }
        }
    };
    let page = Page::new(title(reader, view)).under("/cases", reader.pick("事项", "Cases"));
    Ok(page.render(state, reader, content))
}

/// Whether the form of what was tried stands on the page, with the reason in it.
fn has_form(view: &CaseView, tried: &Tried) -> bool {
    let is_open = |offered: &cases::Offered| offered.refusal.is_none();
    view.offered.iter().filter(|one| is_open(one)).any(|one| one.transition == tried.what)
}

/// The title; the kind's name for who must not read the reporter's words.
fn title(reader: &Reader, view: &CaseView) -> String {
    if view.case.title.is_empty() {
        return format!("{} {}", reader.text(&view.kind.name), view.case.number);
    }
    view.case.title.clone()
}

fn merged_notice(reader: &Reader, view: &CaseView) -> Markup {
    html! {
        @if let Some(into) = view.case.merged_into {
            (components::notice("note", html! {
                p {
                    (reader.pick("此件已并入另一事项,在那里继续办理;反映人仍会收到每次答复:",
                        "This case goes on in another one; its reporter still gets every reply: "))
                    a href={ "/cases/" (into.0) } { (reader.pick("打开主件", "open it")) }
                }
            }))
        }
    }
}

/// Who has it now and for how long, and the lamp of the nearest end.
fn head(state: &AppState, reader: &Reader, people: &People, view: &CaseView) -> Markup {
    let (case, now) = (&view.case, state.now());
    let declared = view.kind.state(&case.state);
    let badge = words::state_badge(
        declared.is_some_and(|state| state.is_final),
        declared.and_then(|state| state.is_good),
        reader.text(&view.state),
    );
    html! {
        div class="case-head card" {
            p class="row" {
                strong class="case-number" { (case.number) }
                a href={ "/cases/kinds/" (view.kind.id) } { (reader.text(&view.kind.name)) }
                (badge)
                (Marks::from(case).render(reader))
                @if view.seen_as == SeenAs::Officer {
                    @if case.shared_at.is_some() {
                        span class="mark mark-parties" {
                            (reader.pick("企业可见", "seen by the enterprise"))
                        }
                    }
                    @if case.published_at.is_some() {
                        span class="mark mark-public" { (reader.pick("已公开", "published")) }
                    }
                }
            }
            p class="case-holder" { (holder(reader, people, view, now)) }
            @if let Some(at) = case.due_at.filter(|_| case.is_open()) {
                p class="row" {
                    (nearest(reader, view, now)) " "
                    span { (reader.pick("最近截止", "the nearest end")) " "
                        (lamp::end_time(reader, at, case.is_provisional)) }
                }
            }
            @if let Some(state) = declared && !reader.text(&state.meaning).is_empty() {
                p class="hint" { (reader.text(&state.meaning)) }
            }
        }
    }
}

fn holder(reader: &Reader, people: &People, view: &CaseView, now: jiff::Timestamp) -> Markup {
    let case = &view.case;
    if let Some(closed_at) = case.closed_at {
        return html! {
            (reader.pick("已办结", "closed")) " " (components::moment(closed_at))
            " · " (reader.pick("历时", "it took"))
            " " (lamp::lasted(reader, case.opened_at, closed_at))
        };
    }
    let moves = [EventKind::Opened, EventKind::Act, EventKind::Assigned];
    let moved = view.timeline.iter().rev().find(|event| moves.contains(&event.kind));
    let since = moved.map_or(case.opened_at, |event| event.at);
    html! {
        (reader.pick("现由", "with")) " "
        strong {
            @match case.responsible {
                Some(unit) => (people.unit(reader, unit))
                None => (reader.pick("(待派办)", "(nobody yet)"))
            }
        }
        @if let Some(user) = case.assignee && view.seen_as == SeenAs::Officer {
            " · " strong { (people.user(user)) }
        }
        " " (reader.pick("办理,已", "for")) " " (lamp::lasted(reader, since, now))
        " " span class="muted" { "(" (reader.pick("自", "since")) " " (components::moment(since)) ")" }
        @if !case.assisting.is_empty() {
            br;
            span class="muted" { (reader.pick("协办", "helped by")) " " }
            @for (index, unit) in case.assisting.iter().enumerate() {
                @if index > 0 { (reader.pick("、", ", ")) }
                (people.unit(reader, *unit))
            }
        }
    }
}

fn nearest(reader: &Reader, view: &CaseView, now: jiff::Timestamp) -> Markup {
    let clock = view.clocks.iter().find(|clock| clock.due_at == view.case.due_at);
    html! {
        @if let Some(clock) = clock {
            @let warn = view.kind.clock(&clock.id).map_or(&[][..], |declared| &declared.warn);
            (lamp::of_clock(reader, clock, warn, now).render())
        }
    }
}

fn facts(state: &AppState, reader: &Reader, view: &CaseView, alert: Option<i64>) -> Markup {
    let (case, snapshot) = (&view.case, state.snapshot());
    let mut facts = Vec::new();
    let mut add = |zh: &str, en: &str, what: Markup| {
        facts.push((reader.pick(zh, en).to_owned(), what));
    };
    let division = words::division(reader, &snapshot, &case.division);
    add("区县", "Division", html! { (division) });
    if let Some(place) = &case.place {
        add(
            "地点",
            "Place",
            html! {
                @if !place.address.is_empty() { (place.address) " " }
                span class="muted" { (place.longitude.round_dp(5)) ", " (place.latitude.round_dp(5)) }
            },
        );
    }
    if let Some(code) = &case.enterprise {
        let name = words::enterprise(reader, &snapshot, code);
        let link = html! {
            a href={ "/enterprises/" (code) } { (name) } " " span class="muted" { (code) }
        };
        add("涉及企业", "Enterprise", link);
    }
    let (zh, en) = case.channel.names();
    if view.seen_as == SeenAs::Officer {
        add("来源", "Came by", html! { (reader.pick(zh, en)) });
    }
    add("登记", "Opened", components::moment(case.opened_at));
    if let Some(at) = case.happened_at {
        add("发生", "Happened", components::moment(at));
    }
    if let Some(satisfied) = case.satisfied {
        let words = if satisfied {
            reader.pick("满意", "satisfied")
        } else {
            reader.pick("不满意", "not satisfied")
        };
        add("反映人评价", "The reporter is", html! { (words) });
    }
    for field in &view.fields {
        let shown = reader.text(&field.shown).to_owned();
        facts.push((reader.text(&field.name).to_owned(), html! { (shown) }));
    }
    html! {
        @if !case.text.is_empty() { blockquote class="case-text" { (case.text) } }
        (components::definition_list(&facts))
        @if let Some(alert) = alert {
            p { a href={ "/alerts/" (alert) } {
                (reader.pick("打开告警:数值、限值与证据", "The alert: values, limits, evidence"))
            } }
        }
    }
}

/// The kind's states as a drawing, the current one marked.
fn flow(reader: &Reader, view: &CaseView) -> Markup {
    html! {
        (super::drawing::figure(reader, &view.kind, Some(&view.case.state)))
        p { a href={ "/cases/kinds/" (view.kind.id) } {
            (reader.pick("此类事项的说明、依据与时限", "What this kind is, its law and clocks"))
        } }
    }
}
