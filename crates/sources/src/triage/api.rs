//! Findings for programs, with a token of an officer; the precision for everybody.

use super::access::Officer;
use super::changes::{self, Concluded, Confirmed};
use super::model::{Conclusion, Factor, Finding, Verdict};
use super::queries::{self, A_PAGE, Band};
use super::store::{self, Order, Ordered};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use registry::{PointId, PointKind, Snapshot};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(all))
        .routes(routes!(precision))
        .routes(routes!(one))
        .routes(routes!(conclude))
        .routes(routes!(order))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
struct Asked {
    /// `ranked` (the default) or `newest`.
    order: Option<String>,
    /// A division's code.
    division: Option<String>,
    /// The cursor that the last page gave.
    after: Option<String>,
}

/// Findings that wait for a verdict, the one that most deserves a look first. They are no proof.
#[utoipa::path(get, path = "/findings", tag = "findings", params(Asked),
    responses((status = 200, description = "A page of findings, each with its score and the \
        sentences behind it, and where the next page begins"),
        (status = 400, description = "A wrong parameter"),
        (status = 401, description = "No token"), (status = 403, description = "Not an officer")))]
async fn all(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let officer = Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let order = match asked.order.as_deref() {
        None | Some("" | "ranked") => Order::Ranked,
        Some("newest") => Order::Newest,
        Some(other) => {
            return Err(Problem::bad_request(
                format!("order 应为 ranked 或 newest,而不是 {other:?}"),
                format!("order is ranked or newest, not {other:?}"),
            ));
        }
    };
    let mut points = officer.points(&snapshot);
    if let Some(code) = asked.division.as_deref().filter(|code| !code.is_empty()) {
        let outlets = snapshot.points_of(PointKind::Outlet);
        let inside = outlets.filter(|point| point.division == code).map(|point| point.id);
        let is_seen = |id: &PointId| points.as_ref().is_none_or(|points| points.contains(id));
        points = Some(inside.filter(is_seen).collect());
    }
    let waiting = store::count(&state.store, points.as_deref()).await?;
    let after = queries::cursor(asked.after.as_deref())?;
    let (findings, next) = queries::queue(&state, points, (order, after), A_PAGE).await?;
    let list: Vec<Value> = findings.iter().map(|finding| of(&snapshot, finding)).collect();
    Ok(Json(json!({ "waiting": waiting, "findings": list, "next": next })))
}

/// How often the ranking was right, by the place at which findings stood when they were judged.
#[utoipa::path(get, path = "/findings/precision", tag = "findings",
    responses((status = 200, description = "Verdicts by place, with how many there are")))]
async fn precision(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let precision = queries::precision(&state).await?;
    let names = ["1-10", "11-50", "51-", "none"];
    let bands: serde_json::Map<String, Value> = names
        .iter()
        .zip(&precision.bands)
        .map(|(name, band)| ((*name).to_owned(), of_band(band)))
        .collect();
    let all = precision.all();
    Ok(Json(json!({
        "at_10": of_band(&precision.at_10()),
        "at_50": of_band(&precision.at_50()),
        "all": of_band(&all),
        "by_place": bands,
        "is_enough": all.judged() >= precision.enough,
        "enough": precision.enough,
    })))
}

/// One finding with its alarms, verdicts and orders.
#[utoipa::path(get, path = "/findings/{id}", tag = "findings",
    params(("id" = i64, Path, description = "The finding's number")),
    responses((status = 200, description = "The finding"), (status = 401, description = "No token"),
        (status = 403, description = "Not an officer, or elsewhere"),
        (status = 404, description = "No such finding")))]
async fn one(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Problem> {
    let officer = Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let finding = queries::one(&state, &snapshot, &officer, id).await?;
    let verdicts = store::of_finding(&state.store, finding.id).await?;
    let orders = store::of_findings(&state.store, std::iter::once(finding.id)).await?;
    let mut json = of(&snapshot, &finding);
    json["place"] = store::place(&state.store, &finding).await?.into();
    json["verdicts"] = verdicts.iter().map(of_verdict).collect();
    json["orders"] = orders.iter().map(of_order).collect();
    Ok(Json(json))
}

/// Concludes about a finding; an earlier verdict stays and holds no longer.
#[utoipa::path(post, path = "/findings/{id}/verdicts", tag = "findings",
    params(("id" = i64, Path, description = "The finding's number")),
    request_body = Concluded,
    responses((status = 201, description = "It is kept"),
        (status = 400, description = "No conclusion or no reason"),
        (status = 401, description = "No token"),
        (status = 403, description = "Not allowed, or elsewhere"),
        (status = 404, description = "No such finding")))]
