//! Signs for programs, with a token of an officer; definitions and precision for everybody.

use super::access::Officer;
use super::model::{Conclusion, StoredSign, Verdict};
use super::queries::{self, Wanted};
use axum::Json;
use axum::extract::{Path, Query, State};
use detectors::{Detector, Span};
use registry::Snapshot;
use rulebook::{Text, beijing_offset};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(detectors)).routes(routes!(one))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
struct Asked {
    /// A division's code.
    division: Option<String>,
    /// A detector's word: `copied`, `repeated`, `stuck`, `narrow`, `clipped`, `relation`,
    /// `calibration`, `silence`, `clock`, `digits` or `inspection`.
    detector: Option<String>,
}

/// Outlets with open signs of fraud, the one that most deserves a look first. Signs are no proof.
#[utoipa::path(get, path = "/fraud-signs", tag = "fraud-signs", params(Asked),
    responses((status = 200, description = "The newest computation, the ranked outlets with \
        their open signs, and settled signs with their verdicts"),
        (status = 400, description = "A wrong parameter"),
        (status = 401, description = "No token"), (status = 403, description = "Not an officer")))]
async fn all(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let officer = Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let detector = given(asked.detector).map(|word| {
        Detector::parse(&word).ok_or_else(|| {
            Problem::bad_request(
                format!("没有检测器 {word:?}"),
                format!("there is no detector {word:?}"),
            )
        })
    });
    let wanted = Wanted { division: given(asked.division), detector: detector.transpose()? };
    let overview = queries::overview(&state, &snapshot, &officer, &wanted).await?;
    let run = overview.run.map(|run| {
        json!({ "ended_at": run.ended_at.to_string(), "window": span(run.window),
            "outlets": run.outlets, "signs": run.signs, "edition": run.edition })
    });
    let outlets: Vec<Value> = overview
        .suspects
        .iter()
        .map(|suspect| {
            let point = snapshot.point(suspect.point);
            json!({
                "rank": suspect.rank,
                "point": suspect.point.0,
                "point_code": point.map(|point| point.code.clone()),
                "division": point.map(|point| point.division.clone()),
                "score": rounded(suspect.score),
                "signs": suspect.signs.iter().map(|it| of_sign(&snapshot, it)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let settled: Vec<Value> = overview
        .settled
        .iter()
        .map(|(sign, verdict)| {
            let mut json = of_sign(&snapshot, sign);
            json["verdict"] = of_verdict(verdict);
            json
        })
        .collect();
    Ok(Json(json!({ "run": run, "outlets": outlets, "settled": settled })))
}

/// What each detector looks at, its formula, parameters and innocent causes, and how its signs were
/// judged.
#[utoipa::path(get, path = "/fraud-signs/detectors", tag = "fraud-signs",
    responses((status = 200, description = "The detectors")))]
async fn detectors(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let records = queries::records(&state).await?;
    let today = beijing_offset().to_datetime(state.now()).date();
    let all: Vec<Value> = Detector::ALL
        .into_iter()
        .map(|detector| {
            let definition = detector.definition();
            let record = records.get(&detector).copied().unwrap_or_default();
            let parameters: Vec<Value> = detector
                .parameters(today)
                .iter()
                .map(|it| {
                    json!({ "name": it.name, "value": it.value, "unit": it.unit,
                        "meaning": text(&it.meaning), "source": it.source,
                        "confidence": it.confidence.as_str() })
                })
                .collect();
            let counts: serde_json::Map<String, Value> = Conclusion::ALL
                .iter()
                .zip(record.counts)
                .map(|(conclusion, count)| (conclusion.as_str().to_owned(), count.into()))
                .collect();
            json!({
                "detector": detector.as_str(),
                "name": text(&definition.name),
                "looks_at": text(&definition.looks_at),
                "formula": text(&definition.formula),
                "innocent": definition.innocent.iter().map(text).collect::<Vec<_>>(),
                "advice": text(&definition.advice),
                "parameters": parameters,
                "judged": record.judged(),
                "verdicts": counts,
                "precision_percent": record.precision().map(rounded),
            })
        })
        .collect();
    Ok(Json(json!({ "detectors": all })))
}

/// One sign with its evidence and all verdicts on it.
#[utoipa::path(get, path = "/fraud-signs/{id}", tag = "fraud-signs",
    params(("id" = i64, Path, description = "The sign's number")),
    responses((status = 200, description = "The sign"), (status = 401, description = "No token"),
        (status = 403, description = "Not an officer, or elsewhere"),
        (status = 404, description = "No such sign")))]
async fn one(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Problem> {
    let officer = Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let (sign, verdicts) = queries::one(&state, &snapshot, &officer, id).await?;
    let mut json = of_sign(&snapshot, &sign);
    json["verdicts"] = verdicts.iter().map(of_verdict).collect();
    Ok(Json(json))
}

fn of_sign(snapshot: &Snapshot, sign: &StoredSign) -> Value {
    let code = |factor| Some(snapshot.factor(factor?)?.code.clone());
    json!({
        "id": sign.id,
        "detector": sign.detector.as_str(),
        "finding": sign.finding,
        "point": sign.point.0,
        "point_code": snapshot.point(sign.point).map(|point| point.code.clone()),
        "factor": code(sign.factor),
        "step_seconds": sign.step_s,
        "span": span(sign.span),
        "twin": sign.twin.map(|twin| json!({
            "point": twin.point.0,
            "point_code": snapshot.point(twin.point).map(|point| point.code.clone()),
            "factor": code(twin.factor),
            "span": span(twin.span),
        })),
        "strength": sign.strength as f64 / 1000.0,
        "score": rounded(queries::score(sign)),
        "evidence": sign.evidence.to_json(),
        "edition": sign.edition,
        "first_found_at": sign.first_found_at.to_string(),
        "last_found_at": sign.last_found_at.to_string(),
        "withdrawn_at": sign.withdrawn_at.map(|at| at.to_string()),
    })
}

fn of_verdict(verdict: &Verdict) -> Value {
    json!({
        "conclusion": verdict.conclusion.as_str(),
        "visited_on": verdict.visited_on.map(|day| day.to_string()),
        "note": verdict.note,
        "given_at": verdict.given_at.to_string(),
        "who": verdict.who,
    })
}

fn span(span: Span) -> Value {
    json!({ "from": span.from.to_string(), "to": span.to.to_string() })
}

fn text(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}

/// Three digits behind the point say enough.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
