//! Outlets for programs.

use super::queries::outlets_now;
use axum::Json;
use axum::extract::State;
use registry::Medium;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all))
}

/// The outlets with how they stand and the limits of their permits.
#[utoipa::path(get, path = "/outlets", tag = "outlets",
    responses((status = 200, description = "Outlets; enterprises of a demo are fictitious and say so")))]
async fn all(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let outlets: Vec<Value> = outlets_now(&state)
        .await?
        .into_iter()
        .map(|outlet| {
            let limits: Vec<Value> = snapshot
                .limits_of(outlet.point.id)
                .iter()
                .map(|limit| {
                    json!({
                        "factor": snapshot.factor(limit.factor).map(|factor| factor.code.clone()),
                        "period": limit.period.as_str(),
                        "bound": crate::words::bound(&limit.bound),
                        "on_converted": limit.on_converted,
                        "valid_from": limit.valid_from.to_string(),
                        "valid_to": limit.valid_to.map(|day| day.to_string()),
                        "source": limit.source,
                    })
                })
                .collect();
            json!({
                "id": outlet.point.id.0,
                "code": outlet.point.code,
                "name_zh": outlet.point.name.zh,
                "name_en": outlet.point.name.en,
                "enterprise": outlet.enterprise.code,
                "enterprise_zh": outlet.enterprise.name.zh,
                "enterprise_en": outlet.enterprise.name.en,
                "is_fictitious": outlet.enterprise.is_fictitious,
                "division": outlet.point.division,
                "medium": match outlet.outlet.medium {
                    Medium::Water => "water",
                    Medium::Gas => "gas",
                },
                "longitude": outlet.point.position.map(|position| position.longitude),
                "latitude": outlet.point.position.map(|position| position.latitude),
                "standing": outlet.standing().as_str(),
                "received_at": outlet.newest.as_ref().map(|row| row.received_at.to_string()),
                "limits": limits,
            })
        })
        .collect();
    Ok(Json(json!({ "outlets": outlets })))
}
