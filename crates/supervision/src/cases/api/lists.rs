//! Lists, counts, search, saved filters, kinds and messages for programs.

use super::super::filter::Wanted;
use super::super::views::checked;
use super::answers::{kind_json, kind_row, notice, row_json, statistics as numbers};
use crate::engine::{engine, refused};
use authority::Action;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use cases::{CaseError, CaseRow, Page, StatisticsFilter, StatisticsRow};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use web::{AppState, Problem, SignedIn};

fn listed(found: Page<CaseRow>) -> Json<Value> {
    let rows: Vec<_> = found.rows.iter().map(row_json).collect();
    Json(json!({ "cases": rows, "next": found.next.map(|next| next.to_string()) }))
}

/// A work list within one's jurisdiction.
#[utoipa::path(get, path = "/cases", tag = "cases", params(Wanted),
    responses((status = 200, description = "A page of cases and the cursor of the next"),
        (status = 400, description = "A wrong parameter"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
pub(super) async fn all(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let engine = engine(&state)?;
    let found = engine.list(signed_in.principal(), &wanted.filter()?, state.now()).await;
    Ok(listed(found.map_err(refused)?))
}

/// How many cases stand in one's lists; counted no further than 999.
#[utoipa::path(get, path = "/cases/counts", tag = "cases",
    responses((status = 200, description = "Numbers by list"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
pub(super) async fn counts(
    State(state): State<AppState>,
    signed_in: SignedIn,
) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let found = engine(&state)?.counts(signed_in.principal(), state.now()).await;
    let found = found.map_err(refused)?;
    let one = |count: cases::Count| json!({ "number": count.number, "is_more": count.is_more });
    Ok(Json(json!({
        "mine": one(found.mine),
        "unit": one(found.unit),
        "overdue": one(found.overdue),
        "due_soon": one(found.due_soon),
        "escalated": one(found.escalated),
        "open": one(found.open),
        "unread": one(found.unread),
    })))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
pub(super) struct Words {
    /// What to search for.
    words: String,
}

/// Cases that hold all of some words, the newest first, within one's jurisdiction.
#[utoipa::path(get, path = "/cases/search", tag = "cases", params(Words, Wanted),
    responses((status = 200, description = "A page of cases and the cursor of the next"),
        (status = 400, description = "No word to search for"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
pub(super) async fn search(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(words): Query<Words>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let (principal, filter) = (signed_in.principal(), wanted.filter()?);
    let found = engine(&state)?.search(principal, &words.words, &filter, state.now()).await;
    Ok(listed(found.map_err(refused)?))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
pub(super) struct Period {
    /// A kind of case.
    kind: String,
    /// A division's code.
    division: String,
    /// Opened on this day or later, Beijing time.
    from: String,
    /// Opened on this day or earlier.
    to: String,
}

/// How the work within one's jurisdiction goes.
#[utoipa::path(get, path = "/cases/statistics", tag = "cases", params(Period),
    responses((status = 200, description = "Numbers: all, by division, by kind"),
        (status = 400, description = "A wrong parameter"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
pub(super) async fn statistics(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(period): Query<Period>,
) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let wanted = Wanted {
        kind: period.kind,
        division: period.division,
        from: period.from,
        to: period.to,
        ..Wanted::default()
    };
    let filter = wanted.filter()?;
    let filter = StatisticsFilter {
        kind: filter.kind,
        division: filter.division,
        from: filter.from,
        to: filter.to,
    };
    let found = engine(&state)?.statistics(signed_in.principal(), &filter).await;
    let (all, by_division, by_kind) = found.map_err(refused)?;
    let rows = |rows: &[StatisticsRow]| -> Vec<Value> {
        rows.iter().map(|row| json!({ "key": row.key, "numbers": numbers(&row.numbers) })).collect()
    };
    Ok(Json(json!({ "all": numbers(&all), "by_division": rows(&by_division),
        "by_kind": rows(&by_kind) })))
}

/// The filters that one keeps.
#[utoipa::path(get, path = "/cases/views", tag = "cases",
    responses((status = 200, description = "Names and queries"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
pub(super) async fn views(
    State(state): State<AppState>,
    signed_in: SignedIn,
) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let found = engine(&state)?.views(signed_in.principal()).await.map_err(refused)?;
    let views =
        found.iter().map(|view| json!({ "id": view.id, "name": view.name, "query": view.query }));
    Ok(Json(json!({ "views": views.collect::<Vec<_>>() })))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct Kept {
    /// The name.
    name: String,
    /// The query of `/cases`, `list=overdue&division=350603`.
    query: String,
}

/// Keeps a filter under a name.
#[utoipa::path(post, path = "/cases/views", tag = "cases", request_body = Kept,
    responses((status = 201, description = "It is kept"),
        (status = 400, description = "The query is none"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
pub(super) async fn keep_view(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Json(kept): Json<Kept>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    signed_in.scope(Action::ReadCase)?;
    let (query, engine) = (checked(&kept.query)?, engine(&state)?);
    let saved = engine.save_view(signed_in.principal(), &kept.name, &query, state.now()).await;
    let saved = saved.map_err(refused)?;
    let body = json!({ "id": saved.id, "name": saved.name, "query": saved.query });
    Ok((StatusCode::CREATED, Json(body)))
}

/// Forgets a filter.
#[utoipa::path(delete, path = "/cases/views/{id}", tag = "cases",
    params(("id" = i64, Path, description = "The filter's number")),
    responses((status = 204, description = "It is gone"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such filter of yours")))]
pub(super) async fn forget_view(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let gone = engine(&state)?.delete_view(signed_in.principal(), id, state.now()).await;
    if gone.map_err(refused)? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found("没有这个视图", "there is no such view of yours"))
}

/// The kinds of cases.
#[utoipa::path(get, path = "/case-kinds", tag = "cases",
    responses((status = 200, description = "What is declared")))]
pub(super) async fn kinds(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let engine = engine(&state)?;
    let kinds: Vec<_> = engine.kinds().iter().map(|kind| kind_row(kind)).collect();
    Ok(Json(json!({ "kinds": kinds })))
}

/// A kind with its states, fields, steps and clocks, as the law stands today.
#[utoipa::path(get, path = "/case-kinds/{id}", tag = "cases",
    params(("id" = String, Path, description = "The kind, `public_complaint`")),
    responses((status = 200, description = "The declaration"),
        (status = 404, description = "No such kind")))]
pub(super) async fn kind(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let engine = engine(&state)?;
    let found = engine.kind(&id).cloned();
    let kind = found.ok_or_else(|| refused(CaseError::UnknownKind(id)))?;
    Ok(Json(kind_json(&kind, super::super::act::today(&state))))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
pub(super) struct After {
    /// The cursor that the last page gave.
    after: Option<i64>,
}

/// Messages on one page.
const A_PAGE: u16 = 50;

fn user(signed_in: &SignedIn) -> Result<authority::UserId, Problem> {
    signed_in.principal().user.ok_or_else(|| {
        Problem::new(
            StatusCode::FORBIDDEN,
            "cases.no_inbox",
            "该令牌不属于任何用户,没有通知",
            "the token is nobody's own and gets no messages",
        )
    })
}

/// Messages to oneself, the newest first.
#[utoipa::path(get, path = "/notifications", tag = "cases", params(After),
    responses((status = 200, description = "A page of messages and the cursor of the next"),
        (status = 401, description = "No token"), (status = 403, description = "Nobody's token")))]
pub(super) async fn notifications(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(after): Query<After>,
) -> Result<Json<Value>, Problem> {
    let user = user(&signed_in)?;
    let found = engine(&state)?.notifications(user, after.after, A_PAGE).await;
    let found = found.map_err(refused)?;
    let is_full = found.len() == usize::from(A_PAGE);
    let next = found.last().filter(|_| is_full).map(|last| last.id);
    let notices: Vec<_> = found.iter().map(notice).collect();
    Ok(Json(json!({ "notifications": notices, "next": next })))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct Read {
    /// One message; none: all up to now.
    id: Option<i64>,
}

/// Notes that messages were read.
#[utoipa::path(post, path = "/notifications/read", tag = "cases", request_body = Read,
    responses((status = 204, description = "Noted"),
        (status = 401, description = "No token"), (status = 403, description = "Nobody's token")))]
pub(super) async fn mark_read(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Json(read): Json<Read>,
) -> Result<StatusCode, Problem> {
    let user = user(&signed_in)?;
    engine(&state)?.mark_read(user, read.id, state.now()).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}
