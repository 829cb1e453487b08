//! Tokens of programs: made for some actions and days, shown once, withdrawn.

use super::pages::{account_page, back};
use crate::users::action_names;
use authority::{Action, Scope, TokenId, UserId, scope};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use axum::{Form, Router};
use maud::{Markup, html};
use std::collections::HashMap;
use web::components::{self, Column, Table};
use web::{AppState, Problem, Reader, SignedIn};

/// How the fields of actions begin.
const SCOPE: &str = "scope.";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/account/tokens", post(make))
        .route("/account/tokens/{id}/withdraw", post(withdraw))
}

/// The part of the account's page.
pub(super) async fn part(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    user: UserId,
) -> Result<Markup, Problem> {
    let mut table = Table::new(
        reader.pick("以 Authorization: Bearer 发送", "Sent as Authorization: Bearer"),
        vec![
            Column::words(reader.pick("名称", "Name")),
            Column::words(reader.pick("可做", "May")),
            Column::words(reader.pick("有效至", "Until")),
            Column::words(""),
        ],
    );
    for token in state.authority.tokens_of(user).await? {
        let is_over = token.ends_at.is_some_and(|until| until <= state.now());
        table.row(vec![
            html! { (token.name) },
            html! { (action_names(reader, &token.scopes)) },
            html! {
                @match token.ends_at { Some(at) => { (components::moment(at)) } None => { "—" } }
                @if is_over {
                    " " (components::status_badge("quiet", reader.pick("已过期", "ended")))
                }
            },
            html! {
                form method="post" action={ "/account/tokens/" (token.id.0) "/withdraw" } {
                    button type="submit" { (reader.pick("撤销", "Withdraw")) }
                }
            },
        ]);
    }
    let may = |action: &Action| scope(signed_in.principal(), *action) != Scope::Nothing;
    let actions: Vec<Action> = Action::ALL.into_iter().filter(may).collect();
    Ok(html! {
        @if !table.is_empty() { (table.render()) }
        @if actions.is_empty() {
            p { (reader.pick("没有角色,无需令牌。", "Without a role there is nothing to allow.")) }
        } @else { (form(reader, &actions)) }
    })
}

fn form(reader: &Reader, actions: &[Action]) -> Markup {
    html! {
        form method="post" action="/account/tokens" {
            div class="filters" {
                label {
                    (reader.pick("名称", "Name"))
                    input name="name" required maxlength="80";
                }
                label {
                    (reader.pick("有效天数", "Days"))
                    input name="days" type="number" min="1" max="366" value="90" required;
                }
            }
            fieldset {
                legend { (reader.pick("令牌可做", "It may")) }
                @for action in actions {
                    label class="choice" {
                        input type="checkbox" name={ (SCOPE) (action.as_str()) } value="yes";
                        " " (reader.pick(action.names().0, action.names().1))
                    }
                }
            }
            button type="submit" { (reader.pick("生成令牌", "Make a token")) }
        }
    }
}

/// A token is shown once.
pub(super) fn shown_once(reader: &Reader, token: &str) -> Markup {
    components::notice(
        "warning",
        html! {
            p { (reader.pick("令牌仅显示这一次,请立即保存:", "The token is shown this once; keep it:")) }
            p { code id="token" { (token) } }
        },
    )
}

async fn make(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Form(given): Form<HashMap<String, String>>,
) -> Result<(StatusCode, Markup), Problem> {
    let (user, _) = signed_in.in_person()?;
    let scopes: Vec<Action> =
        given.keys().filter_map(|field| Action::parse(field.strip_prefix(SCOPE)?)).collect();
    let name = given.get("name").map_or("", String::as_str);
    let days = given.get("days").and_then(|days| days.parse().ok()).unwrap_or_default();
    let (actor, now) = (signed_in.as_self(), state.now());
    let made = state.authority.issue_for(user, &actor, name, &scopes, days, now).await;
    let token = made.map_err(Problem::of_people)?;
    let page = account_page(&state, &reader, &signed_in, Some(&token)).await?;
    Ok((StatusCode::CREATED, page))
}

async fn withdraw(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let (user, _) = signed_in.in_person()?;
    let (actor, now) = (signed_in.as_self(), state.now());
    if !state.authority.withdraw_token(user, &actor, TokenId(id), now).await? {
        return Err(Problem::not_found("没有这个令牌", "there is no such token of yours"));
    }
    Ok(back())
}
