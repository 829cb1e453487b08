//! Reports for programs: accepted ones for everybody, the others with the token of who may see
//! them.

use super::access::seen;
use super::model::{Report, State as Standing};
use super::store;
use crate::checks::Checks;
use axum::Json;
use axum::extract::{Path, Query, State};
use permits::ReportCycle;
use plausibility::{Form, field_of};
use registry::{EnterpriseId, Snapshot};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, Visitor};

/// Reports of one answer.
const A_PAGE: i64 = 100;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
struct Asked {
    /// The code of an enterprise.
    enterprise: Option<String>,
    /// `year`, `quarter` or `month`.
    cycle: Option<String>,
    /// `next` of the answer before.
    after: Option<i64>,
}

/// Accepted reports on keeping to a permit, the newest first.
#[utoipa::path(get, path = "/execution-reports", tag = "execution-reports", params(Asked),
    responses((status = 200, description = "The reports"),
        (status = 400, description = "A wrong parameter"),
        (status = 404, description = "No such enterprise")))]
async fn all(
    State(state): State<AppState>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let cycle = asked.cycle.as_deref().filter(|word| !word.is_empty()).map(|word| {
        ReportCycle::parse(word).ok_or_else(|| {
            Problem::bad_request(
                "cycle 应为 year、quarter 或 month",
                "cycle is year, quarter or month",
            )
        })
    });
    let of = asked.enterprise.as_deref().filter(|code| !code.is_empty()).map(|code| {
        let found = snapshot.enterprise_by_code(code).map(|one| vec![one.id]);
        found.ok_or_else(|| {
            Problem::not_found(
                format!("没有代码为 {code:?} 的排污单位"),
                format!("there is no enterprise with the code {code:?}"),
            )
        })
    });
    let of: Option<Vec<EnterpriseId>> = of.transpose()?;
    let before = asked.after.unwrap_or(i64::MAX);
    let found =
        store::public(&state.store, of.as_deref(), cycle.transpose()?, before, A_PAGE).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == A_PAGE);
    let next = found.last().filter(|_| is_full).map(|report| report.id);
    let reports: Vec<Value> = found.iter().map(|report| told(&snapshot, report)).collect();
    Ok(Json(json!({ "reports": reports, "next": next })))
}

/// One report with its content; what the checks found in it is for those who fill in or supervise.
#[utoipa::path(get, path = "/execution-reports/{id}", tag = "execution-reports",
    params(("id" = i64, Path, description = "The report's number")),
    responses((status = 200, description = "The report"),
        (status = 401, description = "It is not public, and nobody is signed in"),
        (status = 404, description = "No such report, or not for you")))]
async fn one(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Problem> {
    let (report, sight) = seen(&state, visitor.signed_in.as_ref(), id).await?;
    let mut json = told(&state.snapshot(), &report);
    json["content"] = report
        .content
        .iter()
        .map(|(place, typed)| {
            let field = super::model::parse_place(place);
            let unit = field
                .and_then(|(_, field)| field_of(Form::ExecutionReport, field))
                .map_or("", |field| field.unit);
            json!({ "place": place, "value": typed, "unit": unit })
        })
        .collect();
    if sight.may_fill || sight.sees(Standing::Filed) {
        let checks = Checks::of(&state);
        let findings = report.findings.iter().map(|one| {
            let mut json = checks.words(&one.finding);
            json["reason"] = one.reason.clone().into();
            json
        });
        json["findings"] = findings.collect();
    }
    Ok(Json(json))
}

fn told(snapshot: &Snapshot, report: &Report) -> Value {
    let subject = &report.subject;
    let one = snapshot.enterprise(report.enterprise);
    json!({
        "id": report.id,
        "enterprise": one.map(|one| one.code.clone()),
        "name": one.map(|one| json!({ "zh": one.name.zh, "en": one.name.en })),
        "division": one.map(|one| one.division.clone()),
        "permit": subject.permit_number,
        "permit_version": report.permit_version,
        "cycle": subject.cycle.as_str(),
        "from": subject.from.to_string(),
        "to": subject.to.to_string(),
        "version": report.version,
        "state": report.state.as_str(),
        "due_on": report.due_on.map(|day| day.to_string()),
        "filed_at": report.filed.as_ref().map(|filed| filed.at.to_string()),
        "decided_at": report.decided.as_ref().map(|decided| decided.at.to_string()),
    })
}
