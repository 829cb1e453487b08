//! A page of the ledger is checked while it is typed, and recorded.

use super::access::seen;
use super::facts::{Facts, Past};
use super::model::{LedgerPage, says_something};
use super::pages::{PATH, day};
use super::store::{self, LedgerError};
use crate::checks::{Checks, slots};
use crate::entry::{Content, Explained, LONGEST, REASON};
use crate::execution_reports::day_of;
use authority::Actor;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use web::{AppState, Problem, Reader, SignedIn};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/management-ledger/{permit}/{day}", post(record))
        .route("/management-ledger/{permit}/{day}/check", post(check))
}

/// A form as it was sent.
struct Filled {
    content: Content,
    reasons: BTreeMap<String, String>,
    /// The last version that the author saw.
    seen: u32,
}

impl Filled {
    /// Reads a form over what was recorded: a field that the form does not hold stays.
    fn read(names: &BTreeSet<String>, saved: Content, pairs: Vec<(String, String)>) -> Self {
        let mut filled = Self { content: saved, reasons: BTreeMap::new(), seen: 0 };
        for (name, typed) in pairs {
            let typed: String = typed.chars().take(LONGEST).collect();
            if let Some(id) = name.strip_prefix(REASON) {
                filled.reasons.insert(id.to_owned(), typed);
            } else if name == "seen" {
                filled.seen = typed.trim().parse().unwrap_or_default();
            } else if names.contains(&name) {
                filled.content.put(name, &typed);
            }
        }
        filled
    }
}

/// What somebody types, with what the checks find in it.
struct Typed {
    actor: Actor,
    facts: Facts,
    versions: Vec<LedgerPage>,
    filled: Filled,
    findings: Vec<Explained>,
}

async fn typed(
    state: &AppState,
    signed_in: &SignedIn,
    (permit, day): (&str, &str),
    pairs: Vec<(String, String)>,
) -> Result<Typed, Problem> {
    let seen = seen(state, signed_in, permit).await?;
    let day = parse_day(day)?;
    let version = seen.on(day)?.clone();
    let actor = seen.filler?;
    let today = day_of(state.now());
    if day > today {
        return Err(not_yet(day));
    }
    let past = Past::of(&state.store, &version, day, day).await?;
    let facts = Facts::of(&state.store, &state.snapshot(), &version, day, &past).await?;
    let versions = store::versions(&state.store, version.permit.id, day).await?;
    let saved = versions.first().map(|page| page.content.clone()).unwrap_or_default();
    let filled = Filled::read(&facts.names, saved, pairs);
    let checks = Checks::of(state);
    let findings = facts.findings(&checks.0, &filled.content, &filled.reasons, today);
    Ok(Typed { actor, facts, versions, filled, findings })
}

async fn check(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path((permit, day)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Json<Value>, Problem> {
    let typed = typed(&state, &signed_in, (&permit, &day), pairs).await?;
    let checks = Checks::of(&state);
    Ok(Json(json!({
        "findings": typed.findings.iter().map(|one| checks.words(&one.finding)).collect::<Vec<_>>(),
        "slots": slots::all(&reader, &checks, &typed.facts.names, &typed.findings),
        "summary": slots::summary(&reader, &typed.findings).into_string(),
    })))
}

async fn record(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path((permit, day)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let typed = typed(&state, &signed_in, (&permit, &day), pairs).await?;
    let Typed { actor, facts, versions, filled, findings } = typed;
    if !says_something(&filled.content) || findings.iter().any(Explained::is_in_the_way) {
        let shown = day::Shown { content: &filled.content, findings: &findings, seen: filled.seen };
        let page = day::form_page(&state, &reader, &facts, &versions, &shown, true);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    if filled.seen != versions.first().map_or(0, |newest| newest.version) {
        return Err(told(LedgerError::Changed(facts.day)));
    }
    let to = format!("{PATH}/{permit}/{}#standing", facts.day);
    let page = facts.page(filled.content, findings, filled.seen);
    if !versions.first().is_some_and(|newest| page.is_same_as(newest)) {
        store::record(&state.store, &actor, &[page], state.now()).await.map_err(told)?;
    }
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

/// The day of an address.
pub(super) fn parse_day(text: &str) -> Result<Date, Problem> {
    text.parse().map_err(|_| {
        Problem::not_found(
            format!("地址中的日期“{text}”不对，应为 2026-09-14 这样的形式"),
            format!("{text:?} is no day: write it as 2026-09-14"),
        )
    })
}

fn not_yet(day: Date) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "management_ledger.day",
        format!("{day} 尚未到来，不能提前记录台账"),
        format!("{day} has not come: nothing is recorded ahead of time"),
    )
}

/// What a reader is told of an error: what they can mend, or that something failed.
pub(super) fn told(error: LedgerError) -> Problem {
    if let LedgerError::Changed(day) = &error {
        return Problem::new(
            StatusCode::CONFLICT,
            error.code(),
            format!("{day} 的台账已有更新的版本，请刷新页面后再操作"),
            format!("there is a newer version of {day}: load the page again"),
        );
    }
    Problem::internal(&error)
}
