//! Messages within the program: what happened to one's cases.

use crate::engine::{engine, refused};
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use cases::Notice;
use maud::{Markup, html};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

/// Messages on one page.
const A_PAGE: u16 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    after: Option<i64>,
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let (user, _) = signed_in.in_person()?;
    let engine = engine(&state)?;
    let notices = engine.notifications(user, wanted.after, A_PAGE).await.map_err(refused)?;
    let reach = engine.reach(user).await.map_err(refused)?;
    let next = (notices.len() == usize::from(A_PAGE)).then(|| notices.last().map(|one| one.id));
    let next = next.flatten().map(|id| id.to_string());
    let content = html! {
        @if notices.iter().any(|notice| !notice.is_read) {
            form class="actions" method="post" action="/notifications/read" {
                button class="secondary" type="submit" {
                    (reader.pick("全部标为已读", "Mark all as read"))
                }
            }
        }
        (table(&reader, &notices))
        (components::pages(&reader, next.as_deref()))
        (components::section("reach", reader.pick("同时发送到", "Be told by other ways as well"),
            ways(&reader, &reach)))
    };
    Ok(Page::new(reader.pick("通知", "Notices"))
        .under("/cases", reader.pick("事项", "Cases"))
        .render(&state, &reader, content))
}

fn table(reader: &Reader, notices: &[Notice]) -> Markup {
    let mut table = Table::new(
        reader.pick("最新的在前", "The newest first"),
        vec![
            Column::words(reader.pick("通知", "Notice")),
            Column::words(reader.pick("事项", "Case")),
            Column::words(reader.pick("时间", "Time")),
            Column::words(reader.pick("状态", "State")),
        ],
    );
    for notice in notices {
        let to = format!("/cases/{}?notice={}", notice.case.0, notice.id);
        let class = match (notice.kind.as_str(), notice.is_read) {
            ("overdue" | "escalated", false) => Some("bad"),
            ("warned", false) => Some("warning"),
            (_, true) => Some("quiet"),
            _ => None,
        };
        table.marked_row(
            class,
            vec![
                html! { a href=(to) { (reader.text(&notice.what)) } },
                html! { span class="case-number" { (notice.number) } },
                components::moment(notice.at),
                html! {
                    @if notice.is_read {
                        span class="muted" { (reader.pick("已读", "read")) }
                    } @else {
                        (components::status_badge("info", reader.pick("未读", "new")))
                    }
                },
            ],
        );
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有通知", "No notices"),
            reader.pick(
                "派给您或您关注的事项有进展时,这里会有通知。",
                "You are told here when something happens to your cases.",
            ),
        );
    }
    table.render()
}

/// E-mail and webhook beside the inbox.
fn ways(reader: &Reader, (email, webhook): &(Option<String>, Option<String>)) -> Markup {
    html! {
        form class="filters" method="post" action="/notifications/reach" {
            label {
                (reader.pick("电子邮箱", "E-mail"))
                input type="email" name="email" maxlength="200"
                    value=(email.as_deref().unwrap_or_default());
            }
            label {
                (reader.pick("Webhook 地址", "Address of a webhook"))
                input type="url" name="webhook" maxlength="300" placeholder="https://"
                    value=(webhook.as_deref().unwrap_or_default());
            }
            button class="secondary" type="submit" { (reader.pick("保存", "Store")) }
        }
        p class="hint" {
            (reader.pick("只写事项编号和进展,不含反映人信息;留空则不发送。需要管理员配置发信服务。",
                "Number and step alone, nothing of the reporter; empty: none. An administrator sets up \
                 how messages leave."))
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reach {
    email: String,
    webhook: String,
}

/// Sets by what way one is told besides.
pub(super) async fn set_reach(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Form(to): Form<Reach>,
) -> Result<Response, Problem> {
    signed_in.in_person()?;
    let (email, webhook) = (Some(to.email.as_str()), Some(to.webhook.as_str()));
    let set = engine(&state)?.set_reach(signed_in.principal(), email, webhook, state.now()).await;
    set.map_err(refused)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/notifications")]).into_response())
}

/// Marks all as read.
pub(super) async fn read_all(
    State(state): State<AppState>,
    signed_in: SignedIn,
) -> Result<Response, Problem> {
    let (user, _) = signed_in.in_person()?;
    engine(&state)?.mark_read(user, None, state.now()).await.map_err(refused)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/notifications")]).into_response())
}
