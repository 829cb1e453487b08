//! Score sheets for programs: what is published, and with a token what its holder may see.

use super::queries::{self, Standing};
use super::{access, books};
use ::assessment::{Book, Sheet};
use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, Visitor};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

/// The responsibility books and the totals of the sheets that the caller may see.
#[utoipa::path(get, path = "/assessments", tag = "plan",
    responses((status = 200, description = "Books, the newest year first, with totals and grades")))]
async fn all(State(state): State<AppState>, visitor: Visitor) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let mut all = Vec::new();
    for book in books::read(&state.store).await?.sound {
        let mut sheets = Vec::new();
        for unit in &book.assessed {
            let sheet = queries::standing(&state.store, &book, unit).await?.sheet;
            let subject = access::subject(&state, &snapshot, unit).await?;
            if access::sees(&visitor, &subject, &sheet) {
                sheets.push(json!({ "unit": unit, "total": sheet.total.to_string(),
                    "grade": sheet.grade, "is_complete": sheet.is_complete,
                    "is_published": sheet.is_published }));
            }
        }
        all.push(json!({ "book": book.id, "version": book.version, "year": book.year,
            "name": { "zh": book.name.zh, "en": book.name.en }, "source": book.source,
            "confidence": book.confidence.as_str(), "sheets": sheets }));
    }
    Ok(Json(json!({ "assessments": all })))
}

/// One score sheet, item by item.
#[utoipa::path(get, path = "/assessments/{book}/{unit}", tag = "plan",
    params(("book" = String, Path, description = "The book's id"),
        ("unit" = String, Path, description = "The unit's code")),
    responses((status = 200, description = "The sheet"),
        (status = 404, description = "None, or not published yet")))]
async fn one(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((book, unit)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let (book, standing) = found(&state, &visitor, &book, &unit).await?;
    Ok(Json(of_sheet(&book, &standing.sheet)))
}

/// A sheet that a visitor may see, with its history.
///
/// # Errors
/// 404 where there is none, or none that they may know of.
pub(super) async fn found(
    state: &AppState,
    visitor: &Visitor,
    book: &str,
    unit: &str,
) -> Result<(Book, Standing), Problem> {
    let none = || Problem::not_found("没有这份考核评分表", "there is no such score sheet");
    let books = books::read(&state.store).await?;
    let is_it = |known: &Book| known.id == book && known.assessed.iter().any(|it| it == unit);
    let book = books.sound.into_iter().find(is_it).ok_or_else(none)?;
    let standing = queries::standing(&state.store, &book, unit).await?;
    let subject = access::subject(state, &state.snapshot(), unit).await?;
    if !access::sees(visitor, &subject, &standing.sheet) {
        return Err(none());
    }
    Ok((book, standing))
}

fn of_sheet(book: &Book, sheet: &Sheet) -> Value {
    let text = |value: Option<rulebook::Decimal>| value.map(|value| value.to_string());
    let items = sheet.items.iter().map(|row| {
        json!({ "id": row.id, "group": row.group, "target": text(row.target),
            "unit": book.item(&row.id).map(|item| item.unit.clone()),
            "stated": text(row.stated), "value": text(row.value), "source": row.source,
            "standing": row.standing.as_str(), "points": text(row.points),
            "full_marks": row.full_marks.to_string() })
    });
    let adjustments = sheet.adjustments.iter().map(|row| {
        json!({ "id": row.id, "kind": row.kind.as_str(), "count": row.count,
            "given": row.given.to_string(), "counted": row.counted.to_string() })
    });
    json!({
        "book": sheet.book, "version": sheet.book_version, "year": sheet.year, "unit": sheet.unit,
        "last_entry": sheet.last_event, "items": items.collect::<Vec<_>>(),
        "adjustments": adjustments.collect::<Vec<_>>(),
        "vetoes": sheet.vetoes.iter().map(|it| json!({ "id": it.id, "reason": it.reason }))
            .collect::<Vec<_>>(),
        "points": sheet.points.to_string(), "full_marks": sheet.full_marks.to_string(),
        "scaled": sheet.scaled.to_string(), "bonus": sheet.bonus.to_string(),
        "deduction": sheet.deduction.to_string(), "total": sheet.total.to_string(),
        "grade": sheet.grade, "is_complete": sheet.is_complete,
        "is_published": sheet.is_published,
    })
}
