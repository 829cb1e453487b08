//! Marks and states for programs, with a token of an officer or of the enterprise.

use super::queries::{self, Marked};
use super::{access, changes, form, words};
use authority::Action;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use registry::{PointKind, Snapshot};
use rulebook::Period;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use validity::{
    Decision, MarkFilter, MarkId, MonthRecord, NewMark, PeriodState, Rates, mark_due, rates,
};
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(all, make))
        .routes(routes!(one))
        .routes(routes!(decide))
        .routes(routes!(withdraw))
        .routes(routes!(month))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
struct Asked {
    /// An outlet's code, `DEMO-0001/DW001`.
    outlet: Option<String>,
    /// `true` for those on which nobody has decided.
    open: Option<bool>,
    /// The number of the last mark of the page before.
    after: Option<i64>,
}

/// Marks that enterprises made of their data, the newest first, with the decisions on them.
#[utoipa::path(get, path = "/marks", tag = "marks", params(Asked),
    responses((status = 200, description = "Up to 50 marks, and `next` where there are more"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such outlet")))]
async fn all(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let mut points = access::points(&signed_in, &snapshot)?;
    if let Some(code) = asked.outlet.filter(|code| !code.is_empty()) {
        let point = queries::outlet(&snapshot, &code)?;
        access::may_see(&signed_in, &snapshot, point)?;
        points = Some(vec![point.id]);
    }
    let filter = MarkFilter {
        points,
        is_open: asked.open.unwrap_or(false),
        before: asked.after.map(MarkId),
        limit: queries::A_PAGE + 1,
        ..MarkFilter::default()
    };
    let mut found = queries::listed(&state, &filter).await?;
    let has_more = found.len() > queries::A_PAGE as usize;
    found.truncate(queries::A_PAGE as usize);
    let next = found.last().filter(|_| has_more).map(|last| last.mark.id.0);
    let marks: Vec<Value> = found.iter().map(|marked| of_mark(&snapshot, marked)).collect();
    Ok(Json(json!({ "marks": marks, "next": next })))
}

/// A mark as a program makes it.
#[derive(Debug, Deserialize, ToSchema)]
struct Made {
    /// An outlet's code, `DEMO-0001/DW001`.
    outlet: String,
    /// A factor's code; empty or absent = all of the outlet.
    #[serde(default)]
    factor: String,
    /// From when, counted: an instant `2026-10-05T00:00:00Z`, or a time of Beijing without zone.
    from: String,
    /// Until when, not counted.
    to: String,
    /// The kind: `stopped`, `start_cold`, `device_fault`, and so on.
    kind: String,
    /// The facility of a start or stop: `boiler`, and so on, or `other`.
    #[serde(default)]
    facility: String,
    /// Why.
    reason: String,
}

/// The body, once it is known that its sender may send one.
fn read<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    body.map(|Json(read)| read).map_err(|refusal| {
        let what = refusal.body_text();
        Problem::bad_request(format!("请求内容无法读取：{what}"), what)
    })
}

fn instant(text: &str) -> Result<jiff::Timestamp, Problem> {
    let read = text.parse().ok().or_else(|| form::time(text));
    read.ok_or_else(|| {
        Problem::bad_request(
            format!("时间 {text:?} 无法识别"),
            format!("{text:?} is no time like 2026-10-05T08:00"),
        )
    })
}

/// Marks a stretch of one's own data.
#[utoipa::path(post, path = "/marks", tag = "marks", request_body = Made,
    responses((status = 201, description = "The mark"),
        (status = 400, description = "Not a mark that can be"),
        (status = 401, description = "No token"),
        (status = 403, description = "Not the enterprise of this outlet"),
        (status = 404, description = "No such outlet")))]
async fn make(
    State(state): State<AppState>,
    signed_in: SignedIn,
    body: Result<Json<Made>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    signed_in.scope(Action::MarkData)?;
    let made = read(body)?;
    let snapshot = state.snapshot();
    let point = queries::outlet(&snapshot, &made.outlet)?;
    let actor = access::may_mark(&signed_in, &snapshot, point)?;
    let new = NewMark {
        point: point.id,
        factor: changes::factor(&snapshot, point.id, &made.factor)?,
        from: instant(&made.from)?,
        to: instant(&made.to)?,
        kind: made.kind,
        facility: made.facility,
        reason: made.reason,
        evidence: None,
        evidence_name: None,
    };
    let id = validity::mark(&state.store, &actor, &new, state.now()).await;
    let id = id.map_err(access::refused)?;
    let (marked, _) = queries::one(&state, &signed_in, &snapshot, id.0).await?;
    Ok((StatusCode::CREATED, Json(of_mark(&snapshot, &marked))))
}

