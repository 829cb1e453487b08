//! The desk of an enterprise, made for a phone first.

use super::calendar::{self, Month};
use super::places;
use crate::enterprise::{date_of, panels_between};
use authority::Principal;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use registry::{Enterprise, EnterpriseId};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::Arc;
use web::components;
use web::{AppState, Cell, Duty, Page, Problem, Reader, Sheet, SignedIn, duration};

/// What is due within so long stands out; a habit of ours, no rule.
const SOON: SignedDuration = SignedDuration::from_hours(24);
/// Of the parts of an enterprise's page those between are shown here: outlets now, data that
/// count, reports.
const OWN_PANELS: std::ops::Range<u16> = 20..50;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/my-enterprise", get(desk)).route("/my-enterprise/duties.xlsx", get(file))
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    enterprise: Option<String>,
    month: Option<String>,
}

async fn desk(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let own = places::of(&snapshot, signed_in.principal());
    let enterprise = places::chosen(&own, wanted.enterprise.as_deref())?;
    let principal = Arc::new(signed_in.principal().clone());
    let now = state.now();
    let today = date_of(now);
    let month = wanted.month.as_deref().and_then(Month::parse).unwrap_or_else(|| Month::of(today));
    let (duties, silent) = duties(&state, &reader, enterprise.id, &principal).await;
    let panels = panels_between(&state, &reader, enterprise.id, &principal, OWN_PANELS).await;
    let days = calendar::by_day(&duties);
    let show = |duty: &Duty| duty_line(&reader, duty, now);
    let (with_clock, now_open): (Vec<&Duty>, Vec<&Duty>) =
        duties.iter().partition(|duty| duty.due_at.is_some());
    let content = html! {
        (choice(&reader, &own, enterprise))
        @if !silent.is_empty() {
            (components::notice("warning", html! { p {
                (reader.pick("以下部分暂时无法读取,待办可能不全:",
                    "These parts cannot be read now, the list may lack something: "))
                (silent.join(", "))
            } }))
        }
        @if !now_open.is_empty() {
            (components::section("open", reader.pick("当前告警等(不设时限)", "Open now, without a clock"),
                html! { ul class="duties" { @for duty in &now_open { li { (show(duty)) } } } }))
        }
        (components::section("duties", reader.pick("待办(按剩余时间)", "To do, by time left"),
            html! {
                (list(&reader, &with_clock, now))
                @if !duties.is_empty() {
                    ul class="downloads" { li { a class="button"
                        href={ "/my-enterprise/duties.xlsx?enterprise=" (enterprise.code) } {
                        "XLSX"
                    } } }
                }
            }))
        (components::section("calendar", reader.pick("日历", "Calendar"), html! {
            (calendar::grid(&reader, month, today, &days))
            (calendar::list(&reader, month, &days, show))
        }))
        @for panel in panels {
            (components::section(panel.anchor, &panel.title, html! {
                @if panel.anchor == "outlets" {
                    p class="hint" { (reader.pick(
                        "以下为尚未审核的实时数据,超标、标记与审核结论以后续认定为准。",
                        "These data are not yet judged: marks and decisions may follow.")) }
                }
                (panel.content)
            }))
        }
        p { a class="button" href={ "/enterprises/" (enterprise.code) } {
            (reader.pick("企业档案与大事记", "The enterprise's page and timeline"))
        } }
    };
    let page = Page::new(reader.pick("企业工作台", "My enterprise")).live();
    Ok(page.render(&state, &reader, content))
}

/// The duties as a file.
async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let own = places::of(&snapshot, signed_in.principal());
    let enterprise = places::chosen(&own, wanted.enterprise.as_deref())?;
    let principal = Arc::new(signed_in.principal().clone());
    let (duties, _) = duties(&state, &reader, enterprise.id, &principal).await;
    let columns = [
        reader.pick("期限", "Due"),
        reader.pick("类别", "Kind"),
        reader.pick("待办", "To do"),
        reader.pick("地址", "Address"),
    ];
    let rows = duties.into_iter().map(|duty| {
        let due = duty.due_at.map_or(Cell::Empty, |at| Cell::from(calendar::end_text(at)));
        vec![due, Cell::from(duty.kind), Cell::from(duty.title), Cell::from(duty.link)]
    });
    Sheet {
        name: format!("duties-{}", enterprise.code),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
    .xlsx()
}

/// Everything that the slices ask this enterprise to do, the shortest time left first, and the
/// slices that could not tell.
async fn duties(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: &Arc<Principal>,
) -> (Vec<Duty>, Vec<&'static str>) {
    let (mut all, mut silent) = (Vec::new(), Vec::new());
    for slice in state.slices() {
        let Some(ask) = slice.duties else { continue };
        match ask(state.clone(), reader.clone(), enterprise, Arc::clone(principal)).await {
            Ok(asked) => all.extend(asked),
            Err(_) => silent.push(slice.name),
        }
    }
    all.sort_by_key(|duty| duty.due_at.unwrap_or(Timestamp::MAX));
    // A case may be told by its own area and by the area that opened it.
    let mut seen = HashSet::new();
    all.retain(|duty| !duty.link.starts_with("/cases/") || seen.insert(duty.link.clone()));
    (all, silent)
}

fn choice(reader: &Reader, own: &[&Enterprise], shown: &Enterprise) -> Markup {
    if own.len() < 2 {
        return html! { p { strong { (reader.name(&shown.name)) } } };
    }
    let views: Vec<_> = own
        .iter()
        .map(|one| {
            let to = format!("/my-enterprise?enterprise={}", one.code);
            (to, reader.name(&one.name).to_owned(), one.id == shown.id)
        })
        .collect();
    components::tabs(reader.pick("企业", "Enterprise"), &views)
}

fn list(reader: &Reader, duties: &[&Duty], now: Timestamp) -> Markup {
    if duties.is_empty() {
        return components::empty(
            reader.pick("没有待办", "Nothing to do"),
            reader.pick(
                "告警、待标记数据、到期报告、许可延续、督办与事项会在这里按剩余时间排列。",
                "Alerts, hours to mark, reports, renewals, orders and cases appear here by the \
                 time that is left.",
            ),
        );
    }
    html! { ul class="duties" { @for duty in duties { li { (duty_line(reader, duty, now)) } } } }
}

fn duty_line(reader: &Reader, duty: &Duty, now: Timestamp) -> Markup {
    html! {
        span class="muted" { (duty.kind) } " "
        a href=(duty.link) { (duty.title) }
        @if let Some(due) = duty.due_at {
            " " (lamp(reader, due, now)) " "
            time class="muted" datetime=(due.to_string()) { (calendar::end_text(due)) }
        }
    }
}

fn lamp(reader: &Reader, due: Timestamp, now: Timestamp) -> Markup {
    let left = due.duration_since(now);
    let words = duration(left.abs(), reader.language);
    if left.is_negative() {
        let words = match reader.language {
            web::Language::Chinese => format!("已超期 {words}"),
            web::Language::English => format!("overdue by {words}"),
        };
        return components::status_badge("bad", &words);
    }
    let words = match reader.language {
        web::Language::Chinese => format!("剩余 {words}"),
        web::Language::English => format!("{words} left"),
    };
    components::status_badge(if left <= SOON { "warning" } else { "quiet" }, &words)
}
