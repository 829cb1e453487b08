//! Points for programs: series for charts, observations page by page.

use super::{missing_times, rule_of, span};
use crate::automatic_monitoring::is_usable_flag;
use crate::words;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use evaluation::Outcome;
use jiff::{SignedDuration, Timestamp};
use observations::history::scan::factor_series;
use observations::{FactorValue, Row, RowKey};
use registry::{FactorId, Limit, LimitBound, MonitoringPoint, PointId, PointKind, Snapshot};
use rulebook::Period;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::Range;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Cell, Problem, Sheet, wants_csv};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(series)).routes(routes!(observed)).routes(routes!(revised))
}

#[derive(Deserialize, IntoParams)]
struct Series {
    /// `realtime`, `minute`, `hour` or `day`.
    period: Option<String>,
    /// The factor's code, `w01018`; without it every factor.
    factor: Option<String>,
    /// RFC 3339; without it the page's usual span.
    from: Option<String>,
    /// RFC 3339.
    to: Option<String>,
}

fn point_of(snapshot: &Snapshot, id: i64) -> Result<MonitoringPoint, Problem> {
    snapshot.point(PointId(id)).cloned().ok_or_else(|| {
        Problem::not_found(
            format!("没有编号为 {id} 的点位"),
            format!("there is no point with the number {id}"),
        )
    })
}

fn period_of(word: Option<&str>) -> Result<Period, Problem> {
    match word {
        None => Ok(Period::Hour),
        Some(word) => Period::parse(word).ok_or_else(|| {
            Problem::bad_request(
                format!("period 应为 realtime、minute、hour 或 day,而不是 {word:?}"),
                format!("period is realtime, minute, hour or day, not {word:?}"),
            )
        }),
    }
}

fn time_of(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    text.map(|text| {
        text.parse().map_err(|_| {
            Problem::bad_request(
                format!("{name} 应为 RFC 3339 时间,如 2026-03-01T00:00:00Z,而不是 {text:?}"),
                format!("{name} is a time in RFC 3339 such as 2026-03-01T00:00:00Z, not {text:?}"),
            )
        })
    })
    .transpose()
}

/// How long a span may be: enough for every chart, and nobody reads the whole store at once.
fn check(period: Period, range: &Range<Timestamp>) -> Result<(), Problem> {
    let days = match period {
        Period::RealTime => 2,
        Period::Minute => 31,
        Period::Hour => 366,
        Period::Day => 36_600,
    };
    if range.end.duration_since(range.start) <= SignedDuration::from_hours(24 * days) {
        return Ok(());
    }
    Err(Problem::bad_request(
        format!("{} 数据一次最多取 {days} 天,请缩短 from 至 to", period.as_str()),
        format!("{} values are given for {days} days at most: shorten from to to", period.as_str()),
    ))
}

/// When a factor was reported and what; `None` where the row lacks it.
type Line = (FactorId, Vec<(Timestamp, Option<FactorValue>)>);

/// The series of one factor, of which alone is read, or of every factor in the order in which they
/// came.
async fn lines_of(
    state: &AppState,
    point: PointId,
    period: Period,
    only: Option<FactorId>,
    range: Range<Timestamp>,
) -> Result<Vec<Line>, Problem> {
    if let Some(factor) = only {
        let found = factor_series(&state.store, point, period, Some(&[factor]), range).await?;
        let all = found.into_iter().map(|series| {
            let values = series.values.into_iter().map(|(at, value)| (at, Some(value)));
            (series.factor, values.collect())
        });
        return Ok(all.collect());
    }
    let rows = observations::series(&state.store, point, period, range).await?;
    let mut ids = Vec::new();
    for value in rows.iter().flat_map(|row| &row.values) {
        if !ids.contains(&value.factor) {
            ids.push(value.factor);
        }
    }
    let line = |factor| {
        let values = rows.iter().map(|row| (row.observed_at, row.factor(factor).copied()));
        (factor, values.collect())
    };
    Ok(ids.into_iter().map(line).collect())
}

/// A point over time, as charts read it.
#[utoipa::path(get, path = "/points/{id}/series", tag = "points",
    params(("id" = i64, Path, description = "The point's number"), Series),
    responses((status = 200, description = "Values as decimals in texts, null where missing; a mark \
        tells exceedance, maintenance and the like"),
        (status = 400, description = "A wrong parameter"),
        (status = 404, description = "No such point or factor")))]
