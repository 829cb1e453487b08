//! What is done with reports: begun, saved, checked while typed, filed, decided on.

use super::access::{decider, filler, seen};
use super::facts::{self, Facts};
use super::filled::Filled;
use super::model::{Explained, Report, State as Standing, day_of};
use super::pages::{PATH, form};
use super::store::{self, NewReport, ReportError};
use crate::checks::{Checks, slots};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use permits::ReportCycle;
use serde::Deserialize;
use serde_json::{Value, json};
use web::{AppState, Problem, Reader, SignedIn};

/// A note is at most so long.
const LONGEST_NOTE: usize = 2000;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/reports", post(begin))
        .route("/reports/{id}", post(save))
        .route("/reports/{id}/check", post(check))
        .route("/reports/{id}/versions", post(next_version))
        .route("/reports/{id}/decision", post(decide))
}

pub(super) fn see(path: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// Which report is begun.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    permit: String,
    #[serde(default)]
    cycle: String,
    #[serde(default)]
    from: String,
}

async fn begin(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Problem> {
    let parsed = ReportCycle::parse(&wanted.cycle).zip(wanted.from.parse().ok());
    let (cycle, from) = parsed.ok_or_else(|| {
        Problem::bad_request(
            "请从应报清单中选择报告期",
            "choose a period from the list: permit, cycle (year, quarter, month), first day",
        )
    })?;
    let due = facts::asked(&state.store, &wanted.permit, cycle, from).await.map_err(told)?;
    let snapshot = state.snapshot();
    let actor = filler(&signed_in, &snapshot, due.enterprise)?;
    let known = facts::facts(&state.store, &snapshot, due.enterprise, &due.subject).await?;
    let new = NewReport {
        enterprise: due.enterprise,
        subject: &due.subject,
        permit_version: due.permit_version,
        content: &known.filled_in(),
        due_on: due.due,
    };
    let id = store::begin(&state.store, &actor, &new, state.now()).await.map_err(told)?;
    Ok(see(format!("{PATH}/{id}")))
}

/// A correction: the next version begins with the content of this one.
async fn next_version(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let (report, _) = seen(&state, Some(&signed_in), id).await?;
    let actor = filler(&signed_in, &state.snapshot(), report.enterprise)?;
    if !matches!(report.state, Standing::Returned | Standing::Accepted) {
        return Err(not_open(&report));
    }
    let new = NewReport {
        enterprise: report.enterprise,
        subject: &report.subject,
        permit_version: report.permit_version,
        content: &report.content,
        due_on: report.due_on,
    };
    let next = store::begin(&state.store, &actor, &new, state.now()).await.map_err(told)?;
    Ok(see(format!("{PATH}/{next}")))
}

/// What somebody types, read over what was saved, with what the checks find in it.
struct Typed {
    report: Report,
    facts: Facts,
    filled: Filled,
    findings: Vec<Explained>,
}

async fn typed(
    state: &AppState,
    report: Report,
    pairs: Vec<(String, String)>,
) -> Result<Typed, Problem> {
    let snapshot = state.snapshot();
    let subject = &report.subject;
    let facts = facts::facts(&state.store, &snapshot, report.enterprise, subject).await?;
    let filled = Filled::read(&facts.shape, subject, &report.content, pairs);
    let today = day_of(state.now());
    let checks = Checks::of(state);
    let found = facts.findings(&checks.0, subject, &filled.content, &filled.reasons, today);
    Ok(Typed { report, facts, filled, findings: found })
}

async fn check(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Json<Value>, Problem> {
    let (report, _) = seen(&state, Some(&signed_in), id).await?;
    filler(&signed_in, &state.snapshot(), report.enterprise)?;
    let typed = typed(&state, report, pairs).await?;
    let names = typed.facts.shape.names(typed.report.subject.cycle == ReportCycle::Year);
    let checks = Checks::of(&state);
    Ok(Json(json!({
        "findings": typed.findings.iter().map(|one| checks.words(&one.finding)).collect::<Vec<_>>(),
        "slots": slots::all(&reader, &checks, &names, &typed.findings),
        "summary": slots::summary(&reader, &typed.findings).into_string(),
    })))
}

async fn save(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (report, sight) = seen(&state, Some(&signed_in), id).await?;
    let actor = filler(&signed_in, &state.snapshot(), report.enterprise)?;
    if report.state != Standing::Draft {
        return Err(not_open(&report));
    }
    let mut typed = typed(&state, report, pairs).await?;
    if let Some(revision) = typed.filled.revision {
        typed.report.revision = revision;
    }
    let Typed { report, filled, findings, .. } = &typed;
    if filled.is_filing && !findings.iter().any(Explained::is_in_the_way) {
        let now = state.now();
        store::file(&state.store, &actor, report, &filled.content, findings, now)
            .await
            .map_err(told)?;
        return Ok(see(format!("{PATH}/{id}#standing")));
    }
    store::save(&state.store, report, &filled.content, findings).await.map_err(told)?;
    if !filled.is_filing {
        return Ok(see(format!("{PATH}/{id}#form")));
    }
    // What is in the way is shown beside what was typed, which is saved.
    let (saved, _) = seen(&state, Some(&signed_in), id).await?;
    let page = form::page(&state, &reader, &saved, &typed.facts, &sight, true).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What an officer decides.
#[derive(Debug, Default, Deserialize)]
struct Decided {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    note: String,
}

async fn decide(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Form(decided): Form<Decided>,
) -> Result<Response, Problem> {
    let (report, _) = seen(&state, Some(&signed_in), id).await?;
    let actor = decider(&signed_in, &state.snapshot(), &report)?;
    let to = match decided.decision.as_str() {
        "accept" => Standing::Accepted,
        "return" => Standing::Returned,
        _ => {
            return Err(Problem::bad_request(
                "请选择通过或退回",
                "choose whether it is accepted or returned",
            ));
        }
    };
    let note = decided.note.trim();
    if note.chars().count() > LONGEST_NOTE || (to == Standing::Returned && note.is_empty()) {
        return Err(Problem::bad_request(
            format!("退回时请写明需要修改的内容，不超过 {LONGEST_NOTE} 字"),
            format!("say what is to be mended, in at most {LONGEST_NOTE} letters"),
        ));
    }
    if report.state != Standing::Filed {
        return Err(not_open(&report));
    }
    store::decide(&state.store, &actor, &report, to, note, state.now()).await.map_err(told)?;
    Ok(see(format!("{PATH}/{id}#standing")))
}

fn not_open(report: &Report) -> Problem {
    let state = report.state.text();
    Problem::new(
        StatusCode::CONFLICT,
        "execution_report.state",
        format!("报告状态为“{}”，不能进行此操作；请刷新页面", state.zh),
        format!("the report is {}: this cannot be done now; load the page again", state.en),
    )
}

/// What a reader is told of an error: what they can mend, or that something failed.
pub(super) fn told(error: ReportError) -> Problem {
    let known = |status, zh: &str, en: &str| Problem::new(status, error.code(), zh, en);
    match &error {
        ReportError::Changed => known(
            StatusCode::CONFLICT,
            "报告已被他人修改，请返回并刷新页面后再操作",
            "somebody else has changed the report: go back, load the page again",
        ),
        ReportError::NotAsked => known(
            StatusCode::NOT_FOUND,
            "许可证未要求这一期报告；请从应报清单中选择",
            "the permit asks for no report of this period; choose one from the list",
        ),
        _ => Problem::internal(&error),
    }
}
