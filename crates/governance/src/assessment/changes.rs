//! What people enter into a sheet.

use super::opening::{self, Days};
use super::{PATH, access, books, store};
use crate::GovernanceError;
use ::assessment::{Event, EventKind, replay};
use authority::audit::{Record, record};
use authority::{Action, Subject};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Router};
use jiff::civil::Date;
use serde::Deserialize;
use web::{AppState, Problem, SignedIn};

/// A source or a reason is at most so long.
const LONGEST_NOTE: usize = 1000;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/plan/assessment/{book}/{unit}/entries", post(enter))
        .route("/plan/assessment/{book}/begin", post(begin))
}

/// The days that are filled in.
#[derive(Debug, Default, Deserialize)]
struct DaysFilled {
    #[serde(default)]
    stated: String,
    #[serde(default)]
    verified: String,
    #[serde(default)]
    published: String,
}

async fn begin(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(book): Path<String>,
    Form(filled): Form<DaysFilled>,
) -> Result<Response, Problem> {
    signed_in.allowed(Action::ManagePlan, &Subject::installation())?;
    let books = books::read(&state.store).await?;
    let book = books
        .get(&book)
        .ok_or_else(|| Problem::not_found("没有这本责任书", "there is no such book"))?;
    let day = |text: &str| text.trim().parse::<Date>().ok();
    let days = (day(&filled.stated), day(&filled.verified), day(&filled.published));
    let (Some(stated), Some(verified), Some(published)) = days else {
        return Err(Problem::bad_request(
            "请填写自评、核定和公布三个期限，如 2027-01-31",
            "fill in the three days, as 2027-01-31",
        ));
    };
    if !(stated <= verified && verified <= published) {
        return Err(Problem::bad_request(
            "自评、核定、公布的期限应依次在后",
            "the days of self-assessment, verification and publication follow one another",
        ));
    }
    let days = Days { stated, verified, published };
    opening::begin(&state, &signed_in, book, &days).await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("{PATH}#{}", book.id))]).into_response())
}

/// What is filled in.
#[derive(Debug, Default, Deserialize)]
struct Filled {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    item: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    note: String,
}

async fn enter(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path((book, unit)): Path<(String, String)>,
    Form(filled): Form<Filled>,
) -> Result<Response, Problem> {
    let kind = read(&filled)?;
    let books = books::read(&state.store).await?;
    let book = books
        .get(&book)
        .filter(|book| book.assessed.contains(&unit))
        .ok_or_else(|| Problem::not_found("没有这份考核评分表", "there is no such score sheet"))?;
    let snapshot = state.snapshot();
    let subject = access::subject(&state, &snapshot, &unit).await?;
    let actor = access::to_enter(&signed_in, &subject, &kind)?;
    let principal = signed_in.principal();
    let by =
        principal.user.map_or_else(|| principal.name.clone(), |user| format!("user:{}", user.0));
    let columns = store::columns(&kind);
    let mut transaction = state.store.begin().await.map_err(GovernanceError::Store)?;
    let mut events = store::history_within(&mut transaction, &book.id, &unit).await?;
    let number = events.last().map_or(1, |last| last.number + 1);
    let event = Event { number, at: state.now(), by, kind };
    events.push(event.clone());
    let sheet = replay(book, &unit, &events).map_err(|problem| {
        let what = problem.what;
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "assessment.refused",
            format!("未录入：{}", what.zh),
            format!("not entered: {}", what.en),
        )
    })?;
    store::add(&mut transaction, (&book.id, &unit), &event, &principal.name).await?;
    let after = serde_json::json!({
        "number": number, "kind": columns.kind, "item": columns.item, "value": columns.value,
        "note": columns.note, "total": sheet.total.to_string(), "grade": sheet.grade,
    });
    record(
        &mut transaction,
        Record {
            at: state.now(),
            actor: &actor,
            action: "assessment.enter",
            subject: format!("sheet {}/{unit}", book.id),
            before: None,
            after: Some(after.to_string()),
        },
    )
    .await
    .map_err(Problem::of_people)?;
    transaction.commit().await.map_err(|error| GovernanceError::Store(error.into()))?;
    let place = format!("{PATH}/{}/{unit}#entries", book.id);
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response())
}

fn read(filled: &Filled) -> Result<EventKind, Problem> {
    let note = filled.note.trim();
    if filled.kind != "published" && (note.is_empty() || note.chars().count() > LONGEST_NOTE) {
        return Err(Problem::bad_request(
            format!("请写明数据来源或理由，不超过 {LONGEST_NOTE} 字"),
            format!("say in at most {LONGEST_NOTE} letters where it comes from, or why"),
        ));
    }
    let value = Some(filled.value.as_str()).filter(|value| !value.trim().is_empty());
    store::kind(&filled.kind, filled.item.trim(), value, note).ok_or_else(|| {
        Problem::bad_request(
            "请选择录入类型，并把数值写成小数，如 88.5",
            "choose what to enter, and write the value as a decimal: 88.5",
        )
    })
}