/// One mark.
#[utoipa::path(get, path = "/marks/{id}", tag = "marks",
    params(("id" = i64, Path, description = "The mark's number")),
    responses((status = 200, description = "The mark with the decisions on it"),
        (status = 401, description = "No token"),
        (status = 404, description = "No such mark that you may see")))]
async fn one(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let (marked, _) = queries::one(&state, &signed_in, &snapshot, id).await?;
    Ok(Json(of_mark(&snapshot, &marked)))
}

/// A decision as a program makes it.
#[derive(Debug, Deserialize, ToSchema)]
struct Decided {
    /// `accepted` or `rejected`.
    verdict: String,
    /// Why.
    reason: String,
}

/// Accepts or rejects a mark.
#[utoipa::path(post, path = "/marks/{id}/decisions", tag = "marks", request_body = Decided,
    params(("id" = i64, Path, description = "The mark's number")),
    responses((status = 201, description = "The mark with the decision"),
        (status = 400, description = "No reason, no verdict"),
        (status = 401, description = "No token"),
        (status = 403, description = "Not an officer of this division"),
        (status = 404, description = "No such mark that you may see"),
        (status = 409, description = "The mark was withdrawn")))]
async fn decide(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    body: Result<Json<Decided>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    signed_in.scope(Action::DecideMarks)?;
    let decided = read(body)?;
    let snapshot = state.snapshot();
    let (marked, point) = queries::one(&state, &signed_in, &snapshot, id).await?;
    let actor = access::may_decide(&signed_in, &snapshot, &point)?;
    let accepted = changes::is_accepted(&decided.verdict)?;
    let on = [marked.mark];
    validity::decide_marks(&state.store, &actor, &on, accepted, &decided.reason, state.now())
        .await
        .map_err(access::refused)?;
    let (marked, _) = queries::one(&state, &signed_in, &snapshot, id).await?;
    Ok((StatusCode::CREATED, Json(of_mark(&snapshot, &marked))))
}

/// Why a mark is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
struct Withdrawn {
    /// Why.
    reason: String,
}

/// Withdraws one's own mark on which nobody has decided.
#[utoipa::path(post, path = "/marks/{id}/withdrawal", tag = "marks", request_body = Withdrawn,
    params(("id" = i64, Path, description = "The mark's number")),
    responses((status = 200, description = "The mark"),
        (status = 400, description = "No reason"), (status = 401, description = "No token"),
        (status = 403, description = "Not the enterprise of this outlet"),
        (status = 404, description = "No such mark that you may see"),
        (status = 409, description = "Withdrawn or decided already")))]
async fn withdraw(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    body: Result<Json<Withdrawn>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::MarkData)?;
    let withdrawn = read(body)?;
    let snapshot = state.snapshot();
    let (marked, point) = queries::one(&state, &signed_in, &snapshot, id).await?;
    let actor = access::may_mark(&signed_in, &snapshot, &point)?;
    validity::withdraw(&state.store, &actor, marked.mark.id, &withdrawn.reason, state.now())
        .await
        .map_err(access::refused)?;
    let (marked, _) = queries::one(&state, &signed_in, &snapshot, id).await?;
    Ok(Json(of_mark(&snapshot, &marked)))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Look {
    /// An outlet's code, `DEMO-0001/DW001`.
    outlet: String,
    /// The month, `2026-10`.
    month: String,
    /// A factor's code; absent = all.
    factor: Option<String>,
    /// `hour` or `day`; absent = both.
    period: Option<String>,
}

/// The judged hours and days of an outlet's month, with rates and the record's version and digest.
#[utoipa::path(get, path = "/data-states", tag = "marks", params(Look),
    responses((status = 200, description = "The states"),
        (status = 400, description = "No such month"), (status = 401, description = "No token"),
        (status = 403, description = "Not allowed"),
        (status = 404, description = "No such outlet")))]