async fn series(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Query(wanted): Query<Series>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let point = point_of(&snapshot, id)?;
    let period = period_of(wanted.period.as_deref())?;
    let mut range = span(period, state.now());
    range.start = time_of("from", wanted.from.as_deref())?.unwrap_or(range.start);
    range.end = time_of("to", wanted.to.as_deref())?.unwrap_or(range.end);
    check(period, &range)?;
    let only = match wanted.factor.as_deref() {
        None => None,
        Some(code) => Some(snapshot.factor_by_code(code).ok_or_else(|| {
            Problem::not_found(
                format!("没有编码为 {code} 的因子"),
                format!("there is no factor with the code {code}"),
            )
        })?),
    };
    let read = lines_of(&state, point.id, period, only.map(|factor| factor.id), range.clone());
    let read = read.await?;
    let newest_day = rulebook::beijing_offset().to_datetime(range.end.min(state.now())).date();
    let binds = |limit: &Limit| {
        limit.period == period
            && limit.valid_from <= newest_day
            && limit.valid_to.is_none_or(|last| newest_day <= last)
    };
    let mut exceeding = HashMap::new();
    if let Some(rule) = rule_of(period) {
        for stored in evaluation::verdicts(&state.store, point.id, rule, range).await? {
            let is_over = stored.verdict.outcome == Outcome::Exceeds;
            exceeding.insert((stored.verdict.observed_at, stored.verdict.factor), is_over);
        }
    }
    // A water section reports every four hours: only outlets owe each hour.
    let is_outlet = point.kind() == PointKind::Outlet;
    let lines: Vec<Value> = read
        .into_iter()
        .filter_map(|(id, values)| Some((snapshot.factor(id)?, values)))
        .map(|(factor, values)| {
            let limit = snapshot
                .limits_of(point.id)
                .iter()
                .find(|limit| limit.factor == factor.id && binds(limit));
            let on_converted = limit.is_some_and(|limit| limit.on_converted);
            let mut points: Vec<Value> = Vec::with_capacity(values.len());
            for (place, (at, value)) in values.iter().enumerate() {
                let before = place.checked_sub(1).map(|before| values[before].0);
                let gap = before
                    .filter(|_| is_outlet)
                    .map_or_else(Vec::new, |before| missing_times(period, before, *at));
                points.extend(gap.iter().map(|at| json!([at.to_string(), null, "missing"])));
                let over = exceeding.get(&(*at, Some(factor.id))).copied();
                points.push(json!([
                    at.to_string(),
                    value.as_ref().and_then(|value| charted(value, on_converted)),
                    mark(value.as_ref(), over.unwrap_or(false)),
                ]));
            }
            json!({
                "name": factor.name.zh,
                "name_en": factor.name.en,
                "code": factor.code,
                "unit": web::unit(factor.unit_at(point.kind())),
                "converted": on_converted,
                "points": points,
            })
        })
        .collect();
    let limits: Vec<Value> = snapshot
        .limits_of(point.id)
        .iter()
        .filter(|limit| binds(limit))
        .filter(|limit| only.is_none_or(|only| only.id == limit.factor))
        .flat_map(|limit| match &limit.bound {
            LimitBound::AtMost(most) => vec![most],
            LimitBound::Within(least, most) => vec![least, most],
        })
        .map(|value| json!({ "name": "限值", "name_en": "limit", "value": value.to_string() }))
        .collect();
    let unit = only.map(|factor| web::unit(factor.unit_at(point.kind()))).unwrap_or_default();
    let decimals = only.map_or(2, |factor| factor.decimals_at(point.kind()));
    Ok(Json(json!({
        "unit": unit, "decimals": decimals, "series": lines, "limits": limits, "bands": [],
    })))
}

fn charted(value: &FactorValue, on_converted: bool) -> Option<String> {
    let number = if on_converted { value.converted.or(value.value) } else { value.value };
    number.map(|number| number.to_string())
}

fn mark(value: Option<&FactorValue>, is_over: bool) -> Option<&'static str> {
    match value {
        _ if is_over => Some("exceeds"),
        Some(value) if value.flag == Some(b'M') || value.flag == Some(b'C') => Some("maintenance"),
        Some(value) if !is_usable_flag(value.flag) => Some("invalid"),
        _ => None,
    }
}

#[derive(Deserialize, IntoParams)]
struct Observed {
    /// `realtime`, `minute`, `hour` or `day`.
    period: Option<String>,
    /// Only before this time (RFC 3339): the cursor that the last page gave as `next`.
    after: Option<String>,
    /// At most so many rows, 1000 at most; 200 without it.
    limit: Option<u32>,
}

/// What a point has reported, the newest first, page by page; CSV by `Accept`.
#[utoipa::path(get, path = "/points/{id}/observations", tag = "points",
    params(("id" = i64, Path, description = "The point's number"), Observed),
    responses((status = 200, description = "Rows with every field, and the cursor of the next page"),
        (status = 400, description = "A wrong parameter"),
        (status = 404, description = "No such point")))]