async fn conclude(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Json(concluded): Json<Concluded>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    changes::give(&state, &signed_in, id, &concluded).await?;
    let conclusion = Conclusion::parse(concluded.conclusion.trim()).map(Conclusion::as_str);
    Ok((StatusCode::CREATED, Json(json!({ "finding": id, "conclusion": conclusion }))))
}

/// Makes an order of a finding, or gives the one that is under way.
#[utoipa::path(post, path = "/findings/{id}/order", tag = "findings",
    params(("id" = i64, Path, description = "The finding's number")),
    request_body = Confirmed,
    responses((status = 201, description = "The order"),
        (status = 400, description = "A wrong day or class"),
        (status = 401, description = "No token"),
        (status = 403, description = "Not allowed, or elsewhere"),
        (status = 404, description = "No such finding"),
        (status = 503, description = "This installation handles no cases")))]
async fn order(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Json(confirmed): Json<Confirmed>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let ordered = changes::make(&state, &signed_in, id, &confirmed).await?;
    Ok((StatusCode::CREATED, Json(of_order(&ordered))))
}

fn of(snapshot: &Snapshot, finding: &Finding) -> Value {
    let point = snapshot.point(finding.point);
    let members: Vec<Value> = finding
        .members
        .iter()
        .map(|member| {
            let factor = member.factor.and_then(|factor| snapshot.factor(factor));
            json!({
                "origin": member.origin.as_str(),
                "reference": member.reference,
                "what": member.what,
                "factor": factor.map(|factor| factor.code.clone()),
                "began_at": member.began_at.to_string(),
                "ended_at": member.ended_at.to_string(),
                "is_open": member.is_open,
                "times_limit": member.times.map(|times| times.to_string()),
                "count": member.count,
            })
        })
        .collect();
    let score = &finding.score;
    json!({
        "id": finding.id.0,
        "point": finding.point.0,
        "point_code": point.map(|point| point.code.clone()),
        "division": point.map(|point| point.division.clone()),
        "state": finding.state.as_str(),
        "merged_into": finding.merged_into.map(|id| id.0),
        "opened_at": finding.opened_at.to_string(),
        "last_at": finding.last_at.to_string(),
        "is_active": finding.is_active,
        "found_at": finding.found_at.to_string(),
        "score_millionths": score.value(),
        Factor::Likely.as_str(): { "millionths": score.likely },
        Factor::Harm.as_str(): { "thousandths": score.harm },
        Factor::Clock.as_str(): { "thousandths": score.clock },
        "reasons": score.reasons_json(),
        "version": finding.version,
        "members": members,
    })
}

fn of_verdict(verdict: &Verdict) -> Value {
    json!({
        "conclusion": verdict.conclusion.as_str(),
        "reason": verdict.reason,
        "rank": verdict.rank,
        "score_millionths": verdict.score,
        "given_at": verdict.given_at.to_string(),
        "who": verdict.who,
    })
}

fn of_order(order: &Ordered) -> Value {
    json!({
        "finding": order.finding.0,
        "case": order.case.0,
        "number": order.number,
        "ordered_at": order.at.to_string(),
        "who": order.who,
        "ended_at": order.ended_at.map(|at| at.to_string()),
    })
}

fn of_band(band: &Band) -> Value {
    let counts: serde_json::Map<String, Value> = Conclusion::ALL
        .iter()
        .zip(band.counts)
        .map(|(conclusion, count)| (conclusion.as_str().to_owned(), count.into()))
        .collect();
    json!({
        "judged": band.judged(),
        "verdicts": counts,
        "real_percent": band.share().map(|share| share.to_string()),
    })
}
