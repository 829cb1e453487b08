//! The plan for programs.

use super::overview::{IndicatorRow, MeasureRow, Overview, TargetRow};
use super::pages::seen;
use crate::access::Officer;
use crate::duties::DutyRow;
use crate::names::unit_name;
use axum::Json;
use axum::extract::State;
use registry::Snapshot;
use rulebook::Text;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(plan))
}

/// Every measure of the plan: state, indicators against targets, units, what is late.
#[utoipa::path(get, path = "/plan", tag = "plan",
    responses((status = 200, description = "The plan as it stands"),
        (status = 401, description = "No token"), (status = 403, description = "Not an officer"),
        (status = 404, description = "The city has no plan")))]
async fn plan(State(state): State<AppState>, signed_in: SignedIn) -> Result<Json<Value>, Problem> {
    Officer::of(&signed_in)?;
    let seen = seen(&state).await?;
    Ok(Json(status(&seen, &state.snapshot())))
}

/// The units of a city with which a plan is checked, whenever they are in force.
pub fn check_units(snapshot: &Snapshot) -> Vec<(String, String)> {
    let divisions = snapshot.divisions.iter();
    let divisions = divisions.map(|it| (it.code.clone(), it.kind.as_str().to_owned()));
    let departments = snapshot.departments.iter().map(|it| (it.code.clone(), String::new()));
    divisions.chain(departments).collect()
}

/// The plan as it stands, as JSON.
pub fn status(seen: &Overview, snapshot: &Snapshot) -> Value {
    let head = &seen.city.plan.head;
    let measures: Vec<Value> =
        seen.measures.iter().filter_map(|row| measure(seen, snapshot, row)).collect();
    let late: Vec<Value> = seen
        .late_units
        .iter()
        .map(|it| {
            let name = unit_name(snapshot, &it.unit);
            json!({ "unit": it.unit, "zh": name.zh, "en": name.en, "late": it.count })
        })
        .collect();
    json!({
        "plan": {
            "title": text(&head.title),
            "number": head.number,
            "date": head.date.to_string(),
            "issued_by": text(&head.issued_by),
            "source": head.source,
        },
        "on": seen.today.to_string(),
        "computed_at": seen.run.map(|run| run.ended_at.to_string()),
        "measures": measures,
        "late_by_unit": late,
    })
}

fn measure(seen: &Overview, snapshot: &Snapshot, row: &MeasureRow) -> Option<Value> {
    let measure = seen.city.plan.measure(row.number)?;
    let indicators: Vec<Value> = row.indicators.iter().map(|it| indicator(seen, it)).collect();
    let late: Vec<Value> = row.late.iter().map(|it| duty(snapshot, it)).collect();
    Some(json!({
        "number": row.number,
        "title": text(&measure.title),
        "chapter": measure.chapter,
        "state": row.state.as_str(),
        "state_name": text(&row.state.text()),
        "lead": measure.lead,
        "assisting": measure.assisting,
        "indicators": indicators,
        "targets": row.targets.iter().map(target).collect::<Vec<_>>(),
        "money": row.money.as_ref().map(|it| json!({ "planned": it.planned.to_string(),
            "paid": it.paid.to_string(), "unit": "CNY", "ledgers": it.ledgers })),
        "duties_open": row.open.len(),
        "duties_late": late,
        "modules": measure.modules.iter().map(|it| it.path.clone()).collect::<Vec<_>>(),
        "not_in_software": measure.not_in_software.as_ref().map(text),
        "page": format!("/plan/measures/{}", row.number),
    }))
}

fn indicator(seen: &Overview, row: &IndicatorRow) -> Value {
    let definition = seen.city.definition(&row.id);
    let kept = row.kept.as_ref();
    let lack = kept.filter(|it| it.value.is_none());
    json!({
        "id": row.id,
        "name": definition.map(|it| text(&it.name)),
        "unit": definition.map(|it| it.unit.clone()),
        "year": kept.map(|it| it.year),
        "value": row.value().map(|value| value.to_string()),
        "provisional": kept.map(|it| it.is_provisional),
        "edition": kept.map(|it| it.edition.clone()),
        "trend": row.trend.as_str(),
        "no_data": lack.map(|it| json!({ "reason": text(&it.why),
            "delivers": it.delivers.as_ref().map(text) })),
        "page": format!("/plan/indicators/{}", row.id),
    })
}

fn target(row: &TargetRow) -> Value {
    let target = &row.target;
    json!({
        "id": target.id,
        "indicator": target.indicator,
        "year": target.year,
        "operator": target.operator.as_str(),
        "wanted": target.value.map(|value| value.to_string()),
        "decided_by": target.decided_by.as_ref().map(text),
        "binding": target.binding.as_str(),
        "stated": text(&target.stated),
        "value": row.value.map(|value| value.to_string()),
        "value_year": row.value_year,
        "state": row.state.as_str(),
    })
}

fn duty(snapshot: &Snapshot, row: &DutyRow) -> Value {
    let name = unit_name(snapshot, &row.unit);
    json!({ "duty": row.duty, "unit": row.unit, "unit_name": { "zh": name.zh, "en": name.en },
        "period": row.period, "due_on": row.due_on.map(|day| day.to_string()),
        "case": row.case.0 })
}

pub(crate) fn text(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}
