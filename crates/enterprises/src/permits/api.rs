//! Permits for programs.

use super::actual::{beside, discharged};
use super::list::{Asked, rows, today};
use super::{problem, unknown};
use axum::Json;
use axum::extract::{Path, Query, State};
use permits::clocks::{self, Radar};
use permits::{PermitVersion, duties_between, versions, words};
use registry::Snapshot;
use rulebook::Text;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem};

/// Permits in one answer.
const A_PAGE: usize = 200;
/// Dates of duties are told for so many days ahead.
const AHEAD_DAYS: i64 = 366;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
struct Wanted {
    /// A division's code.
    division: Option<String>,
    /// `key`, `simplified` or `registration`.
    class: Option<String>,
    /// `ended`, `expired`, `30`, `60`, `90` (days left at most) or `later`.
    expiry: Option<String>,
    /// A part of a number or a name.
    text: Option<String>,
    /// How many come before: `next` of the last answer.
    after: Option<usize>,
}

/// Discharge permits and registrations, the one that expires first in front.
#[utoipa::path(get, path = "/permits", tag = "permits", params(Wanted),
    responses((status = 200, description = "The permits, at most 200, and where the next ones \
        begin"), (status = 400, description = "A wrong parameter")))]
async fn all(
    State(state): State<AppState>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let Wanted { division, class, expiry, text, after } = wanted;
    let asked = Asked { division, class, expiry, text, after };
    let snapshot = state.snapshot();
    let today = today(&state);
    let rows = rows(&state, &snapshot, &asked).await?;
    let from = after.unwrap_or(0).min(rows.len());
    let to = rows.len().min(from + A_PAGE);
    let shown: Vec<Value> =
        rows[from..to].iter().map(|row| head(&snapshot, &row.version, today)).collect();
    let next = (to < rows.len()).then_some(to);
    Ok(Json(json!({ "permits": shown, "count": rows.len(), "next": next })))
}

/// One permit: the version that holds, all versions, coming dates of its duties, and the amounts of
/// this year by assessment, permit, quota and monitoring.
#[utoipa::path(get, path = "/permits/{number}", tag = "permits",
    params(("number" = String, Path, description = "The number of the permit")),
    responses((status = 200, description = "The permit"),
        (status = 404, description = "No such permit")))]
async fn one(
    State(state): State<AppState>,
    Path(number): Path<String>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let today = today(&state);
    let all = permits::by_number(&state.store, &number).await.map_err(problem)?;
    let shown = versions::shown(&all, today).ok_or_else(|| unknown(&number))?;
    let background = permits::background_of(&state.store, shown.permit.id).await;
    let background = background.map_err(problem)?;
    let year = today.year();
    let used = discharged(&state, &snapshot, shown.permit.enterprise, year).await?;
    let papers = std::slice::from_ref(shown);
    let rows = beside(papers, &background.approvals, &background.quotas, &used, year);
    let amounts: Vec<Value> = rows
        .iter()
        .map(|row| {
            let tonnes = |value: Option<rulebook::Decimal>| value.map(|it| it.to_string());
            json!({ "pollutant": row.pollutant, "approved_t": tonnes(row.approved),
                "permitted_t": tonnes(row.permitted), "quota_t": tonnes(row.quota),
                "discharged_t": tonnes(row.actual) })
        })
        .collect();
    let name = words::names(&snapshot);
    let until = today.checked_add(jiff::Span::new().days(AHEAD_DAYS)).unwrap_or(today);
    let dates: Vec<Value> = duties_between(shown, today, until)
        .into_iter()
        .filter_map(|date| {
            let duty = words::duty(date.of(shown)?, &name);
            Some(json!({ "due": date.due.to_string(), "from": date.from.to_string(),
                "to": date.to.to_string(), "duty": text(&duty) }))
        })
        .collect();
    let history: Vec<Value> = all
        .iter()
        .map(|it| {
            json!({ "version": it.version, "in_force_from": it.in_force_from.to_string(),
                "valid_from": it.valid_from.to_string(), "valid_to": it.valid_to.to_string(),
                "reason": it.reason, "reason_note": it.reason_note,
                "entered_at": it.entered_at.to_string() })
        })
        .collect();
    let mut answer = head(&snapshot, shown, today);
    answer["content"] = serde_json::to_value(&shown.content)?;
    answer["approvals"] = serde_json::to_value(&background.approvals)?;
    answer["quotas"] = serde_json::to_value(&background.quotas)?;
    answer["amounts"] = json!({ "year": year, "rows": amounts,
        "discharged_from": used.days.map(|(first, _)| first.to_string()),
        "discharged_to": used.days.map(|(_, last)| last.to_string()) });
    answer["dates"] = dates.into();
    answer["versions"] = history.into();
    Ok(Json(answer))
}

fn head(snapshot: &Snapshot, version: &PermitVersion, today: jiff::civil::Date) -> Value {
    let holder = snapshot.enterprise(version.permit.enterprise);
    let ended = version.ended();
    json!({
        "number": version.permit.number,
        "enterprise": holder.map(|it| it.code.clone()),
        "holder": version.holder,
        "division": holder.map(|it| it.division.clone()),
        "class": version.class.as_str(),
        "version": version.version,
        "in_force_from": version.in_force_from.to_string(),
        "valid_from": version.valid_from.to_string(),
        "valid_to": version.valid_to.to_string(),
        "days_left": clocks::days_left(version, today),
        "expiry": Radar::of(version, today).as_str(),
        "apply_for_renewal_by": clocks::renewal(version).map(|it| it.last_day.to_string()),
        "ended_on": ended.map(|it| it.last_day.to_string()),
        "confidence": version.confidence.as_str(),
    })
}

fn text(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}
