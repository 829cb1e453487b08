//! Ledgers for programs: public ones for everybody, others with a token of an officer.

use super::{access, declared, store};
use ::ledger::Ledger;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, Visitor};

/// Rows of one answer.
const A_PAGE: usize = 1_000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

/// The ledgers that the caller may read, with their columns.
#[utoipa::path(get, path = "/ledgers", tag = "plan",
    responses((status = 200, description = "Ledgers with their columns and checks")))]
async fn all(State(state): State<AppState>, visitor: Visitor) -> Result<Json<Value>, Problem> {
    let ledgers = declared::read(&state.store).await?;
    let seen = ledgers.sound.iter().filter(|ledger| access::reads(&visitor, ledger));
    Ok(Json(json!({ "ledgers": seen.map(of_ledger).collect::<Vec<_>>() })))
}

fn of_ledger(ledger: &Ledger) -> Value {
    let columns = ledger.columns.iter().map(|column| {
        json!({ "id": column.id, "name": { "zh": column.name.zh, "en": column.name.en },
            "form": column.form.as_str(), "unit": column.unit, "required": column.is_required })
    });
    json!({ "id": ledger.id, "version": ledger.version,
        "name": { "zh": ledger.name.zh, "en": ledger.name.en }, "measures": ledger.measures,
        "source": ledger.source, "confidence": ledger.confidence.as_str(), "key": ledger.key,
        "columns": columns.collect::<Vec<_>>() })
}

#[derive(Debug, Default, Deserialize, IntoParams)]
struct Asked {
    /// The key of the last row of the page before.
    after: Option<String>,
}

/// The rows of a ledger as they stand, a thousand at a time.
#[utoipa::path(get, path = "/ledgers/{ledger}", tag = "plan",
    params(("ledger" = String, Path, description = "The ledger's id"), Asked),
    responses((status = 200, description = "Rows by key, `next` where there are more"),
        (status = 401, description = "No token, and the ledger is not public"),
        (status = 403, description = "Not an officer"), (status = 404, description = "None")))]
async fn one(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let ledgers = declared::read(&state.store).await?;
    let ledger = ledgers.get(&id).ok_or_else(super::pages::no_ledger)?;
    access::to_read(&visitor, ledger)?;
    let after = asked.after.unwrap_or_default();
    let rows = store::rows(&state.store, &id).await?;
    let mut rows = rows.into_iter().filter(|kept| after.is_empty() || kept.key > after);
    let page: Vec<store::Kept> = rows.by_ref().take(A_PAGE).collect();
    let next = rows.next().and(page.last()).map(|last| last.key.clone());
    let shown = page.iter().map(|kept| {
        json!({ "key": kept.key, "values": kept.row.values,
            "entered_at": kept.entered_at.to_string() })
    });
    Ok(Json(json!({ "ledger": of_ledger(ledger), "rows": shown.collect::<Vec<_>>(),
        "next": next })))
}
