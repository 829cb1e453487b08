//! The ledger for programs, read only: the enterprise's own, an officer's those of their place.

use super::model::LedgerPage;
use super::store;
use crate::checks::Checks;
use crate::entry::parse_place;
use crate::execution_reports::access::subject_of;
use crate::execution_reports::queries::Reach;
use authority::Action;
use axum::Json;
use axum::extract::{Query, State};
use jiff::civil::Date;
use plausibility::{Form, field_of};
use registry::{EnterpriseId, Snapshot};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

/// Pages of one answer.
const A_PAGE: i64 = 100;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
struct Asked {
    /// The code of an enterprise; without it, all that you may read.
    enterprise: Option<String>,
    /// The first day, `2026-09-01`.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
    /// `next` of the answer before.
    after: Option<i64>,
}

/// Pages of the environmental management ledger, the newest version of each day, those last
/// recorded first.
#[utoipa::path(get, path = "/management-ledger", tag = "management-ledger", params(Asked),
    responses((status = 200, description = "The pages"),
        (status = 400, description = "A wrong parameter"),
        (status = 401, description = "Nobody is signed in"),
        (status = 403, description = "Not for you"),
        (status = 404, description = "No such enterprise")))]
async fn all(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let of = within(&snapshot, &signed_in, asked.enterprise.as_deref())?;
    let days = (day(asked.from.as_deref(), Date::MIN)?, day(asked.to.as_deref(), Date::MAX)?);
    let before = asked.after.unwrap_or(i64::MAX);
    let found = store::of_enterprises(&state.store, &of, days, before, A_PAGE).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == A_PAGE);
    let next = found.last().filter(|_| is_full).map(|page| page.id);
    let checks = Checks::of(&state);
    let pages: Vec<Value> = found.iter().map(|page| told(&snapshot, &checks, page)).collect();
    Ok(Json(json!({ "pages": pages, "next": next })))
}

/// The enterprises whose ledgers are read.
fn within(
    snapshot: &Snapshot,
    signed_in: &SignedIn,
    code: Option<&str>,
) -> Result<Vec<EnterpriseId>, Problem> {
    if let Some(code) = code.filter(|code| !code.is_empty()) {
        let found = snapshot.enterprise_by_code(code).ok_or_else(|| {
            Problem::not_found(
                format!("没有代码为 {code:?} 的排污单位"),
                format!("there is no enterprise with the code {code:?}"),
            )
        })?;
        let subject = subject_of(snapshot, found.id);
        if signed_in.allowed(Action::FileReports, &subject).is_err() {
            signed_in.allowed(Action::ReadCase, &subject)?;
        }
        return Ok(vec![found.id]);
    }
    let Some(reach) = Reach::of(signed_in) else {
        return signed_in.scope(Action::ReadCase).map(|_| Vec::new());
    };
    let all = snapshot.enterprises().map(|one| one.id);
    Ok(all.filter(|id| reach.holds(snapshot, *id)).collect())
}

fn day(text: Option<&str>, otherwise: Date) -> Result<Date, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(otherwise) };
    text.parse().map_err(|_| {
        Problem::bad_request(
            format!("“{text}”不是日期，应为 2026-09-14 这样的形式"),
            format!("{text:?} is no day: write it as 2026-09-14"),
        )
    })
}

fn told(snapshot: &Snapshot, checks: &Checks, page: &LedgerPage) -> Value {
    let one = snapshot.enterprise(page.enterprise);
    let content = page.content.iter().map(|(place, typed)| {
        let field = parse_place(place).and_then(|(_, field)| field_of(Form::Ledger, field));
        json!({ "place": place, "value": typed, "unit": field.map_or("", |field| field.unit) })
    });
    let findings = page.findings.iter().map(|one| {
        let mut json = checks.words(&one.finding);
        json["reason"] = one.reason.clone().into();
        json
    });
    json!({
        "id": page.id,
        "enterprise": one.map(|one| one.code.clone()),
        "permit": page.permit_number,
        "permit_version": page.permit_version,
        "day": page.day.to_string(),
        "version": page.version,
        "recorded_at": page.recorded_at.to_string(),
        "recorded_by": page.recorded_name,
        "content": content.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
    })
}
