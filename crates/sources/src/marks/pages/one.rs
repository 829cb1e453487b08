//! One mark: what it says, its clock, what was decided, and what may be done with it.

use super::super::queries::{self, Marked};
use super::super::{access, changes, words};
use super::{PATH, path_of_chain, path_of_month};
use authority::Action;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use registry::{MonitoringPoint, Snapshot};
use rulebook::Period;
use validity::Month;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let (marked, point) = queries::one(&state, &signed_in, &snapshot, id).await?;
    let may = |action| access::may(signed_in.principal(), action, &snapshot, &point);
    let is_live = marked.mark.withdrawn.is_none();
    let content = html! {
        (components::section("mark", reader.pick("标记", "The mark"),
            facts(&snapshot, &reader, &marked, &point)))
        (components::section("history", reader.pick("经过", "What happened"),
            history(&reader, &marked)))
        @if is_live && may(Action::DecideMarks) {
            (components::section("decide", reader.pick("审核", "Decide"), decide(&reader, &marked)))
        }
        @if is_live && marked.decisions.is_empty() && may(Action::MarkData) {
            (components::section("withdraw", reader.pick("撤回", "Withdraw"), withdraw(&reader, id)))
        }
    };
    let kind = words::kind(&marked.mark);
    let title = format!("{} #{id}", reader.text(&kind));
    let page = Page::new(title).under(PATH, reader.pick("数据标记", "Data marks"));
    Ok(page.render(&state, &reader, content))
}

fn facts(snapshot: &Snapshot, reader: &Reader, marked: &Marked, point: &MonitoringPoint) -> Markup {
    let mark = &marked.mark;
    let (tone, standing) = words::standing(mark, marked.decision());
    let code = mark.factor.and_then(|id| snapshot.factor(id)).map(|factor| factor.code.clone());
    let pair = |zh: &str, en: &str, content: Markup| (reader.pick(zh, en).to_owned(), content);
    let mut facts = vec![
        pair("状态", "State", components::status_badge(tone, reader.text(&standing))),
        pair(
            "排放口",
            "Outlet",
            html! {
                a href=(crate::words::path(point)) { (words::outlet(snapshot, reader, mark.point)) }
            },
        ),
        pair("因子", "Factor", html! { (reader.text(&words::factor(snapshot, mark.factor))) }),
        pair(
            "时段",
            "Stretch",
            html! {
                (words::stretch(mark.from, mark.to)) " · "
                a href=(path_of_chain(point, Period::Hour, mark.from, code.as_deref())) {
                    (reader.pick("首小时的判定", "how the first hour is judged"))
                } " · "
                a href=(path_of_month(point, Month::at(mark.from))) {
                    (reader.pick("当月数据状态", "the month"))
                }
            },
        ),
    ];
    if let Some(facility) = words::facility(mark) {
        facts.push(pair("设施", "Facility", html! { (reader.text(&facility)) }));
    }
    facts.push(pair("理由", "Reason", html! { (mark.reason) }));
    if let Some(name) = &mark.evidence_name {
        facts.push(pair(
            "凭证",
            "Proof",
            html! { a href={ (PATH) "/" (mark.id.0) "/evidence" } { (name) } },
        ));
    }
    facts.push(pair(
        "标记人与时间",
        "Made by, at",
        html! { (mark.author) " · " (components::moment(mark.at)) },
    ));
    facts.push(pair("时限", "Clock", html! { (reader.text(&words::clock(mark))) }));
    components::definition_list(&facts)
}

fn history(reader: &Reader, marked: &Marked) -> Markup {
    let mut table = Table::new(
        reader.pick(
            "经过，早的在前；每一步都保留",
            "What happened, the oldest first; all of it stays",
        ),
        vec![
            Column::words(reader.pick("时间", "When")),
            Column::words(reader.pick("谁", "Who")),
            Column::words(reader.pick("做了什么", "What")),
            Column::words(reader.pick("理由", "Why")),
        ],
    );
    let mark = &marked.mark;
    let mut steps =
        vec![(mark.at, mark.author.as_str(), reader.pick("标记", "marked"), mark.reason.as_str())];
    if let Some(withdrawn) = &mark.withdrawn {
        let words = reader.pick("撤回", "withdrew");
        steps.push((withdrawn.at, &withdrawn.author, words, &withdrawn.reason));
    }
    let verdicts: Vec<rulebook::Text> =
        marked.decisions.iter().map(|decision| words::verdict(decision.verdict)).collect();
    for (decision, verdict) in marked.decisions.iter().zip(&verdicts) {
        steps.push((decision.at, &decision.author, reader.text(verdict), &decision.reason));
    }
    steps.sort_by_key(|step| step.0);
    for (at, who, what, why) in steps {
        table.row(vec![components::moment(at), html! { (who) }, html! { (what) }, html! { (why) }]);
    }
    table.render()
}

fn decide(reader: &Reader, marked: &Marked) -> Markup {
    html! {
        @if !marked.decisions.is_empty() {
            p class="hint" {
                (reader.pick("已有决定；新的决定生效，旧的保留。",
                    "It has been decided on; a new decision holds, the old one stays."))
            }
        }
        form class="stack" method="post" action={ (PATH) "/" (marked.mark.id.0) "/decisions" } {
            label {
                (reader.pick("理由与依据", "Reason"))
                textarea name="reason" rows="3" required minlength="4" maxlength="1000" {}
            }
            div class="row" {
                button type="submit" name="verdict" value="accepted" {
                    (reader.pick("采纳", "Accept"))
                }
                button type="submit" name="verdict" value="rejected" {
                    (reader.pick("不采纳", "Do not accept"))
                }
            }
        }
    }
}

fn withdraw(reader: &Reader, id: i64) -> Markup {
    html! {
        form class="stack" method="post" action={ (PATH) "/" (id) "/withdrawal" } {
            label {
                (reader.pick("撤回理由", "Reason"))
                textarea name="reason" rows="2" required minlength="4" maxlength="1000" {}
            }
            button type="submit" { (reader.pick("撤回标记", "Withdraw the mark")) }
        }
    }
}

/// The file that proves a mark.
pub(super) async fn evidence(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let (marked, _) = queries::one(&state, &signed_in, &snapshot, id).await?;
    let none = || Problem::not_found("该标记没有凭证", "the mark has no file");
    let digest = marked.mark.evidence.as_deref().and_then(evidence::Digest::parse);
    let bytes = changes::files(&state)?.read(digest.ok_or_else(none)?).await?;
    let name = web::encode(&marked.mark.evidence_name.unwrap_or_default());
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