async fn month(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(look): Query<Look>,
) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::ReadAlerts)?;
    let snapshot = state.snapshot();
    let point = queries::outlet(&snapshot, &look.outlet)?;
    access::may_see(&signed_in, &snapshot, point)?;
    let month = queries::month(&state, &look.month)?;
    let record = queries::record(&state, &snapshot, point, month, false).await?;
    let factor = look.factor.as_deref().and_then(|code| snapshot.factor_by_code(code));
    let period = look.period.as_deref().and_then(Period::parse);
    let fits = |state: &&PeriodState| {
        look.factor.is_none() || factor.is_some_and(|factor| factor.id == state.factor)
    };
    let of_period = |state: &&PeriodState| period.is_none_or(|period| period == state.period);
    let states: Vec<Value> = record
        .periods
        .iter()
        .filter(fits)
        .filter(of_period)
        .map(|state| of_state(&snapshot, &record, state))
        .collect();
    Ok(Json(json!({
        "outlet": point.code,
        "month": month.to_string(),
        "version": record.version,
        "computed_at": record.computed_at.to_string(),
        "until": record.inputs.until.to_string(),
        "digest": record.digest_text(),
        "rates": of_rates(&rates(&[&record])),
        "states": states,
    })))
}

fn of_mark(snapshot: &Snapshot, marked: &Marked) -> Value {
    let mark = &marked.mark;
    let point = snapshot.point(mark.point);
    let factor = mark.factor.and_then(|factor| snapshot.factor(factor));
    let withdrawn = mark
        .withdrawn
        .as_ref()
        .map(|one| json!({ "at": one.at.to_string(), "by": one.author, "reason": one.reason }));
    let standing = words::standing(mark, marked.decision()).1;
    json!({
        "id": mark.id.0,
        "outlet": point.map(|point| point.code.clone()),
        "division": point.map(|point| point.division.clone()),
        "factor": factor.map(|factor| factor.code.clone()),
        "from": mark.from.to_string(),
        "to": mark.to.to_string(),
        "kind": mark.kind,
        "facility": mark.facility,
        "reason": mark.reason,
        "has_evidence": mark.evidence.is_some(),
        "made_by": mark.author,
        "made_at": mark.at.to_string(),
        "due_at": mark_due(mark.to).to_string(),
        "is_late": mark.is_late,
        "standing": { "zh": standing.zh, "en": standing.en },
        "withdrawn": withdrawn,
        "decisions": marked.decisions.iter().map(of_decision).collect::<Vec<_>>(),
    })
}

fn of_decision(decision: &Decision) -> Value {
    json!({
        "id": decision.id.0,
        "verdict": decision.verdict.as_str(),
        "reason": decision.reason,
        "by": decision.author,
        "at": decision.at.to_string(),
    })
}

fn of_rates(rates: &Rates) -> Value {
    let number = |rate: Option<rulebook::Decimal>| rate.map(|rate| rate.to_string());
    json!({
        "due": rates.due, "received": rates.received, "valid": rates.valid,
        "stopped": rates.stopped, "marked": rates.marked,
        "marked_during_exceedance": rates.marked_during_exceedance,
        "transmission_rate": number(rates.transmission_rate),
        "validity_rate": number(rates.validity_rate),
        "effective_rate": number(rates.effective_rate),
        "exceedance_hours": rates.exceedance_hours, "exceedance_days": rates.exceedance_days,
        "exempted": rates.exempted, "unmarked_gaps": rates.unmarked_gaps,
    })
}

fn of_state(snapshot: &Snapshot, record: &MonthRecord, state: &PeriodState) -> Value {
    let factor = snapshot.factor(state.factor);
    let unit = factor.map(|factor| factor.unit_at(PointKind::Outlet).to_owned());
    let number = |value: Option<rulebook::Decimal>| value.map(|value| value.to_string());
    let limit = record.limit_of(state).map(|limit| {
        json!({ "bound": validity::bound_text(limit), "on_converted": limit.on_converted,
            "source": limit.source })
    });
    json!({
        "start": state.start.to_string(),
        "period": state.period.as_str(),
        "factor": factor.map(|factor| factor.code.clone()),
        "unit": unit,
        "state": state.state.as_str(),
        "reason": match state.state {
            validity::State::Invalid(why) => Some(why.as_str()),
            _ => None,
        },
        "instrument": state.layers.instrument.map(|letter| char::from(letter).to_string()),
        "mark": state.layers.enterprise.map(|mark| mark.0),
        "decision": state.layers.bureau.map(|decision| decision.0),
        "value": number(state.concentration),
        "range": state.range.map(|(low, high)| [low.to_string(), high.to_string()]),
        "converted": number(state.converted),
        "recomputed": number(state.recomputed),
        "flow_m3": number(state.flow),
        "amount_kg": number(state.amount_kg),
        "substituted_kg": number(state.substituted_kg),
        "limit": limit,
        "compared": number(state.compared),
        "multiple": number(state.excess),
        "is_exceedance": state.is_exceedance(),
        "is_exempted": state.exemption.is_some(),
        "packet": state.source.map(|source| format!("{}/{}", source.block, source.index)),
    })
}