async fn observed(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Query(wanted): Query<Observed>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let point = point_of(&snapshot, id)?;
    let period = period_of(wanted.period.as_deref())?;
    let before = time_of("after", wanted.after.as_deref())?.unwrap_or(Timestamp::MAX);
    let limit = wanted.limit.unwrap_or(200).clamp(1, 1000);
    let mut rows =
        observations::series_newest(&state.store, point.id, period, before, limit).await?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.observed_at));
    if wants_csv(&headers) {
        return sheet(&snapshot, &point, period, &rows).csv();
    }
    let full = rows.len() == limit as usize;
    let next = rows.last().filter(|_| full).map(|row| row.observed_at.to_string());
    let rows: Vec<Value> = rows.iter().map(|row| row_json(&snapshot, row)).collect();
    let body = json!({
        "point": { "id": point.id.0, "code": point.code, "kind": point.kind().as_str(),
            "path": words::path(&point) },
        "period": period.as_str(),
        "observations": rows,
        "next": next,
    });
    Ok(Json(body).into_response())
}

#[derive(Deserialize, IntoParams)]
struct Revised {
    /// `realtime`, `minute`, `hour` or `day`.
    period: Option<String>,
    /// The row's `observed_at` (RFC 3339).
    at: String,
}

/// What a row said before it was sent again, the oldest first.
#[utoipa::path(get, path = "/points/{id}/revisions", tag = "points",
    params(("id" = i64, Path, description = "The point's number"), Revised),
    responses((status = 200, description = "Older states with the time that ended each; empty where \
        there were none"),
        (status = 400, description = "A wrong parameter"),
        (status = 404, description = "No such point")))]
async fn revised(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Query(wanted): Query<Revised>,
) -> Result<Json<Value>, Problem> {
    let snapshot = state.snapshot();
    let point = point_of(&snapshot, id)?;
    let period = period_of(wanted.period.as_deref())?;
    let at = time_of("at", Some(&wanted.at))?.unwrap_or_default();
    let key = RowKey { point: point.id, period, observed_at: at };
    let revisions: Vec<Value> = observations::revisions(&state.store, key)
        .await?
        .iter()
        .map(|revision| {
            let mut row = row_json(&snapshot, &revision.row);
            let by = revision.superseded_by;
            row["superseded_at"] = revision.superseded_at.to_string().into();
            row["superseded_by"] = json!({ "block": by.block, "index": by.index });
            row
        })
        .collect();
    Ok(Json(json!({ "revisions": revisions })))
}

fn row_json(snapshot: &Snapshot, row: &Row) -> Value {
    let values: Vec<Value> = row
        .values
        .iter()
        .map(|value| {
            let text = |number: Option<rulebook::Decimal>| number.map(|n| n.to_string());
            json!({
                "factor": snapshot.factor(value.factor).map(|factor| factor.code.clone()),
                "value": text(value.value),
                "min": text(value.min),
                "max": text(value.max),
                "sum": text(value.sum),
                "converted": text(value.converted),
                "flag": value.flag.map(|flag| char::from(flag).to_string()),
                "marks": value.marks.0,
            })
        })
        .collect();
    json!({
        "observed_at": row.observed_at.to_string(),
        "received_at": row.received_at.to_string(),
        "version": row.version,
        "source": { "block": row.source.block, "index": row.source.index },
        "values": values,
    })
}

fn sheet(snapshot: &Snapshot, point: &MonitoringPoint, period: Period, rows: &[Row]) -> Sheet {
    let columns =
        ["observed_at", "received_at", "factor", "value", "min", "max", "sum", "converted", "flag"];
    let cells = rows
        .iter()
        .flat_map(|row| row.values.iter().map(move |value| (row, value)))
        .map(|(row, value)| {
            let code = snapshot.factor(value.factor).map(|factor| factor.code.clone());
            let flag = value.flag.map(|flag| char::from(flag).to_string());
            vec![
                Cell::from(row.observed_at.to_string()),
                Cell::from(row.received_at.to_string()),
                code.map_or(Cell::Empty, Cell::from),
                Cell::from(value.value),
                Cell::from(value.min),
                Cell::from(value.max),
                Cell::from(value.sum),
                Cell::from(value.converted),
                flag.map_or(Cell::Empty, Cell::from),
            ]
        })
        .collect();
    Sheet {
        name: format!("point-{}-{}", point.id.0, period.as_str()),
        columns: columns.map(str::to_owned).to_vec(),
        rows: cells,
    }
}
