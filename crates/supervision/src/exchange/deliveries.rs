//! What goes out (外发): how many messages wait, and those that were given up, to be sent again.

use super::signed::outbox;
use authority::audit::{Record, record};
use authority::{Action, Actor, Subject};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use delivery::{Attempt, Channel, Count, DeadLetter};
use maud::{Markup, html};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

/// Dead letters on one page.
const PAGE: u16 = 50;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/operator/deliveries", get(page))
        .route("/operator/deliveries/{id}/retry", post(retry))
}

#[derive(Deserialize)]
struct Asked {
    after: Option<i64>,
}

/// Who keeps the installation running sends again; who only looks does not.
fn keeper(signed_in: &SignedIn) -> Result<Actor, Problem> {
    signed_in.allowed(Action::ReadOperations, &Subject::installation())?;
    signed_in.allowed(Action::ImportObservations, &Subject::installation())
}

async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    signed_in.allowed(Action::ReadOperations, &Subject::installation())?;
    let outbox = outbox(&state)?;
    let dead = outbox.list_dead(asked.after, PAGE).await?;
    let mut attempts = Vec::new();
    for letter in &dead {
        attempts.push(outbox.attempts(letter.id).await?);
    }
    let counts = outbox.counts().await?;
    let may_retry = keeper(&signed_in).is_ok();
    let is_full = dead.len() == usize::from(PAGE);
    let next = dead.last().filter(|_| is_full).map(|letter| letter.id.to_string());
    let configured = |channel| outbox.offers(channel);
    let content = html! {
        (components::section("channels", reader.pick("各渠道", "By channel"),
            channels(&reader, &counts, &configured)))
        (components::section("dead", reader.pick("未送达,已放弃", "Given up"), html! {
            (letters(&reader, &dead, &attempts, may_retry))
            (components::pages(&reader, next.as_deref()))
        }))
    };
    Ok(Page::new(reader.pick("外发", "Deliveries"))
        .under("/operator", reader.pick("运维", "Operations"))
        .render(&state, &reader, content))
}

fn name(reader: &Reader, channel: Channel) -> &'static str {
    let (zh, en) = channel.names();
    if reader.language == web::Language::Chinese { zh } else { en }
}

fn channels(reader: &Reader, counts: &[Count], is_configured: &dyn Fn(Channel) -> bool) -> Markup {
    let mut table = Table::new(
        reader.pick("渠道与数量", "Channels and how many messages"),
        vec![
            Column::words(reader.pick("渠道", "Channel")),
            Column::words(reader.pick("状态", "State")),
            Column::numbers(reader.pick("待发", "Waiting")),
            Column::numbers(reader.pick("已发", "Sent")),
            Column::numbers(reader.pick("放弃", "Given up")),
            Column::words(reader.pick("最早待发", "Oldest waiting")),
        ],
    );
    for count in counts {
        let state = if is_configured(count.channel) {
            components::status_badge("good", reader.pick("已配置", "configured"))
        } else {
            components::status_badge("quiet", reader.pick("未配置", "not configured"))
        };
        table.marked_row(
            (count.dead > 0).then_some("warning"),
            vec![
                html! { (name(reader, count.channel)) },
                state,
                html! { (count.waiting) },
                html! { (count.sent) },
                html! { (count.dead) },
                html! { @if let Some(at) = count.oldest_waiting { (components::moment(at)) } @else { "—" } },
            ],
        );
    }
    table.render()
}

fn letters(
    reader: &Reader,
    dead: &[DeadLetter],
    attempts: &[Vec<Attempt>],
    may_retry: bool,
) -> Markup {
    let mut table = Table::new(
        reader.pick(
            "最近放弃的在前;内容不在此显示",
            "The last given up first; contents are not shown",
        ),
        vec![
            Column::words(reader.pick("编号", "Number")),
            Column::words(reader.pick("渠道", "Channel")),
            Column::words(reader.pick("发往", "To")),
            Column::words(reader.pick("事由", "About")),
            Column::words(reader.pick("放弃于", "Given up")),
            Column::words(reader.pick("对方的答复", "What the other side said")),
            Column::words(""),
        ],
    );
    for (letter, attempts) in dead.iter().zip(attempts) {
        table.row(vec![
            html! { (letter.id) },
            html! { (name(reader, letter.channel)) },
            html! { (letter.to) },
            html! { (letter.subject) },
            components::moment(letter.given_up_at),
            said(reader, letter, attempts),
            html! {
                @if may_retry {
                    form method="post" action={ "/operator/deliveries/" (letter.id) "/retry" } {
                        button type="submit" { (reader.pick("重发", "Send again")) }
                    }
                }
            },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有放弃的外发", "Nothing was given up"),
            reader.pick(
                "多次发送失败的消息会留在这里,可以重发。",
                "Messages that failed again and again stay here, to be sent again.",
            ),
        );
    }
    table.render()
}

fn said(reader: &Reader, letter: &DeadLetter, attempts: &[Attempt]) -> Markup {
    html! {
        (letter.answer)
        details {
            summary { (letter.attempts) " " (reader.pick("次尝试", "attempts")) }
            ul {
                @for attempt in attempts {
                    li { (components::moment(attempt.at)) " " (attempt.outcome) " " (attempt.answer) }
                }
            }
        }
    }
}

async fn retry(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let actor = keeper(&signed_in)?;
    let (outbox, now) = (outbox(&state)?, state.now());
    let mut transaction = state.store.begin().await?;
    if !outbox.retry(&mut transaction, id, now).await? {
        return Err(Problem::not_found(
            "没有这条已放弃的消息",
            "there is no such message that was given up",
        ));
    }
    let written = Record {
        at: now,
        actor: &actor,
        action: "delivery.retry",
        subject: format!("delivery {id}"),
        before: None,
        after: None,
    };
    record(&mut transaction, written).await?;
    transaction.commit().await?;
    outbox.wake();
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/operator/deliveries")]).into_response())
}
