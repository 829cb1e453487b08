//! The checks for programs.

use super::Checks;
use axum::Json;
use axum::extract::State;
use plausibility::Check;
use rulebook::Text;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all))
}

/// Every check of what people enter: what it looks at, why it matters, what to do, its parameters.
#[utoipa::path(get, path = "/checks", tag = "checks",
    responses((status = 200, description = "The checks")))]
async fn all(State(state): State<AppState>) -> Json<Value> {
    let checks = Checks::of(&state);
    Json(json!({ "checks": checks.0.iter().map(described).collect::<Vec<_>>() }))
}

fn described(check: &Check) -> Value {
    let parameters = check.parameters.iter().map(|it| {
        json!({ "id": it.id, "value": it.value.to_string(), "unit": it.unit,
            "source": it.source.as_str(), "basis": text(&it.basis) })
    });
    json!({
        "id": check.id, "version": check.version, "severity": check.severity.as_str(),
        "form": check.applies_to.form.as_str(), "fields": check.applies_to.fields,
        "factors": check.applies_to.factors, "not_factors": check.applies_to.not_factors,
        "periods": check.applies_to.periods.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        "name": text(&check.name), "what": text(&check.what), "why": text(&check.why),
        "cure": text(&check.cure), "parameters": parameters.collect::<Vec<_>>(),
    })
}

fn text(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}
